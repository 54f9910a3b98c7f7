package people

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/width"

	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// Payout is where a member wants its commission to be paid, and by which number the tax office
// knows it. It is entered by the member, and read by the payment run alone.
type Payout struct {
	Account   settlement.Account `json:"account"`
	TaxNumber string             `json:"tax_number,omitempty"`
}

// PayoutEnds is what the member sees of it again.
type PayoutEnds struct{ AccountEnd, TaxNumberEnd string }

func (p Payout) ends() PayoutEnds {
	return PayoutEnds{lastDigits(p.Account.Number), lastDigits(p.TaxNumber)}
}

// SetPayout keeps where a member is paid. It returns ErrNoPerson, a *FieldError, or the
// *bankfile.FieldError of the account.
func (s *Store) SetPayout(ctx context.Context, al clearing.Alliance, member string, p Payout, now time.Time) (PayoutEnds, error) {
	if err := p.Account.Validate(); err != nil {
		return PayoutEnds{}, err
	}
	p.TaxNumber = plainNumber(p.TaxNumber)
	if err := checkTaxNumber(p.TaxNumber, al); err != nil {
		return PayoutEnds{}, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return PayoutEnds{}, err
	}
	err = s.write(ctx, func(tx clearing.Tx, ring *keyring.Ring) error {
		_, key, err := find(ctx, tx, ring, al.ID, member, true)
		if err != nil {
			return err
		}
		sealed, err := key.Seal(text, payoutPlace)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE persons SET payout = $3, amended_at = $4 WHERE alliance_id = $1 AND member = $2`, al.ID, member, sealed, now)
		return err
	})
	return p.ends(), err
}

// DeletePayout forgets where a member is paid. It returns ErrNoPayout if that was not known.
func (s *Store) DeletePayout(ctx context.Context, allianceID int64, member string, now time.Time) error {
	return clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE persons SET payout = NULL, amended_at = $3 WHERE alliance_id = $1 AND member = $2 AND payout IS NOT NULL`, allianceID, member, now)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrNoPayout
		}
		return err
	})
}

// PayoutEnds returns the ends of what a member entered, or ErrNoPayout.
func (s *Store) PayoutEnds(ctx context.Context, allianceID int64, member string) (PayoutEnds, error) {
	found, err := s.payouts(ctx, s.db, allianceID, []string{member})
	if err != nil {
		return PayoutEnds{}, clearing.Unavailable(err)
	}
	p, ok := found[member]
	if !ok {
		return PayoutEnds{}, ErrNoPayout
	}
	return p.ends(), nil
}

// MemberAccounts returns the accounts that members have named, for a payment run. Nothing else
// reads them.
func (s *Store) MemberAccounts(ctx context.Context, db ledger.Querier, allianceID int64, members []string) (map[string]settlement.Account, error) {
	found, err := s.payouts(ctx, db, allianceID, members)
	if err != nil {
		return nil, err
	}
	accounts := make(map[string]settlement.Account, len(found))
	for member, p := range found {
		accounts[member] = p.Account
	}
	return accounts, nil
}

// TaxNumbers returns the tax numbers that members have named, for what is declared of a
// payment run.
func (s *Store) TaxNumbers(ctx context.Context, allianceID int64, members []string) (map[string]string, error) {
	found, err := s.payouts(ctx, s.db, allianceID, members)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	numbers := make(map[string]string, len(found))
	for member, p := range found {
		if p.TaxNumber != "" {
			numbers[member] = p.TaxNumber
		}
	}
	return numbers, nil
}

func (s *Store) payouts(ctx context.Context, db ledger.Querier, allianceID int64, members []string) (map[string]Payout, error) {
	var payouts map[string]Payout
	err := s.withRing(func(ring *keyring.Ring) error {
		payouts = make(map[string]Payout)
		rows, err := db.Query(ctx, `
			SELECT member, wrapped_key, payout FROM persons WHERE alliance_id = $1 AND member = ANY ($2) AND payout IS NOT NULL`, allianceID, members)
		if err != nil {
			return err
		}
		var member string
		var wrapped, sealed []byte
		_, err = pgx.ForEachRow(rows, []any{&member, &wrapped, &sealed}, func() error {
			key, err := ring.Unwrap(wrapped, owner(allianceID, member))
			if err != nil {
				return err
			}
			text, err := key.Open(sealed, payoutPlace)
			if err != nil {
				return err
			}
			var p Payout
			if json.Unmarshal(text, &p) != nil {
				return keyring.ErrUnreadable // the error of json would quote it
			}
			payouts[member] = p
			return nil
		})
		return err
	})
	return payouts, err
}

// plainNumber returns a number in capitals without the spaces and hyphens of the eye.
func plainNumber(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, width.Fold.String(text)))
}

// checkTaxNumber checks a number as the tax office writes it. Where yuan are paid, one of 18
// characters is that of a resident identity card, whose last character checks the others (GB 11643-1999,
// ISO 7064 MOD 11-2). Who has another document gives its number.
func checkTaxNumber(number string, al clearing.Alliance) error {
	if number == "" {
		return nil
	}
	if len(number) < 5 || len(number) > 30 || strings.ContainsFunc(number, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) {
		return fieldError("tax_number", "has 5 to 30 letters and digits")
	}
	const identityCard = 18
	if al.Currency.Code() != "CNY" || len(number) != identityCard {
		return nil
	}
	sum := 0
	for i := range identityCard - 1 {
		if number[i] < '0' || number[i] > '9' {
			return fieldError("tax_number", "is no identity number: of its 18 characters only the last may be X")
		}
		sum = (sum + int(number[i]-'0')) * 2 % 11
	}
	const check = "0123456789X"
	if number[identityCard-1] != check[(12-sum)%11] {
		return fieldError("tax_number", "is no identity number: its last character does not fit the others; compare it with the card")
	}
	return nil
}
