package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateAge is how long a certificate is used without looking whether its files have
// changed.
const certificateAge = time.Second

// certificate is the server's certificate, which is renewed while it runs: whoever renews the
// files need not restart it. If the new files don't fit together, as while they are being
// written, the old certificate is used until they do.
type certificate struct {
	cert, key string // the files
	logger    *slog.Logger
	clock     func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
	tried   [2]fileVersion // of the files, when they were last read
	looked  time.Time
}

// fileVersion tells whether a file has changed.
type fileVersion struct {
	modified time.Time
	size     int64
}

// openCertificate reads a certificate and its key.
func openCertificate(cert, key string, logger *slog.Logger, clock func() time.Time) (*certificate, error) {
	c := &certificate{cert: cert, key: key, logger: logger, clock: clock, looked: clock()}
	var err error
	if c.tried, err = c.versions(); err != nil {
		return nil, err
	}
	if c.current, err = c.read(); err != nil {
		return nil, err
	}
	if end := c.current.Leaf.NotAfter; clock().After(end) {
		logger.Warn("the certificate has expired; browsers refuse it", "file", cert, "expired", end)
	}
	return c, nil
}

func (c *certificate) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", c.cert, c.key, err)
	}
	return &pair, nil
}

func (c *certificate) versions() (now [2]fileVersion, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return now, err
		}
		now[i] = fileVersion{info.ModTime(), info.Size()}
	}
	return now, nil
}

// get returns the certificate for a new connection.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock(); now.Sub(c.looked) >= certificateAge {
		c.looked = now
		c.renew()
	}
	return c.current, nil
}

// renew reads the files if they have changed. What can't be read is told once.
func (c *certificate) renew() {
	found, err := c.versions()
	if err == nil && found == c.tried {
		return
	}
	var renewed *tls.Certificate
	if err == nil {
		renewed, err = c.read()
	}
	if err != nil {
		if found != c.tried {
			c.logger.Warn("the certificate's files have changed and can't be used; the old one stays in use", "error", err)
		}
		c.tried = found
		return
	}
	c.tried, c.current = found, renewed
	c.logger.Info("the certificate was renewed", "file", c.cert, "expires", renewed.Leaf.NotAfter)
}

// config returns how the server speaks TLS.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.get}
}
