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
// separate processes.
func (b *bench) http(ctx context.Context) error {
	keys, err := b.issueKeys(ctx, b.standard)
	if err != nil {
		return err
	}
	args := []string{"server", b.url}
	if b.plan.serverProfile != "" {
		args = append(args, "--cpuprofile", b.plan.serverProfile)
	}
	serverProcess, err := spawn(args...)
	if err != nil {
		return err
	}
	defer func() { _ = serverProcess.end() }()
	tillsProcess, err := spawn("tills")
	if err != nil {
		return err
	}
	defer func() { _ = tillsProcess.end() }()
	var server address
	if err := serverProcess.ask(ctx, struct{}{}, &server); err != nil {
		return err
	}
	serverMeter, err := newMeter(ctx, b.url, map[string]int{cpuServer: serverProcess.pid()})
	if err != nil {
		return err
	}
	defer serverMeter.close(ctx)
	load := &httpLoad{bench: b, server: serverProcess, tills: tillsProcess, meter: serverMeter, task: tillsTask{
		Address: server.Address, Keys: keys, Cards: b.standard.cards, Window: b.plan.window,
	}}
	const bulk = "64 tills, 50 a POST"
	found, err := turns(ctx, b.plan.pairs, []subject{
		b.yardstick(), load.subject("64 tills", 64, 0), load.subject("256 tills", 256, 0), load.subject(bulk, 64, bulkSize),
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

// issueKeys issues a key for one till of every shop. Shop i has key i.
func (b *bench) issueKeys(ctx context.Context, d *dataset) ([]string, error) {
	keys := make([]string, d.merchants)
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) (err error) {
		for i := range keys {
			spec := access.KeySpec{Role: access.MerchantKey, Merchant: merchantCode(i), Till: tillName}
			if _, keys[i], err = access.IssueKey(ctx, tx, d.alliance, spec, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return keys, err
}

// httpLoad puts a load on a server by way of tills.
type httpLoad struct {
	*bench
	server, tills *child
	meter         meter
	task          tillsTask
}

func (l *httpLoad) subject(name string, tills, bulk int) subject {
	return subject{name, func(ctx context.Context) (sample, error) {
		l.run++
		task := l.task
		task.Run, task.Tills, task.Bulk = l.run, tills, bulk
		resetPeakRSS(l.server.pid())
		before := l.meter.read()
		var found sample
		if err := l.tills.ask(ctx, task, &found); err != nil {
			return sample{}, err
		}
		after := l.meter.read()
		// The meter ran during the ramp too, when commands aren't counted. Their
		// number is scaled up accordingly.
		client, done := found.CPU[cpuClient], found.Done
		found.Done = int(float64(done) * float64(task.Window+ramp) / float64(task.Window))
		found.spent(before, after)
		found.CPU[cpuClient], found.Done = client, done
		found.RSS = peakRSS(l.server.pid())
		return found, nil
	}}
}
