package postgres

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a child and the goroutine that waits for it.
type process struct {
	cmd    *exec.Cmd
	err    error         // how it ended; read it after exited is closed
	exited chan struct{} // closed when it has ended
}

// startProcess starts a command and waits for it on the same thread, because the child is told of its parent's death when that thread ends.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// run waits for the command's end, or kills it and all it started when ctx ends.
func (p *process) run(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
		return ctx.Err()
	}
}

// stopSignal is a signal and how long to wait for it to work.
type stopSignal struct {
	signal  syscall.Signal
	timeout time.Duration
}

// stopSignals returns the signals to a PostgreSQL server: first a shutdown that ends sessions and writes a checkpoint; if that hangs one that recovers at the next
// start; a kill last.
func stopSignals(scratch bool) []stopSignal {
	hard := []stopSignal{{syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 10 * time.Second}}
	if scratch {
		return hard
	}
	return append([]stopSignal{{syscall.SIGINT, 60 * time.Second}}, hard...)
}

// stop ends the process by one signal after the other, and says whether the first was enough.
func (p *process) stop(signals []stopSignal) error {
	for i, s := range signals {
		if err := p.cmd.Process.Signal(s.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-p.exited:
			if i > 0 {
				return errors.New("the PostgreSQL server didn't shut down in time and was stopped the hard way; it recovers at the next start")
			}
			return nil
		case <-time.After(s.timeout):
		}
	}
	return errors.New("the PostgreSQL server doesn't end")
}
