package attempts_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/migrations/pgtest"
)

var (
	noon   = time.Date(2026, time.September, 1, 12, 0, 0, 0, time.UTC)
	minute = attempts.Limit{Name: "minute", Most: 1, Within: time.Minute}
	hour   = attempts.Limit{Name: "hour", Most: 3, Within: time.Hour}
	pin    = attempts.Limit{Name: "pin", Most: 5, Within: time.Minute, Lock: 15 * time.Minute}
)

// counter counts the attempts of one circle.
type counter struct {
	db       clearing.Database
	alliance int64
}

func newCounter(t *testing.T) counter {
	t.Helper()
	c := counter{db: pgtest.Pool(t)}
	require.NoError(t, clearing.Write(t.Context(), c.db, func(tx clearing.Tx) error {
		al, err := clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: "tries", Name: "Tries", Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: clearing.Test, CreatedAt: noon,
		})
		c.alliance = al.ID
		return err
	}))
	return c
}

func (c counter) take(t *testing.T, subject string, at time.Time, limits ...attempts.Limit) error {
	t.Helper()
	return attempts.Take(t.Context(), c.db, c.alliance, subject, at, limits...)
}

// upTo returns a limit with another number of attempts.
func upTo(l attempts.Limit, most int) attempts.Limit {
	l.Most = most
	return l
}

func requireUntil(t *testing.T, at time.Time, err error) {
	t.Helper()
	var tooMany *attempts.TooManyError
	require.ErrorAs(t, err, &tooMany)
	require.True(t, at.Equal(tooMany.RetryAt), "%s instead of %s", tooMany.RetryAt, at)
}

func TestEachLimitCounts(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	require.NoError(t, c.take(t, "a", noon, minute, hour))
	requireUntil(t, noon.Add(time.Minute), c.take(t, "a", noon.Add(time.Second), hour, minute))
	require.NoError(t, c.take(t, "b", noon.Add(time.Second), minute, hour), "another subject")
	require.NoError(t, c.take(t, "a", noon.Add(time.Minute), minute, hour), "a time begins with its first attempt")
	require.NoError(t, c.take(t, "a", noon.Add(2*time.Minute), minute, hour), "what was refused is not counted")
	requireUntil(t, noon.Add(time.Hour), c.take(t, "a", noon.Add(3*time.Minute), minute, hour))
	require.NoError(t, c.take(t, "a", noon.Add(time.Hour), minute, hour))
}

func TestTheLastAttemptLocks(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for range pin.Most {
		require.NoError(t, attempts.Check(t.Context(), c.db, c.alliance, "till", noon, pin))
		require.NoError(t, c.take(t, "till", noon, pin))
	}
	locked := noon.Add(pin.Lock)
	requireUntil(t, locked, attempts.Check(t.Context(), c.db, c.alliance, "till", noon.Add(pin.Within), pin))
	requireUntil(t, locked, c.take(t, "till", locked.Add(-time.Microsecond), pin))
	require.NoError(t, c.take(t, "till", locked, pin))
}

func TestASuccessClears(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for range pin.Most {
		require.NoError(t, c.take(t, "till", noon, pin, upTo(hour, pin.Most)))
	}
	require.NoError(t, attempts.Clear(t.Context(), c.db, c.alliance, "till", pin))
	require.NoError(t, attempts.Check(t.Context(), c.db, c.alliance, "till", noon, pin))
	require.Error(t, attempts.Check(t.Context(), c.db, c.alliance, "till", noon, upTo(hour, pin.Most)), "the other limit stays")
}

// TestCallersAtOnceNeverExceedALimit: whoever comes at the same time is counted as well.
func TestCallersAtOnceNeverExceedALimit(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	var let, refused atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 4 {
				err := c.take(t, "till", noon, pin, upTo(minute, 20), upTo(hour, 50))
				var tooMany *attempts.TooManyError
				switch {
				case err == nil:
					let.Add(1)
				case errors.As(err, &tooMany):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, pin.Most, let.Load())
	require.EqualValues(t, 64-pin.Most, refused.Load())
}

func TestWhatIsOverIsDeleted(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, subject := range []string{"a", "b", "c", "d"} {
		require.NoError(t, c.take(t, subject, noon, minute))
	}
	require.NoError(t, c.take(t, "e", noon.Add(time.Hour), minute))
	var left int
	require.NoError(t, c.db.QueryRow(t.Context(), `SELECT count(*) FROM attempts`).Scan(&left))
	require.Equal(t, 1, left)
}
