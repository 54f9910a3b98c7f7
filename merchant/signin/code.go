package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/attempts"
)

// Directory knows whose a telephone is.
type Directory interface {
	// MemberByTelephone returns whose a telephone is, which it reads as it was typed: with spaces,
	// full-width digits, the country or not. All digits of the text are the number's. Else each
	// way to add some would have a count of attempts of its own.
	MemberByTelephone(ctx context.Context, allianceID int64, telephone string) (member string, found bool, err error)
}

// codeAge is how long a code can be used.
const codeAge = 5 * time.Minute

// Limits of codes that are asked for, and of wrong ones, for a telephone.
var (
	askedLimits = []attempts.Limit{
		{Name: "code.minute", Most: 1, Within: time.Minute},
		{Name: "code.hour", Most: 5, Within: time.Hour},
		{Name: "code.day", Most: 10, Within: 24 * time.Hour},
	}
	wrongCodes = []attempts.Limit{
		{Name: "code.wrong", Most: 5, Within: 10 * time.Minute, Lock: 10 * time.Minute},
		{Name: "code.wrong.day", Most: 10, Within: 24 * time.Hour}, // who tries many telephones hits one in 100,000 a day
	}
)

// Codes signs members in by codes that are sent to their telephones.
//
// Whether a telephone is anybody's can't be told from outside: the same statements run for one
// that is nobody's, with a code that nobody gets; the limits count by the telephone, whoever
// has it; and the answers are the same.
type Codes struct {
	DB        clearing.Database
	Directory Directory
	Sender    Sender
}

// subjectOf returns under what the attempts of a telephone are counted: 20 bits of a digest of
// its last eight digits. However it is written, with or without the country, these are the
// same: a [Directory] takes no text with other digits than the number's for it. So few bits leave thousands of numbers that it may be, so that a dump gives none away;
// that two of a circle's numbers share a count is one chance in a million.
func subjectOf(telephone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, width.Fold.String(telephone))
	digits = digits[max(0, len(digits)-8):]
	sum := sha256.Sum256([]byte("telephone\n" + digits))
	return "telephone:" + hex.EncodeToString(sum[:3])[:5]
}

// Request sends a code to whose telephone it is. The error is an *attempts.TooManyError if it was
// asked for too often.
func (c *Codes) Request(ctx context.Context, allianceID int64, telephone string, now time.Time) error {
	if err := attempts.Take(ctx, c.DB, allianceID, subjectOf(telephone), now, askedLimits...); err != nil {
		return err
	}
	member, found, err := c.Directory.MemberByTelephone(ctx, allianceID, telephone)
	if err != nil {
		return err
	}
	if !found {
		member = ""
	}
	number, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // never fails
	code, expires := fmt.Sprintf("%06d", number), now.Add(codeAge).UTC()
	return clearing.Write(ctx, c.DB, func(tx clearing.Tx) error {
		// A new code replaces those of before.
		if _, err := tx.Exec(ctx, `
			DELETE FROM signin_codes WHERE alliance_id = $1 AND (member = nullif($2, '') OR expires_at <= $3)`, allianceID, member, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO signin_codes (alliance_id, member, code_hash, made_at, expires_at) VALUES ($1, nullif($2, ''), $3, $4, $5)`,
			allianceID, member, hashCode(allianceID, member, code), now, expires); err != nil {
			return err
		}
		text := "登录验证码 " + code + "，" + strconv.Itoa(int(codeAge.Minutes())) + " 分钟内有效，请勿告诉他人。Your code to sign in; tell nobody."
		return c.Sender.Keep(ctx, tx, Message{AllianceID: allianceID, Member: member, Text: text, ExpiresAt: expires}, now)
	})
}

// hashCode returns what is kept of a code. It has little to guess, and no slow hash would
// change that: what protects it is that it is short-lived, and that attempts are limited.
func hashCode(allianceID int64, member, code string) []byte {
	return hashToken(strconv.FormatInt(allianceID, 10) + "\n" + member + "\n" + code)
}

// Open signs the member in whose telephone a code was sent to. The error is ErrRefused, or an
// *attempts.TooManyError.
func (c *Codes) Open(ctx context.Context, allianceID int64, telephone, code string, now time.Time) (s Session, token string, err error) {
	// An attempt is counted before it is looked at, so that many at once are counted too.
	if err := attempts.Take(ctx, c.DB, allianceID, subjectOf(telephone), now, wrongCodes...); err != nil {
		return s, "", err
	}
	member, found, err := c.Directory.MemberByTelephone(ctx, allianceID, telephone)
	if err != nil {
		return s, "", err
	}
	if !found {
		member = ""
	}
	err = clearing.Write(ctx, c.DB, func(tx clearing.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE signin_codes SET used_at = $4
			WHERE alliance_id = $1 AND member = nullif($2, '') AND code_hash = $3 AND used_at IS NULL AND expires_at > $4`,
			allianceID, member, hashCode(allianceID, member, code), now)
		if err == nil && tag.RowsAffected() != 1 {
			err = ErrRefused
		}
		if err != nil {
			return err
		}
		if err := c.Sender.Forget(ctx, tx, allianceID, member); err != nil {
			return err
		}
		s, token, err = open(ctx, tx, allianceID, opening{person: Person{Member: member}, way: ByCode}, now)
		return err
	})
	if err != nil {
		return s, "", err
	}
	return s, token, attempts.Clear(ctx, c.DB, allianceID, subjectOf(telephone), wrongCodes...)
}
