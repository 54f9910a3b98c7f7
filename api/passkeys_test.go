package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// device is a telephone with passkeys.
type device struct {
	h    *house
	site virtualwebauthn.RelyingParty
	held virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func (h *house) device() *device {
	return &device{
		h: h, site: virtualwebauthn.RelyingParty{Name: "Lianka", ID: "localhost", Origin: "http://localhost:8080"},
		held: virtualwebauthn.NewAuthenticator(), key: newPasskey(h.t),
	}
}

// newPasskey makes a passkey whose public key is written in full: the software authenticator
// leaves out zeros at the beginning of a coordinate, which no device does.
func newPasskey(tb testing.TB) virtualwebauthn.Credential {
	tb.Helper()
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(tb, err)
		point, err := key.PublicKey.Bytes()
		require.NoError(tb, err)
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		text, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(tb, err)
		return virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, text)
	}
}

// challenge asks for a challenge, and returns its ID and its options.
func (d *device) challenge(path, cookie string) (ceremony, options string) {
	d.h.t.Helper()
	answer := d.h.send(http.MethodPost, path, "", "", "Cookie", cookie)
	require.Equal(d.h.t, http.StatusCreated, answer.status, answer.body)
	var c struct {
		Ceremony string
		Options  json.RawMessage
	}
	require.NoError(d.h.t, json.Unmarshal([]byte(answer.body), &c))
	return c.Ceremony, string(c.Options)
}

// add adds the device's passkey for who is signed in.
func (d *device) add(cookie string) answer {
	d.h.t.Helper()
	ceremony, text := d.challenge("/v1/passkey-challenges", cookie)
	options, err := virtualwebauthn.ParseAttestationOptions(text)
	require.NoError(d.h.t, err)
	d.held.Options.UserHandle = []byte(options.UserID)
	said := virtualwebauthn.CreateAttestationResponse(d.site, d.held, d.key, *options)
	d.held.AddCredential(d.key)
	return d.h.send(http.MethodPut, "/v1/passkey-challenges/"+ceremony, "", quoted(map[string]string{"credential": said, "label": "telephone"}), "Cookie", cookie)
}

// said answers a challenge to sign in.
func (d *device) said(options string) string {
	d.h.t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	require.NoError(d.h.t, err)
	return quoted(map[string]string{"credential": virtualwebauthn.CreateAssertionResponse(d.site, d.held, d.key, *parsed)})
}

func (d *device) signIn() answer {
	d.h.t.Helper()
	ceremony, options := d.challenge("/v1/sign-in/passkeys", "")
	return d.h.send(http.MethodPost, "/v1/sign-in/passkeys/"+ceremony, "", d.said(options))
}

func TestAnOwnerSignsInWithAPasskey(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	wu := h.staffed(h.alliance, access.Owner, "cafe", "Wu")
	cookie := h.enters(h.alliance, signin.Link{Person: wu.Person()})
	d := h.device()
	added := d.add(cookie)
	require.Equal(t, http.StatusCreated, added.status, added.body)

	answer := d.signIn()
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	require.Contains(t, answer.body, `"role":"owner","seen_at"`)
	require.Contains(t, answer.body, `"opened_with":"passkey"`)
	second := cookieOf(t, answer)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/positions", "", "", "Cookie", second).status)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cookie).status, "a passkey ends no other session")

	ceremony, options := d.challenge("/v1/sign-in/passkeys", "")
	said := d.said(options)
	require.Equal(t, http.StatusCreated, h.send(http.MethodPost, "/v1/sign-in/passkeys/"+ceremony, "", said).status)
	require.Equal(t, "sign_in_refused", h.send(http.MethodPost, "/v1/sign-in/passkeys/"+ceremony, "", said).code(t), "a challenge is answered once")
	other, _ := d.challenge("/v1/sign-in/passkeys", "")
	require.Equal(t, "sign_in_refused", h.send(http.MethodPost, "/v1/sign-in/passkeys/"+other, "", said).code(t), "the answer to another challenge")

	list := h.send(http.MethodGet, "/v1/passkeys", "", "", "Cookie", second)
	require.Contains(t, list.body, `"label":"telephone"`)
	require.Contains(t, list.body, `"used_at"`)
	var made struct{ Passkey string }
	require.NoError(t, json.Unmarshal([]byte(added.body), &made))
	lin := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	require.Equal(t, "not_found", h.send(http.MethodDelete, "/v1/passkeys/"+made.Passkey, "", "", "Cookie", lin).code(t), "another's is hidden")
	require.Equal(t, http.StatusNoContent, h.send(http.MethodDelete, "/v1/passkeys/"+made.Passkey, "", "", "Cookie", second).status)
	require.Equal(t, "sign_in_refused", d.signIn().code(t))
	events := h.send(http.MethodGet, "/v1/security-events", "", "", "Cookie", second).body
	require.Contains(t, events, "passkey.added")
	require.Contains(t, events, "passkey.removed")
}

