package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
)

// books returns a journal as the domain writes it.
func (h *harbour) books(s export.Selection) string {
	h.t.Helper()
	j, err := export.Open(h.t.Context(), h.db, h.alliance, s)
	require.NoError(h.t, err)
	var text bytes.Buffer
	require.NoError(h.t, j.Write(h.t.Context(), &text))
	return text.String()
}

// newBusyHarbour is a harbour where something happened in two shops and a month
// was closed.
func newBusyHarbour(t *testing.T) *harbour {
	t.Helper()
	h := newHarbour(t)
	h.does(h.key, "cards", `{"card": "8800", "member": "bob", "product": "explorer"}`)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer", "referrer": "bob"}`)
	h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "300.00"}`)
	spend := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "100.00"}`)
	h.does(h.hotpotKey, "reversals", `{"transaction": "`+spend.Transaction+`"}`)
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "50.00"}`)
	require.Equal(t, http.StatusOK, h.send(http.MethodPost, "/v1/test-clock/advance", h.key, `{"to": "2026-11-02T00:00:00+08:00"}`).status)
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "30.00"}`)
	return h
}

func TestTheJournalIsThatOfTheBooks(t *testing.T) {
	t.Parallel()
	h := newBusyHarbour(t)
	for _, format := range export.Formats() {
		for _, s := range []export.Selection{{}, {Merchant: "hotpot"}, {Period: "2026-10"}, {Merchant: "cafe", Period: "2026-11"}} {
			s.Format = format
			query := url.Values{"format": {string(format)}}
			for name, value := range map[string]string{"merchant": s.Merchant, "period": s.Period} {
				if value != "" {
					query.Set(name, value)
				}
			}
			answer := h.send(http.MethodGet, "/v1/journal?"+query.Encode(), h.key, "")
			require.Equal(t, http.StatusOK, answer.status, answer.body)
			require.Equal(t, format.MediaType(), answer.header.Get("Content-Type"))
			require.Equal(t, "no-store", answer.header.Get("Cache-Control"))
			require.Equal(t, h.books(s), answer.body)
		}
		typed, err := h.organiser.GetJournalWithResponse(t.Context(), &spec.GetJournalParams{Format: spec.GetJournalParamsFormat(format)})
		require.NoError(t, err)
		require.Equal(t, h.books(export.Selection{Format: format}), string(typed.Body))
	}
}

func TestAShopReadsItsOwnJournal(t *testing.T) {
	t.Parallel()
	h := newBusyHarbour(t)
	own := h.books(export.Selection{Format: export.CSV, Merchant: "hotpot"})
	require.Contains(t, own, ",hotpot,")
	for _, query := range []string{"format=csv", "format=csv&merchant=hotpot"} {
		require.Equal(t, own, h.send(http.MethodGet, "/v1/journal?"+query, h.hotpotKey, "").body)
	}
	require.Equal(t, "forbidden_merchant", h.send(http.MethodGet, "/v1/journal?format=csv&merchant=cafe", h.hotpotKey, "").code(t))

	// It tells no more of a transaction than the API does.
	for line := range strings.Lines(own) {
		row := strings.Split(strings.TrimSpace(line), ",")
		if row[0] == "transaction" || row[4] == "circle" {
			continue
		}
		found, err := h.hotpot.GetTransactionWithResponse(t.Context(), row[0])
		shown := ok(t, found.JSON200, found.ApplicationProblemJSONDefault, err)
		require.Contains(t, accounts(shown), row[4])
		require.Equal(t, shown.Member == nil, row[10] == "")
	}
}

