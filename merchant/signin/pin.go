package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
)

// How a PIN is hashed: the second choice of RFC 9106 is for more memory than a server that
// answers many tills should give away, so these are OWASP's figures for argon2id.
const (
	pinMemoryKiB = 19 * 1024
	pinPasses    = 2
	pinThreads   = 1
	pinSalt      = 16
	pinKey       = 32
)

// hashing limits how many PINs are hashed at once, and so the memory that they take.
var hashing = semaphore.NewWeighted(4)

// Limits of wrong PINs: of one cashier at all tills, and at one till of all cashiers.
var (
	pinOfStaff = attempts.Limit{Name: "pin", Most: 5, Within: 15 * time.Minute, Lock: 15 * time.Minute}
	pinAtTill  = attempts.Limit{Name: "till", Most: 20, Within: time.Hour, Lock: time.Hour}
)

// checkPIN returns ErrPIN for a PIN that is too easily guessed.
func checkPIN(pin string) error {
	if len(pin) < 6 || len(pin) > 12 || strings.Trim(pin, "0123456789") != "" {
		return ErrPIN
	}
	step := int(pin[1]) - int(pin[0])
	for i := 2; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return nil
		}
	}
	if step >= -1 && step <= 1 {
		return ErrPIN
	}
	return nil
}

// newPIN returns a random PIN of six digits.
func newPIN() string {
	for {
		number, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // never fails
		if pin := fmt.Sprintf("%06d", number); checkPIN(pin) == nil {
			return pin
		}
	}
}

// hashPIN returns what is kept of a PIN, in the form that argon2's own program writes.
func hashPIN(ctx context.Context, pin string) (string, error) {
	salt := make([]byte, pinSalt)
	_, _ = rand.Read(salt)
	key, err := derive(ctx, pin, salt, pinPasses, pinMemoryKiB, pinThreads)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, pinMemoryKiB, pinPasses, pinThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), err
}

// matchesPIN reports whether a PIN is the one that a hash was made of. It takes as long
// without a hash, so that nobody learns who has a PIN.
func matchesPIN(ctx context.Context, hash, pin string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		_, err := derive(ctx, pin, make([]byte, pinSalt), pinPasses, pinMemoryKiB, pinThreads)
		return false, err
	}
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return false, fmt.Errorf("a stored PIN: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("a stored PIN: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("a stored PIN: %w", err)
	}
	key, err := derive(ctx, pin, salt, passes, memory, threads)
	return subtle.ConstantTimeCompare(key, want) == 1, err
}

func derive(ctx context.Context, pin string, salt []byte, passes, memory uint32, threads uint8) ([]byte, error) {
	if err := hashing.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer hashing.Release(1)
	return argon2.IDKey([]byte(pin), salt, passes, memory, threads, pinKey), nil
}

// ChoosePIN returns the PIN that somebody wants, or a random one for "". It returns ErrPIN.
func ChoosePIN(wanted string) (string, error) {
	if wanted == "" {
		return newPIN(), nil
	}
	return wanted, checkPIN(wanted)
}

// SetPIN gives a cashier a PIN. Sessions that the cashier has end, and what was tried is
// forgotten. The errors are ErrPIN, ErrStaffUnknown, and ErrStaffSpec for who is no cashier.
func SetPIN(ctx context.Context, db clearing.Database, allianceID int64, id, pin, by string, now time.Time) error {
	if err := checkPIN(pin); err != nil {
		return err
	}
	hash, err := hashPIN(ctx, pin)
	if err != nil {
		return err
	}
	err = clearing.Write(ctx, db, func(tx clearing.Tx) error {
		s, err := FindStaff(ctx, tx, allianceID, id)
		if err == nil && s.Role != access.Cashier {
			err = errNoCashier
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE signin_staff SET pin_hash = $3 WHERE alliance_id = $1 AND staff_id = $2`, allianceID, id, hash); err != nil {
			return err
		}
		if _, err := EndSessions(ctx, tx, allianceID, s.Person(), by, now); err != nil {
			return err
		}
		return record(ctx, tx, allianceID, Event{Person: s.Person(), Type: PINSet, By: by, At: now})
	})
	if err != nil {
		return err
	}
	return attempts.Clear(ctx, db, allianceID, id, pinOfStaff)
}

// OpenByPIN signs a cashier in on a paired till. The error is ErrTillUnknown, ErrRefused, or an
// *attempts.TooManyError.
func OpenByPIN(ctx context.Context, db clearing.Database, tillToken, staff, pin string, now time.Time) (s Session, token string, err error) {
	till, err := AuthenticateTill(ctx, db, tillToken)
	if err != nil {
		return s, "", err
	}
	// An attempt is counted before it is looked at, so that many at once are counted too.
	if err := attempts.Take(ctx, db, till.AllianceID, till.ID, now, pinAtTill); err != nil {
		return s, "", err
	}
	if err := attempts.Take(ctx, db, till.AllianceID, staff, now, pinOfStaff); err != nil {
		return s, "", err
	}
	var hash string
	if err := db.QueryRow(ctx, `
		SELECT coalesce(max(pin_hash), '') FROM signin_staff
		WHERE alliance_id = $1 AND staff_id = $2 AND merchant = $3 AND role = 'cashier' AND removed_at IS NULL`, till.AllianceID, staff, till.Merchant).Scan(&hash); err != nil {
		return s, "", clearing.Unavailable(err)
	}
	matches, err := matchesPIN(ctx, hash, pin)
	if err != nil {
		return s, "", err
	}
	if !matches {
		return s, "", ErrRefused
	}
	err = clearing.Write(ctx, db, func(tx clearing.Tx) error {
		// The PIN may have been changed, and the cashier removed, while it was compared.
		var same bool
		if err := tx.QueryRow(ctx, `
			SELECT count(*) = 1 FROM (SELECT 1 FROM signin_staff WHERE alliance_id = $1 AND staff_id = $2 AND pin_hash = $3 AND removed_at IS NULL FOR UPDATE) f`,
			till.AllianceID, staff, hash).Scan(&same); err != nil {
			return err
		}
		if !same {
			return ErrRefused
		}
		s, token, err = open(ctx, tx, till.AllianceID, opening{person: Person{Staff: staff}, till: till.Name, tillID: till.ID, way: ByPIN}, now)
		return err
	})
	if err != nil {
		return s, "", err
	}
	if err := attempts.Clear(ctx, db, till.AllianceID, staff, pinOfStaff); err != nil {
		return s, "", err
	}
	return s, token, attempts.Clear(ctx, db, till.AllianceID, till.ID, pinAtTill)
}
