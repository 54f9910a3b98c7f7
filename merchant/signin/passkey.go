package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// CeremonyValid is how long a passkey may take to answer a challenge.
const CeremonyValid = 5 * time.Minute

// Passkey is a passkey of an organiser or an owner. What it signs with never leaves its device.
type Passkey struct {
	ID      string // "psk_" and 16 hexadecimal digits
	Label   string // for people
	AddedAt time.Time
	UsedAt  time.Time // zero: never
}

// Passkeys adds passkeys and signs people in with them. They are bound to the host of the
// server's public address, and say by themselves whose they are.
type Passkeys struct {
	db clearing.Database
	rp *webauthn.WebAuthn
}

// NewPasskeys returns the passkeys of a server at a public address.
func NewPasskeys(db clearing.Database, public *url.URL) (*Passkeys, error) {
	rp, err := webauthn.New(&webauthn.Config{
		RPID: public.Hostname(), RPDisplayName: "Lianka", RPOrigins: []string{public.Scheme + "://" + public.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired, // by finger, face or PIN: the passkey is all that is asked for
		},
	})
	return &Passkeys{db, rp}, err
}

// user is somebody on the staff as WebAuthn knows people.
type user struct {
	alliance    int64
	staff       Staff
	credentials []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return u.staff.handle }
func (u *user) WebAuthnName() string                       { return u.staff.Name }
func (u *user) WebAuthnDisplayName() string                { return u.staff.Name }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// Challenge is what a passkey is asked to sign, as browsers read it.
type Challenge struct {
	Ceremony string
	Options  any
}

// BeginAdding returns the challenge with which somebody adds a passkey.
func (p *Passkeys) BeginAdding(ctx context.Context, allianceID int64, staff string, now time.Time) (Challenge, error) {
	u, err := p.user(ctx, p.db, allianceID, staff)
	if err != nil {
		return Challenge{}, err
	}
	options, session, err := p.rp.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.credentials).CredentialDescriptors()))
	if err != nil {
		return Challenge{}, err
	}
	return p.begin(ctx, allianceID, staff, options, session, now)
}

// BeginSignIn returns the challenge with which somebody signs in. Nobody says who it is yet.
func (p *Passkeys) BeginSignIn(ctx context.Context, now time.Time) (Challenge, error) {
	options, session, err := p.rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, err
	}
	return p.begin(ctx, 0, "", options, session, now)
}

func (p *Passkeys) begin(ctx context.Context, allianceID int64, staff string, options any, session *webauthn.SessionData, now time.Time) (Challenge, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return Challenge{}, err
	}
	c := Challenge{Ceremony: newCeremony(), Options: options}
	return c, clearing.Write(ctx, p.db, func(tx clearing.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM signin_ceremonies WHERE expires_at <= $1`, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO signin_ceremonies (ceremony_id, alliance_id, staff_id, data, expires_at) VALUES ($1, nullif($2::bigint, 0), nullif($3, ''), $4, $5)`,
			c.Ceremony, allianceID, staff, string(data), now.Add(CeremonyValid))
		return err
	})
}

// take returns the challenge of a ceremony, once. The error is ErrRefused.
func take(ctx context.Context, tx clearing.Tx, ceremony string, allianceID int64, staff string, now time.Time) (session webauthn.SessionData, err error) {
	var data []byte
	err = tx.QueryRow(ctx, `
		DELETE FROM signin_ceremonies WHERE ceremony_id = $1 AND coalesce(alliance_id, 0) = $2 AND coalesce(staff_id, '') = $3 AND expires_at > $4
		RETURNING data`, ceremony, allianceID, staff, now).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return session, ErrRefused
	}
	if err != nil {
		return session, err
	}
	return session, json.Unmarshal(data, &session)
}

// FinishAdding adds the passkey that answers a challenge. The error is ErrRefused if it does not.
func (p *Passkeys) FinishAdding(ctx context.Context, allianceID int64, staff, ceremony, label string, answer []byte, now time.Time) (Passkey, error) {
	key := Passkey{ID: newID("psk_"), Label: label, AddedAt: now.UTC().Truncate(time.Microsecond)}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return key, ErrRefused
	}
	return key, clearing.Write(ctx, p.db, func(tx clearing.Tx) error {
		session, err := take(ctx, tx, ceremony, allianceID, staff, now)
		if err != nil {
			return err
		}
		u, err := p.user(ctx, tx, allianceID, staff)
		if err != nil {
			return err
		}
		credential, err := p.rp.CreateCredential(u, session, parsed)
		if err != nil {
			return ErrRefused
		}
		text, err := json.Marshal(credential)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO signin_passkeys (alliance_id, passkey_id, staff_id, credential_id, credential, label, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			allianceID, key.ID, staff, credential.ID, string(text), label, key.AddedAt)
		var refused *pgconn.PgError
		if errors.As(err, &refused) && refused.ConstraintName == "signin_passkeys_credential_key" {
			return ErrRefused
		}
		if err != nil {
			return err
		}
		return record(ctx, tx, allianceID, Event{Person: Person{Staff: staff}, Type: PasskeyAdded, By: Itself, Subject: key.ID, At: now})
	})
}

