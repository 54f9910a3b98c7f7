package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// pairs is the default number of turns.
const pairs = 5

// subject is something that is measured in turns with others.
type subject struct {
	name string
	run  func(ctx context.Context) (sample, error)
}

// sample is a subject's result in one turn. What does not apply is zero.
type sample struct {
	Rate     float64 // a second
	Took     time.Duration
	P50, P99 time.Duration
	Done     int     // commands that were answered
	WAL      float64 // bytes a command
	CPU      map[string]float64
	RSS      int64 // peak of the server, bytes
}

// results are the samples by subject's name, in the order of the turns.
type results struct {
	names   []string
	samples map[string][]sample
}

// turns measures all subjects once a turn, every other turn in reverse order, so that
// drift does not favour one of them.
func turns(ctx context.Context, times int, subjects []subject) (results, error) {
	found := results{samples: make(map[string][]sample)}
	for _, s := range subjects {
		found.names = append(found.names, s.name)
	}
	for turn := range times {
		order := slices.Clone(subjects)
		if turn%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			taken, err := s.run(ctx)
			if err != nil {
				return found, fmt.Errorf("%s: %w", s.name, err)
			}
			found.samples[s.name] = append(found.samples[s.name], taken)
		}
	}
	return found, nil
}

// figure is the median, the smallest and the largest of some values.
type figure struct {
	median, least, most float64
	count               int
}

func figureOf(values []float64) figure {
	if len(values) == 0 {
		return figure{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	f := figure{median: sorted[middle], least: sorted[0], most: sorted[len(sorted)-1], count: len(sorted)}
	if len(sorted)%2 == 0 {
		f.median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return f
}

// of returns the figure of a subject's samples.
func (r results) of(name string, value func(sample) float64) figure {
	values := make([]float64, 0, len(r.samples[name]))
	for _, s := range r.samples[name] {
		values = append(values, value(s))
	}
	return figureOf(values)
}

// ratio divides the samples of one subject by those of another, turn by turn.
func (r results) ratio(name, by string, value func(sample) float64) figure {
	values := make([]float64, 0, len(r.samples[name]))
	for i, s := range r.samples[name] {
		if i < len(r.samples[by]) && value(r.samples[by][i]) > 0 {
			values = append(values, value(s)/value(r.samples[by][i]))
		}
	}
	return figureOf(values)
}

func rate(s sample) float64     { return s.Rate }
func seconds(s sample) float64  { return s.Took.Seconds() }
func p50ms(s sample) float64    { return milliseconds(s.P50) }
func p99ms(s sample) float64    { return milliseconds(s.P99) }
func walBytes(s sample) float64 { return s.WAL }
func rssMiB(s sample) float64   { return float64(s.RSS) / (1 << 20) }

func cpuOf(who string) func(sample) float64 {
	return func(s sample) float64 { return s.CPU[who] }
}

// cpuMicroseconds is the CPU time of a command, of all processes.
func cpuMicroseconds(s sample) float64 {
	sum := 0.0
	for _, spent := range s.CPU {
		sum += spent
	}
	return sum
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile returns a percentile of sorted durations. share is 0.99 for the 99th.
func percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

// latencies returns the median and the 99th percentile.
func latencies(all []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(all)
	return percentile(all, 0.50), percentile(all, 0.99)
}

// append adds later turns.
func (r *results) append(later results) {
	r.names = later.names
	if r.samples == nil {
		r.samples = make(map[string][]sample)
	}
	for name, samples := range later.samples {
		r.samples[name] = append(r.samples[name], samples...)
	}
}
