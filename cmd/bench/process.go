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

// errNoProc says that the system has no /proc. Memory and CPU are not measured then.
var errNoProc = errors.New("there is no /proc here")

// tick is the unit of CPU time in /proc, USER_HZ, which is 100 on every Linux that
// Go runs on.
const tick = 10 * time.Millisecond

// peakRSS returns the largest resident size of a process since the last reset in
// bytes, or 0 if the system has no /proc.
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

// resetPeakRSS resets the largest resident size of a process to the current one.
func resetPeakRSS(pid int) { _ = os.WriteFile(procFile(pid, "clear_refs"), []byte("5"), 0o200) }

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// stat is a process as /proc shows it: its parent, its own CPU time, and the CPU time
// of children that have ended.
type stat struct {
	parent   int
	own      time.Duration
	children time.Duration
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return stat{}, errNoProc
	}
	// The second field is a name in parentheses, which may itself contain any of them.
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
		parent:   int(number(1)),
		own:      time.Duration(number(11)+number(12)) * tick,
		children: time.Duration(number(13)+number(14)) * tick,
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

// cpuWithChildren returns the CPU time of a process and its children, including those
// that have ended.
func cpuWithChildren(pid int) time.Duration {
	s, err := readStat(pid)
	if err != nil {
		return 0
	}
	whole := s.own + s.children
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
			whole += s.own + s.children
		}
	}
	return whole
}
