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

// Options configure a run.
type Options struct {
	URL     string // of the server
	Key     string // an organiser key of a test circle without terms
	Seed    uint64 // of the random source
	Members int    // how many members join
	Direct  bool   // tills name who brought a newcomer, instead of links that members share

	Out      io.Writer // what is printed for people
	Color    bool      // Out is a terminal
	Progress io.Writer // where progress is shown; may be nil
	Bar      bool      // Progress is a terminal
}

// Result is what a run leaves for a caller to look at.
type Result struct {
	Alliance string
	Months   []string // the closed months, such as "2026-09"
	Merchant string   // a shop, and the keys of its owner and of one of its tills
	OwnerKey string
	TillKey  string
	Events   int64
}

// months is how many months are simulated.
const months = 2

// Run sets the circle up, simulates its months and prints their settlement. The first
// month is the one that begins at the instant of the circle's clock, or the next one. Run
// stops with an error if the server answers otherwise than the rules say. It returns
// ErrAlliance, before it has changed anything, if the circle is unsuitable.
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
	if err := s.runMonths(ctx); err != nil {
		return nil, err
	}
	if err := s.growth.print(); err != nil {
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
	http           *http.Client
	org            *client.ClientWithResponses // with the organiser's key
	alliance       *spec.Circle
	first          time.Time // the first of the first month, in the circle's timezone
	merchants      []*merchant
	simulation     *simulation
	growth         *growth
	persons        persons
	links          linkSums
	rungs          []rung          // with the cards that have each at the end
	office         *till           // sends the organiser's requests about closed months
	bank           *bank           // nil: nobody has a bank account yet
	online         fen             // what was paid to custody online
	memberAccounts map[string]bool // members whose bank account the server knows
	previous       *monthEnd       // nil during the first month
	result         *Result

	statements []*statement
	explained  [columns]bool // columns whose meaning has been printed
}

// maxTills is how many tills work at once at most.
const maxTills = 32

// runMonths simulates the months, and prints the statement of each when it has closed.
func (s *story) runMonths(ctx context.Context) error {
	s.simulation.scheduleJoins(s.Members, s.first, s.days(0, months))
	for month := range months {
		opens := s.first.AddDate(0, month, 0)
		p := newProgress(s.Progress, s.Bar, opens, s.days(month, 1)*turns)
		if err := s.runMonth(ctx, month, p); err != nil {
			p.end()
			return fmt.Errorf("%s: %w", s.simulation.at.Format("Mon 2 Jan 15:04"), err)
		}
		statement, err := s.close(ctx, opens)
		p.end()
		if err != nil {
			return fmt.Errorf("the end of %s: %w", opens.Format("January"), err)
		}
		s.statements = append(s.statements, statement)
		s.result.Months = append(s.result.Months, statement.period)
		if s.previous != nil {
			if err := s.previous.print(ctx); err != nil {
				return err
			}
		}
		if err := statement.print(s); err != nil {
			return err
		}
		s.previous = &monthEnd{story: s, st: statement, agenda: agendaWithProblems}
	}
	s.previous.agenda, s.previous.quiet = agendaWithoutProblems, true
	if err := s.previous.runRemaining(ctx, s.first.AddDate(0, months, 0)); err != nil {
		return err
	}
	if err := s.previous.print(ctx); err != nil {
		return err
	}
	if err := s.reconcile(ctx); err != nil {
		return err
	}
	if err := s.checkCampaigns(ctx); err != nil {
		return err
	}
	if err := s.readTiers(ctx); err != nil {
		return err
	}
	if err := s.growth.checkGuests(ctx); err != nil {
		return err
	}
	if err := s.readLinks(ctx); err != nil {
		return err
	}
	if err := s.askPersons(ctx); err != nil {
		return err
	}
	s.result.Events = s.simulation.tally.events()
	return nil
}

// days returns the number of days of some months.
func (s *story) days(month, count int) int {
	from, to := s.first.AddDate(0, month, 0), s.first.AddDate(0, month+count, 0)
	return int(to.Sub(from).Round(24*time.Hour) / (24 * time.Hour))
}

// runMonth simulates a month, turn by turn.
func (s *story) runMonth(ctx context.Context, month int, p *progress) error {
	before := s.days(0, month)
	for day := range s.days(month, 1) {
		date := s.first.AddDate(0, 0, before+day)
		if s.previous != nil {
			if err := s.previous.runTasks(ctx, date); err != nil {
				return err
			}
		}
		if err := s.growth.play(ctx, month, date); err != nil {
			return err
		}
		for turn := range turns {
			at := date.Add(time.Duration(clockOf[turn].hour)*time.Hour + time.Duration(clockOf[turn].minute+s.simulation.rng.IntN(25))*time.Minute)
			s.simulation.plan((before+day)*turns+turn, at)
			if err := s.runTurn(ctx, at); err != nil {
				return err
			}
			p.step(at, s.simulation.tally.events())
		}
	}
	return nil
}

// runTurn advances the clock to a turn, and has all tills make their requests at once.
func (s *story) runTurn(ctx context.Context, at time.Time) error {
	busy := false
	for t := range s.simulation.tills {
		busy = busy || len(t.queue) > 0
	}
	if !busy {
		return nil
	}
	if err := s.advance(ctx, at); err != nil {
		return err
	}
	if err := s.makeLinks(ctx); err != nil {
		return err
	}
	work, working := errgroup.WithContext(ctx)
	work.SetLimit(maxTills)
	for t := range s.simulation.tills {
		if len(t.queue) > 0 {
			work.Go(func() error { return t.serve(working) })
		}
	}
	if err := work.Wait(); err != nil {
		return err
	}
	if err := s.simulation.recordResults(); err != nil {
		return err
	}
	return s.register(ctx)
}

// advance advances the circle's clock.
func (s *story) advance(ctx context.Context, to time.Time) error {
	answer, err := s.org.AdvanceTestClockWithResponse(ctx, spec.TestClockAdvance{To: to})
	if err != nil {
		return err
	}
	_, err = expect200(answer.JSON200, answer.Body)
	return err
}

// expect200 returns the expected answer to a request. If there is none, it returns an
// error with the answer that came instead.
func expect200[T any](want *T, body []byte) (*T, error) {
	if want == nil {
		return nil, fmt.Errorf("the server answered %s", body)
	}
	return want, nil
}
