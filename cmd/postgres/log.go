package postgres

import (
	"io"
	"os"
	"strings"
)

// maxLogBytes is how large the server's log may be at a start before it is put aside.
const maxLogBytes = 16 << 20

// openLog opens the server's log for appending and returns where this start's part begins.
func (d directory) openLog(a account) (*os.File, int64, error) {
	if info, err := os.Stat(d.log()); err == nil && info.Size() > maxLogBytes {
		if err := os.Rename(d.log(), d.log()+".1"); err != nil {
			return nil, 0, err
		}
	}
	f, err := os.OpenFile(d.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		err = a.own(d.log())
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// logTail returns the last lines that the server wrote since offset.
func (d directory) logTail(offset int64) string {
	const maxBytes, maxLines = 8 << 10, 15
	f, err := os.Open(d.log())
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil {
		offset = max(offset, info.Size()-maxBytes)
	}
	raw, err := io.ReadAll(io.NewSectionReader(f, offset, maxBytes))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-maxLines):], "\n")
}
