package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// member is what the entries say of a member's commission.
type member struct{ pending, payable, earned, clawedBack, paid int64 }

// commissionKey names what a sale earned on a level.
type commissionKey struct {
	sale  int64
	level int
}

func (a *auditor) member(code string) *member {
	m := a.members[code]
	if m == nil {
		m = &member{}
		a.members[code] = m
	}
	return m
}

// foldCommission adds up the entries on members' accounts, and follows each commission
// from pending to released or clawed back. The transaction's kind says which of these
// it does; payouts are made by the clearing house.
func (a *auditor) foldCommission(t *ledger.Transaction, r *alliance.Record) {
	effect := alliance.CommissionUnchanged
	if kind := a.registry.Kind(t.Type); kind != nil {
		effect = kind.Commission
	}
	for _, e := range t.Entries {
		gained := -e.Amount.Minor()
		switch e.Account.Kind {
		case ledger.CommissionPending:
			a.member(e.Account.Owner).pending += gained
		case ledger.CommissionPayable:
			a.member(e.Account.Owner).payable += gained
		default:
			continue
		}
		switch {
		case effect == alliance.CommissionEarned:
			a.member(e.Account.Owner).earned += gained
		case effect == alliance.CommissionClawedBack:
			a.member(e.Account.Owner).clawedBack -= gained
		case t.Type == window.CommissionPaid:
			a.member(e.Account.Owner).paid -= gained
		}
	}
	switch effect {
	case alliance.CommissionReleases:
		a.released[commissionKey{r.Facts.SaleSeq, r.Facts.Level}] = alliance.CommissionStateReleased
	case alliance.CommissionEarned:
		a.followCommissions(t.Seq, r, alliance.CommissionStatePending)
	case alliance.CommissionClawedBack:
		if r.Facts.SaleSeq != 0 { // a refund, which may leave a part to be released
			a.followRefund(r)
			return
		}
		a.followCommissions(t.Corrects, r, alliance.CommissionStateClawedBack)
	}
}

// followCommissions sets the state of the commissions of a sale.
func (a *auditor) followCommissions(sale int64, r *alliance.Record, state string) {
	if len(r.Facts.Commissions) > 2 {
		a.fault(commissioned, "transaction %d pays commission on %d levels", r.Seq, len(r.Facts.Commissions))
	}
	for _, c := range r.Facts.Commissions {
		if c.Level < 1 || c.Level > 2 {
			a.fault(commissioned, "transaction %d pays commission on level %d", r.Seq, c.Level)
		}
		a.released[commissionKey{sale, c.Level}] = state
	}
}

// followRefund ends the pending commissions of a sale of which its refund leaves nothing.
func (a *auditor) followRefund(r *alliance.Record) {
	for level := 1; level <= 2; level++ {
		key := commissionKey{r.Facts.SaleSeq, level}
		left := slices.ContainsFunc(r.Facts.Commissions, func(c alliance.Commission) bool { return c.Level == level })
		if a.released[key] == alliance.CommissionStatePending && !left {
			a.released[key] = alliance.CommissionStateClawedBack
		}
	}
}

// compareMembers compares members' stored commission with the entries.
func (a *auditor) compareMembers(ctx context.Context) error {
	for after, more := "", true; more; {
		page, err := store.MemberAccounts(ctx, a.db, a.head.Alliance, after, pageSize)
		if err != nil {
			return err
		}
		for _, stored := range page {
			a.looked(commissioned, 1)
			after = stored.Code
			m := a.member(stored.Code)
			if *m != (member{stored.Pending.Minor(), stored.Payable.Minor(), stored.Earned.Minor(), stored.ClawedBack.Minor(), stored.Paid.Minor()}) {
				a.fault(folded, "member %q is stored with %s pending, %s payable, %s earned, %s clawed back, %s paid, and the entries say otherwise",
					stored.Code, stored.Pending, stored.Payable, stored.Earned, stored.ClawedBack, stored.Paid)
			}
			// What was paid before a clawback shows as a negative payable.
			if m.paid > m.earned-m.clawedBack && m.payable+m.pending >= 0 {
				a.fault(commissioned, "member %q was paid %s, and earned only %s less %s clawed back", stored.Code, stored.Paid, stored.Earned, stored.ClawedBack)
			}
			delete(a.members, stored.Code)
		}
		more = len(page) == pageSize
	}
	for code, m := range a.members {
		if *m != (member{}) {
			a.fault(commissioned, "member %q has commission and is not stored", code)
		}
	}
	return nil
}

