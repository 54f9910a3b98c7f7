package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newFolder returns a folder that does not exist yet, and that the private
// PostgreSQL's account can enter.
func newFolder(t *testing.T) string {
	t.Helper()
	if os.Getenv("DATABASE_URL") != "" {
		t.Skip("the private PostgreSQL is not used with DATABASE_URL")
	}
	parent, err := os.MkdirTemp("", "lianka-first-") //nolint:usetesting // t.TempDir is closed to that account
	require.NoError(t, err)
	require.NoError(t, os.Chmod(parent, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	return filepath.Join(parent, "data")
}

// background is a process of lianka and what it has printed so far.
type background struct {
	*exec.Cmd
	out, errs output
}

// output is what a process prints, to be read while it goes on.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func begin(t *testing.T, args ...string) *background {
	t.Helper()
	b := &background{Cmd: process(t, args...)}
	b.Stdout, b.Stderr = &b.out, &b.errs
	require.NoError(t, b.Start())
	t.Cleanup(func() {
		if b.ProcessState == nil {
			_ = b.Process.Kill()
			_ = b.Wait()
		}
	})
	return b
}

// TestServeAndTheFirstKeyMayStartTogether is README's “Run it”, in both orders and
// at once: on first use each of them would make the cluster.
func TestServeAndTheFirstKeyMayStartTogether(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	for name, c := range map[string]struct {
		first, second string
		apart         time.Duration
	}{
		"together":                   {"serve", "issue", 0},
		"the key a moment later":     {"serve", "issue", 300 * time.Millisecond},
		"the key first":              {"issue", "serve", 0},
		"the server a moment later":  {"issue", "serve", 300 * time.Millisecond},
		"the server while it stops":  {"issue", "serve", 1500 * time.Millisecond},
		"two commands, then a third": {"issue", "list", 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := []string{"--wait", patience.String(), "--data", newFolder(t)}
			address := freeAddress(t)
			commands := map[string][]string{
				"serve": append([]string{"serve", "--listen", address}, flags...),
				"issue": append([]string{"key", "issue", "riverside", "--name", "滨江异业联盟", "--test"}, flags...),
				"list":  append([]string{"key", "list", "riverside"}, flags...),
			}
			running := map[string]*background{}
			for _, command := range []string{c.first, c.second} {
				running[command] = begin(t, commands[command]...)
				time.Sleep(c.apart)
				if c.second == "list" { // which makes no data, so it comes once there is some
					require.Eventually(t, func() bool {
						_, err := os.Stat(filepath.Join(flags[3], "lianka.lock"))
						return err == nil
					}, patience, time.Millisecond)
				}
			}
			issued := running["issue"]
			require.NoError(t, issued.Wait(), issued.errs.String())
			require.Regexp(t, `^lk_test_\w+\n$`, issued.out.String())
			if list := running["list"]; list != nil {
				require.NoError(t, list.Wait(), list.errs.String())
				require.Contains(t, list.out.String(), "in force")
				return
			}
			key := strings.TrimSpace(issued.out.String())
			require.Equal(t, http.StatusOK, awaitAnswer(t, "http://"+address+"/v1/circle", key), running["serve"].errs.String())

			// A command that only reads works beside it as well.
			listed := begin(t, commands["list"]...)
			require.NoError(t, listed.Wait(), listed.errs.String())
			require.Len(t, regexp.MustCompile(`key_\w+`).FindAllString(listed.out.String(), -1), 1)

			server := running["serve"]
			require.NoError(t, server.Process.Signal(syscall.SIGTERM))
			require.NoError(t, server.Wait(), server.errs.String())
		})
	}
}

func TestACommandThatReadsWaitsForTheFirstServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	flags := []string{"--wait", patience.String(), "--data", newFolder(t)}
	address := freeAddress(t)
	server := begin(t, append([]string{"serve", "--listen", address}, flags...)...)
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(flags[3], "lianka.lock"))
		return err == nil
	}, patience, time.Millisecond)

	audit := begin(t, append([]string{"audit"}, flags...)...)
	require.NoError(t, audit.Wait(), audit.errs.String())
	require.Contains(t, audit.out.String(), "nothing to audit")
	awaitAnswer(t, "http://"+address+"/healthz", "")
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), server.errs.String())
}

func TestAWaitHasAnEndAndSaysSo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	data := newFolder(t)
	// Somebody who has the folder, doesn't serve, and is not soon done.
	require.NoError(t, os.Mkdir(data, 0o755))
	lock, err := os.Create(filepath.Join(data, "lianka.lock"))
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))

	for _, command := range []string{"serve --listen 127.0.0.1:0", "key list riverside", "migrate"} {
		code, out, errs := lianka(t, append(strings.Fields(command), "--wait", "1500ms", "--data", data)...)
		require.Equal(t, exitRefused, code, errs)
		require.Empty(t, out)
		require.Contains(t, errs, "waiting for another Lianka")
		require.Contains(t, errs, "--wait")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	require.Equal(t, exitSignaled, run(ctx, []string{"migrate", "--data", data}, &bytes.Buffer{}, &errs), errs.String())
}

func TestASecondServerIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	data := newFolder(t)
	first := begin(t, "serve", "--listen", freeAddress(t), "--data", data)
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(data, "lianka.lock"))
		return err == nil
	}, patience, time.Millisecond)
	second := begin(t, "serve", "--listen", freeAddress(t), "--data", data, "--wait", "24h")
	require.Error(t, second.Wait())
	require.Equal(t, exitRefused, second.ProcessState.ExitCode())
	require.Contains(t, second.errs.String(), "another Lianka is running")
	require.NoError(t, first.Process.Signal(syscall.SIGTERM))
	_ = first.Wait() // told to stop while it starts, it may say so
}

func TestTheDemoWaitsForTheServerItIsPlayedInto(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	data, address := newFolder(t), freeAddress(t)
	played := begin(t, "demo", "--members", "4", "--into", "http://"+address, "--data", data, "--wait", patience.String())
	server := begin(t, "serve", "--listen", address, "--data", data, "--log-level", "warn")
	require.NoError(t, played.Wait(), played.errs.String())
	require.Contains(t, played.errs.String(), "Waiting for a server at http://"+address)
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), server.errs.String())
}

// awaitAnswer asks until a server answers, and returns the status.
func awaitAnswer(t *testing.T, url, key string) (status int) {
	t.Helper()
	require.Eventually(t, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		request.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		status = response.StatusCode
		return response.Body.Close() == nil
	}, patience, 20*time.Millisecond, fmt.Sprintf("%s doesn't answer", url))
	return status
}
