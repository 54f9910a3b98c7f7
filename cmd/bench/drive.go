package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ramp is how long callers run before the measurement begins.
const ramp = 400 * time.Millisecond

// caller sends one request, waits for the answer and checks it. An error ends the run.
type caller interface {
	call(ctx context.Context) error
}

// drive puts a closed-loop load on the subject: each caller sends its next request when
// it has the answer to the one before. Requests answered within the window count. The
// meter is read at its beginning and its end.
func drive(ctx context.Context, callers []caller, window time.Duration, usage meter) (sample, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	opens := began.Add(ramp)
	closes := opens.Add(window)
	took := make([][]time.Duration, len(callers))
	var running sync.WaitGroup
	for i, c := range callers {
		running.Go(func() {
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
	before := usage.read()
	sleepUntil(ctx, closes)
	after := usage.read()
	running.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return sample{}, err
	}
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	var all []time.Duration
	for _, some := range took {
		all = append(all, some...)
	}
	s := sample{Rate: float64(len(all)) / window.Seconds(), Took: window, Done: len(all)}
	s.P50, s.P99 = latencies(all)
	s.spent(before, after)
	return s, nil
}

func sleepUntil(ctx context.Context, at time.Time) {
	select {
	case <-time.After(time.Until(at)):
	case <-ctx.Done():
	}
}
