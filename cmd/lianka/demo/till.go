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

// till is a till of a shop, or one of the organiser's: a client of the API that has
// its own key and numbers its receipts.
type till struct {
	merchant *merchant // nil: the organiser's
	name     string
	api      *client.Client
	number   int
	queue    []*act // what it does in this turn, in order
}

// receiptNumber returns the number of the next receipt. It is the idempotency
// key of its request.
func (t *till) receiptNumber() string {
	t.number++
	return fmt.Sprintf("%s-%06d", t.name, t.number)
}

// delivery is what becomes of a request on its way.
type delivery int

const (
	delivered delivery = iota
	lost               // the answer is lost, so the till sends it again
	doubled            // it is sent twice at the same time
)

// request sends a request once, under an idempotency key.
type request func(ctx context.Context, api *client.Client, key string) (*http.Response, error)

// act is a request that a till makes and what comes of it.
type act struct {
	key     string
	card    *card
	request request
	expect  string // the refusal that the rules foresee; "": it is booked
	sent    delivery
	then    func(*spec.Receipt) // what the story takes note of when it is booked

	answer answer
}

// answer is what the server said to a request.
type answer struct {
	status   int
	body     []byte
	replayed bool
	resent   bool          // by the till on its own, because the server could not answer
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

// perform makes a request, twice if it is to be, and checks what comes of it.
func (t *till) perform(ctx context.Context, a *act) error {
	var first, second answer
	var err error
	switch a.sent {
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
		return fmt.Errorf("the rules say %s, the server answered %s: %s", said(a.expect), said(got), first.body)
	}
	if a.sent == delivered {
		return nil
	}
	same := bytes.Equal(first.body, second.body)
	if first.problem != nil && second.problem != nil { // a problem names the request, which is another one
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

func said(code string) string {
	if code == "" {
		return "booked"
	}
	return code
}

// How often and after what wait a till tries again when the server could not
// answer.
const (
	attempts  = 6
	firstWait = 100 * time.Millisecond
)

// send makes a request until it is answered, with the same key, so that it is
// booked once whatever became of the attempts.
func (t *till) send(ctx context.Context, a *act) (answer, error) {
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

func (t *till) try(ctx context.Context, a *act) (answer, error) {
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
