package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// readAddress reads the flags of serve.
func readAddress(t *testing.T, flags ...string) (address, error) {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli)
	require.NoError(t, err)
	_, err = parser.Parse(append([]string{"serve"}, flags...))
	require.NoError(t, err)
	return cli.Serve.addressFlags.read()
}

func TestWhereTheServerIsReached(t *testing.T) {
	t.Parallel()
	a, err := readAddress(t)
	require.NoError(t, err)
	require.Equal(t, "http://localhost:8080", a.public.String())
	require.Empty(t, a.trusted)
	require.Empty(t, a.warnings(), "what the defaults are")

	a, err = readAddress(t, "--public-url", "https://Card.example.cn:8443/", "--trusted-proxy", "10.0.0.0/8,192.0.2.7", "--trusted-proxy", "fd00::/8")
	require.NoError(t, err)
	require.Equal(t, "https://card.example.cn:8443", a.public.String())
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("fd00::/8")}, a.trusted)

	for name, test := range map[string]struct{ flags, says string }{
		"no scheme":           {"--public-url card.example.cn", "write it like https://card.example.cn"},
		"another scheme":      {"--public-url ftp://card.example.cn", "is no address of a web server"},
		"no host":             {"--public-url https://", "is no address of a web server"},
		"a path":              {"--public-url https://card.example.cn/lianka", "https://card.example.cn"},
		"a name and password": {"--public-url https://a:b@card.example.cn", "says more than where"},
		"a certificate alone": {"--tls-cert x.pem", "give both"},
		"a key alone":         {"--tls-key x.pem", "give both"},
		"a proxy by its name": {"--trusted-proxy proxy.local", "neither an address nor a block"},
		"everybody":           {"--trusted-proxy 0.0.0.0/0", "is everybody"},
		"everybody by IPv6":   {"--trusted-proxy ::/0", "is everybody"},
		"bits too many":       {"--trusted-proxy 10.1.2.3/8", "write 10.0.0.0/8"},
		"IPv4 as IPv6":        {"--trusted-proxy ::ffff:10.0.0.0/104", "in IPv4 form"},
		"a proxy with a zone": {"--trusted-proxy fe80::1%eth0", "neither an address nor a block"},
	} {
		_, err := readAddress(t, strings.Fields(test.flags)...)
		require.ErrorContains(t, err, test.says, name)
		var refused *refusedError
		require.ErrorAs(t, err, &refused, name)
	}
}

// TestWhatDoesNotWorkIsSaidAtTheStart in words that say what to do.
func TestWhatDoesNotWorkIsSaidAtTheStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flags string
		says  []string
	}{
		"localhost":                    {"", nil},
		"localhost by its address":     {"--public-url http://127.0.0.1:8080", []string{"passkeys at a name alone"}},
		"its own TLS":                  {"--public-url https://card.example.cn --listen :8443 --tls-cert c --tls-key k", nil},
		"a proxy with TLS":             {"--public-url https://card.example.cn --trusted-proxy 127.0.0.1", nil},
		"plain http":                   {"--public-url http://192.168.1.4:8080 --listen :8080", []string{"no camera", "passkeys at a name alone"}},
		"a proxy that is not named":    {"--public-url https://card.example.cn", []string{"name it by --trusted-proxy"}},
		"TLS and links to plain http":  {"--tls-cert c --tls-key k", []string{"this server speaks TLS"}},
		"links that nobody can follow": {"--listen 0.0.0.0:8080", []string{"work on this machine alone"}},
	} {
		a, err := readAddress(t, strings.Fields(test.flags)...)
		require.NoError(t, err)
		warnings := a.warnings()
		require.Len(t, warnings, len(test.says), "%s: %s", name, warnings)
		for i, says := range test.says {
			require.Contains(t, warnings[i], says, name)
		}
	}
}
