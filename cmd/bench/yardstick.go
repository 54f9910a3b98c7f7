package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/lianka/lianka/cmd/postgres"
)

// tpcb is the name of the yardstick: pgbench's TPC-B, prepared, 32 clients.
const tpcb = "pgbench TPC-B"

const (
	tpcbScale   = 50
	tpcbClients = 32
)

var tpcbRate = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// pgbench runs pgbench on its own database and returns what it printed.
func (b *bench) pgbench(ctx context.Context, args ...string) (string, error) {
	binaries, err := postgres.FindBinaries("")
	if err != nil {
		return "", err
	}
	program := filepath.Join(binaries.Dir, "pgbench")
	out, err := exec.CommandContext(ctx, program, append(args, b.cluster.URL("pgbench"))...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return string(out), nil
}

// prepareYardstick fills pgbench's tables, once.
func (b *bench) prepareYardstick(ctx context.Context) error {
	if b.plan.noYardstick || b.tpcbReady {
		return nil
	}
	defer b.stage("pgbench, scale " + strconv.Itoa(tpcbScale))()
	if _, err := b.pool.Exec(ctx, `CREATE DATABASE pgbench`); err != nil {
		return err
	}
	if _, err := b.pgbench(ctx, "--initialize", "--quiet", "--scale", strconv.Itoa(tpcbScale)); err != nil {
		return err
	}
	b.tpcbReady = true
	_, err := b.measureYardstick(ctx) // warm
	return err
}

func (b *bench) measureYardstick(ctx context.Context) (sample, error) {
	if b.plan.noYardstick {
		return sample{}, nil
	}
	began := time.Now()
	out, err := b.pgbench(ctx, "--protocol", "prepared", "--client", strconv.Itoa(tpcbClients), "--jobs", "2",
		"--time", strconv.Itoa(int(b.plan.yardstick.Seconds())))
	if err != nil {
		return sample{}, err
	}
	found := tpcbRate.FindStringSubmatch(out)
	if found == nil {
		return sample{}, fmt.Errorf("pgbench printed no rate: %s", out)
	}
	tps, err := strconv.ParseFloat(found[1], 64)
	b.tpcb = append(b.tpcb, tps)
	return sample{Rate: tps, Took: time.Since(began), P50: time.Duration(tpcbClients / tps * float64(time.Second))}, err
}

// yardstick returns the yardstick as a subject of a block.
func (b *bench) yardstick() subject { return subject{tpcb, b.measureYardstick} }

// closeYardstick measures the yardstick once more at the end of a block.
func (b *bench) closeYardstick(ctx context.Context, found results) {
	s, err := b.measureYardstick(ctx)
	if err == nil && s.Rate > 0 {
		found.samples[tpcb] = append(found.samples[tpcb], s)
	}
}
