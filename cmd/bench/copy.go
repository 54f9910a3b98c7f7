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

// copyStream writes rows to a table by COPY, in its text format. One goroutine adds
// rows and another sends them.
type copyStream struct {
	ctx      context.Context
	chunks   chan []byte
	unread   []byte // the rest of the chunk that is being sent
	rows     []byte // rows that wait to become a chunk
	rowStart bool   // the next column is the first of its row
}

const copyChunk = 512 << 10

// openCopy begins a COPY on a connection of its own. Triggers are off, because a
// statement trigger would hold all rows in memory until the COPY ends. The audit
// checks the rows instead.
func openCopy(ctx context.Context, group *errgroup.Group, url, table, columns string) *copyStream {
	s := &copyStream{ctx: ctx, chunks: make(chan []byte, 8), rowStart: true}
	group.Go(func() error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		if _, err := conn.Exec(ctx, `SET session_replication_role = replica`); err != nil {
			return err
		}
		_, err = conn.PgConn().CopyFrom(ctx, s, `COPY `+table+` (`+columns+`) FROM STDIN`)
		return err
	})
	return s
}

// Read returns the next rows.
func (s *copyStream) Read(into []byte) (int, error) {
	if len(s.unread) == 0 {
		select {
		case chunk, ok := <-s.chunks:
			if !ok {
				return 0, io.EOF
			}
			s.unread = chunk
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	n := copy(into, s.unread)
	s.unread = s.unread[n:]
	return n, nil
}

func (s *copyStream) column() {
	if !s.rowStart {
		s.rows = append(s.rows, '\t')
	}
	s.rowStart = false
}

func (s *copyStream) number(n int64) *copyStream {
	s.column()
	s.rows = strconv.AppendInt(s.rows, n, 10)
	return s
}

var copyEscapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func (s *copyStream) text(text string) *copyStream {
	s.column()
	if strings.ContainsAny(text, "\\\t\n\r") {
		text = copyEscapes.Replace(text)
	}
	s.rows = append(s.rows, text...)
	return s
}

func (s *copyStream) null() *copyStream {
	s.column()
	s.rows = append(s.rows, `\N`...)
	return s
}

// orNull adds a text, or null if it is empty.
func (s *copyStream) orNull(text string) *copyStream {
	if text == "" {
		return s.null()
	}
	return s.text(text)
}

func (s *copyStream) bytes(b []byte) *copyStream {
	s.column()
	s.rows = hex.AppendEncode(append(s.rows, `\\x`...), b)
	return s
}

func (s *copyStream) instant(t time.Time) *copyStream {
	s.column()
	s.rows = t.UTC().AppendFormat(s.rows, "2006-01-02 15:04:05.000000Z")
	return s
}

func (s *copyStream) flag(b bool) *copyStream {
	s.column()
	s.rows = strconv.AppendBool(s.rows, b)
	return s
}

// end ends a row.
func (s *copyStream) end() {
	s.rows = append(s.rows, '\n')
	s.rowStart = true
	if len(s.rows) >= copyChunk {
		s.send()
	}
}

func (s *copyStream) send() {
	if len(s.rows) == 0 {
		return
	}
	select {
	case s.chunks <- s.rows:
	case <-s.ctx.Done():
	}
	s.rows = make([]byte, 0, copyChunk+copyChunk/8)
}

// close sends what is left and ends the COPY.
func (s *copyStream) close() {
	s.send()
	close(s.chunks)
}
