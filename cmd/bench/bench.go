package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/cmd/tuning"
	"github.com/lianka/lianka/migrations"
)

// benchCommand measures.
type benchCommand struct {
	Short       bool     `help:"Less of everything, in under two minutes; nothing is written to docs."`
	Only        []string `help:"Only these blocks: in-process, campaigns, single, http, replay, month-end, growth, reads." placeholder:"BLOCK"`
	JSON        string   `help:"Write the figures to this file." env:"BENCH_JSON" type:"path" placeholder:"FILE"`
	Docs        string   `help:"Folder for benchmarks.md and benchmarks.json, after a whole run." default:"docs" type:"path"`
	Dir         string   `help:"Folder on a disk to keep the PostgreSQL in while it is measured." type:"path" placeholder:"DIR"`
	Window      float64  `help:"Seconds that a subject is measured in each turn." placeholder:"SECONDS"`
	Pairs       int      `help:"How many turns." placeholder:"N"`
	NoYardstick bool     `help:"Leave pgbench out: no ratios to it."`
	NoAudit     bool     `help:"Leave the audit at the end out."`
	Lean        bool     `help:"In process: 64, 256 and 1024 callers on one circle alone."`
	Statements  bool     `help:"After each block print what each SQL statement cost, by pg_stat_statements."`
	CPUProfile  string   `name:"cpuprofile" help:"Write a CPU profile of this process to this file." type:"path" placeholder:"FILE"`

	ServerCPUProfile string `name:"server-cpuprofile" help:"Write a CPU profile of the server process of the block http to this file." type:"path" placeholder:"FILE"`
}

// bench is the state of a run.
type bench struct {
	plan      plan
	report    *report
	cluster   *postgres.Cluster
	folder    string // holds everything that the run keeps on disk
	url       string
	pool      *pgxpool.Pool
	setups    *store.SetupCache
	sequencer *sequencer.Sequencer
	meter     meter
	run       int // number of the last workload, which keeps its idempotency keys unique
	warmed    int // number of circles at the last prewarm

	tpcbReady    bool
	tpcb         []float64
	standard     *dataset
	small        []*dataset
	giving       []*dataset // without campaigns and with ten
	growing      []*dataset // of growing size
	large        *datasetWithHistory
	auditing     sync.Mutex
	auditTargets []*auditTarget
}

// block is a part of a run that can be measured alone. prepare makes the circles that
// it needs.
type block struct {
	name    string
	run     func(*bench, context.Context) error
	prepare []func(*bench, context.Context) error
}

// blocks lists the blocks in the order in which they are measured.
func blocks() []block {
	return []block{
		{"in-process", (*bench).inProcess, []func(*bench, context.Context) error{(*bench).buildStandard, (*bench).buildSmall}},
		{"campaigns", (*bench).campaigns, []func(*bench, context.Context) error{(*bench).buildGiving}},
		{"single", (*bench).single, []func(*bench, context.Context) error{(*bench).buildStandard}},
		{"http", (*bench).http, []func(*bench, context.Context) error{(*bench).buildStandard}},
		{"replay", (*bench).replay, nil},
		{"month-end", (*bench).monthEnd, []func(*bench, context.Context) error{(*bench).buildLarge}},
		{"growth", (*bench).growth, []func(*bench, context.Context) error{(*bench).buildLarge, (*bench).buildGrowing}},
		{"reads", (*bench).reads, []func(*bench, context.Context) error{(*bench).buildLarge}},
	}
}

func blockNames() []string {
	var names []string
	for _, b := range blocks() {
		names = append(names, b.name)
	}
	return names
}

// Run measures, audits and reports.
func (c *benchCommand) Run(ctx context.Context) (err error) {
	for _, name := range c.Only {
		if !slices.Contains(blockNames(), name) {
			return fmt.Errorf("--only: %q is none of %s", name, strings.Join(blockNames(), ", "))
		}
	}
	tuning.Measure()
	p := c.plan()
	b := &bench{plan: p, report: newReport(p)}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	if err := b.open(ctx, c); err != nil {
		return err
	}
	if err := b.prepareYardstick(ctx); err != nil {
		return err
	}
	if err := b.measure(ctx, c); err != nil {
		return err
	}
	if !c.NoAudit {
		if err := b.audit(ctx); err != nil {
			return err
		}
	}
	b.report.value("tpcb_tps", figureOf(b.tpcb).median)
	return b.publish(ctx, c)
}

