package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/attempts"
)

// The headers of what is shown beside a command.
const (
	headerCode = "Card-Code"
	headerPIN  = "Card-PIN"
)

// presented is what a till shows beside a command, "" for nothing.
type presented struct{ code, pin string }

func presentedBy(header http.Header) presented {
	return presented{header.Get(headerCode), header.Get(headerPIN)}
}

// errAnswered says that an order was decided before.
var errAnswered = errors.New("the order was decided before")

// clear makes sure that the caller may name the card of a command, and checks what is shown beside
// it, which the order then carries. If the caller is locked, the first answer of an order that was
// decided before is returned with errAnswered.
func (h *handlers) clear(ctx context.Context, sc *scope, in *intent, shown presented, order *sequencer.Order) (sequencer.Outcome, error) {
	err := error(nil)
	if in.namesCard {
		err = h.mayName(sc)
	}
	if err == nil && in.check != nil {
		if err = in.check(ctx, h); in.namesCard {
			err = h.countUnknown(ctx, err)
		}
	}
	if err == nil && shown != (presented{}) {
		err = h.show(ctx, sc, in, shown, order)
	}
	var tooMany *attempts.TooManyError
	if !errors.As(err, &tooMany) {
		return sequencer.Outcome{}, err
	}
	outcome, answered, failed := sequencer.FindAnswer(ctx, h.pool, sc.alliance.ID, order)
	switch {
	case failed != nil:
		return outcome, failed
	case answered:
		return outcome, errAnswered
	}
	return outcome, err
}

// show checks a code and a PIN. A wrong one is counted, and is still decided: the refusal is the
// answer that a retry gets.
func (h *handlers) show(ctx context.Context, sc *scope, in *intent, p presented, order *sequencer.Order) error {
	if !in.takes {
		return problem.Malformed("", "a code or a PIN is shown with what takes something from a card; leave it out here")
	}
	end, err := h.guessing.turns.take(ctx, sc.guesser())
	if err != nil {
		return err
	}
	defer end()
	if err := h.mayShow(ctx, sc); err != nil {
		return err
	}
	shown := &presentation.Shown{}
	order.Presented = shown
	if p.code != "" {
		digest, issued, err := presentation.Find(ctx, h.pool, sc.alliance.ID, p.code)
		if err != nil {
			return err
		}
		shown.Code = &digest
		if issued == nil || !issued.StandsFor(in.card, value(in.merchant)) {
			return h.wrong(ctx, sc)
		}
	}
	if p.pin == "" {
		return nil
	}
	subject := cardSubject(in.card)
	if err := attempts.Check(ctx, h.pool, sc.alliance.ID, subject, sc.now, wrongPINs); err != nil {
		return err
	}
	right, err := h.rightPIN(ctx, sc, in.card, p.pin)
	if err != nil {
		return err
	}
	if shown.PIN = presentation.RightPIN; right {
		return nil
	}
	shown.PIN = presentation.WrongPIN
	return h.wrong(ctx, sc, subject)
}

// rightPIN reports whether a text is the PIN of a card.
func (h *handlers) rightPIN(ctx context.Context, sc *scope, card, pin string) (bool, error) {
	select {
	case h.guessing.hashing <- struct{}{}:
		defer func() { <-h.guessing.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return presentation.CheckPIN(ctx, h.pool, sc.alliance.ID, card, pin)
}

// wrong counts a wrong code or PIN, also of cards. It does so too if the order was decided before:
// else who repeats a key could try any number of codes, and tell a right one by the time it takes.
// The code of a retry is one that there is, though it is used up.
func (h *handlers) wrong(ctx context.Context, sc *scope, cards ...string) error {
	for _, card := range cards {
		if err := attempts.Take(ctx, h.pool, sc.alliance.ID, card, sc.now, wrongPINs); err != nil {
			return err
		}
	}
	return h.wrongCode(ctx, sc)
}
