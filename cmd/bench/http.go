package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/merchant/access"
)

// bulkSize is how many commands a POST of /v1/batch has.
const bulkSize = 50

// http measures redemptions over HTTP. The tills, the server and the database are
// processes apart.
func (b *bench) http(ctx context.Context) error {
	keys, err := b.issueKeys(ctx, b.city)
	if err != nil {
		return err
	}
	args := []string{"server", b.url}
	if b.plan.serverProfile != "" {
		args = append(args, "--cpuprofile", b.plan.serverProfile)
	}
	server, err := spawn(args...)
	if err != nil {
		return err
	}
	defer func() { _ = server.end() }()
	tills, err := spawn("tills")
	if err != nil {
		return err
	}
	defer func() { _ = tills.end() }()
	var at address
	if err := server.ask(ctx, struct{}{}, &at); err != nil {
		return err
	}
	gauge, err := newMeter(ctx, b.url, map[string]int{cpuServer: server.pid()})
	if err != nil {
		return err
	}
	defer gauge.close(ctx)
	o := &online{bench: b, server: server, tills: tills, meter: gauge, shift: shift{
		Address: at.Address, Keys: keys, Cards: b.city.cards, Window: b.plan.window,
	}}
	const bulk = "64 tills, 50 a POST"
	found, err := turns(ctx, b.plan.pairs, []subject{
		b.yardstick(), o.subject("64 tills", 64, 0), o.subject("256 tills", 256, 0), o.subject(bulk, 64, bulkSize),
	})
	if err != nil {
		return err
	}
	b.closeYardstick(ctx, found)
	b.report.redemptions("Over HTTP", found, "With 50 commands a POST, p50 and p99 are of the whole POST.")
	b.report.key("bulk_50_x_tpcb", found.ratio(bulk, tpcb, rate))
	b.report.key("http_256_x_tpcb", found.ratio("256 tills", tpcb, rate))
	b.report.key("http_256_p99_ms", found.of("256 tills", p99ms))
	b.report.key("server_rss_mib", found.of("256 tills", rssMiB))
	return nil
}

// issueKeys issues a key for a till of every shop, and returns them by the shops'
// numbers.
func (b *bench) issueKeys(ctx context.Context, t *town) ([]string, error) {
	keys := make([]string, t.merchants)
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) (err error) {
		for i := range keys {
			spec := access.KeySpec{Role: access.MerchantKey, Merchant: merchantCode(i), Till: tillName}
			if _, keys[i], err = access.IssueKey(ctx, tx, t.alliance, spec, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return keys, err
}

// online is a server with tills.
type online struct {
	*bench
	server, tills *child
	meter         meter
	shift         shift
}

func (o *online) subject(name string, tills, bulk int) subject {
	return subject{name, func(ctx context.Context) (sample, error) {
		o.run++
		s := o.shift
		s.Run, s.Tills, s.Bulk = o.run, tills, bulk
		resetPeakRSS(o.server.pid())
		before := o.meter.read()
		var found sample
		if err := o.tills.ask(ctx, s, &found); err != nil {
			return sample{}, err
		}
		after := o.meter.read()
		// The meter saw the ramp too: what is counted is scaled up to it.
		client, done := found.CPU[cpuClient], found.Done
		found.Done = int(float64(done) * float64(s.Window+ramp) / float64(s.Window))
		found.spent(before, after)
		found.CPU[cpuClient], found.Done = client, done
		found.RSS = peakRSS(o.server.pid())
		return found, nil
	}}
}
