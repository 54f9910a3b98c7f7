package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// connection is a till's keep-alive connection. It does without net/http because the
// tills of a real circle run on other machines: on this one they should use as little
// CPU as possible.
type connection struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
}

func dial(ctx context.Context, address string) (*connection, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// posted is the answer to a POST.
type posted struct {
	status   int
	replayed bool
	body     []byte
}

// maxAnswer limits the size of an answer in bytes.
const maxAnswer = 1 << 20

// post sends a body and reads the answer. idempotencyKey may be empty.
func (c *connection) post(path, key, idempotencyKey string, body []byte) (posted, error) {
	b := c.request[:0]
	b = append(append(b, "POST "...), path...)
	b = append(b, " HTTP/1.1\r\nHost: lianka\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	b = append(b, key...)
	if idempotencyKey != "" {
		b = append(append(b, "\r\nIdempotency-Key: "...), idempotencyKey...)
	}
	b = strconv.AppendInt(append(b, "\r\nContent-Length: "...), int64(len(body)), 10)
	b = append(append(b, "\r\n\r\n"...), body...)
	c.request = b
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return posted{}, err
	}
	if _, err := c.conn.Write(b); err != nil {
		return posted{}, err
	}
	return c.read()
}

func (c *connection) read() (posted, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return posted{}, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return posted{}, fmt.Errorf("%q is no answer of HTTP", line)
	}
	var p posted
	if p.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return posted{}, err
	}
	length, chunked := 0, false
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return p, err
		}
		name, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(": "))
		if len(name) == 0 {
			break
		}
		switch string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil || length > maxAnswer {
				return p, fmt.Errorf("an answer of %s bytes", value)
			}
		case "Transfer-Encoding":
			chunked = true
		case replayedHeader:
			p.replayed = true
		}
	}
	if chunked {
		return p, c.chunks(&p)
	}
	p.body = make([]byte, length)
	_, err = io.ReadFull(c.reader, p.body)
	return p, err
}

// chunks reads a chunked body.
func (c *connection) chunks(p *posted) error {
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 32)
		if err != nil || len(p.body)+int(size) > maxAnswer {
			return fmt.Errorf("a chunk of %q bytes", line)
		}
		at := len(p.body)
		p.body = append(p.body, make([]byte, size+2)...) // with the CRLF at its end
		if _, err := io.ReadFull(c.reader, p.body[at:]); err != nil {
			return err
		}
		p.body = p.body[:at+int(size)]
		if size == 0 {
			return nil
		}
	}
}

// replayedHeader marks the answer to a retry.
var replayedHeader = http.CanonicalHeaderKey("Idempotency-Replayed")
