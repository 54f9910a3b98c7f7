package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// till is a till of a shop or of the organiser: a client of the API that has a key and
// numbers its receipts.
type till struct {
	merchant *merchant // nil: the organiser's
	name     string
	api      *client.Client
	number   int
	queue    []*exchange // its requests in this turn, in order
}

// receiptNumber returns the number of the next receipt. It is the idempotency
// key of its request.
func (t *till) receiptNumber() string {
	t.number++
	return fmt.Sprintf("%s-%06d", t.name, t.number)
}

// asks returns the till's client for requests that are read at once.
func (t *till) asks() *client.ClientWithResponses {
	return &client.ClientWithResponses{ClientInterface: t.api}
}

// delivery is how a request is sent.
type delivery int

const (
	delivered delivery = iota
	lost               // as if the answer were lost, so the till sends it again
	doubled            // it is sent twice at the same time
)

// request sends a request once, under an idempotency key.
type request func(ctx context.Context, api *client.Client, key string) (*http.Response, error)

// exchange is a request of a till, with its expected and its actual outcome.
type exchange struct {
	key      string
	card     *card
	request  request
	expect   string // the code of the refusal that the rules call for; "": it is booked
	delivery delivery
	onBooked func(*spec.Receipt) // called when it is booked; may be nil

	answer answer
}

// answer is the server's answer to a request.
type answer struct {
	status   int
	body     []byte
	replayed bool
	resent   bool          // the till repeated the request because the server could not answer
	receipt  *spec.Receipt // if it was booked
	problem  *spec.Problem // if it was refused
}

// code returns the code of the refusal, or "" if the request was booked.
func (a *answer) code() string {
	if a.problem == nil {
		return ""
	}
	return a.problem.Code
}

// serve makes the requests of a turn, one after another.
func (t *till) serve(ctx context.Context) error {
	for _, a := range t.queue {
		if err := t.perform(ctx, a); err != nil {
			return fmt.Errorf("%s, receipt %s: %w", t.name, a.key, err)
		}
	}
	return nil
}

// perform makes a request, or makes it twice, and checks the outcome.
func (t *till) perform(ctx context.Context, a *exchange) error {
	var first, second answer
	var err error
	switch a.delivery {
	case delivered:
		first, err = t.send(ctx, a)
	case lost:
		if first, err = t.send(ctx, a); err == nil {
			second, err = t.send(ctx, a)
		}
	case doubled:
		both, ctx := errgroup.WithContext(ctx)
		both.Go(func() (err error) { first, err = t.send(ctx, a); return err })
		both.Go(func() (err error) { second, err = t.send(ctx, a); return err })
		err = both.Wait()
	}
	if err != nil {
		return err
	}
	a.answer = first
	if got := first.code(); got != a.expect {
		return fmt.Errorf("the rules say %s, the server answered %s: %s", outcomeName(a.expect), outcomeName(got), first.body)
	}
	if a.delivery == delivered {
		return nil
	}
	same := bytes.Equal(first.body, second.body)
	if first.problem != nil && second.problem != nil { // problems differ in the id of the HTTP request
		same = first.problem.Code == second.problem.Code && reflect.DeepEqual(first.problem.Data, second.problem.Data)
	}
	if !same || first.status != second.status {
		return fmt.Errorf("it was sent twice and answered in two ways: %s and %s", first.body, second.body)
	}
	if first.replayed == second.replayed && !first.resent && !second.resent {
		return fmt.Errorf("it was sent twice, and one of the two answers should say that it is a replay")
	}
	return nil
}

func outcomeName(code string) string {
	if code == "" {
		return "booked"
	}
	return code
}

// How often a till tries a request that the server can't answer, and how long it waits
// before the second attempt.
const (
	attempts  = 6
	firstWait = 100 * time.Millisecond
)

// send makes a request until it is answered. All attempts have the same key, so it is
// booked only once.
func (t *till) send(ctx context.Context, a *exchange) (answer, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		got, err := t.try(ctx, a)
		if err == nil && got.status < http.StatusInternalServerError {
			got.resent = attempt > 1
			return got, nil
		}
		if err == nil {
			err = fmt.Errorf("the server answered %d: %s", got.status, got.body)
		}
		if attempt == attempts || ctx.Err() != nil {
			return answer{}, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return answer{}, ctx.Err()
		}
		wait *= 2
	}
}

func (t *till) try(ctx context.Context, a *exchange) (answer, error) {
	response, err := a.request(ctx, t.api, a.key)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got := answer{status: response.StatusCode, body: body, replayed: response.Header.Get("Idempotency-Replayed") == "true"}
	switch got.status {
	case http.StatusCreated:
		got.receipt = new(spec.Receipt)
		err = json.Unmarshal(body, got.receipt)
	case http.StatusUnprocessableEntity:
		got.problem = new(spec.Problem)
		err = json.Unmarshal(body, got.problem)
	default:
		if got.status < http.StatusInternalServerError {
			err = fmt.Errorf("the server answered %d: %s", got.status, body)
		}
	}
	return got, err
}
