package api

import (
	"context"
	"errors"
	"time"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/merchant/signin"
)

// How often a till may meet telephones that are taken, or ask for some that nobody has, so that
// it can't go through numbers to learn whose are known. Who is right pays nothing.
var telephoneLimits = []attempts.Limit{
	{Name: "telephones an hour", Most: 30, Within: time.Hour},
	{Name: "telephones a day", Most: 100, Within: 24 * time.Hour},
}

// persons returns the store of people, if the server keeps any.
func (h *handlers) persons() (*people.Store, error) {
	if h.people == nil {
		return nil, people.ErrOff
	}
	return h.people, nil
}

// personOf checks that the caller may know a member's person, and returns the store.
func (h *handlers) personOf(ctx context.Context, member string) (*people.Store, error) {
	sc := scopeOf(ctx)
	sc.hide(member)
	store, err := h.persons()
	if err != nil {
		return nil, err
	}
	if sc.grant.Everything() || sc.grant.Member() != "" {
		return store, sc.grant.CheckPerson(member, nil)
	}
	known, err := store.KnownTo(ctx, sc.alliance.ID, member)
	if err != nil && !errors.Is(err, people.ErrNoPerson) {
		return nil, err
	}
	return store, sc.grant.CheckPerson(member, known)
}

// recordRead records that the caller reads something of a member's person, unless it is the
// member.
func (h *handlers) recordRead(ctx context.Context, store *people.Store, member string, fields ...string) error {
	sc := scopeOf(ctx)
	if sc.Principal.Role == access.Member {
		return nil
	}
	return store.Record(ctx, sc.alliance.ID, member, people.Read{
		At: sc.now.UTC().Truncate(time.Microsecond), Role: string(sc.Principal.Role), Party: sc.actsFor(), Credential: sc.ID, Operation: sc.operation.id, Fields: fields,
	})
}

// actsFor returns the party for which the caller acts: its shop, or the organiser.
func (s *scope) actsFor() string {
	if s.Principal.Merchant != "" {
		return s.Principal.Merchant
	}
	return clearing.Organiser
}

