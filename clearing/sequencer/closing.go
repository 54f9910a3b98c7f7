package clearing

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// The types of transactions that a cut-off makes.
const (
	WindowClosed    ledger.Type = "window.closed"
	CommissionPaid  ledger.Type = "commission.paid"
	PoolPaidIn      ledger.Type = "pool.paid_in"     // by a shop that has left: what backs its cards
	DepositReleased ledger.Type = "deposit.released" // of a shop that has left, into its last settlement
)

// openWindow writes a window and makes it the one that transactions go to.
func (l *locked) openWindow(ctx context.Context, w Window) error {
	l.head.Window = w
	_, err := l.db.Exec(ctx, `
		INSERT INTO windows (alliance_id, period, opens_at, cutoff_at, first_seq) VALUES ($1, $2, $3, $4, $5)`,
		l.circle, w.Period, w.OpensAt, w.CutoffAt, l.head.LastSeq+1)
	return err
}

// close closes the open window at its cut-off and opens the next. The segment
// before it must be saved: the cut-off reads commission from the database.
func (l *locked) close(ctx context.Context) error {
	if err := l.sitDown(ctx, nil); err != nil {
		return err
	}
	closing := Closing{Policy: l.book.Policy(), AtOnce: l.head.Circle.Mode == Replay}
	closing.Currency = l.head.Circle.Currency
	var err error
	if closing.WindowState, err = readWindow(ctx, l.db, l.circle, l.head.Window.Period); err != nil {
		return err
	}
	opening, err := readOpening(ctx, l.db, l.circle)
	if err != nil {
		return err
	}
	payables, err := l.book.Payables(ctx, l.db)
	if err != nil {
		return err
	}
	closing.Payouts = Payouts(payables, closing.Policy)
	if err := l.bookClosing(&closing, opening); err != nil {
		return err
	}
	closing.ClosedSeq, closing.ClosedHash = l.head.LastSeq, l.head.LastHash
	closing.Digest = closing.Sum()
	l.balances.Renew()
	if err := l.desk.Take(closing); err != nil {
		return err
	}
	writes := &pgx.Batch{}
	writes.Queue(planJoins)
	l.booked.Queue(writes)
	l.balances.Save(writes, l.circle)
	saveSnapshot(writes, l.circle, &closing.Settlement)
	l.book.Pay(writes, closing.Period, closing.Payouts)
	writes.Queue(`UPDATE windows SET closed_seq = $3 WHERE alliance_id = $1 AND period = $2`, l.circle, closing.Period, closing.ClosedSeq)
	if err := l.desk.Save(writes); err != nil {
		return err
	}
	writes.Queue(planProbes)
	if err := l.db.SendBatch(ctx, writes).Close(); err != nil {
		return err
	}
	l.reset()
	l.head.BookedThrough, l.head.DeadlineAt = closing.CutoffAt, l.desk.Deadline()
	return l.openWindow(ctx, WindowOf(closing.CutoffAt, l.head.Circle.Location))
}

// bookClosing books at the cut-off what shops that have left still have to settle,
// then the settlement, then the payouts, and works out the snapshot meanwhile.
func (l *locked) bookClosing(c *Closing, opening map[string]int64) error {
	facts, err := json.Marshal(struct {
		Period string `json:"period"`
	}{c.Period})
	if err != nil {
		return err
	}
	post := func(t ledger.Transaction) error {
		t.Seq, t.BookedAt, t.Period, t.Terms, t.Facts = l.head.LastSeq+1, c.CutoffAt, c.Period, l.book.TermsVersion(), facts
		return l.post(t)
	}
	if err := l.squareLeavers(post); err != nil {
		return err
	}
	positions, err := l.standings(opening)
	if err != nil {
		return err
	}
	if c.Positions, c.Transfers, err = Net(positions, c.Policy); err != nil {
		return err
	}
	entries, err := SettlementEntries(c.Positions, c.AtOnce)
	if err != nil {
		return err
	}
	if err := post(ledger.Transaction{Type: WindowClosed, Entries: entries}); err != nil {
		return err
	}
	for _, p := range c.Payouts {
		if err := post(ledger.Transaction{Type: CommissionPaid, Member: p.Member, Entries: payoutEntries(p, c.AtOnce)}); err != nil {
			return err
		}
	}
	return nil
}

// payoutEntries returns the entries of a member's payout, with the tax kept back.
func payoutEntries(p Payout, atOnce bool) []ledger.Entry {
	to := ledger.Account{Kind: ledger.Payouts, Owner: p.Member}
	if atOnce {
		to = PartyAccount(Custody)
	}
	entries := []ledger.Entry{{Account: ledger.Account{Kind: ledger.CommissionPayable, Owner: p.Member}, Amount: p.Gross}}
	if !p.Net().IsZero() {
		entries = append(entries, ledger.Entry{Account: to, Amount: p.Net().Neg()})
	}
	if !p.Tax.IsZero() {
		entries = append(entries, ledger.Entry{Account: ledger.Account{Kind: ledger.WithheldTax}, Amount: p.Tax.Neg()})
	}
	return entries
}

