package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// forwardedHeaders are what proxies say of a request that they pass on. Only those that are
// believed may say it.
var forwardedHeaders = []string{
	echo.HeaderXForwardedFor, echo.HeaderXForwardedProto, echo.HeaderXForwardedProtocol, echo.HeaderXForwardedSsl, echo.HeaderXUrlScheme,
	echo.HeaderXRealIP, "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded",
}

// forwarded notes how a request came. What a sender that is no trusted proxy says of that is
// removed, so that nothing behind can believe it.
func (s *Server) forwarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		secure := r.TLS != nil
		if s.trusts(r.RemoteAddr) {
			if said := r.Header.Values(echo.HeaderXForwardedProto); len(said) > 0 { // the nearest proxy speaks last
				last := said[len(said)-1]
				secure = strings.EqualFold(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]), "https")
			}
		} else {
			for _, name := range forwardedHeaders {
				r.Header.Del(name)
			}
		}
		scopeOf(r.Context()).secure = secure
		return next(c)
	}
}

// trusts reports whether a sender is a proxy that is believed.
func (s *Server) trusts(remote string) bool {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, p := range s.trustedProxies {
		if p.Contains(from.Addr().Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// extractor returns how the router finds out where a request came from.
func (s *Server) extractor() echo.IPExtractor {
	trusted := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range s.trustedProxies {
		trusted = append(trusted, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trusted...)
}

// addressBlock returns the block of addresses that a request came from, which is what somebody who
// has one address of it can usually choose from.
func addressBlock(c echo.Context) netip.Prefix {
	from, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return netip.Prefix{}
	}
	from = from.Unmap().WithZone("")
	bits := 24
	if from.Is6() {
		bits = 48
	}
	block, err := from.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return block
}

// onThisMachine reports whether a request was sent to a name of the machine that it came from:
// browsers take that for secure.
func onThisMachine(r *http.Request) bool {
	host := (&url.URL{Host: r.Host}).Hostname()
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
