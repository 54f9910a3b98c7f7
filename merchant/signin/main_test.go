package signin_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, time.September, 1, 12, 0, 0, 0, time.UTC)

// door is a circle with two shops in a database of its own.
type door struct {
	t        *testing.T
	db       clearing.Database
	alliance int64
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{t: t, db: pgtest.Pool(t)}
	d.alliance = d.circle("door")
	return d
}

// circle adds a circle with the shops cafe and gym.
func (d *door) circle(code string) (id int64) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx clearing.Tx) error {
		al, err := clearing.CreateAlliance(ctx, tx, clearing.Alliance{
			Code: code, Name: "Door", Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: clearing.Live, CreatedAt: noon,
		})
		id = al.ID
		for _, shop := range []string{"cafe", "gym"} {
			if err == nil {
				err = merchant.Admit(ctx, tx, al.ID, merchant.Merchant{Code: shop, Name: shop}, noon)
			}
		}
		return err
	})
	return id
}

func (d *door) try(f func(context.Context, clearing.Tx) error) error {
	return clearing.Write(d.t.Context(), d.db, func(tx clearing.Tx) error { return f(d.t.Context(), tx) })
}

func (d *door) write(f func(context.Context, clearing.Tx) error) {
	d.t.Helper()
	require.NoError(d.t, d.try(f))
}

func (d *door) staff(role access.Role, shop, name string) (s signin.Staff) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx clearing.Tx) (err error) {
		s, err = signin.AddStaff(ctx, tx, d.alliance, signin.Staff{Role: role, Merchant: shop, Name: name}, signin.CommandLine, noon)
		return err
	})
	return s
}

// link makes a link and returns its token.
func (d *door) link(l signin.Link, now time.Time) (token string) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx clearing.Tx) (err error) {
		_, token, err = signin.MakeLink(ctx, tx, d.alliance, l, signin.CommandLine, now)
		return err
	})
	return token
}

// enter signs a person in by a link.
func (d *door) enter(p signin.Person, now time.Time) (signin.Session, string) {
	d.t.Helper()
	s, token, err := signin.OpenLink(d.t.Context(), d.db, d.link(signin.Link{Person: p}, now), now)
	require.NoError(d.t, err)
	return s, token
}

func (d *door) authenticate(token string, now time.Time) (signin.Session, error) {
	return signin.Authenticate(d.t.Context(), d.db, token, now)
}

// events returns the types of what a person is shown, the oldest first.
func (d *door) events(p signin.Person) (types []signin.EventType) {
	d.t.Helper()
	events, err := signin.Events(d.t.Context(), d.db, d.alliance, p, 0, 100)
	require.NoError(d.t, err)
	for i := range events {
		types = append(types, events[len(events)-1-i].Type)
	}
	return types
}
