package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// settings are the PostgreSQL settings that affect the measurements.
var settings = []string{
	"server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "wal_level", "shared_buffers",
	"max_wal_size", "checkpoint_timeout", "max_connections", "jit",
}

// publish prints the report and writes it to the file that was asked for. After a whole
// run it also writes the documentation.
func (b *bench) publish(ctx context.Context, c *benchCommand) error {
	machine, err := b.machine(ctx)
	if err != nil {
		return err
	}
	b.report.add(machine)
	if err := b.report.print(os.Stdout); err != nil {
		return err
	}
	flat, err := b.report.flat()
	if err != nil {
		return err
	}
	if c.JSON != "" {
		if err := os.WriteFile(c.JSON, flat, 0o644); err != nil {
			return err
		}
	}
	if b.report.keys["audit"] == notClean {
		return errors.New("the audit found faults in the books that were made")
	}
	if c.Short || len(c.Only) > 0 || c.NoYardstick || c.NoAudit || c.Lean {
		return nil
	}
	if err := os.MkdirAll(c.Docs, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Docs, "benchmarks.json"), flat, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Docs, "benchmarks.md"), []byte(b.report.markdown()), 0o644)
}

// machine returns a table of the hardware, the versions and the settings.
func (b *bench) machine(ctx context.Context) (table, error) {
	t := table{title: "Machine, versions and settings", rows: [][]string{
		{"", ""},
		{"measured", time.Now().UTC().Format("2006-01-02 15:04 UTC") + fmt.Sprintf(", in %.0f s", time.Since(b.report.began).Seconds())},
		{"processors", fmt.Sprintf("%d × %s", runtime.NumCPU(), lineOf("/proc/cpuinfo", "model name"))},
		{"memory", lineOf("/proc/meminfo", "MemTotal")},
		{"system", firstLine("/proc/sys/kernel/ostype") + " " + firstLine("/proc/sys/kernel/osrelease")},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
	}}
	rows, err := b.pool.Query(ctx, `
		SELECT name, current_setting(name) FROM unnest($1::text[]) WITH ORDINALITY AS s (name, place) ORDER BY place`, settings)
	if err != nil {
		return t, err
	}
	var name, value string
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		t.rows = append(t.rows, []string{"PostgreSQL " + strings.TrimPrefix(name, "server_"), value})
		return nil
	})
	return t, err
}

// lineOf returns what follows a name and a colon in a file of /proc.
func lineOf(file, name string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		if before, after, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(before) == name {
			return strings.TrimSpace(after)
		}
	}
	return ""
}

func firstLine(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return runtime.GOOS
	}
	first, _, _ := strings.Cut(string(content), "\n")
	return first
}

const preface = `# Benchmarks

Written by ` + "`make bench`" + `. Everything, the yardstick included, is measured in one run on one machine and one PostgreSQL. So the ratios are what
counts; the rates are those of this machine. Figures are medians, with the smallest and the largest in brackets. A command counts when it is
answered, also if it repeats an earlier key (3%) or is refused (2%); every answer is checked. Of the rest, half are spends, 20% passes,
15% purchases, and 5% each coupons, points and refunds.
`

// markdown returns the tables as a document.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, t := range r.tables {
		_, _ = fmt.Fprintf(&b, "\n## %s\n\n", t.title)
		for i, row := range t.rows {
			_, _ = fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				b.WriteString("|---|" + strings.Repeat("--:|", len(row)-1) + "\n")
			}
		}
		for _, note := range t.notes {
			_, _ = fmt.Fprintf(&b, "\n%s\n", note)
		}
	}
	b.WriteString("\n## How long the run took\n\n| | seconds |\n|---|--:|\n")
	for _, s := range r.stages {
		_, _ = fmt.Fprintf(&b, "| %s | %.1f |\n", s.name, s.took.Seconds())
	}
	return b.String()
}