func TestAJournalThatThereIsNot(t *testing.T) {
	t.Parallel()
	h := newBusyHarbour(t)
	for query, code := range map[string]string{
		"":                                 "invalid_request",
		"?format=xml":                      "invalid_request",
		"?format=csv&shop=cafe":            "invalid_request",
		"?format=csv&period=":              "invalid_request",
		"?format=csv&merchant=bakery":      "not_found",
		"?format=hledger&period=2026-09":   "not_found",
		"?format=beancount&period=October": "not_found",
	} {
		require.Equal(t, code, h.send(http.MethodGet, "/v1/journal"+query, h.key, "").code(t), query)
	}
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/journal?format=csv", "", "").code(t))
}

// failing is a database that fails when a second piece of the log is asked for.
type failing struct {
	clearing.Database
	pieces int
}

// Query fails for the second piece.
func (f *failing) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "merchants_before") {
		if f.pieces++; f.pieces == 2 {
			return nil, errors.New("the disk is gone")
		}
	}
	return f.Database.Query(ctx, sql, args...)
}

// A journal that breaks off must not look like a whole one.
func TestAJournalThatFailsOnTheWayIsBrokenOff(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.Pool = &failing{Database: c.Pool} })
	h.does(h.key, "cards", `{"card": "8800", "member": "bob", "product": "explorer"}`)
	h.write(func(tx clearing.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
			                          merchants, merchants_before, accounts, amounts, facts, hash)
			SELECT alliance_id, seq + n, type, booked_at, period, terms, '', '', '', '', 0, 0, '{}', '{}', '{}', '{}', facts, hash
			FROM transactions, generate_series(1, 5000) AS n`)
		return err
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.address+"/v1/journal?format=hledger", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+h.key)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	part, err := io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Contains(t, string(part), "(txn_2000)")
	require.NotContains(t, string(part), "(txn_2001)")
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "the disk is gone") }, patience, 10*time.Millisecond)
}

// stuck is a database that does not answer before it is let go.
type stuck struct {
	clearing.Database
	asked, free chan struct{}
}

// Query waits if it is about the log.
func (s *stuck) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "merchants_before") {
		s.asked <- struct{}{}
		<-s.free
	}
	return s.Database.Query(ctx, sql, args...)
}

func TestOnlySoManyJournalsAreSentAtOnce(t *testing.T) {
	t.Parallel()
	db := &stuck{asked: make(chan struct{}), free: make(chan struct{})}
	h := newHarbour(t, func(c *api.Config) { db.Database, c.Pool = c.Pool, db })
	h.does(h.key, "cards", `{"card": "8800", "member": "bob", "product": "explorer"}`)
	answers := make(chan answer)
	begin := func(key string) {
		go func() { answers <- h.send(http.MethodGet, "/v1/journal?format=csv", key, "") }()
		<-db.asked
	}
	full := func(key string) {
		t.Helper()
		refused := h.send(http.MethodGet, "/v1/journal?format=csv", key, "")
		require.Equal(t, "busy", refused.code(t))
		require.Equal(t, "1", refused.header.Get("Retry-After"))
	}
	for range api.MaxAllianceStreams {
		begin(h.key)
	}
	full(h.key)
	_, other := h.newAlliance("pier", clearing.Test, start)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/journal?format=csv", other, "").status, "what one circle takes is not another's")
	close(db.free)
	for range api.MaxAllianceStreams {
		require.Equal(t, http.StatusOK, (<-answers).status)
	}
	go func() { <-db.asked }()
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/journal?format=csv", h.key, "").status, "there is a place again")
}

func TestPlacesForStreamsAreByCircleAndInAll(t *testing.T) {
	t.Parallel()
	take := api.StreamSlots()
	var free []func()
	for circle := range int64(api.MaxStreams / api.MaxAllianceStreams) {
		for range api.MaxAllianceStreams {
			release := take(circle)
			require.NotNil(t, release)
			free = append(free, release)
		}
		require.Nil(t, take(circle), "the circle has all that one may have")
	}
	require.Nil(t, take(99), "the server has no more")
	free[0]()
	require.Nil(t, take(1))
	require.NotNil(t, take(99), "there is a place again")
	require.Nil(t, take(0))
}
