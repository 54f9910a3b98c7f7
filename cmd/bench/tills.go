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

// shift is what the tills are told to do.
type shift struct {
	Address string
	Keys    []string // of each shop
	Cards   int
	Run     int
	Tills   int
	Bulk    int // commands a POST; 0: one, at the resource of its own
	Window  time.Duration
}

// Run does what it is told until its standard input ends.
func (tillsCommand) Run(ctx context.Context) error {
	return answer(ctx, func(ctx context.Context, s shift) (any, error) {
		w, err := s.work(ctx)
		return w, err
	})
}

func (s *shift) work(ctx context.Context) (sample, error) {
	callers := make([]caller, s.Tills)
	for i := range callers {
		c, err := dial(ctx, s.Address)
		if err != nil {
			return sample{}, err
		}
		defer func() { _ = c.conn.Close() }()
		merchants := placesOf(i, s.Tills, len(s.Keys))
		if s.Bulk > 0 {
			merchants = merchants[:1] // many commands of one till are of one shop
		}
		t := &httpTill{
			workload:   newWorkload(s.Run, i, s.Cards, len(s.Keys), merchants),
			connection: c, keys: s.Keys,
		}
		callers[i] = t
		if s.Bulk > 0 {
			callers[i] = &bulkTill{t, s.Bulk}
		}
	}
	before := cpuOfProcess(os.Getpid())
	found, err := drive(ctx, callers, s.Window, meter{})
	if err != nil {
		return sample{}, err
	}
	if s.Bulk > 0 {
		found.Rate *= float64(s.Bulk)
		found.Done *= s.Bulk
	}
	// The ramp counts into both the time and the work, so only for the quotient.
	whole := float64(found.Done) * float64(s.Window+ramp) / float64(s.Window)
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
	r := t.draw()
	t.body = append(append(append(t.body[:0], '{'), r.fields...), '}')
	p, err := t.post(kinds[r.kind].path, t.keys[r.merchant], r.key, t.body)
	if err != nil {
		return err
	}
	return t.check(r, p)
}

// check makes sure that a request was answered as it should be.
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

// bulkTill sends many commands a POST, none of which undoes or repeats another of
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
		r := t.draw()
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
