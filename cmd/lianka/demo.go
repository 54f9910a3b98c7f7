package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/term"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/cmd/lianka/demo"
	"github.com/lianka/lianka/merchant/access"
)

// demoCommand runs the demo.
type demoCommand struct {
	Once    bool   `help:"End after the tables, instead of staying up to be looked at."`
	Into    string `help:"Play into a server that runs already, instead of one of the demo's own." placeholder:"URL"`
	Key     string `help:"With --into: the organiser's key of a test circle with nothing in it. Without it a circle is made in the server's database." env:"LIANKA_DEMO_KEY" placeholder:"KEY"`
	Members int    `help:"How many members join in the two months, 1 to 5000." default:"520" placeholder:"N"`
	Seed    uint64 `help:"Another seed makes another story; the same one makes the same tables." default:"1" placeholder:"N"`
	Listen  string `help:"Address to listen on. The default is 127.0.0.1:8080, or a free port if that is taken." placeholder:"HOST:PORT"`

	databaseFlags
	peopleFlags
}

const (
	demoListen     = "127.0.0.1:8080"
	demoMaxMembers = 5000
)

// Help says what the demo shows.
func (demoCommand) Help() string {
	return `Ten shops live two months through the HTTP API, as their tills would, on a test circle's clock. Then the settlement tables are printed: what each shop pays or receives at each month-end, and why; then how it was reviewed, disputed, paid and settled; and the books are audited.

Without a database of yours the books are kept in a temporary private PostgreSQL, which goes when the demo ends. With --data or DATABASE_URL the circle stays there: riverside, or riverside-2 and so on if that exists.

With --into the story is played into a server that runs already. Its database is that of --data or DATABASE_URL, or, with --key, is not touched but through the API; then the books are not audited. A live circle is refused, and so is one that has shops.

  lianka demo --into http://127.0.0.1:8080

Exit code 0: all as it should be; 1: the server answered other than the rules say, or the audit found a fault; 2: there is no such server, or the circle is not one to play in.`
}

// Run plays the demo, audits the books, and stays up unless --once is given.
func (c *demoCommand) Run(ctx context.Context, env *environment) error {
	if c.Members < 1 || c.Members > demoMaxMembers {
		return &refusedError{fmt.Errorf("--members: from 1 to %d", demoMaxMembers)}
	}
	if c.Into != "" {
		return c.playInto(ctx, env)
	}
	if c.Key != "" {
		return &refusedError{errors.New("--key: it is the key of a server's circle; name the server with --into")}
	}
	logger := env.logger
	if !logger.Enabled(ctx, slog.LevelDebug) { // a line for each of thousands of requests would bury the story
		logger = newLogger(env.err, slog.LevelWarn, "text")
	}
	_, _ = fmt.Fprintln(env.err, "Opening the books ...")
	db, err := c.openBooks(ctx, logger)
	if err != nil {
		return err
	}
	defer db.close()
	al, key, err := foundDemo(ctx, db)
	if err != nil {
		return err
	}
	persons, err := c.keeper(ctx, env, db)
	if err != nil {
		return err
	}
	listener, err := c.listen(ctx)
	if err != nil {
		return &refusedError{fmt.Errorf("--listen: %w", err)}
	}
	h, err := open(db, logger, api.Config{PublicURL: &url.URL{Scheme: "http", Host: listener.Addr().String()}, People: persons})
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	serving, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- h.run(serving, listener, db, 30*time.Second) }()
	failed := c.show(ctx, env, db, al, key, "http://"+listener.Addr().String())
	if failed == nil && !c.Once {
		select {
		case <-ctx.Done():
			_, _ = fmt.Fprintln(env.err, "\nClosing.")
		case err := <-served:
			return err
		}
	}
	if ctx.Err() != nil && failed != nil {
		failed = errInterrupted
	}
	stop()
	return errors.Join(failed, <-served)
}

var errInterrupted = errors.New("interrupted before the end of the story")

func (c *demoCommand) openBooks(ctx context.Context, logger *slog.Logger) (*database, error) {
	if c.DatabaseURL == "" && c.Data == "" {
		return c.openScratch(ctx, logger)
	}
	return c.serveOrJoin(ctx, logger)
}

