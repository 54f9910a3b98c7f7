package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// The processes whose CPU time is reported separately. In process, the client's
// includes the server's.
const (
	cpuClient   = "client"
	cpuServer   = "server"
	cpuDatabase = "database"
)

// reading is a meter's count of WAL bytes and CPU time.
type reading struct {
	wal float64
	cpu map[string]time.Duration
}

// meter reads how much WAL was written and how much CPU time was used so far. The zero
// value reads nothing.
type meter struct {
	conn *pgx.Conn
	pids map[string]int
	root int // the postmaster
}

// newMeter returns a meter of a cluster and of named processes.
func newMeter(ctx context.Context, url string, pids map[string]int) (meter, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return meter{}, err
	}
	m := meter{conn: conn, pids: pids}
	var backend int
	if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return m, err
	}
	if s, err := readStat(backend); err == nil {
		m.root = s.parent
	}
	return m, nil
}

func (m meter) close(ctx context.Context) {
	if m.conn != nil {
		_ = m.conn.Close(context.WithoutCancel(ctx))
	}
}

// read returns the current reading. What can't be read stays zero, so that the rates
// are measured even where there is no /proc.
func (m meter) read() reading {
	r := reading{cpu: make(map[string]time.Duration)}
	if m.conn == nil {
		return r
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = m.conn.QueryRow(ctx, `SELECT (pg_current_wal_insert_lsn() - '0/0')::float8`).Scan(&r.wal)
	for name, pid := range m.pids {
		r.cpu[name] = cpuOfProcess(pid)
	}
	r.cpu[cpuDatabase] = cpuWithChildren(m.root)
	return r
}

// spent records the use between two readings per command: CPU in microseconds, WAL in
// bytes.
func (s *sample) spent(before, after reading) {
	if s.Done == 0 {
		return
	}
	s.WAL = (after.wal - before.wal) / float64(s.Done)
	s.CPU = make(map[string]float64)
	for name := range after.cpu {
		s.CPU[name] = float64((after.cpu[name] - before.cpu[name]).Microseconds()) / float64(s.Done)
	}
}