// CreateMember registers a person.
func (h *handlers) CreateMember(ctx context.Context, r routes.CreateMemberRequestObject) (routes.CreateMemberResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.persons()
	if err != nil {
		return nil, err
	}
	at, err := sc.grant.At(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	details := detailsOf(spec.PersonDetails{
		Telephone: r.Body.Telephone, DisplayName: r.Body.DisplayName, Birthday: r.Body.Birthday, Language: r.Body.Language, Tags: r.Body.Tags,
	})
	sc.hidePerson(details)
	registration := people.Registration{Member: value(r.Body.Member), Details: details, By: clearing.Organiser, Caller: sc.Caller}
	if at != nil {
		registration.By = *at
		if err := h.knownShop(ctx, *at, "merchant"); err != nil {
			return nil, err
		}
	}
	if registration.Member != "" {
		if err := h.checkAttached(ctx, registration.Member); err != nil {
			return nil, err
		}
	}
	for i := range value(r.Body.Consents) {
		given := (*r.Body.Consents)[i]
		party, err := h.consentParty(ctx, given.Party)
		if err != nil {
			return nil, err
		}
		registration.Consents = append(registration.Consents, people.Decision{
			Purpose: people.Purpose(given.Purpose), Party: party, Choice: people.Given, Version: given.Version, Place: sc.place(),
		})
	}
	if err := h.mayTry(ctx, sc, telephoneLimits...); err != nil {
		return nil, err
	}
	member, err := store.Register(ctx, sc.alliance, registration, sc.now.UTC().Truncate(time.Microsecond))
	if errors.Is(err, people.ErrTelephoneTaken) {
		err = h.countTelephone(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	sc.hide(member)
	p, err := store.Find(ctx, sc.alliance.ID, member)
	return routes.CreateMember201JSONResponse(sc.person(p)), err
}

// countTelephone counts that a telephone was taken or unknown, and returns the error that says
// so, or that there were too many.
func (h *handlers) countTelephone(ctx context.Context, was error) error {
	sc := scopeOf(ctx)
	if err := h.take(ctx, sc, telephoneLimits...); err != nil {
		return err
	}
	return was
}

// checkAttached checks that the caller may register a person to a code that exists: a shop, if
// it sold a card that the member holds, and might make a link to sign in for the member. Who
// registers a telephone decides who can sign in by it.
func (h *handlers) checkAttached(ctx context.Context, member string) error {
	sc := scopeOf(ctx)
	sc.hide(member)
	shop := sc.grant.Merchant()
	if shop == "" {
		return nil
	}
	sold, err := people.SoldTo(ctx, h.pool, sc.alliance.ID, shop, member)
	if err == nil && !sold {
		err = problem.Absent("member")
	}
	if err != nil {
		return err
	}
	holder, err := h.holder(ctx, member)
	if err == nil && signin.MayLink(sc.Principal, holder) != nil {
		err = problem.At("member", problem.CodeForbidden,
			"who registers a telephone decides who signs in by it: a till does it for who holds cards of its shop alone and has never signed in, its owner also for who has, the organiser for everybody")
	}
	return err
}

// knownShop checks that a shop is one of the circle.
func (h *handlers) knownShop(ctx context.Context, shop, path string) error {
	setup, err := h.setup(ctx)
	if err == nil && setup.Merchants[shop] == nil {
		err = problem.At(path, problem.CodeNotFound, "there is no such shop in the circle")
	}
	return err
}

// FindMember returns the code of the member who has a telephone.
func (h *handlers) FindMember(ctx context.Context, r routes.FindMemberRequestObject) (routes.FindMemberResponseObject, error) {
	sc := scopeOf(ctx)
	sc.hide(r.Body.Telephone)
	store, err := h.persons()
	if err != nil {
		return nil, err
	}
	if err := h.mayTry(ctx, sc, telephoneLimits...); err != nil {
		return nil, err
	}
	if _, err := people.ReadTelephone(r.Body.Telephone, people.Region(sc.alliance)); err != nil {
		return nil, err
	}
	member, found, err := store.MemberByTelephone(ctx, sc.alliance.ID, r.Body.Telephone)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, h.countTelephone(ctx, problem.Absent("member"))
	}
	sc.hide(member)
	return routes.FindMember200JSONResponse{Member: member}, h.recordRead(ctx, store, member, "member")
}

// GetPerson returns who a member is.
func (h *handlers) GetPerson(ctx context.Context, r routes.GetPersonRequestObject) (routes.GetPersonResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	p, err := store.Find(ctx, sc.alliance.ID, r.Member)
	if err != nil {
		return nil, err
	}
	view := sc.person(p)
	return routes.GetPerson200JSONResponse(view), h.recordRead(ctx, store, r.Member, seenFields(view)...)
}

// AmendPerson replaces who a member is.
func (h *handlers) AmendPerson(ctx context.Context, r routes.AmendPersonRequestObject) (routes.AmendPersonResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	details := detailsOf(*r.Body)
	sc.hidePerson(details)
	p, err := store.Amend(ctx, sc.alliance, r.Member, sc.Caller, func(d *people.Details) { *d = details }, sc.now.UTC().Truncate(time.Microsecond))
	return routes.AmendPerson200JSONResponse(sc.person(p)), err
}

// ErasePerson destroys a person.
func (h *handlers) ErasePerson(ctx context.Context, r routes.ErasePersonRequestObject) (routes.ErasePersonResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	at, err := store.Erase(ctx, sc.alliance, r.Member, sc.now)
	return routes.ErasePerson200JSONResponse{Member: r.Member, ErasedAt: at}, err
}

func detailsOf(d spec.PersonDetails) people.Details {
	return people.Details{
		Telephone: d.Telephone, Name: value(d.DisplayName), Birthday: value(d.Birthday), Language: value(d.Language), Tags: value(d.Tags),
	}
}

// hidePerson keeps what is personal out of the log.
func (s *scope) hidePerson(d people.Details) { s.hide(d.Telephone, d.Name, d.Birthday) }

// person returns a person as the caller may see it.
func (s *scope) person(p people.Person) spec.Person {
	d := p.Details
	s.hidePerson(d)
	view := spec.Person{
		Member: p.Member, HasPayoutAccount: p.HasPayout, RegisteredBy: p.RegisteredBy, RegisteredAt: p.RegisteredAt, AmendedAt: p.AmendedAt,
	}
	if s.Principal.SeesOfPerson(access.Persons) {
		view.DisplayName, view.Language, view.TelephoneEnd = given(d.Name), given(d.Language), given(d.TelephoneEnd())
		if len(d.Tags) > 0 {
			view.Tags = &d.Tags
		}
	}
	if s.Principal.SeesOfPerson(access.Telephones) {
		view.Telephone, view.Birthday = given(d.Telephone), given(d.Birthday)
	}
	return view
}

// seenFields returns the names of the fields that a view shows.
func seenFields(p spec.Person) []string {
	fields := []string{}
	for _, f := range []struct {
		name  string
		shown bool
	}{
		{"display_name", p.DisplayName != nil}, {"language", p.Language != nil}, {"tags", p.Tags != nil}, {"telephone_end", p.TelephoneEnd != nil},
		{"telephone", p.Telephone != nil}, {"birthday", p.Birthday != nil},
	} {
		if f.shown {
			fields = append(fields, f.name)
		}
	}
	return fields
}
