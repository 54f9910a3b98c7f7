package clearing

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// The parties of every circle beside its merchants.
const (
	Custody   = "custody"
	Organiser = "organiser"
)

// PartyAccount returns the clearing account of a party.
func PartyAccount(party string) ledger.Account {
	switch party {
	case Custody:
		return ledger.Account{Kind: ledger.Custody}
	case Organiser:
		return ledger.Account{Kind: ledger.Organiser}
	}
	return ledger.Account{Kind: ledger.Merchants, Owner: party}
}

// Shop is what the clearing house knows of a merchant.
type Merchant struct {
	Code      string
	Suspended bool      // it did not pay, and neither sells nor tops up
	LeavesAt  time.Time // notice was given; zero: it stays
	Left      bool      // LeavesAt has come
}
