package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// Options say where the story plays and how.
type Options struct {
	URL     string // of the server
	Key     string // an organiser key of a test circle without terms
	Seed    uint64 // of all chance
	Members int    // how many members join

	Out      io.Writer // what is printed for people
	Color    bool      // Out is a terminal
	Progress io.Writer // how far it is
	Bar      bool      // Progress is a terminal
}

// Result is what a caller can look at after a run.
type Result struct {
	Alliance string
	Months   []string // the closed months, such as "2026-09"
	Merchant string   // a shop, and the keys of its owner and of one of its tills
	OwnerKey string
	TillKey  string
	Events   int64
}

// months is how many months the story lasts.
const months = 2

// Run tells the story: it sets the circle up, lives the months from the first that
// begins at the instant of the circle's clock or after it, and prints what they came
// to. It stops with an error when the server answers other than the rules say, and
// with ErrAlliance before it has changed anything.
func Run(ctx context.Context, o Options) (*Result, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: maxTills, MaxConnsPerHost: 2 * maxTills}
	defer transport.CloseIdleConnections()
	s := &story{Options: o, http: &http.Client{Transport: transport}, merchants: newMerchants()}
	if err := s.setUp(ctx); err != nil {
		return nil, fmt.Errorf("setting the circle up: %w", err)
	}
	if err := s.introduce(); err != nil {
		return nil, err
	}
	if err := s.live(ctx); err != nil {
		return nil, err
	}
	if err := s.conclude(); err != nil {
		return nil, err
	}
	return s.result, nil
}

// story is the state of a run.
type story struct {
	Options
	http      *http.Client
	org       *client.ClientWithResponses // with the organiser's key
	alliance  *spec.Circle
	first     time.Time // the first of the first month, in the circle's timezone
	merchants []*merchant
	life      *life
	office    *till           // where the organiser settles the month
	bank      *bank           // nil: nobody has a bank account yet
	online    fen             // what was paid to custody online
	known     map[string]bool // members whose bank account the server knows
	ending    *monthEnd       // of the month before; nil: there is none
	result    *Result

	statements []*statement
	explained  [columns]bool // columns that were explained
}

// maxTills is how many tills work at once.
const maxTills = 32

// live plays the months, and prints the statement of each when it has closed.
func (s *story) live(ctx context.Context) error {
	s.life.invite(s.Members, s.first, s.days(0, months))
	for month := range months {
		opens := s.first.AddDate(0, month, 0)
		p := newProgress(s.Progress, s.Bar, opens, s.days(month, 1)*turns)
		if err := s.liveMonth(ctx, month, p); err != nil {
			p.end()
			return fmt.Errorf("%s: %w", s.life.at.Format("Mon 2 Jan 15:04"), err)
		}
		statement, err := s.close(ctx, opens)
		p.end()
		if err != nil {
			return fmt.Errorf("the end of %s: %w", opens.Format("January"), err)
		}
		s.statements = append(s.statements, statement)
		s.result.Months = append(s.result.Months, statement.period)
		if s.ending != nil {
			if err := s.ending.print(ctx); err != nil {
				return err
			}
		}
		if err := statement.print(s); err != nil {
			return err
		}
		s.ending = &monthEnd{story: s, st: statement, agenda: eventful}
	}
	s.ending.agenda, s.ending.quiet = uneventful, true
	if err := s.ending.goThrough(ctx, s.first.AddDate(0, months, 0)); err != nil {
		return err
	}
	if err := s.ending.print(ctx); err != nil {
		return err
	}
	if err := s.reconcile(ctx); err != nil {
		return err
	}
	s.result.Events = s.life.tally.events()
	return nil
}

// days is how many days some months have.
func (s *story) days(month, count int) int {
	from, to := s.first.AddDate(0, month, 0), s.first.AddDate(0, month+count, 0)
	return int(to.Sub(from).Round(24*time.Hour) / (24 * time.Hour))
}

// liveMonth plays the days of a month, turn after turn.
func (s *story) liveMonth(ctx context.Context, month int, p *progress) error {
	before := s.days(0, month)
	for day := range s.days(month, 1) {
		date := s.first.AddDate(0, 0, before+day)
		if s.ending != nil {
			if err := s.ending.keepAppointments(ctx, date); err != nil {
				return err
			}
		}
		for turn := range turns {
			at := date.Add(time.Duration(clockOf[turn].hour)*time.Hour + time.Duration(clockOf[turn].minute+s.life.rng.IntN(25))*time.Minute)
			s.life.plan((before+day)*turns+turn, at)
			if err := s.play(ctx, at); err != nil {
				return err
			}
			p.step(at, s.life.tally.events())
		}
	}
	return nil
}

// play moves the clock to a turn, and has all tills do at once what is planned.
func (s *story) play(ctx context.Context, at time.Time) error {
	busy := false
	for t := range s.life.tills {
		busy = busy || len(t.queue) > 0
	}
	if !busy {
		return nil
	}
	if err := s.advance(ctx, at); err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(maxTills)
	for t := range s.life.tills {
		if len(t.queue) > 0 {
			work.Go(func() error { return t.serve(ctx) })
		}
	}
	if err := work.Wait(); err != nil {
		return err
	}
	return s.life.takeNote()
}

// advance moves the circle's clock.
func (s *story) advance(ctx context.Context, to time.Time) error {
	answer, err := s.org.AdvanceTestClockWithResponse(ctx, spec.TestClockAdvance{To: to})
	if err != nil {
		return err
	}
	_, err = said200(answer.JSON200, answer.Body)
	return err
}

// said200 returns what a request was to be answered with, or what it was answered
// with instead as an error.
func said200[T any](want *T, body []byte) (*T, error) {
	if want == nil {
		return nil, fmt.Errorf("the server answered %s", body)
	}
	return want, nil
}
