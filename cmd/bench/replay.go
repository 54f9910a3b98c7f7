package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/cmd/tuning"
)

// replayCommand is a replay as a process of its own.
type replayCommand struct{}

// replayTask is a scenario to replay.
type replayTask struct{ URL, Scenario, Out string }

// replayResult is the outcome of a replay.
type replayResult struct {
	Events     int
	Rejections int
	Elapsed    time.Duration
	RSS        int64
}

// Run replays scenarios until its standard input ends.
func (replayCommand) Run(ctx context.Context) error {
	tuning.Replay()
	return answerQuestions(ctx, func(ctx context.Context, task replayTask) (any, error) {
		pool, err := connect(ctx, task.URL)
		if err != nil {
			return nil, err
		}
		defer pool.Close()
		s, err := replay.Run(ctx, pool, replay.Options{Scenario: task.Scenario, Out: task.Out}, time.Now)
		return replayResult{Events: s.Events, Rejections: s.Rejections, Elapsed: s.Elapsed, RSS: peakRSS(os.Getpid())}, err
	})
}

// sections is the number of equal parts whose rates show a replay's spread. Five
// replays of a million events would take too long.
const sections = 5

// replay measures a replay of a generated file on this run's PostgreSQL, which waits
// for the disk; that of `lianka replay` doesn't.
func (b *bench) replay(ctx context.Context) error {
	first, err := b.measureYardstick(ctx)
	if err != nil {
		return err
	}
	few, err := b.measureReplay(ctx, "replay_few", b.plan.replayEvents/100)
	if err != nil {
		return err
	}
	many, err := b.measureReplay(ctx, "replay_many", b.plan.replayEvents)
	if err != nil {
		return err
	}
	last, err := b.measureYardstick(ctx)
	if err != nil {
		return err
	}
	speed := figureOf(many.rates)
	speed.median = float64(many.Events) / many.Elapsed.Seconds()
	t := table{title: "Replay", rows: [][]string{
		{"", "events", "seconds", "events a second", "peak RSS MiB"},
		{"few", fmt.Sprint(few.Events), plain(few.Elapsed.Seconds(), 2), plain(float64(few.Events)/few.Elapsed.Seconds(), 0), plain(float64(few.RSS)/(1<<20), 0)},
		{"many", fmt.Sprint(many.Events), plain(many.Elapsed.Seconds(), 2), spread(speed, 0), plain(float64(many.RSS)/(1<<20), 0)},
	}, notes: []string{fmt.Sprintf("The brackets are the slowest and the fastest of %d sections of one replay. It runs in a database that waits for the disk, as everything in this run does; `lianka replay` uses one that doesn't.", sections)}}
	if yardstick := (first.Rate + last.Rate) / 2; yardstick > 0 {
		t.notes = append(t.notes, fmt.Sprintf("× TPC-B: %.2f, to the mean of the yardstick before (%.0f) and after (%.0f).", speed.median/yardstick, first.Rate, last.Rate))
		b.report.value("replay_x_tpcb", speed.median/yardstick)
	}
	b.report.add(t)
	return nil
}

// timedReplay is a replay with the rates of its sections.
type timedReplay struct {
	replayResult
	rates []float64
}

// measureReplay generates a scenario and replays it into a database of its own, in a
// process of its own.
func (b *bench) measureReplay(ctx context.Context, name string, events int) (timedReplay, error) {
	dir := filepath.Join(b.folder, name)
	d := &dataset{code: name, cards: max(b.plan.replayCards*events/b.plan.replayEvents, 1000), merchants: 1000}
	refused, err := d.writeScenario(dir, events)
	if err != nil {
		return timedReplay{}, err
	}
	if _, err := b.pool.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return timedReplay{}, err
	}
	pool, err := connect(ctx, b.cluster.URL(name))
	if err != nil {
		return timedReplay{}, err
	}
	process, err := spawn("replay")
	if err != nil {
		return timedReplay{}, err
	}
	defer func() { _ = process.end() }()
	d.alliance.ID = clearing.AllianceID(name)
	b.auditLater(pool, d)

	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen := make(chan []progress, 1)
	go func() { seen <- watchProgress(watching, pool, d.alliance.ID) }()
	var found timedReplay
	err = process.ask(ctx, replayTask{b.cluster.URL(name), dir, filepath.Join(dir, "out")}, &found.replayResult)
	stop()
	found.rates = sectionRates(<-seen, found.Events)
	if err == nil && found.Rejections != refused {
		err = fmt.Errorf("%d events were rejected, and should have been: %d", found.Rejections, refused)
	}
	return found, errors.Join(err, os.Remove(filepath.Join(dir, "events.jsonl")))
}

