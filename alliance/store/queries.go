package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
)

// FindCard returns a card, or ErrCardUnknown.
func FindCard(ctx context.Context, db ledger.Querier, al clearing.Alliance, code string) (alliance.Card, error) {
	rows, err := db.Query(ctx, `SELECT `+cardColumns+` FROM cards WHERE alliance_id = $1 AND card = $2`, al.ID, code)
	if err != nil {
		return alliance.Card{}, err
	}
	card, err := pgx.CollectExactlyOneRow(rows, scanCard(al.Currency))
	if errors.Is(err, pgx.ErrNoRows) {
		return card, fmt.Errorf("%w: %q", alliance.ErrCardUnknown, code)
	}
	return card, err
}

// beyond returns the comparison with which a page begins after a code. The first page
// includes the empty code, because a code may be empty.
func beyond(after string) string {
	if after == "" {
		return ">="
	}
	return ">"
}

// CardFilter picks cards; what is empty does not restrict.
type CardFilter struct {
	Home   string // sold by this merchant
	Member string // bought by this member
	After  string // codes after this one
	Limit  int
}

// Cards returns cards in the order of their codes.
func Cards(ctx context.Context, db ledger.Querier, al clearing.Alliance, f CardFilter) ([]alliance.Card, error) {
	rows, err := db.Query(ctx, `
		SELECT `+cardColumns+` FROM cards
		WHERE alliance_id = $1 AND card `+beyond(f.After)+` $2 AND ($3 = '' OR home = $3) AND ($4 = '' OR member = $4)
		ORDER BY card LIMIT $5`, al.ID, f.After, f.Home, f.Member, f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCard(al.Currency))
}

// MemberAccount is a member's commission: Pending + Payable = Earned - ClawedBack
// - Paid.
type MemberAccount struct {
	Code       string
	Referrer   string
	Second     string
	Pending    money.Amount
	Payable    money.Amount // negative after a clawback of what was paid
	Earned     money.Amount
	ClawedBack money.Amount
	Paid       money.Amount
}

const memberColumns = `member, coalesce(referrer, ''), coalesce(second, ''), pending, payable, earned, clawed_back, paid`

func scanMember(currency money.Currency) pgx.RowToFunc[MemberAccount] {
	return func(row pgx.CollectableRow) (MemberAccount, error) {
		var m MemberAccount
		var pending, payable, earned, clawedBack, paid int64
		err := row.Scan(&m.Code, &m.Referrer, &m.Second, &pending, &payable, &earned, &clawedBack, &paid)
		m.Pending, m.Payable, m.Earned = currency.Minor(pending), currency.Minor(payable), currency.Minor(earned)
		m.ClawedBack, m.Paid = currency.Minor(clawedBack), currency.Minor(paid)
		return m, err
	}
}

// FindMember returns a member's commission, or ErrMemberUnknown.
func FindMember(ctx context.Context, db ledger.Querier, al clearing.Alliance, code string) (MemberAccount, error) {
	rows, err := db.Query(ctx, `SELECT `+memberColumns+` FROM members WHERE alliance_id = $1 AND member = $2`, al.ID, code)
	if err != nil {
		return MemberAccount{}, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMember(al.Currency))
	if errors.Is(err, pgx.ErrNoRows) {
		return m, fmt.Errorf("%w: %q", alliance.ErrMemberUnknown, code)
	}
	return m, err
}

// MemberAccounts returns members with codes after one, in the order of their
// codes.
func MemberAccounts(ctx context.Context, db ledger.Querier, al clearing.Alliance, after string, limit int) ([]MemberAccount, error) {
	rows, err := db.Query(ctx, `
		SELECT `+memberColumns+` FROM members WHERE alliance_id = $1 AND member `+beyond(after)+` $2 ORDER BY member LIMIT $3`, al.ID, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMember(al.Currency))
}

// EarnedCommission is what a member earned by one sale. State is pending,
// released or clawed_back.
type EarnedCommission struct {
	SaleSeq   int64
	Level     int
	Amount    money.Amount
	ReleaseAt time.Time
	State     string
}

// EarnedCommissions returns what a member earned by sales numbered below one,
// the newest first. before = 0 begins with the newest.
func EarnedCommissions(ctx context.Context, db ledger.Querier, al clearing.Alliance, member string, before int64, limit int) ([]EarnedCommission, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := db.Query(ctx, `
		SELECT sale_seq, level, amount, release_at, state FROM commissions
		WHERE alliance_id = $1 AND member = $2 AND sale_seq < $3 ORDER BY sale_seq DESC LIMIT $4`, al.ID, member, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c EarnedCommission, err error) {
		var amount int64
		err = row.Scan(&c.SaleSeq, &c.Level, &amount, &c.ReleaseAt, &c.State)
		c.Amount, c.ReleaseAt = al.Currency.Minor(amount), c.ReleaseAt.UTC()
		return c, err
	})
}

// CommissionStatement is a member's commission when a window closed, after the
// payout. Paid is what that window paid.
type CommissionStatement struct {
	Period  string
	Member  string
	Pending money.Amount
	Payable money.Amount
	Paid    money.Amount

	Withheld money.Amount // of Paid: the tax
}

// Net returns what the member gets of Paid.
func (s *CommissionStatement) Net() money.Amount {
	return s.Paid.Currency().Minor(s.Paid.Minor() - s.Withheld.Minor())
}

// CommissionStatements returns the statements of a closed window for members
// with codes after one, in the order of their codes.
func CommissionStatements(ctx context.Context, db ledger.Querier, al clearing.Alliance, period, after string, limit int) ([]CommissionStatement, error) {
	return readCommissionStatements(ctx, db, al, `
		period = $2 AND member `+beyond(after)+` $3 ORDER BY member LIMIT $4`, period, after, limit)
}

// Payouts is CommissionStatements for the members who were paid.
func Payouts(ctx context.Context, db ledger.Querier, al clearing.Alliance, period, after string, limit int) ([]CommissionStatement, error) {
	return readCommissionStatements(ctx, db, al, `
		period = $2 AND paid > 0 AND member `+beyond(after)+` $3 ORDER BY member LIMIT $4`, period, after, limit)
}

// CommissionStatementOf returns the statement of a member for a closed window, or
// ErrMemberUnknown if the member had earned nothing by then.
func CommissionStatementOf(ctx context.Context, db ledger.Querier, al clearing.Alliance, period, member string) (CommissionStatement, error) {
	found, err := readCommissionStatements(ctx, db, al, `period = $2 AND member = $3`, period, member)
	if err == nil && len(found) == 0 {
		err = message.Wrap("%v: %q had earned nothing by then", alliance.ErrMemberUnknown, member)
	}
	if err != nil {
		return CommissionStatement{}, err
	}
	return found[0], nil
}

func readCommissionStatements(ctx context.Context, db ledger.Querier, al clearing.Alliance, where string, args ...any) ([]CommissionStatement, error) {
	rows, err := db.Query(ctx, `
		SELECT period, member, pending, payable, paid, withheld FROM commission_statements
		WHERE alliance_id = $1 AND `+where, append([]any{al.ID}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s CommissionStatement, err error) {
		var pending, payable, paid, withheld int64
		err = row.Scan(&s.Period, &s.Member, &pending, &payable, &paid, &withheld)
		s.Pending, s.Payable, s.Paid = al.Currency.Minor(pending), al.Currency.Minor(payable), al.Currency.Minor(paid)
		s.Withheld = al.Currency.Minor(withheld)
		return s, err
	})
}
