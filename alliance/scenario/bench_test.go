package scenario_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// BenchmarkReader reads two months of ten shops; see ns/event.
func BenchmarkReader(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("testdata", "riverside", "events.jsonl"))
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		r := scenario.NewReader(alliance.Standard(), "events.jsonl", bytes.NewReader(data), "till")
		for {
			_, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			events++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

// BenchmarkCircle reads the circle of ten shops.
func BenchmarkCircle(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("testdata", "riverside", "circle.yaml"))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := scenario.ParseAlliance("circle.yaml", data)
		require.NoError(b, err)
	}
}
