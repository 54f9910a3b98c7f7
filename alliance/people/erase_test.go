package people_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestErasingDestroysThePersonAndIsRemembered(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	account := settlement.Account{Holder: "安然", Number: "6228480322334455662", Bank: "中国农业银行杭州分行"}
	require.NoError(t, clearing.Write(t.Context(), r.db, func(tx clearing.Tx) error {
		return settlement.SetAccount(t.Context(), tx, r.circle.ID, settlement.Payee{Member: true, Code: member}, account, noon)
	}))
	at, err := r.Erase(t.Context(), r.circle, member, noon)
	require.NoError(t, err)
	require.Equal(t, noon, at)
	again, err := r.Erase(t.Context(), r.circle, member, noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, noon, again, "it was done then")
	_, err = r.Find(t.Context(), r.circle.ID, member)
	require.ErrorIs(t, err, people.ErrNoPerson)
	_, ok, err := r.MemberByTelephone(t.Context(), r.circle.ID, "13800138000")
	require.NoError(t, err)
	require.False(t, ok)
	_, err = settlement.FindAccount(t.Context(), r.db, r.circle.ID, settlement.Payee{Member: true, Code: member})
	require.ErrorIs(t, err, settlement.ErrNoAccount)

	remembered, err := r.journal.Erasures()
	require.NoError(t, err)
	require.Equal(t, []people.Erasure{{Circle: "harbour", Member: member, At: noon}}, remembered)
	text, err := os.ReadFile(r.journal.Name())
	require.NoError(t, err)
	require.Equal(t, `{"circle":"harbour","member":"`+member+`","erased_at":"2026-09-01T12:00:00Z"}`+"\n", string(text))

	_, err = r.Register(t.Context(), r.circle, people.Registration{Member: member, Details: ann, By: "cafe"}, noon)
	require.ErrorIs(t, err, people.ErrErased, "the code is nobody's for good")
	require.NotEqual(t, member, r.registers(ann), "who comes back is another member")
	_, err = r.Erase(t.Context(), r.circle, "nobody", noon)
	require.ErrorIs(t, err, people.ErrNoPerson)
}

// TestARestoredDatabaseForgetsAgain: what a backup from before the erasure brings back is gone
// before a server serves.
func TestARestoredDatabaseForgetsAgain(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	kept := r.registers(people.Details{Telephone: "13800138001"})
	_, err := r.db.Exec(t.Context(), `CREATE TABLE backup AS SELECT * FROM persons`)
	require.NoError(t, err)
	_, err = r.Erase(t.Context(), r.circle, member, noon)
	require.NoError(t, err)
	for _, restore := range []string{
		`ALTER TABLE erasures DISABLE TRIGGER erasures_append_only`, `DELETE FROM erasures`, `DELETE FROM persons`,
		`ALTER TABLE erasures ENABLE TRIGGER erasures_append_only`, `INSERT INTO persons SELECT * FROM backup`,
	} {
		_, err := r.db.Exec(t.Context(), restore)
		require.NoError(t, err)
	}
	_, err = r.Find(t.Context(), r.circle.ID, member)
	require.NoError(t, err, "the backup brings it back")
	require.NoError(t, r.journal.Remember(people.Erasure{Circle: "a circle that the backup does not know", Member: "x", At: noon}))

	after := r.another(people.Config{})
	_, err = after.Find(t.Context(), r.circle.ID, member)
	require.ErrorIs(t, err, people.ErrNoPerson)
	_, err = after.Find(t.Context(), r.circle.ID, kept)
	require.NoError(t, err)
	known, err := people.Erasures(t.Context(), r.db)
	require.NoError(t, err)
	require.Equal(t, []people.Erasure{{Circle: "harbour", Member: member, At: noon}}, known)
}

func TestEachJournalLearnsWhatOtherProcessesErased(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	own, err := people.OpenJournal(filepath.Join(t.TempDir(), "erasures.jsonl"))
	require.NoError(t, err)
	beside := r.another(people.Config{Journal: own})
	_, err = r.Erase(t.Context(), r.circle, member, noon)
	require.NoError(t, err)
	require.NoError(t, beside.Sync(t.Context()))
	require.NoError(t, beside.Sync(t.Context()))
	learned, err := own.Erasures()
	require.NoError(t, err)
	require.Equal(t, []people.Erasure{{Circle: "harbour", Member: member, At: noon}}, learned)
}

func TestWithoutAJournalNothingIsErased(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	forgetful := people.New(people.Config{Database: r.db, Ring: r.ring})
	require.NoError(t, forgetful.Start(t.Context(), noon))
	_, err := forgetful.Erase(t.Context(), r.circle, member, noon)
	require.ErrorIs(t, err, people.ErrNotRemembered)

	// Nor where the file can't be written.
	require.NoError(t, os.RemoveAll(filepath.Dir(r.journal.Name())))
	_, err = r.Erase(t.Context(), r.circle, member, noon)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = r.Find(t.Context(), r.circle.ID, member)
	require.NoError(t, err)
}