// listen listens where it was told, else where the API usually is or, if that is
// taken, anywhere.
func (c *demoCommand) listen(ctx context.Context) (net.Listener, error) {
	var config net.ListenConfig
	if c.Listen != "" {
		return config.Listen(ctx, "tcp", c.Listen)
	}
	if listener, err := config.Listen(ctx, "tcp", demoListen); err == nil {
		return listener, nil
	}
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

// foundDemo makes the test circle with its first key. Its clock stands at the
// beginning of a month whose next one has the National Day week.
func foundDemo(ctx context.Context, db *database) (clearing.Alliance, string, error) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return clearing.Alliance{}, "", err
	}
	currency, err := money.ParseCurrency("CNY")
	if err != nil {
		return clearing.Alliance{}, "", err
	}
	for number := 1; ; number++ {
		al := clearing.Alliance{
			Code: "riverside", Name: "滨江异业联盟", Currency: currency, Location: zone, Mode: clearing.Test,
			CreatedAt: time.Date(2026, time.September, 1, 0, 0, 0, 0, zone),
		}
		if number > 1 {
			al.Code = fmt.Sprintf("riverside-%d", number)
		}
		var key string
		err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) (err error) {
			if al, err = clearing.CreateAlliance(ctx, tx, al); err != nil {
				return err
			}
			_, key, err = access.IssueKey(ctx, tx, al, access.KeySpec{Role: access.OrganiserKey, Label: "demo"}, time.Now())
			return err
		})
		if !errors.Is(err, clearing.ErrAllianceExists) {
			return al, key, err
		}
	}
}

// show tells the story and audits the books.
func (c *demoCommand) show(ctx context.Context, env *environment, db *database, al clearing.Alliance, key, url string) error {
	began := time.Now()
	result, err := c.play(ctx, env, key, url)
	if err != nil {
		return err
	}
	took := time.Since(began)
	if err := auditDemo(ctx, env, db, al); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(env.out, "The books are right. That was %d events in %.1f s, both month-ends included.\n\n", result.Events, took.Seconds())
	if c.Once {
		_, err := fmt.Fprintln(env.out, "Without --once it stays up, to be looked at with curl.")
		return err
	}
	if err := pointOut(env, result, key, url); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.out, demo.Fold(fmt.Sprintf("The books of %s are in %s. Ctrl-C ends the demo.", result.Alliance, db.host()), 0))
	return err
}

// play runs the demo against a server.
func (c *demoCommand) play(ctx context.Context, env *environment, key, url string) (*demo.Result, error) {
	return demo.Run(ctx, demo.Options{
		URL: url, Key: key, Seed: c.Seed, Members: c.Members,
		Out: env.out, Color: isTerminal(env.out) && os.Getenv("NO_COLOR") == "", Progress: env.err, Bar: isTerminal(env.err),
	})
}

// claims is the column in which what a check claims begins.
const claims = 34

// auditDemo audits the books of the story.
func auditDemo(ctx context.Context, env *environment, db *database, al clearing.Alliance) error {
	report, err := audit.Run(ctx, db.pool, alliance.Standard(), al.ID)
	if err != nil {
		return fmt.Errorf("auditing %s: %w", al.Code, err)
	}
	var printed bytes.Buffer
	if err := report.Print(&printed); err != nil {
		return err
	}
	for line := range strings.Lines("The audit, from the raw entries: " + printed.String()) {
		if _, err := fmt.Fprint(env.out, demo.Fold(line, claims)); err != nil {
			return err
		}
	}
	if !report.Clean() {
		return errFaults
	}
	return nil
}

// pointOut prints where to look next.
func pointOut(env *environment, result *demo.Result, key, url string) error {
	last := result.Months[len(result.Months)-1]
	_, err := fmt.Fprintf(env.out, `Look around at %[1]s/docs, or ask as the organiser:

  curl -H 'Authorization: Bearer %[2]s' %[1]s/v1/settlements/%[4]s

and as the owner of %[5]s, who sees its own line alone:

  curl -H 'Authorization: Bearer %[3]s' %[1]s/v1/settlements/%[4]s

A till of %[5]s sells and redeems, and sees no settlement:

  %[6]s

`, url, key, result.OwnerKey, last, result.Merchant, result.TillKey)
	return err
}

// isTerminal reports whether output goes to a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