// FinishSignIn signs in whose passkey answers a challenge. The error is ErrRefused if it does
// not, or if its counter says that it was copied.
func (p *Passkeys) FinishSignIn(ctx context.Context, ceremony string, answer []byte, now time.Time) (s Session, token string, err error) {
	// A challenge is used up by a wrong answer too, so it is taken in a transaction of its own.
	var session webauthn.SessionData
	err = clearing.Write(ctx, p.db, func(tx clearing.Tx) (err error) {
		session, err = take(ctx, tx, ceremony, 0, "", now)
		return err
	})
	if err != nil {
		return s, "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return s, "", ErrRefused
	}
	err = clearing.Write(ctx, p.db, func(tx clearing.Tx) error {
		var found *user
		var failure error
		credential, err := p.rp.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			found, failure = p.byHandle(ctx, tx, handle)
			return found, failure
		}, session, parsed)
		switch {
		case failure != nil && !errors.Is(failure, ErrStaffUnknown):
			return failure
		case err != nil || credential.Authenticator.CloneWarning:
			return ErrRefused
		}
		text, err := json.Marshal(credential)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE signin_passkeys SET credential = $4, used_at = $5 WHERE alliance_id = $1 AND staff_id = $2 AND credential_id = $3`,
			found.alliance, found.staff.ID, credential.ID, string(text), now)
		if err == nil && tag.RowsAffected() != 1 {
			err = ErrRefused // it was removed meanwhile
		}
		if err != nil {
			return err
		}
		s, token, err = open(ctx, tx, found.alliance, opening{person: found.staff.Person(), way: ByPasskey}, now)
		return err
	})
	if errors.Is(err, ErrSessionUnknown) { // the person was removed meanwhile
		err = ErrRefused
	}
	return s, token, err
}

// user returns somebody on the staff with the passkeys.
func (p *Passkeys) user(ctx context.Context, db ledger.Querier, allianceID int64, id string) (*user, error) {
	staff, err := FindStaff(ctx, db, allianceID, id)
	if err != nil {
		return nil, err
	}
	u := &user{alliance: allianceID, staff: staff}
	rows, err := db.Query(ctx, `SELECT credential FROM signin_passkeys WHERE alliance_id = $1 AND staff_id = $2 ORDER BY passkey_id`, allianceID, id)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	u.credentials, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c webauthn.Credential, err error) {
		var text []byte
		if err := row.Scan(&text); err != nil {
			return c, err
		}
		return c, json.Unmarshal(text, &c)
	})
	return u, clearing.Unavailable(err)
}

// byHandle returns who is named by a passkey, or ErrStaffUnknown.
func (p *Passkeys) byHandle(ctx context.Context, db ledger.Querier, handle []byte) (*user, error) {
	var allianceID int64
	var id string
	err := db.QueryRow(ctx, `SELECT alliance_id, staff_id FROM signin_staff WHERE handle = $1 AND removed_at IS NULL AND role <> $2`, handle, string(access.Cashier)).Scan(&allianceID, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrStaffUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("whose passkey it is: %w", err)
	}
	return p.user(ctx, db, allianceID, id)
}

// ListPasskeys lists the passkeys of somebody, by ID and beginning after one.
func ListPasskeys(ctx context.Context, db ledger.Querier, allianceID int64, staff, after string, limit int) ([]Passkey, error) {
	rows, err := db.Query(ctx, `
		SELECT passkey_id, label, added_at, used_at FROM signin_passkeys
		WHERE alliance_id = $1 AND staff_id = $2 AND passkey_id > $3 ORDER BY passkey_id LIMIT $4`, allianceID, staff, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Passkey, error) {
		var k Passkey
		var used *time.Time
		err := row.Scan(&k.ID, &k.Label, &k.AddedAt, &used)
		k.AddedAt = k.AddedAt.UTC()
		if used != nil {
			k.UsedAt = used.UTC()
		}
		return k, err
	})
}

// RemovePasskey removes a passkey of somebody, or returns ErrPasskeyUnknown.
func RemovePasskey(ctx context.Context, tx clearing.Tx, allianceID int64, staff, id string, now time.Time) error {
	tag, err := tx.Exec(ctx, `DELETE FROM signin_passkeys WHERE alliance_id = $1 AND staff_id = $2 AND passkey_id = $3`, allianceID, staff, id)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrPasskeyUnknown
	}
	return record(ctx, tx, allianceID, Event{Person: Person{Staff: staff}, Type: PasskeyLost, By: Itself, Subject: id, At: now})
}
