package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// errNoProc: the system has no /proc; memory and CPU are then not measured.
var errNoProc = errors.New("there is no /proc here")

// tick is the unit of CPU time in /proc, USER_HZ, which is 100 on every Linux that
// Go runs on.
const tick = 10 * time.Millisecond

// peakRSS returns the largest resident size of a process since the last reset, in
// bytes, and 0 where the system does not tell.
func peakRSS(pid int) int64 {
	status, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// resetPeakRSS makes the largest resident size of a process its present one.
func resetPeakRSS(pid int) { _ = os.WriteFile(procFile(pid, "clear_refs"), []byte("5"), 0o200) }

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// stat is what /proc tells of a process: its parent and the CPU time that it and,
// for children that have ended, they have used.
type stat struct {
	parent int
	own    time.Duration
	gone   time.Duration
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return stat{}, errNoProc
	}
	// The second field is a name in brackets that may contain anything.
	at := bytes.LastIndexByte(raw, ')')
	if at < 0 {
		return stat{}, errNoProc
	}
	fields := strings.Fields(string(raw[at+1:]))
	if len(fields) < 15 {
		return stat{}, errNoProc
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return stat{
		parent: int(number(1)),
		own:    time.Duration(number(11)+number(12)) * tick,
		gone:   time.Duration(number(13)+number(14)) * tick,
	}, nil
}

// cpuOfProcess returns the CPU time that a process has used.
func cpuOfProcess(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	return s.own
}

// cpuOfFamily returns the CPU time that a process and all its children, those that
// have ended too, have used.
func cpuOfFamily(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	whole := s.own + s.gone
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(child); err == nil && s.parent == pid {
			whole += s.own + s.gone
		}
	}
	return whole
}
