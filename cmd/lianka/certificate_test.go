package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

// pair is a certificate for localhost and its key, as PEM.
type pair struct{ cert, key []byte }

// newPair makes a certificate with a number.
func newPair(t *testing.T, number int64, end time.Time) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), NotBefore: end.AddDate(-1, 0, 0), NotAfter: end,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return pair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
}

// files are where a certificate is.
type files struct{ cert, key string }

func newFiles(t *testing.T, p pair) files {
	t.Helper()
	folder := t.TempDir()
	f := files{filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")}
	f.write(t, p)
	return f
}

func (f files) write(t *testing.T, p pair) {
	t.Helper()
	for name, content := range map[string][]byte{f.cert: p.cert, f.key: p.key} {
		require.NoError(t, os.WriteFile(name, content, 0o600))
	}
}

// shown returns the number of the certificate that a server shows.
func shown(address string) (int64, error) {
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the test looks at what is shown
	connection, err := d.DialContext(context.Background(), "tcp", address)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	return connection.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

// TestACertificateIsRenewedInTheRunningServer: new connections get the new one, and files that
// don't fit together change nothing.
func TestACertificateIsRenewedInTheRunningServer(t *testing.T) {
	t.Parallel()
	end := time.Now().AddDate(1, 0, 0)
	first, second, third := newPair(t, 1, end), newPair(t, 2, end), newPair(t, 3, end)
	f := newFiles(t, first)
	now := time.Now()
	var log bytes.Buffer
	c, err := openCertificate(f.cert, f.key, slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	require.NoError(t, err)
	number := func() int64 {
		t.Helper()
		got, err := c.get(nil)
		require.NoError(t, err)
		return got.Leaf.SerialNumber.Int64()
	}
	wait := func() { now = now.Add(certificateAge) }
	require.EqualValues(t, 1, number())
	f.write(t, second)
	require.EqualValues(t, 1, number(), "the files are looked at once a second")
	wait()
	require.EqualValues(t, 2, number())

	f.write(t, pair{third.cert, second.key}) // half written
	wait()
	require.EqualValues(t, 2, number())
	wait()
	require.EqualValues(t, 2, number())
	require.Equal(t, 1, strings.Count(log.String(), "the old one stays in use"), "it is said once: %s", log.String())
	require.NoError(t, os.Remove(f.key))
	wait()
	require.EqualValues(t, 2, number(), "a file is gone")
	f.write(t, third)
	wait()
	require.EqualValues(t, 3, number())
	require.Equal(t, 2, strings.Count(log.String(), "the certificate was renewed"))
	require.NotContains(t, log.String(), "PRIVATE")

	_, err = openCertificate(f.key, f.key, slog.New(slog.DiscardHandler), time.Now)
	require.Error(t, err)
	_, err = openCertificate(f.cert, filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler), time.Now)
	require.ErrorIs(t, err, os.ErrNotExist)
	f.write(t, newPair(t, 4, time.Now().AddDate(0, 0, -1)))
	_, err = openCertificate(f.cert, f.key, slog.New(slog.NewTextHandler(&log, nil)), time.Now)
	require.NoError(t, err)
	require.Contains(t, log.String(), "has expired")
}

// TestServeSpeaksTLS as a process: from version 1.2, with a certificate that is exchanged while it
// runs.
func TestServeSpeaksTLS(t *testing.T) {
	t.Parallel()
	end := time.Now().AddDate(1, 0, 0)
	first, second := newPair(t, 1, end), newPair(t, 2, end)
	f := newFiles(t, first)
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	server := begin(t, "serve", "--listen", address, "--public-url", "https://localhost:"+port, "--tls-cert", f.cert, "--tls-key", f.key, "--database-url", pgtest.URL(t))
	require.Eventually(t, func() bool {
		number, err := shown(address)
		return err == nil && number == 1
	}, patience, 20*time.Millisecond, server.errs.String())
	require.Contains(t, server.out.String(), "https://"+address+"/docs")
	require.NotContains(t, server.errs.String(), "--public-url")

	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(first.cert))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/readyz", nil)
	require.NoError(t, err)
	response, err := (&http.Client{Transport: transport}).Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, 2, response.ProtoMajor)

	old := tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}} //nolint:gosec // it must not work
	_, err = old.DialContext(t.Context(), "tcp", address)
	require.ErrorContains(t, err, "protocol version")

	f.write(t, second)
	require.Eventually(t, func() bool {
		number, err := shown(address)
		return err == nil && number == 2
	}, patience, 100*time.Millisecond)
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), server.errs.String())
}

func TestServeRefusesACertificateThatItCannotUse(t *testing.T) {
	t.Parallel()
	f := newFiles(t, pair{newPair(t, 1, time.Now()).cert, newPair(t, 2, time.Now()).key})
	code, out, errs := lianka(t, "serve", "--tls-cert", f.cert, "--tls-key", f.key, "--database-url", "postgres://nobody@127.0.0.1:1/none")
	require.Equal(t, exitRefused, code, errs)
	require.Contains(t, errs, "--tls-cert")
	require.Contains(t, errs, "private key does not match")
	require.Empty(t, out)
}
