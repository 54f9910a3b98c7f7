package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Role is the superuser that owns everything in a cluster, and the name of its first database.
const Role = "lianka"

// initialise makes the data directory if there is none. It is made under another name and renamed, so that it is either
// complete or absent. The server's lock is handed to initdb, so that a later start waits for one that lost its parent.
func (d directory) initialise(ctx context.Context, b Binaries, a account, serverLock *os.File, scratch bool) error {
	made, err := d.madeBy()
	if err != nil || made != 0 {
		return err
	}
	if err := os.RemoveAll(d.newData()); err != nil {
		return err
	}
	if err := os.Mkdir(d.newData(), 0o700); err != nil {
		return err
	}
	if err := a.own(d.newData()); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + d.newData(), "--username=" + Role, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if scratch {
		args = append(args, "--no-sync")
	} else {
		args = append(args, "--data-checksums")
	}
	var output bytes.Buffer
	cmd := exec.Command(filepath.Join(b.Dir, "initdb"), args...)
	cmd.Dir = "/"
	cmd.Env = environment(d.newData())
	cmd.ExtraFiles = []*os.File{serverLock}
	cmd.Stderr = &output
	cmd.Stdout = &output
	cmd.SysProcAttr = a.attributes(syscall.SIGKILL)
	p, err := startProcess(cmd)
	if err == nil {
		err = p.run(ctx)
	}
	if err != nil {
		_ = os.RemoveAll(d.newData())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("initdb of PostgreSQL %s in %s: %w\n%s", b.Version, b.Dir, err, strings.TrimSpace(output.String()))
	}
	return os.Rename(d.newData(), d.data())
}
