package postgres

import (
	"context"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// settings returns the server's settings for a kind of cluster. What Options.Settings says comes last and wins.
func settings(scratch bool, own map[string]string) map[string]string {
	s := map[string]string{
		"cluster_name":      "lianka",
		"jit":               "off", // compiling a query costs more than any of ours saves by it
		"listen_addresses":  "",
		"log_line_prefix":   "%m [%p] ",
		"log_timezone":      "UTC",
		"logging_collector": "off",
		"max_connections":   "100",
		"port":              port,
		"timezone":          "UTC",
	}
	if scratch {
		maps.Copy(s, map[string]string{
			"fsync":              "off",
			"full_page_writes":   "off",
			"log_checkpoints":    "off",
			"max_wal_senders":    "0",
			"shared_buffers":     "128MB",
			"synchronous_commit": "off",
			"wal_level":          "minimal",
		})
	} else {
		maps.Copy(s, map[string]string{
			"checkpoint_timeout": "15min", // fewer checkpoints, so fewer full pages in the log
			"fsync":              "on",
			"full_page_writes":   "on",
			"max_wal_size":       "2GB",
			"shared_buffers":     "256MB",
			"synchronous_commit": "on",
			"wal_compression":    "on",
		})
	}
	maps.Copy(s, own)
	return s
}

// arguments turns settings into the server's arguments, in a fixed order.
func arguments(s map[string]string) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		args = append(args, "-c", name+"="+s[name])
	}
	return args
}

// quoteListItem quotes a name for a setting that is a list of names.
func quoteListItem(s string) string {
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// hasLZ4 asks the server whether it was built with LZ4, which compresses the log at a fraction of the cost of the built-in method.
func hasLZ4(ctx context.Context, b Binaries, a account, data string) bool {
	cmd := exec.Command(filepath.Join(b.Dir, "postgres"), "-D", data, "-c", "wal_compression=lz4", "-C", "wal_compression")
	cmd.Dir = "/"
	cmd.Env = environment(data)
	cmd.SysProcAttr = a.attributes(syscall.SIGKILL)
	p, err := startProcess(cmd)
	return err == nil && p.run(ctx) == nil
}

// environment is all that PostgreSQL's programs see of the caller's.
func environment(home string) []string {
	return []string{"HOME=" + home, "LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"}
}