// progress is how far a replay had come at an instant.
type progress struct {
	at  time.Time
	seq int64
}

// watchProgress records the progress of a replay until the context ends.
func watchProgress(ctx context.Context, pool *pgxpool.Pool, allianceID int64) []progress {
	var seen []progress
	for ctx.Err() == nil {
		if head, err := clearing.ReadHead(ctx, pool, allianceID); err == nil {
			seen = append(seen, progress{time.Now(), head.LastSeq})
		}
		sleepUntil(ctx, time.Now().Add(100*time.Millisecond))
	}
	return seen
}

// sectionRates returns the events per second of each section. Progress is known in
// transactions, and a few events have none, so the rates are scaled to all events.
func sectionRates(seen []progress, events int) []float64 {
	if len(seen) < 2*sections || seen[len(seen)-1].seq == 0 {
		return nil
	}
	whole := seen[len(seen)-1].seq
	var rates []float64
	var began *progress
	for i := range seen {
		m := &seen[i]
		if began == nil || m.seq == 0 {
			began = m
			continue
		}
		if m.seq-began.seq >= whole/sections-whole/100 {
			rates = append(rates, float64(m.seq-began.seq)/m.at.Sub(began.at).Seconds()*float64(events)/float64(whole))
			began = m
		}
	}
	return rates
}

// writeScenario writes the files of a scenario of two months. In its first days cards
// are sold and topped up; from then on they are used. It returns how many of the events
// will be rejected.
func (d *dataset) writeScenario(dir string, events int) (refused int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	definition, err := d.definition()
	if err != nil {
		return 0, err
	}
	document, err := json.Marshal(map[string]any{
		"alliance": map[string]string{"code": d.code, "name": d.code, "currency": "CNY", "timezone": definition.Location.String()},
		"rules":    definition.Terms, "merchants": definition.Merchants, "products": definition.Products,
	})
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "circle.yaml"), document, 0o644); err != nil {
		return 0, err
	}
	file, err := os.Create(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	at := time.Date(2026, 8, 1, 0, 0, 0, 0, definition.Location)
	interval := 60 * 24 * time.Hour / time.Duration(events)
	var line []byte
	writeEvent := func(key, event string, fields []byte) {
		at = at.Add(interval)
		line = fmt.Appendf(line[:0], "{\"at\":%q,\"id\":%q,\"type\":%q,%s}\n", at.Format("2006-01-02T15:04:05.000000Z07:00"), key, event, fields)
		_, _ = w.Write(line)
	}
	for card := range d.cards {
		sale := d.sale(card)
		fields := fmt.Appendf(nil, `"card":%q,"member":%q,"product":%q,"merchant":%q`, sale.Card, sale.Member, sale.Product, *sale.Merchant)
		if sale.Referrer != nil {
			fields = fmt.Appendf(fields, `,"referrer":%q`, *sale.Referrer)
		}
		writeEvent(fmt.Sprintf("sale-%08d", card), string(alliance.CardSold), fields)
		topUp := d.topUp(card)
		writeEvent(fmt.Sprintf("top-up-%08d", card), string(alliance.CardToppedUp), fmt.Appendf(nil, `"card":%q,"amount":%q,"merchant":%q,"bonus":%q`, topUp.Card, topUp.Amount, *topUp.Merchant, *topUp.Bonus))
	}
	all := make([]int, d.merchants)
	for i := range all {
		all[i] = i
	}
	workload := newWorkload(0, 0, d.cards, d.merchants, all)
	workload.random = rand.New(rand.NewPCG(1, 2))
	for range events - 2*d.cards {
		r := workload.next()
		if r.repeat != nil {
			_, _ = w.Write(line) // the last line again: another instant would make it another event
			continue
		}
		writeEvent(r.key, kinds[r.kind].event, workload.inScenario(r))
		workload.answered(r)
		if r.refused {
			refused++
		}
	}
	return refused, w.Flush()
}

// inScenario returns the fields of a request as they are in a scenario.
func (w *workload) inScenario(r *request) []byte {
	if c, ok := r.command.(alliance.Reverse); ok {
		return fmt.Appendf(nil, `"of":%q`, c.Of.Key)
	}
	return r.fields
}
