package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// tillsCommand is the tills as a process of their own.
type tillsCommand struct{}

// tillsTask is a measurement for the tills to make.
type tillsTask struct {
	Address string
	Keys    []string // key i is of shop i
	Cards   int
	Run     int
	Tills   int
	Bulk    int // commands in a POST of /v1/batch; 0: one command a POST, to its own path
	Window  time.Duration
}

// Run makes measurements until its standard input ends.
func (tillsCommand) Run(ctx context.Context) error {
	return answerQuestions(ctx, func(ctx context.Context, task tillsTask) (any, error) {
		found, err := task.measure(ctx)
		return found, err
	})
}

func (t *tillsTask) measure(ctx context.Context) (sample, error) {
	callers := make([]caller, t.Tills)
	for i := range callers {
		conn, err := dial(ctx, t.Address)
		if err != nil {
			return sample{}, err
		}
		defer func() { _ = conn.conn.Close() }()
		merchants := merchantsOf(i, t.Tills, len(t.Keys))
		if t.Bulk > 0 {
			merchants = merchants[:1] // a POST has one key, so its commands are of one shop
		}
		till := &httpTill{
			workload:   newWorkload(t.Run, i, t.Cards, len(t.Keys), merchants),
			connection: conn, keys: t.Keys,
		}
		callers[i] = till
		if t.Bulk > 0 {
			callers[i] = &bulkTill{till, t.Bulk}
		}
	}
	before := cpuOfProcess(os.Getpid())
	found, err := drive(ctx, callers, t.Window, meter{})
	if err != nil {
		return sample{}, err
	}
	if t.Bulk > 0 {
		found.Rate *= float64(t.Bulk)
		found.Done *= t.Bulk
	}
	// The CPU time includes the ramp, so the number of commands must too.
	whole := float64(found.Done) * float64(t.Window+ramp) / float64(t.Window)
	found.CPU = map[string]float64{cpuClient: float64((cpuOfProcess(os.Getpid()) - before).Microseconds()) / max(whole, 1)}
	return found, nil
}

// httpTill sends one command a POST.
type httpTill struct {
	*workload
	*connection
	keys []string
	body []byte
}

func (t *httpTill) call(context.Context) error {
	r := t.next()
	t.body = append(append(append(t.body[:0], '{'), r.fields...), '}')
	p, err := t.post(kinds[r.kind].path, t.keys[r.merchant], r.key, t.body)
	if err != nil {
		return err
	}
	return t.check(r, p)
}

// check checks the answer to a request.
func (t *httpTill) check(r *request, p posted) error {
	want := http.StatusCreated
	if r.refused {
		want = http.StatusUnprocessableEntity
	}
	if p.status != want {
		return fmt.Errorf("%s %s: %d %s", kinds[r.kind].event, r.fields, p.status, p.body)
	}
	if of := r.repeat; p.replayed != (of != nil) || (of != nil && !r.refused && string(p.body) != of.answer) {
		return fmt.Errorf("%s %s: the retry was not answered like the first: %s", kinds[r.kind].event, r.fields, p.body)
	}
	r.answer = string(p.body)
	t.answered(r)
	return nil
}

// bulkTill sends many commands in a POST. None of them reverses or repeats another of
// the same POST.
type bulkTill struct {
	*httpTill
	size int
}

// bulkItem is the result of one command of many.
type bulkItem struct {
	Status   int             `json:"status"`
	Replayed bool            `json:"replayed"`
	Receipt  json.RawMessage `json:"receipt"`
	Problem  json.RawMessage `json:"problem"`
}

func (t *bulkTill) call(context.Context) error {
	requests := make([]*request, 0, t.size)
	t.body = append(t.body[:0], `{"commands":[`...)
	for len(requests) < t.size {
		r := t.next()
		if len(requests) > 0 {
			t.body = append(t.body, ',')
		}
		t.body = fmt.Appendf(t.body, `{"type":%q,"idempotency_key":%q,"body":{%s}}`, kinds[r.kind].event, r.key, r.fields)
		requests = append(requests, r)
	}
	t.body = append(t.body, "]}"...)
	p, err := t.post("/v1/batch", t.keys[t.merchants[0]], "", t.body)
	if err != nil {
		return err
	}
	if p.status != http.StatusOK {
		return fmt.Errorf("/v1/batch: %d %s", p.status, p.body)
	}
	var results struct {
		Results []bulkItem `json:"results"`
	}
	if err := json.Unmarshal(p.body, &results); err != nil {
		return err
	}
	if len(results.Results) != len(requests) {
		return fmt.Errorf("/v1/batch: %d results for %d commands", len(results.Results), len(requests))
	}
	for i, r := range requests {
		item := results.Results[i]
		answer := item.Receipt
		if answer == nil {
			answer = item.Problem
		}
		if err := t.check(r, posted{item.Status, item.Replayed, answer}); err != nil {
			return fmt.Errorf("/v1/batch: %w", err)
		}
	}
	return nil
}
