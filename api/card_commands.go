package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing/sequencer"
)

// booked answers a command that was booked. The receipt is sent as it is stored,
// byte for byte, so that a retry gets the same.
type booked struct {
	receipt  json.RawMessage
	replayed bool
}

func (b booked) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", mediaTypeJSON)
	if b.replayed {
		w.Header().Set(headerReplayed, "true")
	}
	w.WriteHeader(http.StatusCreated)
	_, err := w.Write(b.receipt)
	return err
}

// bookedOf returns the answer to a command that was booked, or the problem of one
// that was refused.
func bookedOf(outcome sequencer.Outcome) (booked, error) {
	if r := outcome.Refusal; r != nil {
		return booked{}, &problem.Problem{Code: r.Code, Detail: r.Detail, Message: r.Message, Data: r.Data, Replayed: outcome.Replayed}
	}
	return booked{receipt: outcome.Answer, replayed: outcome.Replayed}, nil
}

// serveCommand serves the operation of a command: every one by its kind, so that a new
// command needs no handler.
func (h *handlers) serveCommand(cmd *command) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		sc := scopeOf(ctx)
		body, err := readBody(c, cmd.op)
		if err != nil {
			return err
		}
		in, hash, err := cmd.read(sc, body)
		if err != nil {
			return err
		}
		order := sc.order(c.Request().Header.Get(headerIdemKey), hash, in.command)
		order.Card, order.HeldBy = in.card, in.heldBy
		outcome, err := h.clear(ctx, sc, &in, presentedBy(c.Request().Header), &order)
		if err == nil {
			outcome, err = h.sequencer.Submit(ctx, sc.alliance.ID, order)
		}
		if err != nil && !errors.Is(err, errAnswered) {
			return err
		}
		if err := h.countOutcome(ctx, sc, &outcome); err != nil {
			return err
		}
		answer, err := bookedOf(outcome)
		if err != nil {
			return err
		}
		return answer.write(c.Response())
	}
}
