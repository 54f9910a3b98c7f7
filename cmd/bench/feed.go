package main

import (
	"context"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// feed is rows on their way into a table by COPY, in its text format. Rows are
// added by one goroutine and sent by another.
type feed struct {
	ctx    context.Context
	chunks chan []byte
	rest   []byte // of the chunk that is being sent
	row    []byte // the rows that are being added
	fresh  bool   // nothing is in the row yet
}

const feedChunk = 512 << 10

// openFeed begins a COPY on a connection of its own, with triggers off: they
// would keep all rows of the statement to look at them at its end. The audit
// looks at them instead.
func openFeed(ctx context.Context, group *errgroup.Group, url, table, columns string) *feed {
	f := &feed{ctx: ctx, chunks: make(chan []byte, 8), fresh: true}
	group.Go(func() error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		if _, err := conn.Exec(ctx, `SET session_replication_role = replica`); err != nil {
			return err
		}
		_, err = conn.PgConn().CopyFrom(ctx, f, `COPY `+table+` (`+columns+`) FROM STDIN`)
		return err
	})
	return f
}

// Read returns the next rows.
func (f *feed) Read(into []byte) (int, error) {
	if len(f.rest) == 0 {
		select {
		case chunk, ok := <-f.chunks:
			if !ok {
				return 0, io.EOF
			}
			f.rest = chunk
		case <-f.ctx.Done():
			return 0, f.ctx.Err()
		}
	}
	n := copy(into, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *feed) column() {
	if !f.fresh {
		f.row = append(f.row, '\t')
	}
	f.fresh = false
}

func (f *feed) number(n int64) *feed {
	f.column()
	f.row = strconv.AppendInt(f.row, n, 10)
	return f
}

var copyText = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func (f *feed) text(s string) *feed {
	f.column()
	if strings.ContainsAny(s, "\\\t\n\r") {
		s = copyText.Replace(s)
	}
	f.row = append(f.row, s...)
	return f
}

func (f *feed) null() *feed {
	f.column()
	f.row = append(f.row, `\N`...)
	return f
}

// orNull adds a text, or null if it is empty.
func (f *feed) orNull(s string) *feed {
	if s == "" {
		return f.null()
	}
	return f.text(s)
}

func (f *feed) bytes(b []byte) *feed {
	f.column()
	f.row = hex.AppendEncode(append(f.row, `\\x`...), b)
	return f
}

func (f *feed) instant(t time.Time) *feed {
	f.column()
	f.row = t.UTC().AppendFormat(f.row, "2006-01-02 15:04:05.000000Z")
	return f
}

func (f *feed) flag(b bool) *feed {
	f.column()
	f.row = strconv.AppendBool(f.row, b)
	return f
}

// end ends a row.
func (f *feed) end() {
	f.row = append(f.row, '\n')
	f.fresh = true
	if len(f.row) >= feedChunk {
		f.send()
	}
}

func (f *feed) send() {
	if len(f.row) == 0 {
		return
	}
	select {
	case f.chunks <- f.row:
	case <-f.ctx.Done():
	}
	f.row = make([]byte, 0, feedChunk+feedChunk/8)
}

// close sends what is left and ends the COPY.
func (f *feed) close() {
	f.send()
	close(f.chunks)
}
