package keyring

import (
	"bytes"
	"errors"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrUnreadable: what was sealed can't be opened with this ring, or belongs elsewhere.
var ErrUnreadable = errors.New("the data of a person can't be opened with this master key")

// Key is the key of one person. What it seals is opened by it alone; when it is destroyed,
// what it sealed is gone, in copies too.
type Key struct {
	handle *keyset.Handle
	aead   tink.AEAD
}

// NewKey makes the key of a person.
func NewKey() (*Key, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	return newKey(handle)
}

func newKey(handle *keyset.Handle) (*Key, error) {
	a, err := aead.New(handle)
	return &Key{handle, a}, err
}

// Wrap returns the key of a person wrapped by the master key. Owner says whose it is: the key
// can't be unwrapped as another person's.
func (r *Ring) Wrap(k *Key, owner string) ([]byte, error) {
	var wrapped bytes.Buffer
	err := k.handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&wrapped), r.aead, []byte(owner))
	return wrapped.Bytes(), err
}

// Unwrap returns the key that Wrap wrapped, or ErrUnreadable.
func (r *Ring) Unwrap(wrapped []byte, owner string) (*Key, error) {
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), r.aead, []byte(owner))
	if err != nil {
		return nil, ErrUnreadable
	}
	return newKey(handle)
}

// Seal encrypts a text. Place says what it is: it can't be opened in another place.
func (k *Key) Seal(text []byte, place string) ([]byte, error) {
	return k.aead.Encrypt(text, []byte(place))
}

// Open returns what Seal sealed, or ErrUnreadable.
func (k *Key) Open(sealed []byte, place string) ([]byte, error) {
	text, err := k.aead.Decrypt(sealed, []byte(place))
	if err != nil {
		return nil, ErrUnreadable
	}
	return text, nil
}
