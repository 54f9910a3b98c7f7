package signin_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/merchant/signin"
)

// telephones is a directory of members by the digits of their telephones.
type telephones map[string]string

func (t telephones) MemberByTelephone(_ context.Context, _ int64, telephone string) (string, bool, error) {
	digits := strings.TrimPrefix(regexp.MustCompile(`\D`).ReplaceAllString(telephone, ""), "86")
	member, found := t[digits]
	return member, found, nil
}

func (d *door) codes() *signin.Codes {
	return &signin.Codes{DB: d.db, Directory: telephones{"13800138000": "ann", "13900139000": "bob"}, Sender: signin.Outbox{}}
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// sent returns the code that the organiser passes on to a member, "" for none.
func (d *door) sent(member string, now time.Time) string {
	d.t.Helper()
	messages, err := signin.Messages(d.t.Context(), d.db, d.alliance, now, 0, 100)
	require.NoError(d.t, err)
	for _, m := range messages {
		if m.Member == member && m.Text != "" {
			return sixDigits.FindString(m.Text)
		}
	}
	return ""
}

func (d *door) byCode(telephone, code string, now time.Time) (signin.Session, error) {
	s, _, err := d.codes().Open(d.t.Context(), d.alliance, telephone, code, now)
	return s, err
}

func (d *door) ask(telephone string, now time.Time) error {
	return d.codes().Request(d.t.Context(), d.alliance, telephone, now)
}

func TestACodeSignsItsMemberInOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	require.NoError(t, d.ask("138 0013 8000", noon))
	code := d.sent("ann", noon)
	require.NotEmpty(t, code)
	_, err := d.byCode("13900139000", code, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "another telephone")
	s, err := d.byCode("+86 138-0013-8000", code, noon)
	require.NoError(t, err)
	require.Equal(t, access.Principal{Role: access.Member, Member: "ann"}, s.Principal())
	_, err = d.byCode("13800138000", code, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "once")
	require.Empty(t, d.sent("ann", noon), "what was used is removed")
	var kept string
	require.NoError(t, d.db.QueryRow(t.Context(), `
		SELECT string_agg(x, '') FROM (SELECT m::text x FROM signin_messages m UNION ALL SELECT c::text FROM signin_codes c UNION ALL SELECT a::text FROM attempts a) all_rows`).Scan(&kept))
	require.NotContains(t, kept, code)
	for _, part := range []string{"13800138000", "00138000", "0013 8000"} {
		require.NotContains(t, kept, part, "no table of sign-in says a telephone")
	}
}

func TestAWidthOfDigitsIsNoWayRoundTheLimits(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, typed := range []string{"13800138000", "1380013800０", "138001380０0", "+86 １３８ 0013 8000", "８６13800138000"} {
		_, err := d.byCode(typed, "000000", noon)
		require.ErrorIs(t, err, signin.ErrRefused, typed)
	}
	_, err := d.byCode("13800138０００", "000000", noon)
	var tooMany *attempts.TooManyError
	require.ErrorAs(t, err, &tooMany)
}

func TestWrongCodesOfADayAreFew(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	tried := 0
	for at := noon; at.Before(noon.Add(23 * time.Hour)); at = at.Add(5 * time.Minute) {
		if _, err := d.byCode("13800138000", "000000", at); errors.Is(err, signin.ErrRefused) {
			tried++
		}
	}
	require.Equal(t, 10, tried)
	require.NoError(t, d.ask("13800138000", noon.Add(25*time.Hour)))
	_, err := d.byCode("13800138000", d.sent("ann", noon.Add(25*time.Hour)), noon.Add(25*time.Hour))
	require.NoError(t, err)
}

func TestACodeExpiresAndIsReplaced(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	require.NoError(t, d.ask("13800138000", noon))
	first := d.sent("ann", noon)
	_, err := d.byCode("13800138000", first, noon.Add(5*time.Minute))
	require.ErrorIs(t, err, signin.ErrRefused)
	require.Empty(t, d.sent("ann", noon.Add(5*time.Minute)))
	require.NoError(t, d.ask("13800138000", noon.Add(time.Minute)))
	second := d.sent("ann", noon.Add(time.Minute))
	if first != second {
		_, err = d.byCode("13800138000", first, noon.Add(time.Minute))
		require.ErrorIs(t, err, signin.ErrRefused, "a new code replaces it")
	}
	_, err = d.byCode("13800138000", second, noon.Add(time.Minute))
	require.NoError(t, err)
}

// TestHowOftenACodeIsAskedFor: however the telephone is written, and whether or not it is anybody's.
func TestHowOftenACodeIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, written := range [][2]string{{"13800138000", "+86 138 0013 8000"}, {"15500155000", "+86 155 0015 5000"}} {
		at, asked := noon, 0
		for ; at.Before(noon.Add(24 * time.Hour)); at = at.Add(10 * time.Minute) {
			if d.ask(written[asked%2], at) == nil {
				asked++
			}
			requireTooMany(t, d.ask(written[(asked+1)%2], at.Add(59*time.Second)))
		}
		require.Equal(t, 10, asked, "a day")
	}
	asked := 0
	for i := range 60 {
		if d.ask("13700137000", noon.Add(time.Duration(i)*time.Minute)) == nil {
			asked++
		}
	}
	require.Equal(t, 5, asked, "an hour")
}

func TestWrongCodesLock(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, telephone := range []string{"13800138000", "15500155000"} { // somebody's and nobody's
		require.NoError(t, d.ask(telephone, noon))
		code := d.sent("ann", noon)
		for i := range 5 {
			wrong := fmt.Sprintf("%06d", i)
			if wrong == code {
				wrong = "000009"
			}
			_, err := d.byCode(telephone, wrong, noon)
			require.ErrorIs(t, err, signin.ErrRefused)
		}
		_, err := d.byCode(telephone, code, noon)
		requireTooMany(t, err)
	}
}

// statements counts what is sent to the database.
type statements struct{ sent []string }

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.sent = append(s.sent, data.SQL)
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestNobodysTelephoneTakesTheSameStatements: time doesn't tell whose a telephone is either.
func TestNobodysTelephoneTakesTheSameStatements(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	pool, is := d.db.(*pgxpool.Pool)
	require.True(t, is)
	config := pool.Config().Copy()
	traced := &statements{}
	config.ConnConfig.Tracer, config.MaxConns = traced, 1
	one, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(one.Close)
	codes := d.codes()
	codes.DB = one
	var asked, opened [][]string
	for _, telephone := range []string{"13900139000", "13800138000", "15500155000"} {
		traced.sent = nil
		require.NoError(t, codes.Request(t.Context(), d.alliance, telephone, noon))
		asked = append(asked, traced.sent)
		traced.sent = nil
		_, _, err := codes.Open(t.Context(), d.alliance, telephone, "x", noon)
		require.ErrorIs(t, err, signin.ErrRefused)
		opened = append(opened, traced.sent)
	}
	require.NotEmpty(t, asked[1])
	require.Equal(t, asked[1], asked[2])
	require.Equal(t, opened[1], opened[2])
	var rows, messages int
	require.NoError(t, d.db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM signin_codes), (SELECT count(*) FROM signin_messages)`).Scan(&rows, &messages))
	require.Equal(t, []int{3, 3}, []int{rows, messages})
	listed, err := signin.Messages(t.Context(), d.db, d.alliance, noon, 0, 10)
	require.NoError(t, err)
	require.Len(t, listed, 2, "the organiser is shown no message for nobody")
}