// measure measures the blocks that were asked for.
func (b *bench) measure(ctx context.Context, c *benchCommand) error {
	for _, block := range blocks() {
		if len(c.Only) > 0 && !slices.Contains(c.Only, block.name) || b.plan.skips(block.name) && len(c.Only) == 0 {
			continue
		}
		for _, build := range block.prepare {
			if err := build(b, ctx); err != nil {
				return fmt.Errorf("%s: %w", block.name, err)
			}
		}
		if err := b.prewarm(ctx); err != nil {
			return err
		}
		done := b.stage(block.name)
		if err := b.profiled(ctx, block, c.CPUProfile); err != nil {
			return fmt.Errorf("%s: %w", block.name, err)
		}
		done()
		if c.Statements {
			if err := b.printStatements(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// profiled measures a block, and writes a CPU profile if a file is named. Each block
// overwrites the profile of the one before.
func (b *bench) profiled(ctx context.Context, block block, name string) error {
	if name == "" {
		return block.run(b, ctx)
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(err, file.Close())
	}
	err = block.run(b, ctx)
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}

// open starts the cluster and connects to it as lianka does.
func (b *bench) open(ctx context.Context, c *benchCommand) (err error) {
	defer b.stage("PostgreSQL")()
	if b.folder, err = makeFolder(c.Dir, b.plan.disk); err != nil {
		return err
	}
	options := postgres.Options{Dir: filepath.Join(b.folder, "cluster")}
	if c.Statements {
		options.Settings = statementSettings
	}
	if b.cluster, err = postgres.Start(ctx, options); err != nil {
		return err
	}
	b.url = b.cluster.URL(postgres.Role)
	if b.pool, err = connect(ctx, b.url); err != nil {
		return err
	}
	if c.Statements {
		if err := b.enableStatements(ctx); err != nil {
			return err
		}
	}
	b.setups = store.NewSetupCache(alliance.Standard())
	b.sequencer = sequencer.New(b.pool, b.setups)
	b.meter, err = newMeter(ctx, b.url, map[string]int{cpuClient: os.Getpid()})
	return err
}

// connect brings a database up to the schema and opens it with the pool that
// `lianka serve` has.
func connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = max(config.MaxConns, 16)
	if err := migrations.Up(ctx, url); err != nil {
		return nil, err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

func (b *bench) close(ctx context.Context) error {
	b.meter.close(ctx)
	if b.pool != nil {
		b.pool.Close()
	}
	var err error
	if b.cluster != nil {
		err = b.cluster.Stop()
	}
	if b.folder != "" {
		err = errors.Join(err, os.RemoveAll(b.folder))
	}
	return err
}

// stage announces a stage of the run on standard error. done prints how long it took
// and how much CPU time.
func (b *bench) stage(name string) (done func()) {
	began, before := time.Now(), b.meter.read()
	_, _ = fmt.Fprintf(os.Stderr, "%5.0fs  %s …\n", time.Since(b.report.began).Seconds(), name)
	return func() {
		took, after := time.Since(began), b.meter.read()
		b.report.stage(name, took)
		_, _ = fmt.Fprintf(os.Stderr, "%5.0fs  %s: %.1fs", time.Since(b.report.began).Seconds(), name, took.Seconds())
		if before.cpu[cpuDatabase] > 0 {
			_, _ = fmt.Fprintf(os.Stderr, " (CPU: %.1fs here, %.1fs in PostgreSQL)",
				(after.cpu[cpuClient] - before.cpu[cpuClient]).Seconds(), (after.cpu[cpuDatabase] - before.cpu[cpuDatabase]).Seconds())
		}
		_, _ = fmt.Fprintln(os.Stderr)
	}
}
