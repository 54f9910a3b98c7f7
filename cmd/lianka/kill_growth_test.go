package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

// rush is a siege by callers that all want what there is little of.
type rush struct {
	*siege
	pool *pgxpool.Pool

	mu      sync.Mutex
	booked  map[string]string // transactions, by key
	counted map[string]int    // answers, by what was asked for and how it ended
	members map[string]int    // gifts, by member
	holds   map[string]bool   // those that are open, by transaction
	spent   int               // of scarce cards, in minor units
}

const (
	callers      = 64
	stock        = 120
	itemPoints   = 10
	giftMinor    = 50
	budgetMinor  = 100 * giftMinor
	perMember    = 9
	scarceCards  = 4
	scarceMinor  = 12_00
	spendMinor   = 10
	holdMinor    = 100
	captureMinor = 40
)

// answer is what a caller was told.
type answer struct {
	Transaction string
	Code        string // of a refusal
	body        string
}

// ask asks until there is an answer, as a till does.
func (r *rush) ask(path, key, body string) (answer, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Duration(10+rand.IntN(30)) * time.Millisecond) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "http://"+r.listen+path, strings.NewReader(body))
		if err != nil {
			return answer{}, err
		}
		request.Header.Set("Authorization", "Bearer "+r.key)
		request.Header.Set("Content-Type", "application/json")
		if key != "" {
			request.Header.Set("Idempotency-Key", key)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue // killed meanwhile, or not up yet
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		told := answer{body: string(text)}
		if err := json.Unmarshal(text, &told); err != nil || (response.StatusCode != http.StatusCreated && response.StatusCode != http.StatusUnprocessableEntity) {
			return told, fmt.Errorf("%s: %s", response.Status, text)
		}
		if response.StatusCode == http.StatusCreated {
			told.Code = "" // items and campaigns have one too
		}
		return told, nil
	}
	return answer{}, fmt.Errorf("no answer to %s within %s", key, patience)
}

// must asks for what may not be refused.
func (r *rush) must(path, key, body string) {
	r.Helper()
	told, err := r.ask(path, key, body)
	require.NoError(r, err)
	require.Empty(r, told.Code, told.body)
}

// prepare sets up what there is little of, through the API: an item, a campaign, and stored value.
func (r *rush) prepare() {
	r.Helper()
	money := func(minor int64) string { return r.alliance.Currency.Minor(minor).String() }
	r.start()
	r.must("/v1/items", "", fmt.Sprintf(`{"code":"mug","points":%d,"merchants":["gym"],"reimbursement":"0.08","stock":%d}`, itemPoints, stock))
	r.must("/v1/campaigns", "", fmt.Sprintf(`{"code":"thanks","when":"command","per_member":%d,"budget":%q,"gift":{"bonus":%q}}`,
		perMember, money(budgetMinor), money(giftMinor)))
	for i := range tills {
		r.must("/v1/purchases", fmt.Sprintf("bill-%02d", i), fmt.Sprintf(`{"card":"K%02d","merchant":"gym","bill":"1000.00"}`, i))
	}
	for i := range scarceCards {
		r.must("/v1/cards", fmt.Sprintf("sale-%d", i), fmt.Sprintf(`{"card":"H%d","member":"H%d","product":"guest"}`, i, i))
		r.must("/v1/top-ups", fmt.Sprintf("value-%d", i), fmt.Sprintf(`{"card":"H%d","amount":%q}`, i, money(scarceMinor)))
	}
	require.NoError(r, r.end(syscall.SIGTERM), "%s", r.log)
}

