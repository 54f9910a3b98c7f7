package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
)

// keyCommand is about API keys. The first organiser key of a circle comes from
// here; all others can come from the API.
type keyCommand struct {
	Issue  keyIssueCommand  `cmd:"" help:"Issue a key, and with --name make the circle that it is for."`
	List   keyListCommand   `cmd:"" help:"List a circle's keys."`
	Rotate keyRotateCommand `cmd:"" help:"Replace a key by a new one; the old one dies at once."`
	Revoke keyRevokeCommand `cmd:"" help:"Revoke a key at once."`
}

// allianceArgument names the circle.
type allianceArgument struct {
	Circle code `arg:"" help:"Code of the circle, such as riverside."`
}

func (a *allianceArgument) find(ctx context.Context, db *database) (clearing.Alliance, error) {
	alliance, err := clearing.FindAlliance(ctx, db.pool, clearing.AllianceID(string(a.Circle)))
	if errors.Is(err, clearing.ErrNoAlliance) {
		return alliance, &refusedError{fmt.Errorf("there is no circle %q; make it by giving `lianka key issue %s` a --name", a.Circle, a.Circle)}
	}
	return alliance, err
}

// keyIssueCommand issues a key.
type keyIssueCommand struct {
	allianceArgument
	Role  string `help:"organiser: sets the circle up and reads all; shop: acts at one till, with the right of --right." enum:"organiser,shop" default:"organiser"`
	Shop  code   `help:"Code of the shop, for a shop key." placeholder:"CODE"`
	Till  code   `help:"Name of the till, for a shop key." placeholder:"NAME"`
	Right string `help:"Of a shop key: cashier sells and redeems; owner does all that is the shop's (statements, disputes, accounts, notice). A shop key is a cashier's if left out." enum:"cashier,owner," default:"" placeholder:"RIGHT"`
	Label line   `help:"What you will know the key by."`

	Name     line   `help:"Make the circle, under this name, if it does not exist." placeholder:"NAME" group:"New circle"`
	Currency string `help:"Its currency." default:"CNY" placeholder:"ISO" group:"New circle"`
	Timezone string `help:"Its timezone, in which months end." default:"Asia/Shanghai" placeholder:"ZONE" group:"New circle"`
	Test     bool   `help:"Make it a test circle, with a clock of its own that its organiser moves forward." group:"New circle"`

	databaseFlags
}

// Help teaches the first steps.
func (keyIssueCommand) Help() string {
	return `The key is printed once, alone on standard output, and stored only as a hash.

  lianka key issue riverside --name 滨江异业联盟 --test
  lianka key issue riverside --role shop --shop cafe --till till-1
  lianka key issue riverside --role shop --shop cafe --till office --right owner`
}

// Run issues the key, in one transaction with the circle if that is new.
func (c *keyIssueCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.open(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	spec := access.KeySpec{Role: access.KeyRole(c.Role), Merchant: string(c.Shop), Till: string(c.Till), Right: access.Right(c.Right), Label: string(c.Label)}
	alliance, err := clearing.FindAlliance(ctx, db.pool, clearing.AllianceID(string(c.Circle)))
	create := errors.Is(err, clearing.ErrNoAlliance)
	switch {
	case create && c.Name == "":
		_, err := c.find(ctx, db)
		return err
	case create:
		alliance, err = c.describe()
	}
	if err != nil {
		return err
	}
	var text string
	err = pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) (err error) {
		now := time.Now()
		if create {
			if alliance, err = clearing.CreateAlliance(ctx, tx, alliance); err != nil {
				return err
			}
		}
		_, text, err = access.IssueKey(ctx, tx, alliance, spec, now)
		return err
	})
	if errors.Is(err, access.ErrKeySpec) || errors.Is(err, merchant.ErrMerchantUnknown) {
		return &refusedError{err}
	}
	if err != nil {
		return err
	}
	if create {
		_, _ = fmt.Fprintf(env.err, "Made the %s circle %s (%s), %s, months end in %s.\n", alliance.Mode, alliance.Code, alliance.Name, alliance.Currency.Code(), alliance.Location)
	}
	_, _ = fmt.Fprintln(env.err, "This is the key; it is not shown again:")
	_, err = fmt.Fprintln(env.out, text)
	return err
}

// describe returns the circle that the flags describe.
func (c *keyIssueCommand) describe() (clearing.Alliance, error) {
	alliance := clearing.Alliance{Code: string(c.Circle), Name: string(c.Name), Mode: clearing.Live, CreatedAt: time.Now()}
	if c.Test {
		alliance.Mode = clearing.Test
	}
	var err error
	if alliance.Currency, err = money.ParseCurrency(c.Currency); err != nil {
		return alliance, &refusedError{fmt.Errorf("--currency: %w", err)}
	}
	alliance.Location, err = time.LoadLocation(c.Timezone)
	if err != nil || c.Timezone == "" || c.Timezone == "Local" {
		return alliance, &refusedError{fmt.Errorf("--timezone: %q is no timezone such as Asia/Shanghai", c.Timezone)}
	}
	return alliance, nil
}

// keyListCommand lists keys.
type keyListCommand struct {
	allianceArgument
	databaseFlags
}

// Run prints a line a key.
func (c *keyListCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.openToRead(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	alliance, err := c.find(ctx, db)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "KEY\tROLE\tSHOP\tTILL\tRIGHT\tLABEL\tISSUED\tSTATE")
	const page = 100
	for after, more := "", true; more; {
		keys, err := access.Keys(ctx, db.pool, alliance.ID, after, page)
		if err != nil {
			return err
		}
		for _, k := range keys {
			state := "in force"
			if !k.RevokedAt.IsZero() {
				state = "revoked " + k.RevokedAt.Format(time.RFC3339)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Role, k.Merchant, k.Till, k.Right, k.Label, k.CreatedAt.Format(time.RFC3339), state)
			after = k.ID
		}
		more = len(keys) == page
	}
	return w.Flush()
}

// keyArgument names a key.
type keyArgument struct {
	allianceArgument
	Key string `arg:"" help:"ID of the key as it is listed, key_…; not the key itself."`
}

// keyRotateCommand replaces a key.
type keyRotateCommand struct {
	keyArgument
	databaseFlags
}

// Run prints the new key.
func (c *keyRotateCommand) Run(ctx context.Context, env *environment) error {
	return c.change(ctx, env, &c.databaseFlags, func(tx pgx.Tx, alliance clearing.Alliance) error {
		_, text, err := access.RotateKey(ctx, tx, alliance, c.Key, time.Now())
		if err == nil {
			_, err = fmt.Fprintln(env.out, text)
		}
		return err
	})
}

// keyRevokeCommand revokes a key.
type keyRevokeCommand struct {
	keyArgument
	databaseFlags
}

// Run revokes the key.
func (c *keyRevokeCommand) Run(ctx context.Context, env *environment) error {
	return c.change(ctx, env, &c.databaseFlags, func(tx pgx.Tx, alliance clearing.Alliance) error {
		return access.RevokeKey(ctx, tx, alliance, c.Key, time.Now())
	})
}

// change does something to a key in a transaction.
func (a *keyArgument) change(ctx context.Context, env *environment, flags *databaseFlags, do func(pgx.Tx, clearing.Alliance) error) error {
	db, err := flags.open(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	alliance, err := a.find(ctx, db)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error { return do(tx, alliance) })
	for _, refused := range []error{access.ErrKeyUnknown, access.ErrKeyRevoked, access.ErrLastOrganiserKey} {
		if errors.Is(err, refused) {
			return &refusedError{err}
		}
	}
	return err
}
