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

// till is a caller that gives its requests to the sequencer in this process.
type till struct {
	*workload
	sequencer  *sequencer.Sequencer
	allianceID int64
}

// call submits one request and checks what came of it.
func (t *till) call(ctx context.Context) error {
	r := t.draw()
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

// crowd is some callers on some circles.
type crowd struct {
	callers   int
	towns     []*town // caller i uses circle i modulo their number
	cards     int     // at most so many of a circle's; 0: all
	merchants int     // likewise
}

// subject returns the measuring of a crowd, for a while each time.
func (b *bench) crowded(name string, c crowd, window time.Duration) subject {
	return subject{name, func(ctx context.Context) (sample, error) {
		b.run++
		callers := make([]caller, c.callers)
		for i := range callers {
			t := c.towns[i%len(c.towns)]
			cards, merchants := t.cards, t.merchants
			if c.cards > 0 {
				cards = c.cards
			}
			if c.merchants > 0 {
				merchants = c.merchants
			}
			callers[i] = &till{
				workload:  newWorkload(b.run, i, cards, t.merchants, placesOf(i/len(c.towns), c.callers/len(c.towns), merchants)),
				sequencer: b.sequencer, allianceID: t.alliance.ID,
			}
		}
		debug.FreeOSMemory()
		resetPeakRSS(os.Getpid())
		s, err := drive(ctx, callers, window, b.meter)
		s.RSS = peakRSS(os.Getpid())
		return s, err
	}}
}

// placesOf deals shops out to callers: every shop has one, and every caller at
// least one.
func placesOf(caller, callers, merchants int) []int {
	var places []int
	for merchant := caller % merchants; merchant < merchants; merchant += max(callers, 1) {
		places = append(places, merchant)
	}
	return places
}

// inProcess measures redemptions without HTTP.
func (b *bench) inProcess(ctx context.Context) error {
	w := b.plan.window
	one := []*town{b.city}
	subjects := []subject{
		b.yardstick(),
		b.crowded("64 callers", crowd{callers: 64, towns: one}, w),
		b.crowded("256 callers", crowd{callers: 256, towns: one}, w),
		b.crowded("1024 callers", crowd{callers: 1024, towns: one}, w),
	}
	if !b.plan.lean {
		subjects = append(subjects,
			b.crowded("one hot card", crowd{callers: 256, towns: one, cards: 1}, w*2/3),
			b.crowded("one hot shop", crowd{callers: 256, towns: one, merchants: 1}, w*2/3),
			b.crowded(fmt.Sprintf("%d circles", len(b.villages)), crowd{callers: 256, towns: b.villages}, w*2/3))
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

// single measures one caller alone, next to the commit of one row.
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
		b.crowded("one caller", crowd{callers: 1, towns: []*town{b.city}}, w),
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
