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

// play is what a replay is told to play.
type play struct{ URL, Scenario, Out string }

// played is what came of it.
type played struct {
	Events     int
	Rejections int
	Elapsed    time.Duration
	RSS        int64
}

// Run plays what it is told to until its standard input ends.
func (replayCommand) Run(ctx context.Context) error {
	tuning.Replay()
	return answer(ctx, func(ctx context.Context, p play) (any, error) {
		pool, err := connect(ctx, p.URL)
		if err != nil {
			return nil, err
		}
		defer pool.Close()
		s, err := replay.Run(ctx, pool, replay.Options{Scenario: p.Scenario, Out: p.Out}, time.Now)
		return played{Events: s.Events, Rejections: s.Rejections, Elapsed: s.Elapsed, RSS: peakRSS(os.Getpid())}, err
	})
}

// sections is into how many parts of equal length a replay is cut to see its
// spread: five replays of a million events would take too long.
const sections = 5

// replay measures a replay of a generated file, on this run's PostgreSQL: unlike
// the command's own it waits for the disk.
func (b *bench) replay(ctx context.Context) error {
	first, err := b.measureYardstick(ctx)
	if err != nil {
		return err
	}
	few, err := b.replayed(ctx, "replay_few", b.plan.events/100)
	if err != nil {
		return err
	}
	many, err := b.replayed(ctx, "replay_many", b.plan.events)
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

// timed is a replay with the rates of its sections.
type timed struct {
	played
	rates []float64
}

// replayed generates a scenario and plays it into a database of its own, in a
// process of its own.
func (b *bench) replayed(ctx context.Context, name string, events int) (timed, error) {
	dir := filepath.Join(b.folder, name)
	t := &town{code: name, cards: max(b.plan.replayCards*events/b.plan.events, 1000), merchants: 1000}
	refused, err := t.writeScenario(dir, events)
	if err != nil {
		return timed{}, err
	}
	if _, err := b.pool.Exec(ctx, `CREATE DATABASE `+name); err != nil {
		return timed{}, err
	}
	pool, err := connect(ctx, b.house.URL(name))
	if err != nil {
		return timed{}, err
	}
	player, err := spawn("replay")
	if err != nil {
		return timed{}, err
	}
	defer func() { _ = player.end() }()
	t.alliance.ID = clearing.AllianceID(name)
	b.auditLater(pool, t)

	watching, stop := context.WithCancel(ctx)
	defer stop()
	marks := make(chan []mark, 1)
	go func() { marks <- watch(watching, pool, t.alliance.ID) }()
	var found timed
	err = player.ask(ctx, play{b.house.URL(name), dir, filepath.Join(dir, "out")}, &found.played)
	stop()
	found.rates = sectionRates(<-marks, found.Events)
	if err == nil && found.Rejections != refused {
		err = fmt.Errorf("%d events were rejected, and should have been: %d", found.Rejections, refused)
	}
	return found, errors.Join(err, os.Remove(filepath.Join(dir, "events.jsonl")))
}

// mark is how far a replay had come.
type mark struct {
	at  time.Time
	seq int64
}

// watch notes how far a circle has come until the context ends.
func watch(ctx context.Context, pool *pgxpool.Pool, allianceID int64) []mark {
	var marks []mark
	for ctx.Err() == nil {
		if head, err := clearing.ReadHead(ctx, pool, allianceID); err == nil {
			marks = append(marks, mark{time.Now(), head.LastSeq})
		}
		sleepUntil(ctx, time.Now().Add(100*time.Millisecond))
	}
	return marks
}

// sectionRates returns how many events a second were played in each section. The
// events are counted by their transactions, of which there are a few less.
func sectionRates(marks []mark, events int) []float64 {
	if len(marks) < 2*sections || marks[len(marks)-1].seq == 0 {
		return nil
	}
	whole := marks[len(marks)-1].seq
	var rates []float64
	var began *mark
	for i := range marks {
		m := &marks[i]
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

// writeScenario writes the files of a scenario: two months in which cards are
// sold and loaded through the first days, and used from then on. It returns how
// many of the events will be rejected.
func (t *town) writeScenario(dir string, events int) (refused int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	written, err := t.written()
	if err != nil {
		return 0, err
	}
	al, err := json.Marshal(map[string]any{
		"alliance": map[string]string{"code": t.code, "name": t.code, "currency": "CNY", "timezone": written.Location.String()},
		"rules":    written.Terms, "merchants": written.Merchants, "products": written.Products,
	})
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "circle.yaml"), al, 0o644); err != nil {
		return 0, err
	}
	file, err := os.Create(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	at := time.Date(2026, 8, 1, 0, 0, 0, 0, written.Location)
	pace := 60 * 24 * time.Hour / time.Duration(events)
	var line []byte
	tell := func(key, event string, fields []byte) {
		at = at.Add(pace)
		line = fmt.Appendf(line[:0], "{\"at\":%q,\"id\":%q,\"type\":%q,%s}\n", at.Format("2006-01-02T15:04:05.000000Z07:00"), key, event, fields)
		_, _ = w.Write(line)
	}
	for card := range t.cards {
		sale := t.sale(card)
		fields := fmt.Appendf(nil, `"card":%q,"member":%q,"product":%q,"merchant":%q`, sale.Card, sale.Member, sale.Product, *sale.Merchant)
		if sale.Referrer != nil {
			fields = fmt.Appendf(fields, `,"referrer":%q`, *sale.Referrer)
		}
		tell(fmt.Sprintf("sale-%08d", card), string(alliance.CardSold), fields)
		load := t.loading(card)
		tell(fmt.Sprintf("load-%08d", card), string(alliance.CardToppedUp), fmt.Appendf(nil, `"card":%q,"amount":%q,"merchant":%q,"bonus":%q`, load.Card, load.Amount, *load.Merchant, *load.Bonus))
	}
	all := make([]int, t.merchants)
	for i := range all {
		all[i] = i
	}
	load := newWorkload(0, 0, t.cards, t.merchants, all)
	load.random = rand.New(rand.NewPCG(1, 2))
	for range events - 2*t.cards {
		r := load.draw()
		if r.repeat != nil {
			_, _ = w.Write(line) // its instant is part of what an event is
			continue
		}
		tell(r.key, kinds[r.kind].event, load.inScenario(r))
		load.answered(r)
		if r.refused {
			refused++
		}
	}
	return refused, w.Flush()
}

// inScenario returns the fields of a request as a scenario has them.
func (w *workload) inScenario(r *request) []byte {
	if c, ok := r.command.(alliance.Reverse); ok {
		return fmt.Appendf(nil, `"of":%q`, c.Of.Key)
	}
	return r.fields
}
