package access

import (
	"errors"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
)

// KeyRole says whom an API key is issued to.
type KeyRole string

// The roles of keys, as they are stored and as the API names them.
const (
	OrganiserKey KeyRole = "organiser"
	MerchantKey  KeyRole = "shop" // bound to one till of one shop
)

// Right says for whom the key of a merchant acts.
type Right string

// The rights of merchants' keys, as they are stored and as the API names them.
const (
	NoRight      Right = ""        // of an organiser's key
	CashierRight Right = "cashier" // sells, redeems, and undoes what its merchant did
	OwnerRight   Right = "owner"   // all that is the merchant's: statements, disputes, accounts, notice
)

var (
	// ErrKeyMalformed: the text is no key. The checksum tells, without asking the
	// database.
	ErrKeyMalformed = errors.New("that is no API key; check that it was copied whole")
	// ErrKeyUnknown: the key was never issued, or was revoked.
	ErrKeyUnknown = errors.New("there is no such API key, or it was revoked")
	// ErrKeyRevoked: a revoked key was to be rotated.
	ErrKeyRevoked = errors.New("the API key was revoked already; issue a new one")
	// ErrKeySpec: the parts of the requested key contradict each other.
	ErrKeySpec = errors.New("such an API key can't be issued")
	// ErrLastOrganiserKey: without this key nobody could manage the circle.
	ErrLastOrganiserKey = errors.New("the last organiser key can't be revoked; rotate it, or issue another one first")
)

// KeySpec describes a key to issue. Only a MerchantKey has a merchant, a till and a right.
type KeySpec struct {
	Role     KeyRole
	Merchant string
	Till     string
	Right    Right  // NoRight: a merchant's key is a cashier's
	Label    string // for people
}

// Key is an issued API key without its text, which is shown once and never
// stored.
type Key struct {
	ID         string // "key_" and 11 letters and digits
	AllianceID int64
	Role       KeyRole
	Merchant   string
	Till       string
	Right      Right
	Label      string
	CreatedAt  time.Time
	RevokedAt  time.Time // zero: it is in force
	LeftAt     time.Time // when its merchant left, since when it only reads; zero: it has not
	ReplacedBy string    // the ID of the key that it was rotated to
}

// Caller returns the name under which the key's idempotency keys are kept. It is
// that of the till, not of the key, so a retry is recognised after a rotation. A
// slash in the shop's code is escaped, so that no two tills share a name.
func (k Key) Caller() string {
	if k.Role == OrganiserKey {
		return clearing.Organiser
	}
	return "shop:" + strings.ReplaceAll(strings.ReplaceAll(k.Merchant, "%", "%25"), "/", "%2F") + "/" + k.Till
}

// Principal returns who acts with the key. When its shop has left, an owner's key only reads
// what is still settled with the shop, and a cashier's does nothing. A role or a right that
// this version does not know may do nothing.
func (k Key) Principal() Principal {
	switch {
	case k.Role == OrganiserKey:
		return Principal{Role: Organiser}
	case k.Role == MerchantKey && k.Right == OwnerRight && !k.LeftAt.IsZero():
		return Principal{Role: Leaver, Merchant: k.Merchant}
	case k.Role == MerchantKey && k.Right == OwnerRight:
		return Principal{Role: Owner, Merchant: k.Merchant}
	case k.Role == MerchantKey && k.Right == CashierRight && k.LeftAt.IsZero():
		return Principal{Role: Cashier, Merchant: k.Merchant}
	}
	return Principal{}
}

// Credential returns what the key proves about a request.
func (k Key) Credential() Credential {
	return Credential{ID: k.ID, AllianceID: k.AllianceID, Principal: k.Principal(), Caller: k.Caller()}
}

// Limits of the parts of a key, in bytes.
const (
	maxTill  = 128
	maxLabel = 256
)

// read returns the description with its codes as they are stored and compared, and with the right that a
// merchant's key has if none is asked for. The error is ErrKeySpec.
func (s KeySpec) read() (KeySpec, error) {
	if s.Role == MerchantKey && s.Right == NoRight {
		s.Right = CashierRight
	}
	var err error
	if s.Merchant, err = identifier.Read(s.Merchant); err != nil {
		return s, message.Wrap("%v: the shop's code %v", ErrKeySpec, err)
	}
	if s.Till, err = identifier.Read(s.Till); err != nil {
		return s, message.Wrap("%v: the till %v", ErrKeySpec, err)
	}
	return s, s.check()
}

func (s KeySpec) check() error {
	switch {
	case s.Role == OrganiserKey && s.Right != NoRight:
		return message.Wrap("%v: an organiser key has no right of a shop's; leave it out", ErrKeySpec)
	case s.Role == MerchantKey && s.Right != CashierRight && s.Right != OwnerRight:
		return message.Wrap("%v: the right of a shop key is cashier or owner, not %q", ErrKeySpec, string(s.Right))
	case s.Role == OrganiserKey && (s.Merchant != "" || s.Till != ""):
		return message.Wrap("%v: an organiser key is bound to no shop and no till", ErrKeySpec)
	case s.Role == MerchantKey && (s.Merchant == "" || s.Till == ""):
		return message.Wrap("%v: a shop key is bound to a shop and one of its tills; name both", ErrKeySpec)
	case s.Role != OrganiserKey && s.Role != MerchantKey:
		return message.Wrap("%v: the role is organiser or shop, not %q", ErrKeySpec, string(s.Role))
	case len(s.Till) > maxTill:
		return message.Wrap("%v: a till has at most %d bytes", ErrKeySpec, maxTill)
	case len(s.Label) > maxLabel:
		return message.Wrap("%v: a label has at most %d bytes", ErrKeySpec, maxLabel)
	}
	if err := identifier.CheckText(s.Label); err != nil {
		return message.Wrap("%v: the label %v", ErrKeySpec, err)
	}
	return nil
}
