package window

import (
	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// The types of transactions that are booked at a cut-off.
const (
	Closed          ledger.Type = "window.closed"
	CommissionPaid  ledger.Type = "commission.paid"
	PoolPaidIn      ledger.Type = "pool.paid_in"     // by a shop that has left, to back its cards
	DepositReleased ledger.Type = "deposit.released" // to a shop that has left, in its last settlement
)

// Closing is a window at its cut-off. Package settlement takes it over once it has closed.
type Closing struct {
	Snapshot
	Payouts []Payout // the commission that is paid with it
	Policy  Policy
	AtOnce  bool // everything counts as paid at once, as in a replay
}

// LeaverTransactions returns the transactions that move accounts of shops that have left
// into their positions, before these are settled. A shop whose terms are at_use pays in what
// backs its cards, because the cards stay valid at other shops. Its deposit is released once
// it owes nothing for earlier months.
func LeaverTransactions(alliance clearing.Alliance, merchants []clearing.Merchant, balances *ledger.Balances) []ledger.Transaction {
	var transactions []ledger.Transaction
	move := func(kind ledger.Type, merchant string, from ledger.Kind) {
		account := ledger.Account{Kind: from, Owner: merchant}
		balance := alliance.Currency.Minor(balances.Of(account))
		if balance.IsZero() {
			return
		}
		transactions = append(transactions, ledger.Transaction{Type: kind, Merchant: merchant, Entries: []ledger.Entry{
			{Account: account, Amount: balance.Neg()}, {Account: clearing.PartyAccount(merchant), Amount: balance},
		}})
	}
	for _, s := range merchants {
		if !s.Left {
			continue
		}
		move(PoolPaidIn, s.Code, ledger.Issuers)
		if balances.Of(ledger.Account{Kind: ledger.Receivables, Owner: s.Code}) == 0 {
			move(DepositReleased, s.Code, ledger.Deposits)
		}
	}
	return transactions
}

// Settle nets the positions into the snapshot, and returns the transactions that book
// the month-end: the settlement, then the payouts.
func (c *Closing) Settle(positions []Position) ([]ledger.Transaction, error) {
	var err error
	if c.Positions, c.Transfers, err = Net(positions, c.Policy); err != nil {
		return nil, err
	}
	entries, err := ClosingEntries(c.Positions, c.AtOnce)
	if err != nil {
		return nil, err
	}
	transactions := make([]ledger.Transaction, 0, 1+len(c.Payouts))
	transactions = append(transactions, ledger.Transaction{Type: Closed, Entries: entries})
	for _, p := range c.Payouts {
		transactions = append(transactions, ledger.Transaction{Type: CommissionPaid, Member: p.Member, Entries: p.Entries(c.AtOnce)})
	}
	return transactions, nil
}

// Seal completes the snapshot with the window's last transaction, and computes the digest.
func (c *Closing) Seal(seq int64, hash ledger.Hash) {
	c.ClosedSeq, c.ClosedHash = seq, hash
	c.Digest = c.Sum()
}

// QueueSave queues the writes of the snapshot, and closes the window.
func (c *Closing) QueueSave(writes *pgx.Batch, allianceID int64) {
	queueSnapshot(writes, allianceID, &c.Snapshot)
	writes.Queue(`UPDATE windows SET closed_seq = $3 WHERE alliance_id = $1 AND period = $2`, allianceID, c.Period, c.ClosedSeq)
}
