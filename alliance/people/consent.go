package people

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/ledger"
)

// Purpose is what a member consents to.
type Purpose string

// The purposes. Each is asked for separately, for each shop, and nothing is given by default.
const (
	SeeDetails Purpose = "see_details" // a shop that is not the member's may see its details
	Messages   Purpose = "messages"    // offers and news may be sent
	Profiling  Purpose = "profiling"   // gifts may be chosen by what the member buys
)

// Purposes lists all purposes.
func Purposes() []Purpose { return []Purpose{SeeDetails, Messages, Profiling} }

// Choice is what a member decided.
type Choice string

// The choices. Who has decided nothing has consented to nothing.
const (
	Given     Choice = "given"
	Refused   Choice = "refused"
	Withdrawn Choice = "withdrawn"
)

// Decision is what a member decided about a purpose, for one party.
type Decision struct {
	Purpose Purpose
	Party   string // a merchant's code, or clearing.Organiser
	Choice  Choice
	Version int    // of the text that was shown
	Place   string // see AtTill
	At      time.Time
}

// The places where a member decides, beside tills.
const (
	InSession   = "member"    // in the member's own session
	AtOrganiser = "organiser" // with the organiser, such as on paper
)

// AtTill is the place of a decision at a shop's till.
func AtTill(merchant, till string) string { return "till " + merchant + "/" + till }

// Text is what a member is asked to consent to.
type Text struct {
	Purpose          Purpose
	Version          int
	Chinese, English string
	SetAt            time.Time // zero: Lianka's own
}

// MaxText is the longest text of a consent, in characters.
const MaxText = 2000

// standardTexts are version 1.
var standardTexts = map[Purpose][2]string{
	SeeDetails: {
		"我同意这家商户查看我的称呼、手机号、生日、语言和标签，用于在本店认出我、联系我。不同意不影响用卡。可以随时撤回。",
		"This shop may see my name, telephone, birthday, language and tags, to recognise me and to reach me about my business with it. My card works without this. I can withdraw it at any time.",
	},
	Messages: {
		"我同意收到优惠和活动消息。不同意不影响用卡。可以随时撤回。",
		"I may be sent offers and news. My card works without this. I can withdraw it at any time.",
	},
	Profiling: {
		"我同意根据我的消费记录为我挑选赠礼。不同意则收到与其他会员相同的赠礼。可以随时撤回。",
		"Gifts may be chosen for me by what I buy. Without this I get the gifts that every member gets. I can withdraw it at any time.",
	},
}

// Texts returns the texts in force, in the order of Purposes.
func (s *Store) Texts(ctx context.Context, allianceID int64) ([]Text, error) {
	texts, err := textsInForce(ctx, s.db, allianceID)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	var all []Text
	for _, p := range Purposes() {
		all = append(all, texts[p])
	}
	return all, nil
}

func textsInForce(ctx context.Context, db ledger.Querier, allianceID int64) (map[Purpose]Text, error) {
	texts := make(map[Purpose]Text)
	for p, t := range standardTexts {
		texts[p] = Text{Purpose: p, Version: 1, Chinese: t[0], English: t[1]}
	}
	rows, err := db.Query(ctx, `
		SELECT DISTINCT ON (purpose) purpose, version, chinese, english, set_at FROM consent_texts
		WHERE alliance_id = $1 ORDER BY purpose, version DESC`, allianceID)
	if err != nil {
		return nil, err
	}
	var t Text
	_, err = pgx.ForEachRow(rows, []any{&t.Purpose, &t.Version, &t.Chinese, &t.English, &t.SetAt}, func() error {
		t.SetAt = t.SetAt.UTC()
		texts[t.Purpose] = t
		return nil
	})
	return texts, err
}

// SetText puts a text of the circle's own in force. What was consented to before stays
// consented to, by the earlier text.
func (s *Store) SetText(ctx context.Context, allianceID int64, t Text, now time.Time) (Text, error) {
	for field, text := range map[string]*string{"chinese": &t.Chinese, "english": &t.English} {
		*text = strings.TrimSpace(*text)
		switch {
		case *text == "" || utf8.RuneCountInString(*text) > MaxText:
			return t, fieldError(field, "is empty, or has more than %d characters", MaxText)
		case identifier.CheckText(*text) != nil:
			return t, fieldError(field, "contains what can't be seen in print; write it without")
		}
	}
	t.SetAt = now.UTC().Truncate(time.Microsecond)
	err := clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		if _, err := clearing.LockHead(ctx, tx, allianceID); err != nil { // versions are counted
			return err
		}
		return tx.QueryRow(ctx, `
			INSERT INTO consent_texts (alliance_id, purpose, version, chinese, english, set_at)
			SELECT $1, $2, coalesce(max(version), 1) + 1, $3, $4, $5 FROM consent_texts WHERE alliance_id = $1 AND purpose = $2
			RETURNING version`, allianceID, t.Purpose, t.Chinese, t.English, t.SetAt).Scan(&t.Version)
	})
	return t, err
}

// Decide records what a member decided. Consent is given to the text in force alone, else it
// returns ErrTextChanged. It returns ErrNoPerson for who is not registered.
func (s *Store) Decide(ctx context.Context, allianceID int64, member string, d Decision, now time.Time) (Decision, error) {
	d.At = now.UTC().Truncate(time.Microsecond)
	err := clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		var known bool
		err := tx.QueryRow(ctx, `SELECT true FROM persons WHERE alliance_id = $1 AND member = $2 FOR SHARE`, allianceID, member).Scan(&known)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNoPerson
		}
		if err != nil {
			return err
		}
		if d.Choice != Given {
			texts, err := textsInForce(ctx, tx, allianceID)
			if err != nil {
				return err
			}
			d.Version = texts[d.Purpose].Version
		}
		return decide(ctx, tx, allianceID, member, d, d.At)
	})
	return d, err
}

func decide(ctx context.Context, tx clearing.Tx, allianceID int64, member string, d Decision, now time.Time) error {
	texts, err := textsInForce(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	if text, ok := texts[d.Purpose]; !ok || text.Version != d.Version {
		return ErrTextChanged
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO consents (alliance_id, member, purpose, party, decision, version, decided_at, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, allianceID, member, d.Purpose, d.Party, d.Choice, d.Version, now, d.Place)
	return err
}

// Decisions returns all that a member decided, the newest first.
func Decisions(ctx context.Context, db ledger.Querier, allianceID int64, member string) ([]Decision, error) {
	rows, err := db.Query(ctx, `
		SELECT purpose, party, decision, version, decided_at, place FROM consents
		WHERE alliance_id = $1 AND member = $2 ORDER BY number DESC`, allianceID, member)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Decision, err error) {
		err = row.Scan(&d.Purpose, &d.Party, &d.Choice, &d.Version, &d.At, &d.Place)
		d.At = d.At.UTC()
		return d, err
	})
}

// Allows reports whether a member consents to a purpose for a party now. It is asked before
// anything is done for that purpose: a message, a gift by profile. Who was erased consents to
// nothing.
func (s *Store) Allows(ctx context.Context, allianceID int64, member string, purpose Purpose, party string) (bool, error) {
	var choice Choice
	err := s.db.QueryRow(ctx, `
		SELECT decision FROM consents c JOIN persons USING (alliance_id, member)
		WHERE c.alliance_id = $1 AND c.member = $2 AND purpose = $3 AND party = $4 ORDER BY number DESC LIMIT 1`,
		allianceID, member, purpose, party).Scan(&choice)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("consents: %w", clearing.Unavailable(err))
	}
	return choice == Given, nil
}
