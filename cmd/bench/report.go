package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"
)

// report collects the results: the keys of benchmarks.json, and tables for people.
type report struct {
	plan   plan
	began  time.Time
	keys   map[string]any
	tables []table
	stages []stageTime
}

// table is a table under a heading; the first row names the columns.
type table struct {
	title string
	rows  [][]string
	notes []string
}

type stageTime struct {
	name string
	took time.Duration
}

// keyOrder lists the keys of benchmarks.json in their order. What was not measured is
// left out.
var keyOrder = []string{
	"in_process_256_x_tpcb", "in_process_256_p99_ms", "http_256_x_tpcb", "http_256_p99_ms", "bulk_50_x_tpcb", "single_p50_x_commit",
	"close_x_scan", "recompute_x_scan", "replay_x_tpcb", "cards_1m_vs_10k", "entries_20m_vs_0", "server_rss_mib", "tpcb_tps", "audit",
}

func newReport(p plan) *report {
	return &report{plan: p, began: time.Now(), keys: make(map[string]any)}
}

func (r *report) stage(name string, took time.Duration) {
	r.stages = append(r.stages, stageTime{name, took})
}

// key records the median of a figure, unless nothing was measured.
func (r *report) key(name string, f figure) { r.value(name, f.median) }

func (r *report) value(name string, value float64) {
	if value > 0 {
		r.keys[name] = math.Round(value*1000) / 1000
	}
}

func (r *report) add(t table) { r.tables = append(r.tables, t) }

// redemptions adds the table of a block in which commands were answered, with a row for
// each subject.
func (r *report) redemptions(title string, found results, notes ...string) {
	t := table{title: title, notes: notes, rows: [][]string{
		{"", "a second", "× TPC-B", "p50 ms", "p99 ms", "WAL bytes", "CPU µs: client", "server", "database", "peak RSS MiB"},
	}}
	for _, name := range found.names {
		row := []string{name, spread(found.of(name, rate), 0), ""}
		if len(found.samples[tpcb]) > 0 && name != tpcb {
			row[2] = spread(found.ratio(name, tpcb, rate), 2)
		}
		row = append(row, spread(found.of(name, p50ms), 2), spread(found.of(name, p99ms), 1))
		for _, f := range []figure{
			found.of(name, walBytes), found.of(name, cpuOf(cpuClient)), found.of(name, cpuOf(cpuServer)), found.of(name, cpuOf(cpuDatabase)), found.of(name, rssMiB),
		} {
			row = append(row, plain(f.median, 0))
		}
		t.rows = append(t.rows, row)
	}
	r.add(t)
}

// spread writes a figure as "median (least–most)".
func spread(f figure, digits int) string {
	if f.count == 0 || f.most == 0 {
		return ""
	}
	if f.count == 1 {
		return plain(f.median, digits)
	}
	return fmt.Sprintf("%s (%s–%s)", plain(f.median, digits), plain(f.least, digits), plain(f.most, digits))
}

func plain(value float64, digits int) string {
	if value == 0 {
		return ""
	}
	return fmt.Sprintf("%.*f", digits, value)
}

// flat returns the keys as a JSON object, in their order.
func (r *report) flat() ([]byte, error) {
	var b strings.Builder
	b.WriteString("{")
	separator := "\n  "
	for _, name := range keyOrder {
		value, ok := r.keys[name]
		if !ok {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(&b, "%s%q: %s", separator, name, text)
		separator = ",\n  "
	}
	b.WriteString("\n}\n")
	return []byte(b.String()), nil
}

// print writes the tables and the keys for a terminal.
func (r *report) print(w io.Writer) error {
	for _, t := range r.tables {
		_, _ = fmt.Fprintf(w, "\n%s\n", t.title)
		lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range t.rows {
			_, _ = fmt.Fprintln(lines, strings.Join(row, "\t"))
		}
		if err := lines.Flush(); err != nil {
			return err
		}
		for _, note := range t.notes {
			_, _ = fmt.Fprintln(w, note)
		}
	}
	flat, err := r.flat()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", flat)
	return err
}
