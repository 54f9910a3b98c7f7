package postgres

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// maxSocketPath is the longest path of a Unix socket in bytes.
const maxSocketPath = 107

// dieWithParent has the kernel send the child a signal when the thread that started it ends.
func dieWithParent(attr *syscall.SysProcAttr, signal syscall.Signal) {
	attr.Pdeathsig = signal
}

// commandLine returns the arguments of a running process, joined by spaces, or "" if there is none.
func commandLine(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimRight(string(raw), "\x00"), "\x00", " ")
}
