package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
)

// exportCommand writes the books of a circle.
type exportCommand struct {
	Circle   code   `required:"" help:"Code of the circle." placeholder:"CODE"`
	Format   string `required:"" help:"How to write it: hledger, beancount or csv." enum:"hledger,beancount,csv" placeholder:"FORMAT"`
	Merchant code   `help:"Only the books of this shop, as the shop may see them." placeholder:"SHOP"`
	Period   code   `help:"Only this month, such as 2026-10." placeholder:"MONTH"`
	Out      string `help:"File to write to; the default is standard output." type:"path" placeholder:"FILE"`

	databaseFlags
}

// Help says what an export holds.
func (exportCommand) Help() string {
	return `Writes every transaction of a circle with its entries, in the order of the log, as a journal that hledger or beancount reads, or as CSV with a line for each entry. The same books are the same bytes. GET /v1/journal answers the same. It ends with what is the newest transaction when it begins, so it may run beside a server.

  lianka export --circle riverside --format hledger --out riverside.journal
  hledger -f riverside.journal balance --depth 2

Exit code 2: there is no such circle, shop or month, or the database needs lianka migrate first.`
}

// Run writes the ledger export.
func (c *exportCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.openToRead(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	alliance, err := clearing.FindAlliance(ctx, db.pool, clearing.AllianceID(string(c.Circle)))
	if errors.Is(err, clearing.ErrNoAlliance) {
		return &refusedError{fmt.Errorf("%w: %q", err, c.Circle)}
	}
	if err != nil {
		return err
	}
	books, err := export.Open(ctx, db.pool, alliance, export.Selection{Format: export.Format(c.Format), Merchant: string(c.Merchant), Period: string(c.Period)})
	if errors.Is(err, export.ErrNoMerchant) || errors.Is(err, export.ErrNoPeriod) {
		return &refusedError{err}
	}
	if err != nil {
		return err
	}
	if c.Out == "" {
		return books.Write(ctx, env.out)
	}
	return writeWhole(c.Out, func(w io.Writer) error { return books.Write(ctx, w) })
}

// writeWhole writes a temporary file beside the target and renames it, so that the
// file exists only when it is complete.
func writeWhole(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".lianka-export-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // after the renaming there is none
	if err := errors.Join(write(file), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
