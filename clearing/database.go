package clearing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/lianka/lianka/clearing/ledger"
)

// ErrUnavailable: the database could not be asked, or did not answer. It is not known
// whether a command was booked; the same key tells.
var ErrUnavailable = errors.New("the database is not available; try again with the same key")

// Database is a pool of connections, for callers that must not know SQL or its driver.
type Database interface {
	ledger.Querier
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
	Ping(ctx context.Context) error
}

// Tx is a database transaction, for functions that are called within one.
type Tx = pgx.Tx

// Write runs a function in a transaction, and commits if it succeeds. The error is
// ErrUnavailable if the database did not answer.
func Write(ctx context.Context, db Database, f func(Tx) error) error {
	return within(ctx, db, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, f)
}

// ReadConsistent runs a function whose reads all see the database as of one instant. The
// error is ErrUnavailable if the database did not answer.
func ReadConsistent(ctx context.Context, db Database, f func(ledger.Querier) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return within(ctx, db, options, func(tx Tx) error { return f(tx) })
}

func within(ctx context.Context, db Database, options pgx.TxOptions, f func(Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit this does nothing
	if err := f(tx); err != nil {
		return Unavailable(err)
	}
	return Unavailable(tx.Commit(ctx))
}

// Unavailable wraps an error in ErrUnavailable if it says that the database could not be
// reached or broke off. It returns other errors as they are.
func Unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || !broken(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func broken(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code[:2] {
		case "08", "53", "57", "58": // connection, resources, operator, system
			return true
		}
		return false
	}
	var network interface{ Timeout() bool } // of net.Error, and of connections that can't be made
	if errors.As(err, &network) || pgconn.SafeToRetry(err) {
		return true
	}
	for _, closed := range []error{puddle.ErrClosedPool, pgx.ErrTxClosed, pgconn.ErrConnClosed, net.ErrClosed, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, closed) {
			return true
		}
	}
	return false
}
