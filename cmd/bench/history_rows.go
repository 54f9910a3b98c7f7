package main

import (
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/columns"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// The columns in this file are those that the sequencer and the rule book's store
// write, with the values that they would have written for the same transactions.

func (h *historyWriter) openCopies(ctx context.Context, group *errgroup.Group) {
	h.transactions = openCopy(ctx, group, h.url, "transactions",
		"alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, merchants, merchants_before, accounts, amounts, facts, hash")
	h.memberTransactions = openCopy(ctx, group, h.url, "member_transactions", "alliance_id, member, seq")
	h.requests = openCopy(ctx, group, h.url, "requests", "alliance_id, caller, key, request_hash, received_at, seq, refusal, answer")
	h.members = openCopy(ctx, group, h.url, "members", "alliance_id, member, referrer, second, joined_seq")
}

func (h *historyWriter) closeCopies() {
	for _, f := range []*copyStream{h.transactions, h.memberTransactions, h.requests, h.members} {
		f.close()
	}
}

// write writes a transaction with its entries, and notes what it changes of members
// and commissions.
func (h *historyWriter) write(r *alliance.Record) {
	id := h.alliance.ID
	arrays := ledger.Row(&r.Transaction)
	h.transactions.number(id).number(r.Seq).text(string(r.Type)).instant(r.BookedAt).text(r.Period).number(int64(r.Terms)).
		text(r.Card).text(r.Merchant).text(r.Home).text(r.Member).number(r.Corrects).number(r.Previous).
		text(arrays.Merchants).text(arrays.MerchantsBefore).text(arrays.Accounts).text(arrays.Amounts).
		text(string(r.Transaction.Facts)).bytes(r.Hash[:]).end()
	for _, member := range r.Earners() {
		h.memberTransactions.number(id).text(member).number(r.Seq).end()
	}
	for _, e := range r.Entries {
		h.addCommission(r, e)
	}
	h.entries += len(r.Entries)
	switch {
	case r.Type == alliance.CommissionReleased:
		h.released[dueKey{r.Facts.SaleSeq, r.Facts.Level}] = "released"
	case len(r.Facts.Commissions) > 0:
		h.sales = append(h.sales, r)
		for _, c := range r.Facts.Commissions {
			h.released[dueKey{r.Seq, c.Level}] = "pending"
		}
	}
	if r.Facts.Joined {
		h.members.number(id).text(r.Member).orNull(r.Facts.Referrer).orNull(r.Facts.Second).number(r.Seq).end()
	}
}

// addCommission adds an entry to what the month changes of a member's commission.
func (h *historyWriter) addCommission(r *alliance.Record, e ledger.Entry) {
	if k := e.Account.Kind; k != ledger.CommissionPending && k != ledger.CommissionPayable {
		return
	}
	m := h.earned[e.Account.Owner]
	if m == nil {
		m = &commissionChange{}
		h.earned[e.Account.Owner] = m
	}
	gained := -e.Amount.Minor()
	if e.Account.Kind == ledger.CommissionPending {
		m.pending += gained
	} else {
		m.payable += gained
	}
	if r.Type == alliance.CardSold {
		m.earned += gained
	}
}

// openWindow opens the first window.
func (h *historyWriter) openWindow(ctx context.Context, w window.Window) error {
	_, err := h.pool.Exec(ctx, `
		INSERT INTO windows (alliance_id, period, opens_at, cutoff_at, first_seq) VALUES ($1, $2, $3, $4, $5)`,
		h.alliance.ID, w.Period, w.OpensAt, w.CutoffAt, h.head.LastSeq+1)
	h.head.Period, h.head.CutoffAt = w.Period, w.CutoffAt
	return err
}

// saveMonth updates balances, members and the head to what they are after the
// transactions of a month.
func (h *historyWriter) saveMonth(ctx context.Context, w window.Window) error {
	var members []string
	var pending, payable, earned []int64
	for code, m := range h.earned {
		members, pending, payable, earned = append(members, code), append(pending, m.pending), append(payable, m.payable), append(earned, m.earned)
	}
	if err := h.saveBalances(ctx); err != nil {
		return err
	}
	_, err := h.pool.Exec(ctx, `
		UPDATE members m SET pending = m.pending + c.pending, payable = m.payable + c.payable, earned = m.earned + c.earned
		FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS c (member, pending, payable, earned)
		WHERE m.alliance_id = $1 AND m.member = c.member`, h.alliance.ID, members, pending, payable, earned)
	if err != nil {
		return err
	}
	_, err = h.pool.Exec(ctx, `
		UPDATE heads SET last_seq = $2, last_hash = $3, booked_through = $4, period = $5, cutoff_at = $6 WHERE alliance_id = $1`,
		h.alliance.ID, h.head.LastSeq, h.head.LastHash[:], h.head.BookedThrough, w.Period, w.CutoffAt)
	return err
}

func (h *historyWriter) saveBalances(ctx context.Context) error {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if err := columns.Register(conn.Conn()); err != nil {
		return err
	}
	writes := &pgx.Batch{}
	h.balances.Save(writes, h.alliance.ID)
	return conn.SendBatch(ctx, writes).Close()
}

// writeCards writes the cards as the history leaves them, with their commissions and
// the work that is yet to fall due.
func (h *historyWriter) writeCards(ctx context.Context) error {
	group, both := errgroup.WithContext(ctx)
	cards := openCopy(both, group, h.url, "cards",
		"alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired, value, bonus, pool, points, unreversed, uses_left, last_seq, held_since, redeemed, topped_up, topped_up_bonus")
	due := openCopy(both, group, h.url, "due", "alliance_id, due_at, rank, kind, subject, part")
	commissions := openCopy(both, group, h.url, "commissions", "alliance_id, sale_seq, level, member, amount, release_at, state")
	id := h.alliance.ID
	for i := range h.cards {
		c := h.state.Cards[cardCode(i)]
		cards.number(id).text(c.Code).text(c.Product).text(c.Member).text(c.Home).number(c.SoldSeq).instant(c.SoldAt).instant(c.ExpiresAt).
			flag(c.Cancelled).flag(c.Frozen).flag(c.Expired).number(c.Value.Minor()).number(c.Bonus.Minor()).number(c.Pool.Minor()).
			number(c.Points).number(int64(c.Unreversed)).text(string(store.AppendUses(nil, c.UsesLeft))).number(c.LastSeq).
			number(c.HeldSince).number(int64(c.Redeemed)).number(c.ToppedUp).number(c.ToppedUpBonus).end()
	}
	for work, ok := h.state.Due.Pop(); ok; work, ok = h.state.Due.Pop() {
		due.number(id).instant(work.At).number(int64(work.Rank)).text(string(work.Kind)).number(work.Subject).number(int64(work.Part)).end()
	}
	for _, sale := range h.sales {
		for _, c := range sale.Facts.Commissions {
			commissions.number(id).number(sale.Seq).number(int64(c.Level)).text(c.Member).number(c.Amount).
				instant(*sale.Facts.ReleaseAt).text(h.released[dueKey{sale.Seq, c.Level}]).end()
		}
	}
	for _, f := range []*copyStream{cards, due, commissions} {
		f.close()
	}
	if err := group.Wait(); err != nil {
		return err
	}
	_, err := h.pool.Exec(ctx, `
		UPDATE heads SET next_due_at = (SELECT min(due_at) FROM due WHERE alliance_id = $1) WHERE alliance_id = $1`, id)
	return err
}
