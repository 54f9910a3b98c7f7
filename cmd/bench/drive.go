package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ramp is how long callers run before what they do counts.
const ramp = 400 * time.Millisecond

// caller sends one request, waits for the answer and checks it. The error is one
// that ends the run.
type caller interface {
	call(ctx context.Context) error
}

// drive lets callers send requests for a while, each the next one as soon as it
// has the answer to the one before. What was answered within the window counts;
// around runs before and after it.
func drive(ctx context.Context, callers []caller, window time.Duration, around meter) (sample, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	opens := began.Add(ramp)
	closes := opens.Add(window)
	took := make([][]time.Duration, len(callers))
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() {
			for {
				sent := time.Now()
				if sent.After(closes) || ctx.Err() != nil {
					return
				}
				if err := c.call(ctx); err != nil {
					cancel(err)
					return
				}
				if done := time.Now(); done.After(opens) && !done.After(closes) {
					took[i] = append(took[i], done.Sub(sent))
				}
			}
		})
	}
	sleepUntil(ctx, opens)
	before := around.read()
	sleepUntil(ctx, closes)
	after := around.read()
	all.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return sample{}, err
	}
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	var whole []time.Duration
	for _, one := range took {
		whole = append(whole, one...)
	}
	s := sample{Rate: float64(len(whole)) / window.Seconds(), Took: window, Done: len(whole)}
	s.P50, s.P99 = latencies(whole)
	s.spent(before, after)
	return s, nil
}

func sleepUntil(ctx context.Context, at time.Time) {
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
	}
}