// compareCommissions compares the stored states of commissions with the log.
func (a *auditor) compareCommissions(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `SELECT sale_seq, level, state FROM commissions WHERE alliance_id = $1`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	seen := 0
	var key commissionKey
	var state string
	_, err = pgx.ForEachRow(rows, []any{&key.sale, &key.level, &state}, func() error {
		a.looked(commissioned, 1)
		seen++
		if a.released[key] != state {
			a.fault(commissioned, "the commission of transaction %d, level %d, is stored as %s; the log says %q", key.sale, key.level, state, a.released[key])
		}
		return nil
	})
	if err == nil && seen != len(a.released) {
		a.fault(commissioned, "%d commissions were earned, and %d are stored", len(a.released), seen)
	}
	return err
}

// checkCover checks that what is owed to members is covered by custody, by what parties
// owe and by commission that members must give back. In a circle funded at use it also
// checks that each seller that has not left owes exactly what its cards hold.
func (a *auditor) checkCover(context.Context) error {
	currency := a.setup.Currency
	custody := a.accounts[ledger.Account{Kind: ledger.Custody}]
	var toMembers, fromMembers, fromParties, fromSellers int64
	owedBy := make(map[string]int64)
	for account, balance := range a.accounts {
		switch account.Kind {
		case ledger.CardValue, ledger.CardBonus, ledger.CardPool, ledger.PointsPool, ledger.CommissionPending:
			toMembers -= balance
		case ledger.CommissionPayable:
			toMembers -= min(balance, 0)
			fromMembers += max(balance, 0) // commission that was paid and then clawed back
		case ledger.Merchants, ledger.Organiser:
			fromParties += max(balance, 0)
		case ledger.Receivables:
			fromParties += balance
		case ledger.Allowances:
			fromParties += balance // others have borne it, and it stands in their positions
		case ledger.Issuers:
			fromSellers += balance
			owedBy[account.Owner] = balance
		}
	}
	a.looked(covered, 1)
	if custody+fromParties+fromSellers+fromMembers < toMembers {
		a.fault(covered, "members are owed %s, and custody holds %s, parties owe %s, sellers will owe %s, members owe %s", currency.Minor(toMembers),
			currency.Minor(custody), currency.Minor(fromParties), currency.Minor(fromSellers), currency.Minor(fromMembers))
	}
	if len(a.setup.Terms) == 0 {
		return nil
	}
	backed := make(map[string]int64)
	if a.setup.Current().Funding == alliance.AtUse {
		for _, card := range a.state.Cards {
			if card.Home != "" {
				backed[card.Home] += card.Value.Minor() + card.Pool.Minor()
			}
		}
	}
	for home, merchant := range a.setup.Merchants {
		if merchant.Left {
			continue // what backs its cards is paid in at the month-end, see checkLeavers
		}
		a.looked(covered, 1)
		if backed[home] != owedBy[home] {
			a.fault(covered, "seller %s will owe %s, and its cards hold %s", home, currency.Minor(owedBy[home]), currency.Minor(backed[home]))
		}
	}
	return nil
}

// checkLeavers checks the merchants that had left by a month-end: what backs their cards
// was paid in, and their deposits are in their last settlement, unless they still owe
// for earlier months. It is called when the closing has been folded.
func (a *auditor) checkLeavers(closing *ledger.Transaction) {
	w := a.windows[closing.Period]
	if w == nil {
		return // placeInWindow says so
	}
	owedBefore := func(merchant string) int64 {
		account := ledger.Account{Kind: ledger.Receivables, Owner: merchant}
		owed := a.accounts[account]
		for _, e := range closing.Entries {
			if e.Account == account {
				owed -= e.Amount.Minor()
			}
		}
		return owed
	}
	for code := range a.setup.Merchants {
		if !a.setup.HasLeft(code, w.CutoffAt) {
			continue
		}
		a.looked(covered, 1)
		if backing := a.accounts[ledger.Account{Kind: ledger.Issuers, Owner: code}]; backing != 0 {
			a.fault(covered, "seller %s has left, and when %s closed it had not paid in %s of what its cards hold", code, w.Period, a.setup.Currency.Minor(backing))
		}
		deposit := a.accounts[ledger.Account{Kind: ledger.Deposits, Owner: code}]
		if deposit != 0 && owedBefore(code) == 0 {
			a.fault(covered, "merchant %s has left and owed nothing, and when %s closed its deposit of %s was not released", code, w.Period, a.setup.Currency.Minor(-deposit))
		}
	}
}
