package presentation

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// The codes with which what is shown is refused.
const (
	CodeRequired    = "code_required"
	CodeInvalid     = "invalid_code"
	CodePINRequired = "pin_required"
	CodePINInvalid  = "invalid_pin"
)

// Codes lists them.
func Codes() []string { return []string{CodeRequired, CodeInvalid, CodePINRequired, CodePINInvalid} }

// By says what a card was used by. A transaction keeps it.
type By string

// What a card is used by.
const (
	ByNumber By = "number" // in a circle that asks for codes, where it asked for none
	ByCode   By = "code"
	ByPIN    By = "pin" // uploaded late
)

// Verified reports whether more was shown than a number.
func (b By) Verified() bool { return b == ByCode || b == ByPIN }

// Asked is what a command takes from a card.
type Asked struct {
	Card     string // as the command names it
	Merchant string
	Worth    int64 // in minor units; what can't be read is worth nothing: the rule book refuses it
	Late     bool  // it is uploaded after it happened
}

// Shown is what was shown beside a command. An order of the sequencer carries it.
type Shown struct {
	Code *Digest // of the code, also of one that there is not; nil: none
	PIN  PINCheck
}

// PINCheck is what came of the PIN that was shown. It is checked before the command is
// decided, as that takes a while.
type PINCheck int

// What came of it.
const (
	NoPIN PINCheck = iota // none was shown
	RightPIN
	WrongPIN // also of a card that has none
)

// Issued is a code without its texts.
type Issued struct {
	Digest    Digest
	Card      string
	Member    string // who had the card when it was issued
	Merchant  string // the only one where it is good; "": at all
	Most      int64  // the most that may be taken with it, in minor units; 0: no limit
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedSeq   int64 // the transaction that has used it up; 0: none
}

// Live refuses a code that may not be used any more at an instant.
func (i *Issued) Live(at time.Time) error {
	switch {
	case i.UsedSeq != 0:
		return refuse(CodeInvalid, "this code was used already; let the member show a new one")
	case !at.Before(i.ExpiresAt):
		return refuse(CodeInvalid, "this code has expired; let the member show a new one")
	}
	return nil
}

// StandsFor reports whether the code is one of a card, and good at a merchant.
func (i *Issued) StandsFor(card, merchant string) bool {
	return i.Card == card && (i.Merchant == "" || i.Merchant == merchant)
}

// Decide says what the card is used by, or refuses what was shown. code is the code that was
// shown, nil if there is no such code. at is an instant of the server's clock. In a circle that
// asks for no code, "" is what a card is used by when nothing was shown.
func (s *Setting) Decide(asked Asked, shown Shown, code *Issued, currency money.Currency, at time.Time) (By, error) {
	if shown.Code != nil {
		return ByCode, code.check(asked, currency, at)
	}
	if shown.PIN == WrongPIN {
		return "", refuse(CodePINInvalid, "this is not the card's PIN")
	}
	if shown.PIN == RightPIN && asked.Late {
		return ByPIN, nil
	}
	switch {
	case !s.Asks():
		return "", nil
	case !s.asksFor(asked.Worth), asked.Late && s.Offline == OfflineNumber:
		return ByNumber, nil
	case asked.Late:
		return "", refuse(CodePINRequired, "this circle takes a late upload with the card's PIN; send it beside the command")
	case s.Mode == ModeCodeAbove:
		r := refuse(CodeRequired, "above %s this circle asks for a code of the card; let the member show one and send it beside the command", s.Above)
		r.Data = map[string]string{"above": s.Above.String()}
		return "", r
	}
	return "", refuse(CodeRequired, "this circle asks for a code of the card; let the member show one and send it beside the command")
}

// check refuses a code that is not good for what a command takes.
func (i *Issued) check(asked Asked, currency money.Currency, at time.Time) error {
	if i == nil || !i.StandsFor(asked.Card, asked.Merchant) {
		return refuse(CodeInvalid, "there is no such code of this card that is good here; it may be mistyped")
	}
	if err := i.Live(at); err != nil {
		return err
	}
	if i.Most > 0 && asked.Worth > i.Most {
		return refuse(CodeInvalid, "this code is good for at most %s; let the member show one for more", currency.Minor(i.Most))
	}
	return nil
}

// RefuseBalance refuses to tell what is on a card that shows no code.
func RefuseBalance() error {
	return refuse(CodeRequired, "what is on a card this circle tells the organiser, the owner of the shop that sold it, and to whom the member shows a code; look the code up")
}

func refuse(code, format string, args ...any) *clearing.Refusal {
	return clearing.Refuse(code, format, args...)
}
