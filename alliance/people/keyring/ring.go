package keyring

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrNoRing: a text is no master key.
var ErrNoRing = errors.New("that is no master key of lianka; `lianka people make-key` makes one")

// Ring is a master key. It never changes; rotating returns another one.
type Ring struct {
	wrapping, index *keyset.Handle
	aead            tink.AEAD
	prfs            *prf.Set
	fingerprints    []string // of the wrapping keys; the primary's first
}

// indexSize is the length of a blind index in bytes.
const indexSize = 32

// New makes a master key.
func New() (*Ring, error) {
	wrapping, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	index, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	return newRing(wrapping, index)
}

func newRing(wrapping, index *keyset.Handle) (*Ring, error) {
	r := &Ring{wrapping: wrapping, index: index}
	var err error
	if r.aead, err = aead.New(wrapping); err != nil {
		return nil, err
	}
	if r.prfs, err = prf.NewPRFSet(index); err != nil {
		return nil, err
	}
	material := insecurecleartextkeyset.KeysetMaterial(wrapping)
	for _, k := range material.GetKey() {
		digest := sha256.Sum256(append([]byte("lianka master key\n"), k.GetKeyData().GetValue()...))
		fingerprint := hex.EncodeToString(digest[:16])
		if k.GetKeyId() == material.GetPrimaryKeyId() {
			r.fingerprints = append([]string{fingerprint}, r.fingerprints...)
		} else {
			r.fingerprints = append(r.fingerprints, fingerprint)
		}
	}
	return r, nil
}

// document is the text of a ring.
type document struct {
	Wrapping json.RawMessage `json:"wrapping"`
	Index    json.RawMessage `json:"index"`
}

// Parse reads the text of a ring, which may be in base64. Its error never quotes the text.
func Parse(text string) (*Ring, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, ErrNoRing
		}
		text = string(decoded)
	}
	var d document
	if json.Unmarshal([]byte(text), &d) != nil {
		return nil, ErrNoRing
	}
	wrapping, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(d.Wrapping)))
	if err != nil {
		return nil, ErrNoRing
	}
	index, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(d.Index)))
	if err != nil {
		return nil, ErrNoRing
	}
	r, err := newRing(wrapping, index)
	if err != nil {
		return nil, ErrNoRing
	}
	return r, nil
}

// Text returns the ring as Parse reads it. It is secret.
func (r *Ring) Text() (string, error) {
	var d document
	for _, part := range []struct {
		handle *keyset.Handle
		into   *json.RawMessage
	}{{r.wrapping, &d.Wrapping}, {r.index, &d.Index}} {
		var text bytes.Buffer
		if err := insecurecleartextkeyset.Write(part.handle, keyset.NewJSONWriter(&text)); err != nil {
			return "", err
		}
		*part.into = text.Bytes()
	}
	text, err := json.Marshal(d)
	return string(text) + "\n", err
}

// Fingerprint names the key that is used for what is written.
func (r *Ring) Fingerprint() string { return r.fingerprints[0] }

// Holds reports whether the ring has the key of a fingerprint, its first or an older one.
func (r *Ring) Holds(fingerprint string) bool {
	for _, held := range r.fingerprints {
		if held == fingerprint {
			return true
		}
	}
	return false
}

// Rotated returns the ring with new keys before those that it has.
func (r *Ring) Rotated() (*Ring, error) {
	wrapping, err := withNew(r.wrapping, true)
	if err != nil {
		return nil, err
	}
	index, err := withNew(r.index, false)
	if err != nil {
		return nil, err
	}
	return newRing(wrapping, index)
}

func withNew(handle *keyset.Handle, wrapping bool) (*keyset.Handle, error) {
	template := prf.HMACSHA256PRFKeyTemplate()
	if wrapping {
		template = aead.AES256GCMKeyTemplate()
	}
	m := keyset.NewManagerFromHandle(handle)
	id, err := m.Add(template)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

// Rotating reports whether the ring still has older keys.
func (r *Ring) Rotating() bool { return len(r.fingerprints) > 1 }

// Newest returns the ring without its older keys.
func (r *Ring) Newest() (*Ring, error) {
	wrapping, err := alone(r.wrapping)
	if err != nil {
		return nil, err
	}
	index, err := alone(r.index)
	if err != nil {
		return nil, err
	}
	return newRing(wrapping, index)
}

func alone(handle *keyset.Handle) (*keyset.Handle, error) {
	info := handle.KeysetInfo()
	m := keyset.NewManagerFromHandle(handle)
	for _, k := range info.GetKeyInfo() {
		if k.GetKeyId() != info.GetPrimaryKeyId() {
			if err := m.Delete(k.GetKeyId()); err != nil {
				return nil, err
			}
		}
	}
	return m.Handle()
}

// Index returns the blind index of a text: its HMAC by the key that is used for what is
// written. Purpose keeps the indexes of one thing apart from those of another.
func (r *Ring) Index(purpose, text string) ([]byte, error) {
	return r.prfs.ComputePrimaryPRF(indexInput(purpose, text), indexSize)
}

// Indexes returns the blind indexes of a text by all keys of the ring.
func (r *Ring) Indexes(purpose, text string) ([][]byte, error) {
	var all [][]byte
	for _, p := range r.prfs.PRFs {
		index, err := p.ComputePRF(indexInput(purpose, text), indexSize)
		if err != nil {
			return nil, fmt.Errorf("a blind index: %w", err)
		}
		all = append(all, index)
	}
	return all, nil
}

func indexInput(purpose, text string) []byte { return []byte(purpose + "\x00" + text) }
