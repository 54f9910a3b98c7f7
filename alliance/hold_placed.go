package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
)

// HoldPlaced reserves stored value for a bill.
const HoldPlaced ledger.Type = "hold.placed"

// PlaceHold reserves stored value of a card for a bill at a merchant.
type PlaceHold struct{ Card, Merchant, Amount string }

// Event returns HoldPlaced.
func (PlaceHold) Event() ledger.Type { return HoldPlaced }

// Takes returns the amount.
func (c PlaceHold) Takes(s *State) presentation.Asked {
	return presentation.Asked{Card: c.Card, Merchant: c.Merchant, Worth: s.worthOf(c.Amount)}
}

// HoldState says what has become of a hold.
type HoldState string

// The states of a hold. Each ends once.
const (
	HoldStateOpen     HoldState = "open"
	HoldStateCaptured HoldState = "captured"
	HoldStateVoided   HoldState = "voided"
	HoldStateExpired  HoldState = "expired"
)

// HoldFacts is the hold of a transaction that places or ends one.
type HoldFacts struct {
	Seq      int64 `json:"seq,omitempty"` // of what ends one: the transaction that placed it
	Reserved int64 `json:"reserved"`      // added to what the card's holds reserve, in minor units; negative: freed
}

// HoldChange is a hold that was placed, or that has ended.
type HoldChange struct {
	Seq      int64 // of the transaction that placed it
	State    HoldState
	Captured int64 // in minor units
}

func holdPlaced() *Kind {
	return &Kind{
		Type:  HoldPlaced,
		Label: ledger.Label{Chinese: "储值预授权", English: "Hold placed"},
		Command: command(
			[]Field{cardField(), codeField("merchant"), amountField("amount")},
			func(v Values) PlaceHold {
				return PlaceHold{Card: v.Text("card"), Merchant: v.Text("merchant"), Amount: v.Text("amount")}
			},
			func(c PlaceHold, l Loader) {
				l.Use(c.Card, c.Amount) // it may be captured in the same batch
				l.Uploads(c.Merchant)
			},
			(*State).decideHold),
		Apply: func(s *State, _ *Card, r *Record) error {
			s.noteHold(HoldChange{Seq: r.Seq, State: HoldStateOpen})
			return nil
		},
		Schedules: func(r *Record) []DueWork { return []DueWork{dueOfHold(r)} },
	}
}

// decideHold reserves an amount for as long as the terms say. It moves no money.
func (s *State) decideHold(c PlaceHold, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, amount, err := s.spendable(c.Card, c.Merchant, c.Amount)
	if err != nil {
		return Record{}, err
	}
	r := s.on(card, c.Merchant)
	ends := at.Add(time.Duration(terms.HoldMinutes) * time.Minute)
	r.Facts = Facts{Amount: amount.Minor(), ExpiresAt: &ends, Growth: &GrowthFacts{Hold: &HoldFacts{Reserved: amount.Minor()}}}
	if err := s.honoursHome(&r); err != nil {
		return Record{}, err
	}
	return newEntries(s.Setup.Currency).post(r, HoldPlaced, at, terms)
}

// dueOfHold returns when a hold ends by itself.
func dueOfHold(placed *Record) DueWork {
	return DueWork{At: *placed.Facts.ExpiresAt, Rank: RankHold, Kind: HoldExpired, Subject: placed.Seq, Card: placed.Card, Amount: placed.Facts.Amount}
}

// hold finds the open hold that a reference names.
func (s *State) hold(of Reference) (*Original, error) {
	hold := s.logged(of)
	if hold == nil || hold.Type != HoldPlaced {
		return nil, refuse(CodeUnknownEvent, "there is no such hold")
	}
	if hold.HoldState() != HoldStateOpen {
		return nil, refuse(CodeHoldClosed, "the hold %s has ended: it is %s", ledger.ID(hold.Seq), hold.HoldState())
	}
	return hold, nil
}

// endHold folds in how a hold has ended.
func (s *State) endHold(r *Record, state HoldState, captured int64) {
	seq := r.Facts.growth().Hold.Seq
	if hold := s.Log[seq]; hold != nil {
		hold.Ended, hold.Captured = state, s.Setup.Currency.Minor(captured)
		if state != HoldStateExpired {
			s.Unschedule(dueOfHold(&hold.Record))
		}
	}
	s.noteHold(HoldChange{Seq: seq, State: state, Captured: captured})
}

func (s *State) noteHold(change HoldChange) {
	if s.Changes != nil {
		s.Changes.Holds = append(s.Changes.Holds, change)
	}
}

// HoldState returns the state of a hold.
func (o *Original) HoldState() HoldState {
	if o.Ended == "" {
		return HoldStateOpen
	}
	return o.Ended
}
