// Command lianka runs the clearing house of an alliance card: it serves the API,
// replays scenarios, audits the books, and shows itself in a demo.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	// The timezone database travels in the binary, so that month-ends do not
	// depend on the machine's.
	_ "time/tzdata"

	"github.com/alecthomas/kong"
)

// The exit codes that scripts can rely on.
const (
	exitOK       = 0
	exitFailed   = 1 // it was tried and went wrong; an audit found a fault
	exitRefused  = 2 // the command line or a file was refused; nothing was done
	exitSignaled = 130
)

// commands are the subcommands and the flags that all of them share.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Watch ten shops live two months, and what each pays or receives."`
	Serve   serveCommand   `cmd:"" help:"Serve the API and do the work that falls due."`
	Replay  replayCommand  `cmd:"" help:"Play a scenario of past events and write what every party is owed."`
	Audit   auditCommand   `cmd:"" help:"Recompute every invariant from the raw entries; exit 1 naming the row if one fails."`
	Export  exportCommand  `cmd:"" help:"Write the books for an accountant's program: hledger, beancount or CSV."`
	Key     keyCommand     `cmd:"" help:"Issue, list, rotate and revoke API keys; make circles."`
	People  peopleCommand  `cmd:"" help:"Make and rotate the master key of people's data; list what was erased."`
	Signin  signinCommand  `cmd:"" help:"Let people sign in: one-time links for organisers, owners, cashiers and members."`
	Migrate migrateCommand `cmd:"" help:"Bring a database to this version's schema."`
	Version versionCommand `cmd:"" help:"Print the version."`

	LogLevel  slog.Level `help:"How much to log: debug, info, warn or error." default:"info" env:"LIANKA_LOG_LEVEL"`
	LogFormat string     `help:"How to log: text or json." enum:"text,json" default:"text" env:"LIANKA_LOG_FORMAT"`
}

// environment is what a subcommand works with beside its own flags.
type environment struct {
	out    io.Writer
	err    io.Writer
	logger *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main, with its inputs and outputs as arguments.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("lianka"),
		kong.Description(about),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		_, _ = fmt.Fprintln(errs, "lianka:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help was asked for and printed
	}
	if err != nil {
		_, _ = fmt.Fprintf(errs, "lianka: %v\nRun `lianka --help` to see what it takes.\n", err)
		return exitRefused
	}
	env := &environment{out: out, err: errs, logger: newLogger(errs, cli.LogLevel, cli.LogFormat)}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(env)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("interrupted") // what was cut short, and where, is nobody's concern
	}
	_, _ = fmt.Fprintln(errs, "lianka:", err)
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		return exitRefused
	case ctx.Err() != nil:
		return exitSignaled
	}
	return exitFailed
}

const about = `Lianka 联卡: the clearing house of a cross-merchant alliance card.

Shops of different trades form a circle; a member buys one card and uses it in all of them. Lianka issues the cards, books what the tills redeem, nets each month so that every shop pays or receives one amount, and pays commission to the members who brought others in.

Begin with: lianka demo`

// refusedError marks an error of the command line, the environment or a file:
// nothing was done.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return e.err.Error() }
func (e *refusedError) Unwrap() error { return e.err }

func newLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
