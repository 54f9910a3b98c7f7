package referral_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/migrations/pgtest"
)

var noon = time.Date(2026, time.October, 1, 12, 0, 0, 0, time.UTC)

// books is a circle with members who have bought a card.
type books struct {
	t  *testing.T
	db clearing.Database
	al clearing.Alliance
}

func newBooks(t *testing.T, members ...string) *books {
	t.Helper()
	b := &books{t: t, db: pgtest.Pool(t)}
	b.al = b.circle("harbour", members...)
	return b
}

func (b *books) circle(code string, members ...string) (al clearing.Alliance) {
	b.t.Helper()
	b.write(func(tx clearing.Tx) (err error) {
		al, err = clearing.CreateAlliance(b.t.Context(), tx, clearing.Alliance{
			Code: code, Name: code, Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: clearing.Live, CreatedAt: noon,
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(b.t.Context(), `INSERT INTO members (alliance_id, member, joined_seq) SELECT $1, member, 1 FROM unnest($2::text[]) AS member`, al.ID, members)
		return err
	})
	return al
}

func (b *books) write(f func(clearing.Tx) error) {
	b.t.Helper()
	require.NoError(b.t, clearing.Write(b.t.Context(), b.db, f))
}

func (b *books) create(member string) (l referral.Link, err error) {
	err = clearing.Write(b.t.Context(), b.db, func(tx clearing.Tx) error {
		l, err = referral.Create(b.t.Context(), tx, b.al.ID, member, noon)
		return err
	})
	return l, err
}

func (b *books) join(code, member string, at time.Time) (j referral.Joining, err error) {
	err = clearing.Write(b.t.Context(), b.db, func(tx clearing.Tx) error {
		j, err = referral.Join(b.t.Context(), tx, b.al.ID, code, member, at)
		return err
	})
	return j, err
}

func TestALinkIsRandomAndBelongsToAMember(t *testing.T) {
	t.Parallel()
	b := newBooks(t, "ann", "bob")
	_, err := b.create("nobody")
	require.ErrorIs(t, err, alliance.ErrMemberUnknown)
	var seen [referral.Length]map[byte]bool
	for i := range seen {
		seen[i] = make(map[byte]bool)
	}
	codes := make(map[string]bool)
	for i := range 400 {
		member := fmt.Sprintf("m%03d", i)
		b.write(func(tx clearing.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO members (alliance_id, member, joined_seq) VALUES ($1, $2, 1)`, b.al.ID, member)
			return err
		})
		l, err := b.create(member)
		require.NoError(t, err)
		require.False(t, codes[l.Code])
		codes[l.Code] = true
		for at := range seen {
			seen[at][l.Code[at]] = true
		}
		read, ok := referral.ReadCode(l.Code)
		require.True(t, ok)
		require.Equal(t, l.Code, read)
	}
	for at := range seen {
		require.Len(t, seen[at], 32, "each place has each character: 5 bits")
	}
}

// TestAMemberHasNoMoreLinksThanItMay, also if it makes them at once.
func TestAMemberHasNoMoreLinksThanItMay(t *testing.T) {
	t.Parallel()
	b := newBooks(t, "ann", "bob")
	var made, refused atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				switch _, err := b.create("ann"); {
				case err == nil:
					made.Add(1)
				case strings.Contains(err.Error(), referral.ErrLinksTooMany.Error()):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, referral.MaxLinks, made.Load())
	require.EqualValues(t, 40-referral.MaxLinks, refused.Load())
	_, err := b.create("bob")
	require.NoError(t, err, "another member")

	links, err := referral.Links(t.Context(), b.db, b.al.ID, referral.Filter{Member: "ann", Limit: 100})
	require.NoError(t, err)
	require.Len(t, links, referral.MaxLinks)
	b.write(func(tx clearing.Tx) error {
		l, err := referral.Revoke(t.Context(), tx, b.al.ID, links[0].Code, noon)
		require.Equal(t, noon, l.RevokedAt)
		return err
	})
	_, err = b.create("ann")
	require.NoError(t, err, "revoked ones make room")

	b.write(func(tx clearing.Tx) error {
		return referral.RevokeAll(t.Context(), tx, b.al.ID, "ann", noon.Add(time.Hour))
	})
	links, err = referral.Links(t.Context(), b.db, b.al.ID, referral.Filter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, links, referral.MaxLinks+2)
	inForce := slices.DeleteFunc(links, func(l referral.Link) bool { return !l.RevokedAt.IsZero() })
	require.Len(t, inForce, 1)
	require.Equal(t, "bob", inForce[0].Member)
}

// TestOneJoiningCounts of many at once, by several links.
func TestOneJoiningCounts(t *testing.T) {
	t.Parallel()
	b := newBooks(t, "ann", "bob")
	anns, err := b.create("ann")
	require.NoError(t, err)
	bobs, err := b.create("bob")
	require.NoError(t, err)
	var joined, refused atomic.Int64
	var by sync.Map
	var all sync.WaitGroup
	for i := range 16 {
		code := []string{anns.Code, bobs.Code}[i%2]
		all.Go(func() {
			j, err := b.join(code, "eve", noon)
			if err == nil {
				joined.Add(1)
				by.Store(j.Code, true)
				return
			}
			refused.Add(1)
			if !strings.Contains(err.Error(), referral.ErrJoinedAlready.Error()) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 8, joined.Load(), "all who named the link that came first")
	require.EqualValues(t, 8, refused.Load())
	links := 0
	by.Range(func(any, any) bool { links++; return true })
	require.Equal(t, 1, links)
}

// TestNobodyJoinsByALinkThatWasRevoked: whoever comes while it is revoked has come before it or
// is refused.
func TestNobodyJoinsByALinkThatWasRevoked(t *testing.T) {
	t.Parallel()
	b := newBooks(t, "ann")
	link, err := b.create("ann")
	require.NoError(t, err)
	early, err := b.join(link.Code, "early", noon)
	require.NoError(t, err)
	tx, err := b.db.BeginTx(t.Context(), pgx.TxOptions{})
	require.NoError(t, err)
	_, err = referral.Revoke(t.Context(), tx, b.al.ID, link.Code, noon)
	require.NoError(t, err)
	late := make(chan error, 1)
	go func() {
		_, err := b.join(link.Code, "late", noon)
		late <- err
	}()
	select {
	case err := <-late:
		require.Fail(t, "it joins beside a revocation that is not done", "%v", err)
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, tx.Commit(t.Context()))
	require.ErrorIs(t, <-late, referral.ErrLinkUnknown)
	again, err := b.join(link.Code, "early", noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, early, again, "who has joined stays joined")
	_, err = referral.InForce(t.Context(), b.db, link.Code)
	require.ErrorIs(t, err, referral.ErrLinkUnknown)
	found, err := referral.Find(t.Context(), b.db, b.al.ID, link.Code)
	require.NoError(t, err)
	require.Equal(t, noon, found.RevokedAt)
}

func TestALinkIsKnownInItsCircleAlone(t *testing.T) {
	t.Parallel()
	b := newBooks(t, "ann")
	link, err := b.create("ann")
	require.NoError(t, err)
	other := b.circle("pier", "ann")
	_, err = referral.Find(t.Context(), b.db, other.ID, link.Code)
	require.ErrorIs(t, err, referral.ErrLinkUnknown)
	require.ErrorIs(t, clearing.Write(t.Context(), b.db, func(tx clearing.Tx) error {
		_, err := referral.Join(t.Context(), tx, other.ID, link.Code, "eve", noon)
		return err
	}), referral.ErrLinkUnknown)
	found, err := referral.InForce(t.Context(), b.db, link.Code)
	require.NoError(t, err)
	require.Equal(t, b.al.ID, found.AllianceID, "a page names no circle")
	require.NoError(t, referral.CountOpened(t.Context(), b.db, found))
	found, err = referral.Find(t.Context(), b.db, b.al.ID, link.Code)
	require.NoError(t, err)
	require.EqualValues(t, 1, found.Opened)
}
