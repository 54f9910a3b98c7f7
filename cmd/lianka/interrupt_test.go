package main

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/lianka/demo"
)

// watched is what a process prints, to be read while it runs.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// TestCtrlCEndsTheDemoQuietly interrupts the demo while it opens the books, in its
// story, and when it stays up.
func TestCtrlCEndsTheDemoQuietly(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	for name, c := range map[string]struct {
		members, await string
		delay          time.Duration
		code           int
	}{
		"opening":   {"4", "Opening the books", 0, exitSignaled},
		"a moment":  {"4", "Opening the books", 300 * time.Millisecond, exitSignaled},
		"its story": {"400", " events", 0, exitSignaled},
		"staying":   {"4", "Ctrl-C ends the demo", 0, exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs watched
			running := process(t, "demo", "--members", c.members, "--listen", "127.0.0.1:0")
			running.Stdout, running.Stderr = &out, &errs
			require.NoError(t, running.Start())
			t.Cleanup(func() { _ = running.Process.Kill() })
			require.Eventually(t, func() bool { return strings.Contains(out.String()+errs.String(), c.await) }, patience, 5*time.Millisecond)
			time.Sleep(c.delay)
			require.NoError(t, running.Process.Signal(syscall.SIGINT))
			_ = running.Wait()
			require.Equal(t, c.code, running.ProcessState.ExitCode(), errs.String())
			require.NotRegexp(t, `level=|panic|context canceled|SQLSTATE|connection|goroutine`, errs.String())
			for line := range strings.Lines(out.String()) {
				if !strings.Contains(line, "curl ") && !strings.Contains(line, "://") { // what is to be copied stays whole
					require.LessOrEqual(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), demo.Screen, "%s", line)
				}
			}
			require.LessOrEqual(t, len(regexp.MustCompile(`(?m)^lianka: .*$`).FindAllString(errs.String(), -1)), 1, "one line says it: %s", &errs)
		})
	}
}