// squareLeavers brings what is left of shops that have left into the positions that
// are about to be settled: what backs their cards, if they were to bring it in only
// at use, because the cards go on elsewhere; and their deposit, once they owe
// nothing of earlier months.
func (l *locked) squareLeavers(post func(ledger.Transaction) error) error {
	move := func(kind ledger.Type, shop string, from ledger.Kind) error {
		account := ledger.Account{Kind: from, Owner: shop}
		held := l.head.Circle.Currency.Minor(l.balances.Of(account))
		if held.IsZero() {
			return nil
		}
		return post(ledger.Transaction{Type: kind, Merchant: shop, Entries: []ledger.Entry{
			{Account: account, Amount: held.Neg()}, {Account: PartyAccount(shop), Amount: held},
		}})
	}
	for _, s := range l.book.Shops() {
		if !s.Left {
			continue
		}
		if err := move(PoolPaidIn, s.Code, ledger.Issuers); err != nil {
			return err
		}
		if l.balances.Of(ledger.Account{Kind: ledger.Receivables, Owner: s.Code}) != 0 {
			continue
		}
		if err := move(DepositReleased, s.Code, ledger.Deposits); err != nil {
			return err
		}
	}
	return nil
}

// standings returns where every party stands at the cut-off, with what has moved it.
func (l *locked) standings(opening map[string]int64) ([]Position, error) {
	shops := l.book.Shops()
	parties := make([]Shop, 0, len(shops)+1)
	parties = append(append(parties, Shop{Code: Organiser}), shops...)
	positions := make([]Position, len(parties))
	for i, party := range parties {
		account := PartyAccount(party.Code)
		var err error
		if positions[i], err = standing(l.head.Circle, party.Code, opening[party.Code], -l.balances.Of(account)); err != nil {
			return nil, err
		}
		positions[i].Movements, positions[i].Final = l.balances.Turnover(account).Movements(), party.Left
	}
	return positions, nil
}

// standing returns the position of a party that was carried in and now is some
// amount, in minor units.
func standing(circle Circle, party string, opening, now int64) (Position, error) {
	p := Position{Party: party, Opening: circle.Currency.Minor(opening)}
	var err error
	if p.Movement, err = circle.Currency.Minor(now).Sub(p.Opening); err != nil {
		return p, fmt.Errorf("position of %s: %w", party, err)
	}
	return p, nil
}

// Positions returns where every party stands in the open window so far: what
// was carried in, and what has moved since. Transfer is zero and Carried what
// would be carried out if nothing were settled.
func Positions(ctx context.Context, db ledger.Querier, circle Circle, merchants []string) ([]Position, error) {
	balances := make(map[ledger.Account]int64)
	turnovers := make(map[ledger.Account]ledger.Turnover)
	err := ledger.EachBalance(ctx, db, circle.ID, func(a ledger.Account, minor, _ int64, turnover ledger.Turnover) {
		balances[a], turnovers[a] = minor, turnover
	})
	if err != nil {
		return nil, err
	}
	opening, err := readOpening(ctx, db, circle.ID)
	if err != nil {
		return nil, err
	}
	parties := append([]string{Organiser}, merchants...)
	positions := make([]Position, len(parties))
	for i, party := range parties {
		account := PartyAccount(party)
		if positions[i], err = standing(circle, party, opening[party], -balances[account]); err != nil {
			return nil, err
		}
		p := &positions[i]
		p.Movements = turnovers[account].Movements()
		p.Transfer, p.Carried = circle.Currency.Zero(), circle.Currency.Minor(-balances[account])
	}
	return positions, nil
}

// readOpening returns what each party carried out of the newest closed window.
func readOpening(ctx context.Context, db ledger.Querier, circle int64) (map[string]int64, error) {
	return readCarried(ctx, db, circle, `(SELECT max(p.period) FROM positions p WHERE p.alliance_id = $1)`)
}

// readCarried returns what each party carried out of a window.
func readCarried(ctx context.Context, db ledger.Querier, circle int64, period string, args ...any) (map[string]int64, error) {
	rows, err := db.Query(ctx, `SELECT party, carried FROM positions WHERE alliance_id = $1 AND period = `+period, append([]any{circle}, args...)...)
	if err != nil {
		return nil, err
	}
	opening := make(map[string]int64)
	var party string
	var carried int64
	_, err = pgx.ForEachRow(rows, []any{&party, &carried}, func() error {
		opening[party] = carried
		return nil
	})
	return opening, err
}
