package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// addressFlags say where people reach the server, and how.
type addressFlags struct {
	Listen       string   `help:"Address to listen on." default:"127.0.0.1:8080" env:"LIANKA_LISTEN" placeholder:"HOST:PORT"`
	PublicURL    string   `help:"Where people reach the server, such as https://card.example.cn: links, QR codes, cookies and passkeys go by it." default:"http://localhost:8080" env:"LIANKA_PUBLIC_URL" placeholder:"URL"`
	TLSCert      string   `help:"Certificate with its chain, as PEM, to speak TLS with. It is read again when the file changes." env:"LIANKA_TLS_CERT" placeholder:"FILE" type:"path"`
	TLSKey       string   `help:"Private key of --tls-cert, as PEM." env:"LIANKA_TLS_KEY" placeholder:"FILE" type:"path"`
	TrustedProxy []string `help:"Addresses of a proxy whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 10.0.0.0/8. May be repeated; of all others these headers are ignored." env:"LIANKA_TRUSTED_PROXY" placeholder:"CIDR"`
}

// address is what the flags say.
type address struct {
	listen  string
	public  *url.URL
	trusted []netip.Prefix
	tls     bool
}

func (f *addressFlags) read() (address, error) {
	a := address{listen: f.Listen, tls: f.TLSCert != ""}
	var err error
	if a.public, err = readPublicURL(f.PublicURL); err != nil {
		return a, &refusedError{fmt.Errorf("--public-url: %w", err)}
	}
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return a, &refusedError{errors.New("--tls-cert and --tls-key: a certificate and its key go together; give both")}
	}
	for _, text := range f.TrustedProxy {
		proxy, err := readProxy(text)
		if err != nil {
			return a, &refusedError{fmt.Errorf("--trusted-proxy: %w", err)}
		}
		a.trusted = append(a.trusted, proxy)
	}
	return a, nil
}

func readPublicURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is no address of a web server; write it like https://card.example.cn", text)
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q says more than where the server is; write scheme, host and, if need be, port: %s://%s", text, u.Scheme, u.Host)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

func readProxy(text string) (netip.Prefix, error) {
	if one, err := netip.ParseAddr(text); err == nil && one.Zone() == "" {
		return one.Prefix(one.BitLen())
	}
	proxy, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return proxy, fmt.Errorf("%q is neither an address nor a block of addresses such as 10.0.0.0/8", text)
	case proxy.Bits() == 0:
		return proxy, fmt.Errorf("%q is everybody, who could then claim any address; name the proxy", text)
	case proxy != proxy.Masked():
		return proxy, fmt.Errorf("%q has bits beyond its length; write %s", text, proxy.Masked())
	case proxy.Addr().Is4In6():
		return proxy, fmt.Errorf("%q is an IPv4 address in IPv6 form; write it in IPv4 form", text)
	}
	return proxy, nil
}

// isLocal reports whether a host is the machine itself, which browsers take for secure.
func isLocal(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// warnings says what will not work at the address, for who starts the server.
func (a *address) warnings() []string {
	var all []string
	secure, local := a.public.Scheme == "https", isLocal(a.public.Hostname())
	switch {
	case !secure && !local:
		all = append(all, fmt.Sprintf("people reach this server over plain http at %s: their browsers give no camera to scan with, no pages that work offline (service workers), no passkeys and no secure cookies, so nobody can sign in. Give --tls-cert and --tls-key, or put a proxy with TLS in front, and an https --public-url. At localhost plain http is fine", a.public))
	case secure && !a.tls && len(a.trusted) == 0:
		all = append(all, fmt.Sprintf("--public-url is %s, and this server speaks plain http. If a proxy in front ends TLS, name it by --trusted-proxy: until then no request counts as encrypted, and all seem to come from the proxy", a.public))
	case !secure && a.tls:
		all = append(all, fmt.Sprintf("this server speaks TLS, and --public-url is %s: links and QR codes lead to an address where nothing answers. Make it an https one", a.public))
	}
	if _, err := netip.ParseAddr(a.public.Hostname()); err == nil {
		all = append(all, fmt.Sprintf("--public-url is %s, an address in numbers: browsers take passkeys at a name alone, such as localhost or card.example.cn", a.public))
	}
	if host, _, err := net.SplitHostPort(a.listen); err == nil && local && !isLocal(host) {
		all = append(all, fmt.Sprintf("the server listens at %s for other machines, and --public-url is %s: links and QR codes work on this machine alone. Say where people reach it", a.listen, a.public))
	}
	return all
}
