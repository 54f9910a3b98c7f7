package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/clearing"
)

// auditCommand checks the books.
type auditCommand struct {
	Circle code `help:"Code of the circle to audit; all of them if left out." placeholder:"CODE"`

	databaseFlags
}

// errFaults says that an audit found something; it has been printed.
var errFaults = errors.New("the audit found faults in the books")

// Help says what an audit does.
func (auditCommand) Help() string {
	return `Recomputes what must always hold from the raw entries: walks the chain of hashes, folds the log from the first transaction, and compares it with every balance, count and settlement that is stored. It prints a line for each invariant, and names the rows that are wrong. It reads one snapshot, so it may run beside a server.

Exit code 0: clean; 1: a fault was found; 2: there is no such circle, or the database needs lianka migrate first.`
}

// Run audits one circle or all.
func (c *auditCommand) Run(ctx context.Context, env *environment) error {
	db, err := c.openToRead(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	var alliances []clearing.Alliance
	if c.Circle == "" {
		alliances, err = clearing.Alliances(ctx, db.pool)
	} else {
		var al clearing.Alliance
		al, err = clearing.FindAlliance(ctx, db.pool, clearing.AllianceID(string(c.Circle)))
		alliances = append(alliances, al)
	}
	if errors.Is(err, clearing.ErrNoAlliance) {
		return &refusedError{fmt.Errorf("%w: %q", err, c.Circle)}
	}
	if err != nil {
		return err
	}
	if len(alliances) == 0 {
		_, err := fmt.Fprintf(env.out, "There is no circle in %s yet, so there is nothing to audit.\n", db.host())
		return err
	}
	clean := true
	for _, al := range alliances {
		report, err := audit.Run(ctx, db.pool, alliance.Standard(), al.ID)
		if err != nil {
			return fmt.Errorf("auditing %s: %w", al.Code, err)
		}
		if err := report.Print(env.out); err != nil {
			return err
		}
		clean = clean && report.Clean()
	}
	if !clean {
		return errFaults
	}
	return nil
}