func TestWhatOthersKeepIsErasedInTheSameTransaction(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	refuses := r.another(people.Config{Erasing: []people.Erasing{
		func(ctx context.Context, tx clearing.Tx, allianceID int64, erased string, _ time.Time) error {
			require.Equal(t, r.circle.ID, allianceID)
			require.Equal(t, member, erased)
			return errors.New("no")
		},
	}})
	_, err := refuses.Erase(t.Context(), r.circle, member, noon)
	require.ErrorContains(t, err, "no")
	_, err = r.Find(t.Context(), r.circle.ID, member)
	require.NoError(t, err)
	remembered, err := r.journal.Erasures()
	require.NoError(t, err)
	require.Empty(t, remembered)
}

func TestAJournalEndsInALineThatWasBeingWritten(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "erasures.jsonl")
	whole := `{"circle":"harbour","member":"ann","erased_at":"2026-09-01T12:00:00Z"}` + "\n"
	require.NoError(t, os.WriteFile(name, []byte(whole+whole[:30]), 0o600))
	j, err := people.OpenJournal(name)
	require.NoError(t, err)
	require.NoError(t, j.Remember(people.Erasure{Circle: "harbour", Member: "bob", At: noon}, people.Erasure{Circle: "harbour", Member: "ann", At: noon}))
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, whole+strings.Replace(whole, "ann", "bob", 1), string(text))

	require.NoError(t, os.WriteFile(name, []byte(whole[:30]+"\n"+whole), 0o600))
	_, err = people.OpenJournal(name)
	require.ErrorIs(t, err, people.ErrJournal)
	require.ErrorContains(t, err, "line 1")
}

func TestADatabaseHasOneMasterKey(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	other, err := keyring.New()
	require.NoError(t, err)
	err = people.New(people.Config{Database: r.db, Ring: other}).Start(t.Context(), noon)
	require.ErrorIs(t, err, people.ErrOtherKey)
	require.ErrorContains(t, err, r.ring.Fingerprint())
	known, err := people.Fingerprint(t.Context(), r.db)
	require.NoError(t, err)
	require.Equal(t, r.ring.Fingerprint(), known)
}

func TestTheMasterKeyIsRotatedUnderRunningServers(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	var members []string
	for i := range 230 { // more than two transactions' worth
		members = append(members, r.registers(people.Details{Telephone: "1380013" + string(rune('0'+i/1000%10)) + string(rune('0'+i/100%10)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))}))
	}
	file := filepath.Join(t.TempDir(), "master-key.json")
	require.NoError(t, keyring.ReplaceFile(file, r.ring))
	running := r.another(people.Config{Reload: func() (*keyring.Ring, error) { return keyring.ReadFile(file) }})
	stubborn := r.another(people.Config{}) // its key was given in the environment

	both, err := r.ring.Rotated()
	require.NoError(t, err)
	require.NoError(t, keyring.ReplaceFile(file, both))
	require.ErrorContains(t, people.New(people.Config{Database: r.db, Ring: both}).Start(t.Context(), noon), "goes on where it stopped")
	n, err := people.Rotate(t.Context(), r.db, both, noon)
	require.NoError(t, err)
	require.Equal(t, len(members), n)
	newest, err := both.Newest()
	require.NoError(t, err)
	require.NoError(t, keyring.ReplaceFile(file, newest))
	n, err = people.Rotate(t.Context(), r.db, both, noon)
	require.NoError(t, err)
	require.Zero(t, n)

	for _, s := range []*people.Store{running, r.another(people.Config{Ring: newest})} {
		for _, member := range []string{members[0], members[229]} {
			_, err = s.Find(t.Context(), r.circle.ID, member)
			require.NoError(t, err)
		}
		found, ok, err := s.MemberByTelephone(t.Context(), r.circle.ID, "13800130229")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, members[229], found)
	}
	_, err = running.Register(t.Context(), r.circle, people.Registration{Details: people.Details{Telephone: "13800130229"}, By: "cafe"}, noon)
	require.ErrorIs(t, err, people.ErrTelephoneTaken)

	// Without the new key nothing is read, and above all nothing is written with the old one.
	_, err = stubborn.Find(t.Context(), r.circle.ID, members[0])
	require.ErrorIs(t, err, keyring.ErrUnreadable)
	_, _, err = stubborn.MemberByTelephone(t.Context(), r.circle.ID, "13800130229")
	require.ErrorIs(t, err, people.ErrOtherKey)
	_, err = stubborn.Register(t.Context(), r.circle, people.Registration{Details: ann, By: "cafe"}, noon)
	require.ErrorIs(t, err, people.ErrOtherKey)
}

func TestWhileTheKeyIsRotatedATelephoneStaysOnePersons(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.registers(ann)
	both, err := r.ring.Rotated()
	require.NoError(t, err)
	_, err = r.db.Exec(t.Context(), `UPDATE people_master_key SET fingerprint = $1`, both.Fingerprint()) // and no person was wrapped again yet
	require.NoError(t, err)
	_, err = r.another(people.Config{Ring: both}).Register(t.Context(), r.circle, people.Registration{Details: ann, By: "cafe"}, noon)
	require.ErrorIs(t, err, people.ErrTelephoneTaken)
}