// call asks once for what a caller wants, and notes what it was told. Sometimes it asks again
// for the same, and has to be told the same.
func (r *rush) call(what, path, key, body string) (answer, error) {
	told, err := r.ask(path, key, body)
	if err != nil {
		return told, err
	}
	if rand.IntN(5) == 0 {
		again, err := r.ask(path, key, body)
		if err != nil || again.Transaction != told.Transaction || again.Code != told.Code || (told.Code == "" && again.body != told.body) {
			return told, fmt.Errorf("%s %s was told\n%s and then\n%s (%w)", what, key, told.body, again.body, err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if told.Code == "" {
		r.booked[key] = told.Transaction
	}
	r.counted[strings.TrimSpace(what+" "+told.Code)]++
	return told, nil
}

// want lets a caller ask for its n-th thing.
func (r *rush) want(caller, n int) error {
	key := fmt.Sprintf("caller-%02d-%05d", caller, n)
	scarce := fmt.Sprintf("H%d", rand.IntN(scarceCards))
	switch caller % 4 {
	case 0:
		_, err := r.call("item", "/v1/item-redemptions", key, fmt.Sprintf(`{"card":"K%02d","merchant":"gym","item":"mug"}`, rand.IntN(tills)))
		return err
	case 1:
		card := fmt.Sprintf("K%02d", rand.IntN(tills))
		if rand.IntN(3) == 0 {
			card = "K00"
		}
		told, err := r.call("gift", "/v1/gifts", key, fmt.Sprintf(`{"card":%q,"campaign":"thanks"}`, card))
		if err == nil && told.Code == "" {
			r.mu.Lock()
			r.members[card]++
			r.mu.Unlock()
		}
		return err
	case 2:
		return r.hold(key, scarce)
	}
	told, err := r.call("spend", "/v1/spends", key, fmt.Sprintf(`{"card":%q,"merchant":"gym","amount":"0.10"}`, scarce))
	if err == nil && told.Code == "" {
		r.mu.Lock()
		r.spent += spendMinor
		r.mu.Unlock()
	}
	return err
}

// hold places a hold, and mostly ends it.
func (r *rush) hold(key, card string) error {
	placed, err := r.call("hold", "/v1/holds", key, fmt.Sprintf(`{"card":%q,"merchant":"gym","amount":"1.00"}`, card))
	if err != nil || placed.Code != "" {
		return err
	}
	note := func(open bool, spent int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.holds[placed.Transaction] = open
		r.spent += spent
	}
	note(true, 0)
	ending := rand.IntN(10)
	if ending == 0 {
		return nil // it stays open
	}
	what, path, spent := "void", "/v1/hold-voids", 0
	body := fmt.Sprintf(`{"transaction":%q}`, placed.Transaction)
	if ending%2 == 0 {
		what, path, spent = "capture", "/v1/hold-captures", captureMinor
		body = fmt.Sprintf(`{"transaction":%q,"amount":"0.40"}`, placed.Transaction)
	}
	told, err := r.call(what, path, key+"-end", body)
	if err == nil && told.Code != "" {
		return fmt.Errorf("%s of %s: %s", what, placed.Transaction, told.body)
	}
	if err == nil {
		note(false, spent)
	}
	return err
}

// exhausted says whether somebody was refused all that there is little of.
func (r *rush) exhausted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, refusal := range []string{"item out_of_stock", "gift over_budget", "gift gift_exhausted", "hold insufficient_value", "spend insufficient_value"} {
		if r.counted[refusal] == 0 {
			return false
		}
	}
	return true
}

// endure lets the callers ask while the server is killed, until all is gone.
func (r *rush) endure(kills int) {
	r.Helper()
	var stop atomic.Bool
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for n := 0; !stop.Load(); n++ {
				if err := r.want(caller, n); err != nil {
					r.Error(err)
					return
				}
				// So that there is something left for when the server is back.
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
			}
		})
	}
	for range kills {
		before := r.answered()
		r.start()
		r.await(func() bool { return r.answered() >= before+callers/2 })
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		require.Error(r, r.end(syscall.SIGKILL))
		r.limitsKept()
	}
	r.start()
	r.await(r.exhausted)
	stop.Store(true)
	group.Wait()
	if r.Failed() {
		r.Logf("the server says:\n%s", r.log)
	}
	require.NoError(r, r.end(syscall.SIGTERM), "a drained server ends with exit code 0:\n%s", r.log)
}

// await waits until something is so, unless a caller has failed.
func (r *rush) await(so func() bool) {
	for deadline := time.Now().Add(patience); !so() && !r.Failed() && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
}

// answered returns how many answers there were.
func (r *rush) answered() (sum int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.counted {
		sum += n
	}
	return sum
}

// TestAKilledServerKeepsEveryLimit: 64 callers ask at once, through the API, for items of a small
// stock, gifts of a small budget and a limit per member, holds and spends of little stored value,
// while the server is killed.
func TestAKilledServerKeepsEveryLimit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool := pgtest.Pool(t)
	r := &rush{
		siege: &siege{T: t, flags: []string{"--database-url", pool.Config().ConnString()}}, pool: pool,
		booked: make(map[string]string), counted: make(map[string]int), members: make(map[string]int), holds: make(map[string]bool),
	}
	r.found(pool)
	r.prepare()
	r.endure(6)
	r.judge()
}
