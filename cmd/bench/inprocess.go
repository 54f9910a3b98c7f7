package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/sequencer"
)

// till is a caller that submits its requests to the sequencer in this process.
type till struct {
	*workload
	sequencer  *sequencer.Sequencer
	allianceID int64
}

// call submits one request and checks the outcome.
func (t *till) call(ctx context.Context) error {
	r := t.next()
	order := r.order()
	order.At = time.Now()
	outcome, err := t.sequencer.Submit(ctx, t.allianceID, order)
	if err != nil {
		return fmt.Errorf("%s %s: %w", kinds[r.kind].event, r.fields, err)
	}
	if (outcome.Refusal != nil) != r.refused {
		return fmt.Errorf("%s %s: refused: %t, and should be: %t: %s", kinds[r.kind].event, r.fields, outcome.Refusal != nil, r.refused, outcome.Answer)
	}
	if of := r.repeat; of != nil && (!outcome.Replayed || outcome.Seq != of.seq || string(outcome.Answer) != of.answer) {
		return fmt.Errorf("%s %s: the retry was not answered like the first: %+v", kinds[r.kind].event, r.fields, outcome)
	}
	r.seq, r.answer = outcome.Seq, string(outcome.Answer)
	t.answered(r)
	return nil
}

// loadProfile says how many callers use which circles.
type loadProfile struct {
	callers   int
	datasets  []*dataset // caller i uses circle i mod their number
	cards     int        // how many cards of a circle are used; 0: all
	merchants int        // how many shops of a circle are used; 0: all
}

// loadSubject returns a subject that puts a load on the sequencer in this process, for
// a window in each turn.
func (b *bench) loadSubject(name string, profile loadProfile, window time.Duration) subject {
	return subject{name, func(ctx context.Context) (sample, error) {
		b.run++
		callers := make([]caller, profile.callers)
		for i := range callers {
			d := profile.datasets[i%len(profile.datasets)]
			cards, merchants := d.cards, d.merchants
			if profile.cards > 0 {
				cards = profile.cards
			}
			if profile.merchants > 0 {
				merchants = profile.merchants
			}
			callers[i] = &till{
				workload:  newWorkload(b.run, i, cards, d.merchants, merchantsOf(i/len(profile.datasets), profile.callers/len(profile.datasets), merchants)),
				sequencer: b.sequencer, allianceID: d.alliance.ID,
			}
		}
		debug.FreeOSMemory()
		resetPeakRSS(os.Getpid())
		s, err := drive(ctx, callers, window, b.meter)
		s.RSS = peakRSS(os.Getpid())
		return s, err
	}}
}

// merchantsOf returns the shops of a caller. Every shop has a caller, and every caller
// at least one shop.
func merchantsOf(caller, callers, merchants int) []int {
	var own []int
	for merchant := caller % merchants; merchant < merchants; merchant += max(callers, 1) {
		own = append(own, merchant)
	}
	return own
}

// inProcess measures redemptions without HTTP.
func (b *bench) inProcess(ctx context.Context) error {
	w := b.plan.window
	standard := []*dataset{b.standard}
	subjects := []subject{
		b.yardstick(),
		b.loadSubject("64 callers", loadProfile{callers: 64, datasets: standard}, w),
		b.loadSubject("256 callers", loadProfile{callers: 256, datasets: standard}, w),
		b.loadSubject("1024 callers", loadProfile{callers: 1024, datasets: standard}, w),
	}
	if !b.plan.lean {
		subjects = append(subjects,
			b.loadSubject("one hot card", loadProfile{callers: 256, datasets: standard, cards: 1}, w*2/3),
			b.loadSubject("one hot shop", loadProfile{callers: 256, datasets: standard, merchants: 1}, w*2/3),
			b.loadSubject(fmt.Sprintf("%d circles", len(b.small)), loadProfile{callers: 256, datasets: b.small}, w*2/3))
	}
	found, err := turns(ctx, b.plan.pairs, subjects)
	if err != nil {
		return err
	}
	b.closeYardstick(ctx, found)
	b.report.redemptions("In process", found)
	b.report.key("in_process_256_x_tpcb", found.ratio("256 callers", tpcb, rate))
	b.report.key("in_process_256_p99_ms", found.of("256 callers", p99ms))
	return nil
}

// single measures one caller alone, next to a commit of one row.
func (b *bench) single(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS one_row (n bigint NOT NULL)`); err != nil {
		return err
	}
	w := b.plan.window * 2 / 3
	found, err := turns(ctx, b.plan.pairs, []subject{
		{"commit of one row", func(ctx context.Context) (sample, error) { return drive(ctx, []caller{&commit{conn}}, w, meter{}) }},
		b.loadSubject("one caller", loadProfile{callers: 1, datasets: []*dataset{b.standard}}, w),
	})
	if err != nil {
		return err
	}
	b.report.redemptions("One caller alone", found)
	b.report.key("single_p50_x_commit", found.ratio("one caller", "commit of one row", p50ms))
	return nil
}

// commit inserts one row and commits.
type commit struct{ conn *pgx.Conn }

func (c *commit) call(ctx context.Context) error {
	_, err := c.conn.Exec(ctx, `INSERT INTO one_row (n) VALUES ($1)`, 1)
	return err
}
