package people_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, time.September, 1, 12, 0, 0, 0, time.UTC)

// registry is a store of people on a database of its own, with a circle.
type registry struct {
	*people.Store
	t       *testing.T
	db      *pgxpool.Pool
	ring    *keyring.Ring
	journal *people.Journal
	circle  clearing.Alliance
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{t: t, db: pgtest.Pool(t)}
	var err error
	r.ring, err = keyring.New()
	require.NoError(t, err)
	r.journal, err = people.OpenJournal(filepath.Join(t.TempDir(), "erasures.jsonl"))
	require.NoError(t, err)
	r.circle = r.newCircle("harbour")
	r.Store = r.another(people.Config{})
	return r
}

// another starts another store on the same database, as another process would.
func (r *registry) another(c people.Config) *people.Store {
	r.t.Helper()
	c.Database = r.db
	if c.Ring == nil {
		c.Ring = r.ring
	}
	if c.Journal == nil {
		c.Journal = r.journal
	}
	s := people.New(c)
	require.NoError(r.t, s.Start(r.t.Context(), noon))
	return s
}

func (r *registry) newCircle(code string) (al clearing.Alliance) {
	r.t.Helper()
	require.NoError(r.t, clearing.Write(r.t.Context(), r.db, func(tx clearing.Tx) (err error) {
		al, err = clearing.CreateAlliance(r.t.Context(), tx, clearing.Alliance{
			Code: code, Name: code, Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: clearing.Live, CreatedAt: noon,
		})
		return err
	}))
	return al
}

var ann = people.Details{Telephone: "138 0013 8000", Name: "安然", Birthday: "02-29", Language: "zh-CN", Tags: []string{"vip"}}

func (r *registry) registers(d people.Details) string {
	r.t.Helper()
	member, err := r.Register(r.t.Context(), r.circle, people.Registration{Details: d, By: "cafe"}, noon)
	require.NoError(r.t, err)
	return member
}