func TestAPasskeyOfAnotherSiteOrDeviceOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	wu := h.staffed(h.alliance, access.Owner, "cafe", "Wu")
	cookie := h.enters(h.alliance, signin.Link{Person: wu.Person()})
	d := h.device()
	require.Equal(t, http.StatusCreated, d.add(cookie).status)

	phished := *d
	phished.site.Origin = "https://lianka.example.com"
	require.Equal(t, "sign_in_refused", phished.signIn().code(t), "signed for another origin")
	foreign := *d
	foreign.site.ID = "example.com"
	require.Equal(t, "sign_in_refused", foreign.signIn().code(t), "bound to another host")
	forged := *d
	forged.key.Key = newPasskey(t).Key
	require.Equal(t, "sign_in_refused", forged.signIn().code(t), "signed with another key")
	unseen := *d
	unseen.held.Options.UserNotVerified = true
	require.Equal(t, "sign_in_refused", unseen.signIn().code(t), "nobody was asked for a finger, a face or a PIN")
	stranger := *d
	stranger.held.Options.UserHandle = []byte(strings.Repeat("x", 32))
	require.Equal(t, "sign_in_refused", stranger.signIn().code(t), "of nobody")
	require.Equal(t, http.StatusCreated, d.signIn().status)

	h.write(func(tx clearing.Tx) error {
		return signin.RemoveStaff(t.Context(), tx, h.alliance.ID, wu.ID, signin.CommandLine, start)
	})
	require.Equal(t, "sign_in_refused", d.signIn().code(t), "who was removed")
}

// TestACopiedPasskeyIsRefused: a counter that stands still or goes back tells that there are two.
func TestACopiedPasskeyIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	cookie := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	d := h.device()
	require.Equal(t, http.StatusCreated, d.add(cookie).status)
	d.key.Counter = 7
	require.Equal(t, http.StatusCreated, d.signIn().status)
	d.key.Counter = 5
	require.Equal(t, "sign_in_refused", d.signIn().code(t))
}

func TestAChallengeExpires(t *testing.T) {
	t.Parallel()
	now := start.Add(30 * time.Minute)
	h := newHarbour(t, func(c *api.Config) { c.Clock = func() time.Time { return now } })
	cookie := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	d := h.device()
	require.Equal(t, http.StatusCreated, d.add(cookie).status)
	ceremony, options := d.challenge("/v1/sign-in/passkeys", "")
	now = now.Add(signin.CeremonyValid)
	require.Equal(t, "sign_in_refused", h.send(http.MethodPost, "/v1/sign-in/passkeys/"+ceremony, "", d.said(options)).code(t))
	require.Equal(t, http.StatusCreated, d.signIn().status)
}

func TestWhoHasNoPasskeys(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, link := range []signin.Link{
		{Person: signin.Person{Member: "ann"}}, {Person: person(h.staffed(h.alliance, access.Cashier, "cafe", "Li")), Till: "1"},
	} {
		require.Equal(t, "forbidden", h.send(http.MethodPost, "/v1/passkey-challenges", "", "", "Cookie", h.enters(h.alliance, link)).code(t))
	}
}
