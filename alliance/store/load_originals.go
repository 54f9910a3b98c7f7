package store

import (
	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// namedOriginals finds the transactions that reversals name, by caller and key or by
// number.
const namedOriginals = `
	WITH named (caller, key, seq) AS (
	    SELECT r.caller, r.key, r.seq FROM unnest($2::text[], $3::text[]) AS o (caller, key),
	    LATERAL (SELECT caller, key, seq FROM requests WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r
	    WHERE r.seq IS NOT NULL
	    UNION ALL SELECT '', '', n FROM unnest($4::bigint[]) AS n
	) `

// readOriginals queues the reads of transactions that are to be reversed and of their
// cards. It also reads what was undone before, which commissions were released, and how holds
// have ended.
func (c *allianceState) readOriginals(reads *pgx.Batch, references []alliance.Reference) {
	if len(references) == 0 {
		return
	}
	var seqs []int64
	var callers, keys []string
	for _, of := range references {
		if of.Seq != 0 {
			seqs = append(seqs, of.Seq)
		} else {
			callers, keys = append(callers, of.Caller), append(keys, of.Key)
		}
	}
	reads.Queue(namedOriginals+`
		SELECT t.*, n.caller, n.key, coalesce(r.amount, 0), coalesce(r.in_full, false), coalesce(h.state, ''), coalesce(h.captured, 0),
		       (SELECT coalesce(array_agg(c.level), '{}') FROM commissions c
		        WHERE c.alliance_id = $1 AND c.sale_seq = t.seq AND c.state = 'released')
		FROM named n, LATERAL (SELECT `+ledger.TransactionColumns+` FROM transactions WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) t
		LEFT JOIN LATERAL (SELECT amount, in_full FROM reversed WHERE alliance_id = $1 AND seq = t.seq OFFSET 0) r ON true
		LEFT JOIN LATERAL (SELECT state, captured FROM holds WHERE alliance_id = $1 AND seq = t.seq OFFSET 0) h ON true`,
		c.allianceID, callers, keys, seqs).Query(c.scanOriginals)
	reads.Queue(namedOriginals+`
		SELECT DISTINCT ON (c.card) c.*
		FROM named n, LATERAL (SELECT card FROM transactions WHERE alliance_id = $1 AND seq = n.seq OFFSET 0) t,
		LATERAL (SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = t.card OFFSET 0) c`,
		c.allianceID, callers, keys, seqs).Query(c.scanCards)
}

func (c *allianceState) scanOriginals(rows pgx.Rows) error {
	currency := c.head.Alliance.Currency
	for rows.Next() {
		var by alliance.Reference
		var undone, captured int64
		var hold alliance.HoldState
		var inFull bool
		var released []int16
		t, err := ledger.ScanTransaction(rows, currency, &by.Caller, &by.Key, &undone, &inFull, &hold, &captured, &released)
		if err != nil {
			return err
		}
		record, err := alliance.DecodeRecord(t)
		if err != nil {
			return err
		}
		if by != (alliance.Reference{}) {
			c.state.Keys[by] = t.Seq
		}
		if c.originals.Recall(c.state.Log, t.Seq) {
			continue // what is in memory may have changed since
		}
		original := &alliance.Original{Record: record, Undone: currency.Minor(undone), InFull: inFull, Ended: hold, Captured: currency.Minor(captured)}
		for _, level := range released {
			original.Released[level] = true
		}
		for level := range original.Released {
			if c.releases.Recall(c.released, releaseKey{t.Seq, level}) {
				original.Released[level] = true
			}
		}
		c.state.Log[t.Seq] = original
	}
	return rows.Err()
}
