package settlement

import (
	"encoding/json"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// paymentRow is a payment in the column obligations.payments. What is zero is left out.
type paymentRow struct {
	Number    int          `json:"number"`
	Run       int64        `json:"run,omitempty"`
	Amount    int64        `json:"amount"`
	State     PaymentState `json:"state"`
	MadeOn    string       `json:"made_on,omitempty"`
	MadeSeq   int64        `json:"made_seq,omitempty"`
	BookedSeq int64        `json:"booked_seq,omitempty"`
	UndoneOn  string       `json:"undone_on,omitempty"`
	UndoneSeq int64        `json:"undone_seq,omitempty"`
	SeenOn    string       `json:"seen_on,omitempty"`
	BackOn    string       `json:"back_on,omitempty"`
	ToParty   bool         `json:"to_party,omitempty"`
	Unnamed   bool         `json:"unnamed,omitempty"`
}

func rowsOfPayments(payments []Payment) []paymentRow {
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	rows := make([]paymentRow, len(payments))
	for i, p := range payments {
		rows[i] = paymentRow{
			Number: p.Number, Run: p.Run, Amount: p.Amount.Minor(), State: p.State, MadeOn: date(p.MadeOn), MadeSeq: p.MadeSeq, BookedSeq: p.BookedSeq,
			UndoneOn: date(p.UndoneOn), UndoneSeq: p.UndoneSeq, SeenOn: date(p.SeenOn), BackOn: date(p.BackOn), ToParty: p.ToParty, Unnamed: p.Unnamed,
		}
	}
	return rows
}

func readPayments(text string, minor func(int64) money.Amount) ([]Payment, error) {
	var rows []paymentRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil || len(rows) == 0 {
		return nil, err
	}
	var failed error
	date := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			failed = err
		}
		return t
	}
	payments := make([]Payment, len(rows))
	for i, r := range rows {
		payments[i] = Payment{
			Number: r.Number, Run: r.Run, Amount: minor(r.Amount), State: r.State, MadeOn: date(r.MadeOn), MadeSeq: r.MadeSeq, BookedSeq: r.BookedSeq,
			UndoneOn: date(r.UndoneOn), UndoneSeq: r.UndoneSeq, SeenOn: date(r.SeenOn), BackOn: date(r.BackOn), ToParty: r.ToParty, Unnamed: r.Unnamed,
		}
	}
	return payments, failed
}
