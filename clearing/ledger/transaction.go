package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Entry is one line of a transaction. Amount is signed (debit positive) and
// not zero.
type Entry struct {
	Account Account
	Amount  money.Amount
}

// Side returns the side on which the entry stands.
func (e Entry) Side() Side {
	if e.Amount.Sign() > 0 {
		return Debit
	}
	return Credit
}

// Type names what kind of business a transaction records, such as
// "value.spent".
type Type string

// Hash is a SHA-256 digest in the chain of transactions.
type Hash [sha256.Size]byte

// Link chains the transactions that concern a merchant, because it acted or its clearing
// account was moved. Previous is the Seq of the one before, or 0.
type Link struct {
	Merchant string
	Previous int64
}

// Transaction is an immutable, balanced set of entries with what it records.
// Some business moves no money (a free card, a freeze): its transaction has no entries, but
// is in the log all the same.
type Transaction struct {
	Seq      int64     // number in the circle, from 1 without a gap
	Type     Type      //
	BookedAt time.Time // when it entered the ledger; to the microsecond, UTC
	Period   string    // the window it belongs to, "2026-10"
	Terms    int       // version of the terms it was decided by
	Card     string    // the card it concerns, or ""
	Merchant string    // the merchant that acted, or ""
	Home     string    // the merchant that sold the card, or ""
	Member   string    // the member it concerns, or ""
	Corrects int64     // Seq of the transaction that it reverses, or 0
	Previous int64     // Seq of the card's transaction before this one, or 0
	Facts    json.RawMessage
	Late     bool // it was uploaded after it had happened; its facts say when
	Entries  []Entry
	Links    []Link // set by [Balances.Take]
	Hash     Hash
}

// Check returns an error unless the entries sum to zero and none is zero.
func (t *Transaction) Check() error {
	if len(t.Entries) == 0 {
		return nil
	}
	sum := t.Entries[0].Amount.Currency().Zero()
	for _, e := range t.Entries {
		if e.Amount.IsZero() {
			return fmt.Errorf("transaction %d: entry on %s is zero", t.Seq, e.Account)
		}
		var err error
		if sum, err = sum.Add(e.Amount); err != nil {
			return fmt.Errorf("transaction %d: %w", t.Seq, err)
		}
	}
	if !sum.IsZero() {
		return fmt.Errorf("transaction %d: entries sum to %s, not to zero", t.Seq, sum)
	}
	return nil
}

// OccurredAt returns when the transaction happened, if it was uploaded late; zero: when it
// was booked.
func (t *Transaction) OccurredAt() (time.Time, error) {
	var facts struct {
		OccurredAt time.Time `json:"occurred_at"`
	}
	if !bytes.Contains(t.Facts, []byte(`"occurred_at"`)) { // few are late
		return time.Time{}, nil
	}
	if err := json.Unmarshal(t.Facts, &facts); err != nil {
		return time.Time{}, fmt.Errorf("facts of transaction %d: %w", t.Seq, err)
	}
	return facts.OccurredAt.UTC(), nil
}

// Earners returns the members whose commission the transaction moves, each once.
func (t *Transaction) Earners() []string {
	var members []string
	for _, e := range t.Entries {
		if k := e.Account.Kind; (k == CommissionPending || k == CommissionPayable) && !slices.Contains(members, e.Account.Owner) {
			members = append(members, e.Account.Owner)
		}
	}
	return members
}

// Seal computes the hash of the transaction in a circle, given the hash of the
// transaction before it: SHA-256 over a domain separator, the circle, the
// previous hash and every field in the order of the struct but Late, which is in
// the facts; texts with their length before them, numbers as 8 bytes big-endian.
func (t *Transaction) Seal(allianceID int64, previous Hash) Hash {
	b := make([]byte, 0, 512)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text("lianka transaction 2")
	number(allianceID)
	b = append(b, previous[:]...)
	number(t.Seq)
	text(string(t.Type))
	number(t.BookedAt.UnixMicro())
	text(t.Period)
	number(int64(t.Terms))
	text(t.Card)
	text(t.Merchant)
	text(t.Home)
	text(t.Member)
	number(t.Corrects)
	number(t.Previous)
	text(string(t.Facts))
	number(int64(len(t.Entries)))
	for _, e := range t.Entries {
		text(e.Account.Kind.String())
		text(e.Account.Owner)
		number(e.Amount.Minor())
	}
	number(int64(len(t.Links)))
	for _, l := range t.Links {
		text(l.Merchant)
		number(l.Previous)
	}
	return sha256.Sum256(b)
}

// ID returns the name by which a transaction is known outside: "txn_17" is
// number 17 of its circle.
func ID(seq int64) string { return "txn_" + strconv.FormatInt(seq, 10) }

// ParseID returns the number in a name that ID wrote.
func ParseID(id string) (int64, error) {
	digits, ok := strings.CutPrefix(id, "txn_")
	seq, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || seq < 1 || ID(seq) != id {
		return 0, fmt.Errorf("%q is no transaction id such as txn_17", id)
	}
	return seq, nil
}
