//go:build !linux

package postgres

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// maxSocketPath is the longest path of a Unix socket in bytes, on macOS and the BSDs.
const maxSocketPath = 103

// dieWithParent does nothing: there is no signal on a parent's death here. The next start stops what was left behind.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// commandLine returns the arguments of a running process, joined by spaces, or "" if there is none.
func commandLine(pid int) string {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
