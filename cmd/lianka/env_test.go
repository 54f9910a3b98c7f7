package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

func TestTheExampleOfAnEnvironmentIsWhatServeReads(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&commands{})
	require.NoError(t, err)
	parsed, err := parser.Parse([]string{"serve"})
	require.NoError(t, err)
	want := map[string]string{}
	for _, flag := range parsed.Flags() {
		for _, name := range flag.Envs {
			want[name] = flag.Default
		}
	}
	require.NotEmpty(t, want)
	// Has no default; the example shows its form.
	want["DATABASE_URL"] = "postgres://lianka@127.0.0.1:5432/lianka"

	example, err := os.ReadFile("../../.env.example")
	require.NoError(t, err)
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^#([A-Z_]+)=(.*)$`).FindAllStringSubmatch(string(example), -1) {
		got[m[1]] = m[2]
	}
	require.Equal(t, want, got)
}
