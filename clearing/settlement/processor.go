package settlement

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
)

// Processor settles a circle's closed windows for one batch, under the lock of its
// head. It is the [sequencer.SettlementProcessor] of every rule book.
type Processor struct {
	state         State
	saveMerchants func(writes *pgx.Batch, merchants []clearing.Merchant)
	countersRead  bool
	readMembers   MemberAccounts // none: members name no accounts themselves
	events        []Event        // since it was saved
	statements    []statementRow // imported since it was saved
}

// NewProcessor returns a processor that has read nothing yet. saveMerchants queues the
// writes of shops whose status has changed.
func NewProcessor(alliance clearing.Alliance, balances *ledger.Balances, merchants []clearing.Merchant, saveMerchants func(writes *pgx.Batch, merchants []clearing.Merchant)) *Processor {
	p := &Processor{
		state: State{
			Alliance: alliance, Merchants: make(map[string]*clearing.Merchant, len(merchants)),
			Transactions: make(map[int64]ledger.Transaction), Bookings: make(map[int64]*Booking),
			Balance: func(a ledger.Account) money.Amount { return alliance.Currency.Minor(balances.Of(a)) },
		},
		saveMerchants: saveMerchants,
	}
	for _, merchant := range merchants {
		p.state.Merchants[merchant.Code] = &merchant
	}
	return p
}

// MemberAccounts returns the accounts that members have named themselves, by their codes. They
// are kept encrypted, so that only a payment run reads them.
type MemberAccounts func(ctx context.Context, db ledger.Querier, allianceID int64, members []string) (map[string]Account, error)

// ReadMemberAccounts says how a payment run reads the accounts that members have named
// themselves. They go before what the organiser has noted.
func (p *Processor) ReadMemberAccounts(read MemberAccounts) { p.readMembers = read }

// Deadline returns the earliest instant at which something happens by itself; zero:
// there is none.
func (p *Processor) Deadline() time.Time { return p.state.Deadline() }

// RunDeadline does what happens at the deadline.
func (p *Processor) RunDeadline(seq int64) ([]ledger.Transaction, error) {
	at := p.state.Deadline()
	p.state.Next = seq
	made, err := p.state.RunDeadline()
	if err != nil {
		return nil, err
	}
	return p.transactions(made, at, seq)
}

// Decide decides an order.
func (p *Processor) Decide(order sequencer.Order, at time.Time, seq int64) (sequencer.SettlementDecision, error) {
	command, ok := order.Command.(sequencer.SettlementCommand)
	if !ok {
		return sequencer.SettlementDecision{}, fmt.Errorf("%T is no command about closed windows", order.Command)
	}
	p.state.Next = seq
	postings, err := p.state.Decide(command, at)
	if err != nil {
		return sequencer.SettlementDecision{}, err
	}
	before := len(p.events)
	transactions, err := p.transactions(postings, at, seq)
	if err != nil {
		return sequencer.SettlementDecision{}, err
	}
	stands := transactions[0]
	for i, made := range postings {
		if !made.follows {
			stands = transactions[i]
		}
	}
	answer, err := json.Marshal(Receipt{
		Transaction: ledger.ID(stands.Seq), Type: stands.Type, BookedAt: at, Events: p.events[before:],
	})
	return sequencer.SettlementDecision{Transactions: transactions, Seq: stands.Seq, Answer: answer}, err
}

// transactions numbers postings and their events.
func (p *Processor) transactions(postings []*posting, at time.Time, seq int64) ([]ledger.Transaction, error) {
	transactions := make([]ledger.Transaction, 0, len(postings))
	for i, made := range postings {
		made.Seq = seq + int64(i)
		if err := p.number(made.events, at, made.Seq); err != nil {
			return nil, err
		}
		facts, err := json.Marshal(struct {
			Events []Event `json:"events"`
		}{made.events})
		if err != nil {
			return nil, err
		}
		made.Facts = facts
		if made.statements != nil {
			p.statements = append(p.statements, rowsOfStatements(made)...)
		}
		transactions = append(transactions, made.Transaction)
	}
	return transactions, nil
}

// number numbers all events of a transaction, and keeps them to be saved.
func (p *Processor) number(events []Event, at time.Time, seq int64) error {
	if len(events) > ledger.MaxEvents {
		return fmt.Errorf("transaction %d makes %d events, and may make at most %d", seq, len(events), ledger.MaxEvents)
	}
	for i := range events {
		e := &events[i]
		e.Number, e.At, e.Transaction = ledger.EventNumber(seq, i+1), at, ledger.ID(seq)
	}
	p.events = append(p.events, events...)
	return nil
}
