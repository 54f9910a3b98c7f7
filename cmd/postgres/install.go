package postgres

import (
	"os"
	"os/exec"
)

// installCommand returns the command that installs a PostgreSQL server on this system, or "" if none is known.
func installCommand() string {
	sudo := ""
	if os.Geteuid() != 0 {
		sudo = "sudo "
	}
	for _, manager := range []struct{ program, command string }{
		{"apt-get", sudo + "apt-get install postgresql"},
		{"dnf", sudo + "dnf install postgresql-server"},
		{"apk", sudo + "apk add postgresql"},
		{"brew", "brew install postgresql@17"}, // refuses to run as root; on Linux only where nothing else is
	} {
		if _, err := exec.LookPath(manager.program); err == nil {
			return manager.command
		}
	}
	return ""
}
