package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// signinCommand is about people who sign in. The first organiser and the first owner of a shop
// come from here, and whoever lost the way in and has nobody above.
type signinCommand struct {
	Link signinLinkCommand `cmd:"" help:"Make a link that signs somebody in once, and add who is not on the staff yet."`
}

// signinLinkCommand makes a one-time link.
type signinLinkCommand struct {
	allianceArgument
	Role   string `help:"For whom: organiser, owner or cashier of --shop, or member." enum:"organiser,owner,cashier,member" required:""`
	Shop   code   `help:"Code of the shop, of an owner or a cashier." placeholder:"CODE"`
	Till   code   `help:"Name of the till at which a cashier's session acts." placeholder:"NAME"`
	Member code   `help:"Code of the member." placeholder:"CODE"`
	Name   line   `help:"Who it is, by which people of one role and shop are told apart. The role if left out." placeholder:"NAME"`

	PublicURL *url.URL `help:"Where people reach the server." default:"http://localhost:8080" env:"LIANKA_PUBLIC_URL" placeholder:"URL"`

	databaseFlags
}

// Help teaches what the link does.
func (signinLinkCommand) Help() string {
	return `The link is printed once, alone on standard output, and kept only as a hash. It is good for 15 minutes and one use. Opening it ends the other sessions of its person, who is told who made it.

  lianka signin link riverside --role organiser --name "Lin Wei"
  lianka signin link riverside --role owner --shop cafe
  lianka signin link riverside --role member --member ann`
}

// Run makes the link, in one transaction with whoever it is for.
func (c *signinLinkCommand) Run(ctx context.Context, env *environment) error {
	if err := c.check(); err != nil {
		return &refusedError{err}
	}
	db, err := c.open(ctx, env.logger)
	if err != nil {
		return err
	}
	defer db.close()
	circle, err := c.find(ctx, db)
	if err != nil {
		return err
	}
	var link signin.Link
	var token string
	err = clearing.Write(ctx, db.pool, func(tx clearing.Tx) error {
		now := time.Now()
		person, err := c.person(ctx, tx, circle, now)
		if err != nil {
			return err
		}
		link, token, err = signin.MakeLink(ctx, tx, circle.ID, signin.Link{Person: person, Till: string(c.Till)}, signin.CommandLine, now)
		return err
	})
	for _, refused := range []error{signin.ErrStaffSpec, merchant.ErrMerchantUnknown, alliance.ErrMemberUnknown, people.ErrErased} {
		if errors.Is(err, refused) {
			return &refusedError{err}
		}
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(env.err, "This signs %s in, once, until %s:\n", link.Person.Staff+link.Person.Member, link.ExpiresAt.Format(time.RFC3339))
	if c.PublicURL.Scheme != "https" && c.PublicURL.Hostname() != "localhost" {
		_, _ = fmt.Fprintln(env.err, "Browsers keep sessions over https or on http://localhost alone; it will not work at this address.")
	}
	_, err = fmt.Fprintln(env.out, signin.Address(c.PublicURL, token))
	return err
}

// check refuses flags that contradict each other.
func (c *signinLinkCommand) check() error {
	role := access.Role(c.Role)
	switch {
	case (role == access.Member) != (c.Member != ""):
		return errors.New("--member names who signs in with the role member, and nobody else")
	case role == access.Member && c.Name != "":
		return errors.New("--name is of staff; a member is known by the code")
	case (role == access.Owner || role == access.Cashier) != (c.Shop != ""):
		return errors.New("--shop names the shop of an owner or a cashier, and of nobody else")
	case (role == access.Cashier) != (c.Till != ""):
		return errors.New("--till names where a cashier acts, and nobody else")
	case c.PublicURL.Host == "" || c.PublicURL.Scheme != "https" && c.PublicURL.Scheme != "http":
		return errors.New("--public-url is an address such as https://card.example.com")
	}
	return nil
}

// person returns for whom the link is, who is added to the staff if need be.
func (c *signinLinkCommand) person(ctx context.Context, tx clearing.Tx, circle clearing.Alliance, now time.Time) (signin.Person, error) {
	if c.Member != "" {
		// Erasing has the head too, so no link is made while it goes on.
		_, err := clearing.LockHead(ctx, tx, circle.ID)
		if err == nil {
			err = people.RefuseErased(ctx, tx, circle.ID, string(c.Member))
		}
		if err == nil {
			_, err = store.FindMember(ctx, tx, circle, string(c.Member))
		}
		return signin.Person{Member: string(c.Member)}, err
	}
	wanted := signin.Staff{Role: access.Role(c.Role), Merchant: string(c.Shop), Name: string(c.Name)}
	if wanted.Name == "" {
		wanted.Name = c.Role
	}
	found, err := signin.FindStaffByName(ctx, tx, circle.ID, wanted.Role, wanted.Merchant, wanted.Name)
	if errors.Is(err, signin.ErrStaffUnknown) {
		found, err = signin.AddStaff(ctx, tx, circle.ID, wanted, signin.CommandLine, now)
	}
	return found.Person(), err
}
