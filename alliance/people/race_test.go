package people_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/clearing"
)

// TestACodeIsNotRegisteredAgainWhileItIsErased: the registration has looked for an erasure before that
// was there, and waits for the row.
func TestACodeIsNotRegisteredAgainWhileItIsErased(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	member := r.registers(ann)
	erasing, proceed := make(chan struct{}), make(chan struct{})
	slow := r.another(people.Config{Erasing: []people.Erasing{func(_ context.Context, _ clearing.Tx, _ int64, _ string, _ time.Time) error {
		close(erasing)
		<-proceed
		return nil
	}}})
	erased, registered := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := slow.Erase(t.Context(), r.circle, member, noon)
		erased <- err
	}()
	<-erasing
	go func() {
		_, err := r.Register(t.Context(), r.circle, people.Registration{Member: member, Details: people.Details{Telephone: "13800138001"}, By: "cafe"}, noon)
		registered <- err
	}()
	require.Eventually(t, func() bool {
		var waiting bool
		err := r.db.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waiting)
		return err == nil && waiting
	}, time.Minute, time.Millisecond)
	close(proceed)
	require.NoError(t, <-erased)
	require.ErrorIs(t, <-registered, people.ErrErased)
	_, err := r.Find(t.Context(), r.circle.ID, member)
	require.ErrorIs(t, err, people.ErrNoPerson)
}
