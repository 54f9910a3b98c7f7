package ledger

import (
	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/columns"
)

// Posting collects sealed transactions that are to be written to the log.
type Posting struct {
	allianceID int64
	scratch    []byte

	seq, corrects, previous, terms, bookedAt      columns.Column
	kind, period, card, merchant, home, member    columns.Column
	merchants, merchantsBefore, accounts, amounts columns.Column
	facts, hash                                   columns.Column
	earner, earnerSeq                             columns.Column // members whose commission changed
}

// NewPosting returns an empty posting to a circle's log.
func NewPosting(allianceID int64) *Posting {
	return &Posting{
		allianceID: allianceID,
		seq:        columns.Bigint(), corrects: columns.Bigint(), previous: columns.Bigint(), terms: columns.Integer(), bookedAt: columns.Timestamptz(),
		kind: columns.Text(), period: columns.Text(), card: columns.Text(), merchant: columns.Text(), home: columns.Text(), member: columns.Text(),
		merchants: columns.Text(), merchantsBefore: columns.Text(), accounts: columns.Text(), amounts: columns.Text(),
		facts: columns.Text(), hash: columns.Bytea(),
		earner: columns.Text(), earnerSeq: columns.Bigint(),
	}
}

// Len returns the number of transactions.
func (p *Posting) Len() int { return p.seq.Rows() }

// Add adds a transaction. Its arrays are sent as texts, because in an SQL array of arrays
// all rows must have the same length.
func (p *Posting) Add(t *Transaction) {
	p.seq.Bigint(t.Seq)
	p.corrects.Bigint(t.Corrects)
	p.previous.Bigint(t.Previous)
	p.terms.Integer(int32(t.Terms))
	p.bookedAt.Instant(t.BookedAt)
	p.kind.Text(string(t.Type))
	p.period.Text(t.Period)
	p.card.Text(t.Card)
	p.merchant.Text(t.Merchant)
	p.home.Text(t.Home)
	p.member.Text(t.Member)
	for _, array := range []struct {
		column *columns.Column
		write  func([]byte, *Transaction) []byte
	}{{&p.merchants, appendMerchants}, {&p.merchantsBefore, appendBefore}, {&p.accounts, appendAccounts}, {&p.amounts, appendAmounts}} {
		p.scratch = array.write(p.scratch[:0], t)
		array.column.Bytes(p.scratch)
	}
	p.facts.Bytes(t.Facts)
	p.hash.Bytes(t.Hash[:])
	for _, member := range t.Earners() {
		p.earner.Text(member)
		p.earnerSeq.Bigint(t.Seq)
	}
}

// Reset removes all transactions, after they were written or dropped.
func (p *Posting) Reset() {
	for _, c := range []*columns.Column{
		&p.seq, &p.corrects, &p.previous, &p.terms, &p.bookedAt, &p.kind, &p.period, &p.card, &p.merchant, &p.home, &p.member,
		&p.merchants, &p.merchantsBefore, &p.accounts, &p.amounts, &p.facts, &p.hash, &p.earner, &p.earnerSeq,
	} {
		c.Reset()
	}
}

// Queue queues the writes. The posting must not change before they are done.
func (p *Posting) Queue(batch *pgx.Batch) {
	if p.Len() == 0 {
		return
	}
	batch.Queue(`
		INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		                          merchants, merchants_before, accounts, amounts, facts, hash)
		SELECT $1, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		       merchants::text[], merchants_before::bigint[], accounts::text[], amounts::bigint[], facts::json, hash
		FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[],
		            $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bytea[])
		     AS t (seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		           merchants, merchants_before, accounts, amounts, facts, hash)`,
		p.allianceID, &p.seq, &p.kind, &p.bookedAt, &p.period, &p.terms, &p.card, &p.merchant, &p.home, &p.member, &p.corrects, &p.previous,
		&p.merchants, &p.merchantsBefore, &p.accounts, &p.amounts, &p.facts, &p.hash)
	if p.earner.Rows() == 0 {
		return
	}
	batch.Queue(`
		INSERT INTO member_transactions (alliance_id, member, seq)
		SELECT $1, member, seq FROM unnest($2::text[], $3::bigint[]) AS m (member, seq)`, p.allianceID, &p.earner, &p.earnerSeq)
}
