package statement

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
)

// pieceSize is how many transactions are read at once.
const pieceSize = 2000

// reader reads what concerns a party from the ledger.
type reader struct {
	db       ledger.Querier
	alliance clearing.Alliance
	party    string
	account  ledger.Account // the party's clearing account
	first    int64          // the window's first transaction
	last     int64          // and its last
	piece    int            // how many transactions are read at once
}

// Load returns the statement of a party, a shop's code or [clearing.Organiser],
// for a closed month such as "2026-10". It reads the month's lines once to add
// them up, and keeps their numbers alone; db is used again by the statement's
// Lines. A shop that joined after the month has an empty statement.
//
// It returns [window.ErrNotClosed] if the month is not closed, and
// [merchant.ErrMerchantUnknown] if the party is none of the circle's.
func Load(ctx context.Context, db ledger.Querier, registry *alliance.Registry, al clearing.Alliance, period, party string) (Statement, error) {
	s, err := load(ctx, db, al, period, party, pieceSize)
	s.Registry = registry
	return s, err
}

func load(ctx context.Context, db ledger.Querier, al clearing.Alliance, period, party string, piece int) (Statement, error) {
	settlement, err := window.Find(ctx, db, al, period)
	if err != nil {
		return Statement{}, err
	}
	merchants, err := merchant.Merchants(ctx, db, al.ID, al.Currency)
	if err != nil {
		return Statement{}, err
	}
	if merchants[party] == nil && party != clearing.Organiser {
		return Statement{}, message.Wrap("%v: %q; a statement is for a shop's code or for %q", merchant.ErrMerchantUnknown, party, clearing.Organiser)
	}
	s := settled(al, &settlement, party)
	for code, m := range merchants {
		s.Merchants[code] = m.Name
	}
	if err := s.payments(ctx, db); err != nil {
		return Statement{}, err
	}
	r := &reader{
		db: db, alliance: al, party: party, account: clearing.PartyAccount(party),
		first: settlement.FirstSeq, last: settlement.ClosedSeq, piece: piece,
	}
	sums := newTally(al.Currency)
	var seqs []int64
	for transactions, err := range r.transactions(ctx) {
		if err != nil {
			return Statement{}, err
		}
		lines, err := r.lines(ctx, transactions)
		if err != nil {
			return Statement{}, err
		}
		for i := range lines {
			seqs = append(seqs, lines[i].Seq)
			if err := sums.add(&lines[i]); err != nil {
				return Statement{}, err
			}
		}
	}
	slices.Sort(seqs)
	sums.into(&s)
	s.Lines = func(ctx context.Context) iter.Seq2[Line, error] { return r.read(ctx, seqs, s.Opening) }
	return s, nil
}

// settled returns the part of a statement that comes from the settlement.
func settled(al clearing.Alliance, settlement *window.Snapshot, party string) Statement {
	zero := al.Currency.Zero()
	s := Statement{
		Alliance: al, Party: party, Merchants: make(map[string]string), Window: settlement.Window,
		FirstSeq: settlement.FirstSeq, LastSeq: settlement.ClosedSeq,
		Opening: zero, Movement: zero, Transfer: zero, Carried: zero,
	}
	for _, p := range settlement.Positions {
		if p.Party == party {
			s.Opening, s.Movement, s.Transfer, s.Carried = p.Opening, p.Movement, p.Transfer, p.Carried
		}
	}
	for _, t := range settlement.Transfers {
		switch party {
		case t.From:
			s.Transfers = append(s.Transfers, Transfer{With: t.To, Amount: t.Amount.Neg()})
		case t.To:
			s.Transfers = append(s.Transfers, Transfer{With: t.From, Amount: t.Amount})
		}
	}
	return s
}

// transactions reads the window's transactions that may concern the party, in pieces. For
// the organiser that is all of them; a shop's are found along its chain, backwards.
func (r *reader) transactions(ctx context.Context) iter.Seq2[[]ledger.Transaction, error] {
	if r.party == clearing.Organiser {
		return r.whole(ctx)
	}
	return r.chain(ctx)
}

func (r *reader) whole(ctx context.Context) iter.Seq2[[]ledger.Transaction, error] {
	return func(yield func([]ledger.Transaction, error) bool) {
		for next := r.first; next <= r.last; next += int64(r.piece) {
			limit := int(min(int64(r.piece), r.last-next+1))
			found, err := ledger.Range(ctx, r.db, r.alliance.ID, r.alliance.Currency, next, limit)
			if !yield(found, err) || err != nil {
				return
			}
		}
	}
}

func (r *reader) chain(ctx context.Context) iter.Seq2[[]ledger.Transaction, error] {
	return func(yield func([]ledger.Transaction, error) bool) {
		before, err := r.after(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for {
			found, err := ledger.Page(ctx, r.db, r.alliance.ID, r.alliance.Currency,
				ledger.Filter{Merchant: r.party, Before: before, Limit: r.piece})
			if err != nil {
				yield(nil, err)
				return
			}
			within := found
			for i := range found {
				if found[i].Seq < r.first {
					within = found[:i]
					break
				}
			}
			if len(within) == 0 || !yield(within, nil) || len(within) < r.piece {
				return
			}
			before = within[len(within)-1].Seq
		}
	}
}

// after returns the shop's first transaction after the window, or 0 if there is none. The
// chain is followed back from there, so an old month costs no walk over all later ones.
func (r *reader) after(ctx context.Context) (int64, error) {
	var seq int64
	err := r.db.QueryRow(ctx, `
		SELECT t.seq FROM balances b,
		LATERAL (SELECT seq FROM transactions
		         WHERE alliance_id = $1 AND seq > $3 AND seq <= b.last_seq AND $2 = ANY (merchants) ORDER BY seq LIMIT 1) t
		WHERE b.alliance_id = $1 AND b.account = 'merchants' AND b.owner = $2 AND b.last_seq > $3`,
		r.alliance.ID, r.party, r.last).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}

// read goes over the lines of the numbered transactions, which are in order.
func (r *reader) read(ctx context.Context, seqs []int64, balance money.Amount) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for some := range slices.Chunk(seqs, r.piece) {
			transactions, err := ledger.BySeq(ctx, r.db, r.alliance.ID, r.alliance.Currency, some)
			if err != nil {
				yield(Line{}, err)
				return
			}
			lines, err := r.lines(ctx, transactions)
			if err != nil {
				yield(Line{}, err)
				return
			}
			for i := range lines {
				if balance, err = balance.Add(lines[i].Effect); err != nil {
					yield(Line{}, fmt.Errorf("balance after %s: %w", ledger.ID(lines[i].Seq), err))
					return
				}
				lines[i].Balance = balance
				if !yield(lines[i], nil) {
					return
				}
			}
		}
	}
}
