package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
)

// BenchmarkPOST books spends of many tills at once through the server's handler,
// without the network. cpu-ns/command is the time of this process's
// processors, which is less than what the machine takes.
func BenchmarkPOST(b *testing.B) {
	for _, commands := range []int{1, 50} {
		b.Run(fmt.Sprintf("%d", commands), func(b *testing.B) {
			h := newHarbour(b, func(c *api.Config) { c.Logger = slog.New(slog.NewTextHandler(nowhere(b), nil)) })
			h.sold("8801", "ann")
			h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "4600.00"}`)
			var count atomic.Int64
			b.SetParallelism(32)
			b.ReportAllocs()
			before := cpuTime(b)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := spendRequest(h.hotpotKey, count.Add(1), commands)
					w := httptest.NewRecorder()
					h.server.ServeHTTP(w, r)
					if w.Code >= 300 {
						b.Error(w.Body)
						return
					}
				}
			})
			b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/float64(b.N*commands), "cpu-ns/command")
		})
	}
}

func spendRequest(key string, n int64, commands int) *http.Request {
	const body = `{"card":"8801","merchant":"hotpot","amount":"0.01"}`
	path, text := "/v1/spends", body
	if commands > 1 {
		all := make([]string, commands)
		for i := range all {
			all[i] = order("value.spent", fmt.Sprintf("%d/%d", n, i), body)
		}
		path, text = "/v1/batch", `{"commands":[`+strings.Join(all, ",")+`]}`
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	if commands == 1 {
		r.Header.Set("Idempotency-Key", fmt.Sprint(n))
	}
	return r
}

// nowhere is where the log goes: written, but not kept.
func nowhere(b *testing.B) *os.File {
	b.Helper()
	file, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(b, err)
	b.Cleanup(func() { _ = file.Close() })
	return file
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
