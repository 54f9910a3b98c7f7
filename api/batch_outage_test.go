package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

const (
	spendOne   = `{"card": "8801", "amount": "1.00"}`
	sellPoison = `{"card": "poison", "member": "ann", "product": "explorer"}`
)

// poison makes the database fail with an error of a class when a card "poison" is
// sold.
func (h *harbour) poison(class string) {
	h.t.Helper()
	h.write(func(tx clearing.Tx) error {
		_, err := tx.Exec(h.t.Context(), `
			CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN RAISE EXCEPTION 'the database chokes on %', NEW.card USING ERRCODE = '`+class+`'; END $$;
			CREATE TRIGGER poison BEFORE INSERT ON cards FOR EACH ROW WHEN (NEW.card = 'poison') EXECUTE FUNCTION poison()`)
		return err
	})
}

func TestACommandThatMakesTheDatabaseFailFailsAlone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.poison("XX000")
	results := h.batch(h.cafeKey,
		order("value.spent", "1", spendOne), order("card.sold", "2", sellPoison), order("value.spent", "3", spendOne))
	require.Equal(t, http.StatusCreated, results[0].Status)
	require.Equal(t, http.StatusInternalServerError, results[1].Status)
	require.Equal(t, "internal_error", results[1].Problem.Code)
	require.Nil(t, results[1].Problem.Detail, "the caller learns nothing of the cause")
	require.Equal(t, http.StatusCreated, results[2].Status)
	require.Contains(t, h.log.String(), `"level":"ERROR","msg":"command","request_id":"`+results[1].Problem.RequestID+`","type":"card.sold","command":1`)
	require.Contains(t, h.log.String(), `chokes on …`)
	require.NotContains(t, h.log.String(), `chokes on poison`)
	h.audit(h.alliance)
}

func TestWhatTheDatabaseCouldNotTakeIsToldApartFromWhatItBooked(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.poison("53000") // out of resources
	commands := []string{
		order("value.spent", "1", spendOne),
		order("card.unfrozen", "2", `{"card": "8801"}`), // looked up after the first is booked
		order("card.sold", "3", sellPoison),
		`1`,
	}
	results := h.batch(h.cafeKey, commands...)
	require.Equal(t, http.StatusCreated, results[0].Status)
	require.Equal(t, "unavailable", results[1].Problem.Code)
	require.Equal(t, "unavailable", results[2].Problem.Code)
	require.Equal(t, http.StatusBadRequest, results[3].Status)

	answer := h.send(http.MethodPost, "/v1/batch", h.cafeKey, `{"commands": [`+commands[2]+`, 1]}`)
	require.Equal(t, http.StatusServiceUnavailable, answer.status, "nothing at all was decided")
	require.Equal(t, "unavailable", answer.code(t))
	require.Equal(t, "1", answer.header.Get("Retry-After"))

	h.write(func(tx clearing.Tx) error {
		_, err := tx.Exec(t.Context(), `DROP FUNCTION poison CASCADE`)
		return err
	})
	again := h.batch(h.cafeKey, commands...)
	require.True(t, again[0].Replayed)
	require.Equal(t, http.StatusCreated, again[1].Status)
	require.Equal(t, http.StatusCreated, again[2].Status)
	h.audit(h.alliance)
}

func TestABatchThatNothingCanTake(t *testing.T) {
	t.Parallel()
	for code, stop := range map[string]func(*pgxpool.Pool, *sequencer.Sequencer){
		"unavailable": func(pool *pgxpool.Pool, _ *sequencer.Sequencer) { pool.Close() },
		"stopping":    func(_ *pgxpool.Pool, s *sequencer.Sequencer) { _ = s.Stop(context.Background()) },
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			var own *pgxpool.Pool // of the sequencer, so that keys are known without it
			var s *sequencer.Sequencer
			h := newHarbour(t, func(c *api.Config) {
				shared, is := c.Pool.(*pgxpool.Pool)
				require.True(t, is)
				var err error
				own, err = pgxpool.NewWithConfig(t.Context(), shared.Config())
				require.NoError(t, err)
				t.Cleanup(own.Close)
				s = sequencer.New(own, c.Setups)
				c.Sequencer = s
			})
			h.sold("8801", "ann")
			stop(own, s)
			answer := h.send(http.MethodPost, "/v1/batch", h.cafeKey, `{"commands": [`+order("value.spent", "1", spendOne)+`, 1]}`)
			require.Equal(t, http.StatusServiceUnavailable, answer.status)
			require.Equal(t, code, answer.code(t))
			require.Equal(t, "1", answer.header.Get("Retry-After"))
			require.Equal(t, http.StatusBadRequest, h.batch(h.cafeKey, `1`)[0].Status, "what is malformed stays so")
		})
	}
}

func TestABatchThatTakesTooLong(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	hurried := h.another(func(c *api.Config) { c.RequestTimeout = 300 * time.Millisecond })
	release := h.hold()
	command := order("value.spent", "slow", spendOne)
	answer := hurried.send(http.MethodPost, "/v1/batch", h.hotpotKey, `{"commands": [`+command+`, 1]}`)
	release()
	require.Equal(t, http.StatusServiceUnavailable, answer.status)
	require.Equal(t, "timeout", answer.code(t))
	require.Eventually(t, func() bool { return h.batch(h.hotpotKey, command)[0].Replayed }, patience, 50*time.Millisecond,
		"it was booked all the same, and the same key tells")
}
