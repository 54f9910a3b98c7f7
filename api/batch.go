package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing/sequencer"
)

// BookBatch decides many commands in their order. Each gets the answer that it would
// get if it had been sent alone.
func (h *handlers) BookBatch(ctx context.Context, r routes.BookBatchRequestObject) (routes.BookBatchResponseObject, error) {
	b := &batch{handlers: h, sc: scopeOf(ctx), results: make([]result, len(r.Body.Commands))}
	b.sc.commands = len(b.results)
	for i, command := range r.Body.Commands {
		text, err := command.MarshalJSON()
		if err == nil {
			err = b.take(ctx, i, text)
		}
		if err != nil {
			b.results[i].problem = problem.Of(err)
		}
	}
	b.send(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p := b.undecided(); p != nil {
		return nil, p
	}
	b.observe(ctx)
	return batchAnswer{b.sc, b.results}, nil
}

// batch is a POST of many commands in progress.
type batch struct {
	*handlers
	sc      *scope
	results []result
	orders  []sequencer.Order // not submitted yet
	places  []int             // the indices of their commands
}

// result is the outcome of a command.
type result struct {
	kind    string // "" if it could not be read
	booked  booked
	problem *problem.Problem // nil: it was booked
}

func (r *result) status() int {
	if r.problem == nil {
		return http.StatusCreated
	}
	return problem.KindOf(r.problem.Code).Status
}

// envelope is a command of a batch with its body still unread.
type envelope struct {
	Type string         `json:"type"`
	Key  string         `json:"idempotency_key"`
	Code string         `json:"card_code"`
	PIN  string         `json:"card_pin"`
	Body jsontext.Value `json:"body"`
}

// newEnvelopeSchema returns the schema of an envelope. It defers the body, and the
// check of the key, to the code that they share with the single POST.
func newEnvelopeSchema(commands map[string]*command) *schema.Schema {
	return schema.Object(map[string]*schema.Schema{
		"type": schema.Text(slices.Sorted(maps.Keys(commands))...), "idempotency_key": schema.Text(), "card_code": schema.Text(), "card_pin": schema.Text(),
		"body": schema.Deferred(),
	}, "type", "body")
}

// take reads a command and queues it for submission. An error fails this command
// alone.
func (b *batch) take(ctx context.Context, at int, text []byte) error {
	var e envelope
	path := "commands[" + strconv.Itoa(at) + "]"
	if err := b.envelope.Read(text, path, &e); err != nil {
		return err
	}
	b.results[at].kind = e.Type
	if err := b.checkEnvelope(&e, path); err != nil {
		return err
	}
	in, hash, err := b.commands[e.Type].read(b.sc, e.Body)
	if err != nil {
		return err
	}
	if in.check != nil {
		b.send(ctx) // the check must see what came before it
	}
	order := b.sc.order(e.Key, hash, in.command)
	outcome, err := b.clear(ctx, b.sc, &in, presented{e.Code, e.PIN}, &order)
	if errors.Is(err, errAnswered) {
		b.results[at].booked, err = bookedOf(outcome)
		return err
	}
	if err != nil {
		return err
	}
	b.orders, b.places = append(b.orders, order), append(b.places, at)
	return nil
}

// checkEnvelope checks what stands beside the body of a command.
func (b *batch) checkEnvelope(e *envelope, path string) error {
	keyPath := schema.Join(path, "idempotency_key")
	if e.Key == "" {
		return problem.At(keyPath, problem.CodeIdempotencyMissing, "give the command an idempotency_key, a name of your choice for it")
	}
	_, err := b.idempotencyKey.Check(e.Key, keyPath)
	if err == nil && e.Code != "" {
		_, err = b.shownCode.Check(e.Code, schema.Join(path, "card_code"))
	}
	if err == nil && e.PIN != "" {
		_, err = b.shownPIN.Check(e.PIN, schema.Join(path, "card_pin"))
	}
	return err
}

// send submits the queued commands.
func (b *batch) send(ctx context.Context) {
	if len(b.orders) == 0 {
		return
	}
	outcomes, err := b.sequencer.SubmitAll(ctx, b.sc.alliance.ID, b.orders)
	for i, at := range b.places {
		r, failed := &b.results[at], err
		if failed == nil {
			failed = outcomes[i].Err
		}
		if failed == nil {
			failed = b.countOutcome(ctx, b.sc, &outcomes[i])
		}
		if failed == nil {
			r.booked, failed = bookedOf(outcomes[i])
		}
		if failed != nil {
			r.problem = problem.Of(failed)
		}
	}
	b.orders, b.places = nil, nil
}

// undecided returns why not a single command was decided, if the server was
// unavailable. The whole POST is then to be sent again.
func (b *batch) undecided() *problem.Problem {
	var unavailable *problem.Problem
	for i := range b.results {
		switch status := b.results[i].status(); status {
		case http.StatusCreated, problem.Refused:
			return nil
		case http.StatusServiceUnavailable:
			unavailable = b.results[i].problem
		}
	}
	return unavailable
}

// observe counts the commands and logs those that failed through a fault of the server.
func (b *batch) observe(ctx context.Context) {
	for i := range b.results {
		r := &b.results[i]
		status := r.status()
		b.metrics.observeCommand(r.kind, status)
		switch {
		case status == http.StatusCreated:
			b.sc.booked++
		case status >= http.StatusInternalServerError:
			b.logCommand(ctx, b.sc, r.kind, i, r.problem)
		}
	}
}

// batchAnswer is the answer to a batch.
type batchAnswer struct {
	sc      *scope
	results []result
}

// VisitBookBatchResponse writes the results.
func (a batchAnswer) VisitBookBatchResponse(w http.ResponseWriter) error {
	size := len(`{"results":[]}`)
	for i := range a.results {
		size += len(a.results[i].booked.receipt) + mostOfAResult
	}
	text := append(make([]byte, 0, size), `{"results":[`...)
	for i := range a.results {
		if i > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = a.results[i].append(text, a.sc); err != nil {
			return err
		}
	}
	text = append(text, "]}"...)
	w.Header().Set("Content-Type", mediaTypeJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	a.sc.sayLanguage(w.Header())
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(text)
	return err
}

// mostOfAResult is how many bytes of JSON surround a receipt.
const mostOfAResult = 64

// append appends a result as JSON. The receipt stays as it is stored.
func (r *result) append(text []byte, sc *scope) ([]byte, error) {
	if r.problem == nil {
		text = fmt.Appendf(text, `{"status":%d,"replayed":%t,"receipt":`, http.StatusCreated, r.booked.replayed)
		return append(append(text, r.booked.receipt...), '}'), nil
	}
	document, err := r.problem.Document(sc.requestID, sc.chinese())
	text = fmt.Appendf(text, `{"status":%d,"replayed":%t,"problem":`, r.status(), r.problem.Replayed)
	return append(append(text, document...), '}'), err
}
