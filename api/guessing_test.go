package api_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
)

// guessed returns eight digits, or the text of a QR code, that somebody has guessed.
func guessed(random *rand.Rand, digits bool) string {
	if digits {
		return fmt.Sprintf("%08d", random.IntN(100_000_000))
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	text := []byte("LK:")
	for range 25 {
		text = append(text, alphabet[random.IntN(32)])
	}
	return string(append(text, "AEIMQUY4"[random.IntN(8)])) // of the last letter three bits count
}

// TestAMillionGuessesHitNothing: one till guesses a hundred times a second until it has made a
// million guesses, while there are 50 live codes. What it guesses while it is locked is answered
// with 429 whatever it is: of that the test makes a sample, and counts the rest by the clock. So it
// tries every guess that is looked at, and thousands that are not, partly through HTTP.
func TestAMillionGuessesHitNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	const guesses, perSecond = 1_000_000, 100
	var clock atomic.Int64
	h := newHarbour(t, quick, func(c *api.Config) { c.Clock = func() time.Time { return start.Add(time.Duration(clock.Load())) } })
	h.sold("8801", "ann")
	h.asks(`{"presentation": "code"}`)
	random := rand.New(rand.NewPCG(8, 26))
	guess := func(n int) answer {
		code := guessed(random, n%4 != 0)
		if n%2 == 0 {
			return h.direct(http.MethodGet, "/v1/presentations/"+code, h.hotpotKey, "")
		}
		return h.direct(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "0.01"}`, "Idempotency-Key", fmt.Sprint("guess", n), "Card-Code", code)
	}
	began := time.Now()
	made, looked, sampled := 0, 0, 0
	for made < guesses {
		now := start.Add(time.Duration(made) * time.Second / perSecond)
		clock.Store(int64(now.Sub(start)))
		if looked%5 == 0 && sampled%3 == 0 { // there are always live ones
			for range 50 {
				_, _, err := presentation.Issue(t.Context(), h.db, h.alliance.ID, presentation.Order{Card: "8801", Member: "ann", By: "organiser"}, now)
				require.NoError(t, err)
			}
		}
		a := guess(made)
		made++
		switch a.status {
		case http.StatusNotFound, http.StatusUnprocessableEntity:
			looked++
		case http.StatusTooManyRequests:
			// Locked: some more guesses, then the rest of the time.
			var tooMany *attempts.TooManyError
			require.ErrorAs(t, attempts.Check(t.Context(), h.db, h.alliance.ID, "shop:hotpot/1", now, api.WrongCodes...), &tooMany)
			for range 3 {
				require.Equal(t, http.StatusTooManyRequests, guess(made).status)
				made++
				sampled++
			}
			made = max(made, int(tooMany.RetryAt.Sub(start)*perSecond/time.Second))
		default:
			require.Fail(t, "a guess was right", "%d %s", a.status, a.body)
		}
	}
	require.LessOrEqual(t, looked, 100, "of a million, in a day")
	require.Positive(t, looked)
	t.Logf("a million guesses in %v of the server's clock (%v here): %d looked at, %d of the others tried", time.Duration(guesses/perSecond)*time.Second, time.Since(began).Round(time.Second), looked, sampled)
	h.audit(h.alliance)
}

// direct sends a request to the server's handler, without the network.
func (h *house) direct(method, path, key, body string, headers ...string) answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(h.t.Context())
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func TestFiveWrongCodesLockTheTill(t *testing.T) {
	t.Parallel()
	const pause = 150 * time.Millisecond
	var passed atomic.Int64
	h := newHarbour(t, func(c *api.Config) {
		c.WrongCodePause = pause
		c.Clock = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	})
	h.sold("8801", "ann")
	const spend = `{"card": "8801", "amount": "1.00"}`
	booked := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, spend, "Idempotency-Key", "booked", "Card-Code", h.code("8801", `{}`).Code)
	require.Equal(t, http.StatusCreated, booked.status)
	for n := range 5 {
		began := time.Now()
		if n%2 == 0 {
			require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", spend, "Card-Code", fmt.Sprintf("1234567%d", n)).code(t))
		} else {
			require.Equal(t, "not_found", h.send(http.MethodGet, fmt.Sprintf("/v1/presentations/1234567%d", n), h.hotpotKey, "").code(t))
		}
		require.GreaterOrEqual(t, time.Since(began), pause, "a wrong code costs the till time")
	}
	good := h.code("8801", `{}`)
	locked := h.shows(h.hotpotKey, "spends", spend, "Card-Code", good.Code)
	require.Equal(t, "too_many_attempts", locked.code(t))
	require.Equal(t, "300", locked.header.Get("Retry-After"))
	require.Equal(t, http.StatusTooManyRequests, h.send(http.MethodGet, "/v1/presentations/"+good.Code, h.hotpotKey, "").status)
	again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, spend, "Idempotency-Key", "booked", "Card-Code", good.Code)
	require.Equal(t, booked.body, again.body, "a retry gets its first answer")
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", spend).status, "what needs no code is booked: the circle asks for none")
	require.Equal(t, http.StatusCreated, h.shows(h.cafeKey, "spends", spend, "Card-Code", good.Code).status, "the other shop's till is not locked")
	passed.Store(int64(5 * time.Minute))
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", spend, "Card-Code", h.code("8801", `{}`).Code).status)
	h.audit(h.alliance)
}

// TestParallelGuessesAreCountedOneByOne: a till that sends many wrong codes at once has no more
// of them looked at than one that waits.
func TestParallelGuessesAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	answers := make(chan int, 100)
	for n := range cap(answers) {
		go func() {
			answers <- h.direct(http.MethodGet, fmt.Sprintf("/v1/presentations/%08d", n), h.hotpotKey, "").status
		}()
	}
	found := make(map[int]int)
	for range cap(answers) {
		found[<-answers]++
	}
	require.Equal(t, map[int]int{http.StatusNotFound: 5, http.StatusTooManyRequests: 95}, found)
}

// TestARepeatedKeyIsNoWayToGuess: who sends a key again with other codes is counted like others.
func TestARepeatedKeyIsNoWayToGuess(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	send := func(code string) answer {
		return h.direct(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "same", "Card-Code", code)
	}
	first := send(h.code("8801", `{}`).Code)
	require.Equal(t, http.StatusCreated, first.status)
	for n := range 20 {
		require.Equal(t, first.body, send(fmt.Sprintf("%08d", n)).body, "always the first answer")
	}
	require.Error(t, h.mayShow("hotpot"))
	require.Equal(t, first.body, send(h.code("8801", `{}`).Code).body)
}

// TestNumbersAreNotTriedInARow: of 5,000 numbers in a row, 556 are cards. A shop's key learns of a
// few, however it asks.
func TestNumbersAreNotTriedInARow(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	var passed atomic.Int64
	h := newHarbour(t, quick, func(c *api.Config) { c.Clock = func() time.Time { return start.Add(time.Duration(passed.Load())) } })
	const numbers, live = 5000, 556
	var sales []string
	for n := 0; len(sales) < live; n += 9 {
		sales = append(sales, order("card.sold", fmt.Sprint("sale", n), fmt.Sprintf(`{"card": "%d", "member": "m%d", "product": "explorer", "merchant": "cafe"}`, 10000+n, n)))
	}
	for len(sales) > 0 {
		n := min(len(sales), 100)
		for _, r := range h.batch(h.key, sales[:n]...) {
			require.Equal(t, http.StatusCreated, r.Status)
		}
		sales = sales[n:]
	}
	till := func(name string) string {
		_, key := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: name})
		return key
	}
	walk := func(try func(number int) (status int)) (hits, stopped int) {
		for n := range numbers {
			switch try(10000 + n) {
			case http.StatusOK, http.StatusCreated:
				hits++
			case http.StatusTooManyRequests:
				stopped++
			}
		}
		return hits, stopped
	}
	for name, try := range map[string]func(key string, number int) int{
		"getCard": func(key string, number int) int {
			return h.direct(http.MethodGet, fmt.Sprintf("/v1/cards/%d", number), key, "").status
		},
		"listGifts": func(key string, number int) int {
			return h.direct(http.MethodGet, fmt.Sprintf("/v1/cards/%d/gifts", number), key, "").status
		},
		"a purchase": func(key string, number int) int {
			return h.direct(http.MethodPost, "/v1/purchases", key, fmt.Sprintf(`{"card": "%d", "bill": "0.01"}`, number), "Idempotency-Key", fmt.Sprint(number)).status
		},
		"one after the other": func(key string, number int) int {
			if status := h.direct(http.MethodGet, fmt.Sprintf("/v1/cards/%d", number), key, "").status; number%2 == 0 {
				return status
			}
			return h.direct(http.MethodPost, "/v1/purchases", key, fmt.Sprintf(`{"card": "%d", "bill": "0.01"}`, number), "Idempotency-Key", fmt.Sprint(number)).status
		},
	} {
		key := till(strings.ReplaceAll(name, " ", "-"))
		hits, stopped := walk(func(number int) int { return try(key, number) })
		require.LessOrEqual(t, hits, 5, name)
		require.GreaterOrEqual(t, stopped, numbers-40, name)
	}
	// In batches a POST of 100 is decided as one.
	key, booked, stopped := till("batches"), 0, 0
	for first := 0; first < numbers; first += 100 {
		var items []string
		for n := first; n < first+100; n++ {
			items = append(items, order("purchase.recorded", fmt.Sprint("b", n), fmt.Sprintf(`{"card": "%d", "bill": "0.01"}`, 10000+n)))
		}
		for _, r := range h.batch(key, items...) {
			switch r.Status {
			case http.StatusCreated:
				booked++
			case http.StatusTooManyRequests:
				stopped++
			}
		}
	}
	require.LessOrEqual(t, booked, 12)
	require.GreaterOrEqual(t, stopped, numbers-100)
	for _, r := range h.batch(key, order("purchase.recorded", "b0", `{"card": "10000", "bill": "0.01"}`)) {
		require.Equal(t, http.StatusCreated, r.Status, "a retry gets its first answer")
		require.True(t, r.Replayed)
	}
	// So many tills have stopped the shop's others, and no other shop's. After a while they may go on.
	require.Equal(t, http.StatusTooManyRequests, h.direct(http.MethodGet, "/v1/cards/10000", till("other"), "").status)
	require.Equal(t, http.StatusOK, h.direct(http.MethodGet, "/v1/cards/10000", h.cafeKey, "").status)
	require.Equal(t, http.StatusTooManyRequests, h.direct(http.MethodGet, "/v1/cards/10000", key, "").status)
	passed.Store(int64(10 * time.Minute))
	require.Equal(t, http.StatusOK, h.direct(http.MethodGet, "/v1/cards/10000", key, "").status)
	h.audit(h.alliance)
}

// TestWhatIsThereCostsNoCount: a till that names cards which exist is not counted, and one that
// another process has stopped is stopped here as soon as it names an unknown card.
func TestWhatIsThereCostsNoCount(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	for range 50 {
		require.Equal(t, http.StatusOK, h.direct(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").status)
		h.does(h.hotpotKey, "purchases", `{"card": "8801", "bill": "0.01"}`)
	}
	counted := func() (n int) {
		rows, err := h.db.Query(t.Context(), `SELECT count(*) FROM attempts`)
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		require.NoError(t, rows.Scan(&n))
		return n
	}
	require.Zero(t, counted())
	for range 50 {
		require.Equal(t, http.StatusNotFound, h.direct(http.MethodGet, "/v1/cards/none", h.key, "").status, "the organiser has a list of them")
	}
	require.Zero(t, counted())
	for range 40 {
		h.direct(http.MethodGet, "/v1/cards/none", h.hotpotKey, "")
	}
	require.Positive(t, counted())
	require.Equal(t, http.StatusTooManyRequests, h.direct(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").status)
	beside := h.another(quick)
	require.Equal(t, http.StatusTooManyRequests, beside.direct(http.MethodGet, "/v1/cards/none", h.hotpotKey, "").status)
	require.Equal(t, http.StatusTooManyRequests, beside.direct(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").status)
}
