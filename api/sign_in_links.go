package api

import (
	"context"
	"errors"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

func decimalOf(n int64) string { return strconv.FormatInt(n, 10) }

// MakeLink makes a one-time link for a member or for somebody on the staff.
func (h *handlers) MakeLink(ctx context.Context, r routes.MakeLinkRequestObject) (routes.MakeLinkResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	link, err := h.linkFor(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	var token string
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		if err := stillThere(ctx, tx, sc.alliance.ID, link.Person.Member); err != nil {
			return err
		}
		link, token, err = signin.MakeLink(ctx, tx, sc.alliance.ID, link, sc.Caller, sc.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return routes.MakeLink201JSONResponse{Link: token, URL: signin.Address(h.publicURL, token), ExpiresAt: link.ExpiresAt}, nil
}

// stillThere refuses to let a member in who was erased. Erasing has the head too, so a link is made
// before, and ends with it, or not at all.
func stillThere(ctx context.Context, tx clearing.Tx, allianceID int64, member string) error {
	if member == "" {
		return nil
	}
	if _, err := clearing.LockHead(ctx, tx, allianceID); err != nil {
		return err
	}
	return people.RefuseErased(ctx, tx, allianceID, member)
}

// linkFor returns whose link a request asks for, if the caller may make it.
func (h *handlers) linkFor(ctx context.Context, body *spec.SignInLinkSpec) (signin.Link, error) {
	given := 0
	for _, name := range []*string{body.Card, body.Member, body.Staff} {
		if name != nil {
			given++
		}
	}
	switch {
	case given != 1:
		return signin.Link{}, problem.Malformed("", "say for whom the link is by exactly one of card, member and staff")
	case body.Staff != nil:
		return h.linkForStaff(ctx, *body.Staff, body.Till)
	case body.Till != nil:
		return signin.Link{}, problem.Malformed("till", "is of a cashier; leave it out")
	}
	member, err := h.memberOf(ctx, body)
	if err != nil {
		return signin.Link{}, err
	}
	sc := scopeOf(ctx)
	link := signin.Link{Person: signin.Person{Member: member}}
	if sc.grant.Everything() {
		return link, nil
	}
	holder, err := h.holder(ctx, member)
	if err != nil {
		return link, err
	}
	return link, signin.MayLink(sc.Principal, holder)
}

// memberOf returns the member that a request names. A shop names a card that it sold; of
// others it is not told that they are there.
func (h *handlers) memberOf(ctx context.Context, body *spec.SignInLinkSpec) (string, error) {
	sc := scopeOf(ctx)
	if body.Card != nil {
		sc.hide(*body.Card)
		if !sc.grant.Everything() {
			if err := h.checkCard(ctx, sc.grant, *body.Card); err != nil {
				return "", err
			}
		}
		card, err := store.FindCard(ctx, h.pool, sc.alliance, *body.Card)
		return card.Member, clearing.Unavailable(err)
	}
	sc.hide(*body.Member)
	if !sc.grant.Everything() {
		return "", problem.Malformed("member", "is for the organiser to name; name a card that your shop sold")
	}
	_, err := store.FindMember(ctx, h.pool, sc.alliance, *body.Member)
	return *body.Member, clearing.Unavailable(err)
}

// maxHeld is how many cards of a member are looked at before a link is made.
const maxHeld = 1000

// holder returns what decides whether a shop may make a link for a member.
func (h *handlers) holder(ctx context.Context, member string) (signin.Holder, error) {
	sc := scopeOf(ctx)
	cards, err := store.Cards(ctx, h.pool, sc.alliance, store.CardFilter{Member: member, Limit: maxHeld})
	if err != nil {
		return signin.Holder{}, clearing.Unavailable(err)
	}
	holder := signin.Holder{}
	for i := range cards {
		if !cards[i].Cancelled { // a sale that was undone makes nobody a shop's member
			holder.Homes = append(holder.Homes, cards[i].Home)
		}
	}
	if len(cards) == maxHeld {
		holder.Homes = append(holder.Homes, "") // there may be others: not for a shop
	}
	if holder.Others, err = h.knownElsewhere(ctx, member); err != nil {
		return holder, err
	}
	holder.SignedIn, err = signin.HasSignedIn(ctx, h.pool, sc.alliance.ID, member)
	return holder, err
}

// knownElsewhere reports whether a member was registered by others than the caller's shop, or earns
// commission.
func (h *handlers) knownElsewhere(ctx context.Context, member string) (bool, error) {
	sc := scopeOf(ctx)
	if h.people != nil {
		by, err := h.people.RegisteredBy(ctx, sc.alliance.ID, member)
		if err != nil || by != "" && by != sc.grant.Merchant() {
			return err == nil, err
		}
	}
	account, err := store.FindMember(ctx, h.pool, sc.alliance, member)
	if errors.Is(err, alliance.ErrMemberUnknown) {
		return false, nil
	}
	if err != nil {
		return false, clearing.Unavailable(err)
	}
	return !account.Pending.IsZero() || !account.Payable.IsZero() || !account.Earned.IsZero(), nil
}

// linkForStaff returns a link for somebody on the staff: of any shop for the organiser, of its
// own for an owner. Whoever is of another shop is hidden.
func (h *handlers) linkForStaff(ctx context.Context, id string, till *string) (signin.Link, error) {
	staff, err := h.staffOf(ctx, id)
	link := signin.Link{Person: staff.Person(), Till: value(till)}
	switch {
	case err != nil:
		return link, err
	case scopeOf(ctx).Principal.Role == access.Cashier:
		return link, signin.ErrStaffLink
	case staff.Role == access.Cashier && till == nil:
		return link, problem.Malformed("till", "is missing; a cashier acts at a till")
	case staff.Role != access.Cashier && till != nil:
		return link, problem.Malformed("till", "is of a cashier; leave it out")
	}
	return link, nil
}

// staffOf returns somebody on the staff whom the caller's grant reaches.
func (h *handlers) staffOf(ctx context.Context, id string) (signin.Staff, error) {
	sc := scopeOf(ctx)
	staff, err := signin.FindStaff(ctx, h.pool, sc.alliance.ID, id)
	if errors.Is(err, signin.ErrStaffUnknown) {
		err = problem.Absent("staff") // as it is said of another shop's
	}
	if err != nil {
		return staff, err
	}
	return staff, sc.grant.Check("staff", staff.Merchant)
}

// EndMemberSessions ends all sessions of a member.
func (h *handlers) EndMemberSessions(ctx context.Context, r routes.EndMemberSessionsRequestObject) (routes.EndMemberSessionsResponseObject, error) {
	ended, err := h.endSessions(ctx, signin.Person{Member: r.Member})
	return routes.EndMemberSessions200JSONResponse{Ended: ended}, err
}

// EndStaffSessions ends all sessions of somebody on the staff.
func (h *handlers) EndStaffSessions(ctx context.Context, r routes.EndStaffSessionsRequestObject) (routes.EndStaffSessionsResponseObject, error) {
	staff, err := h.staffOf(ctx, r.Staff)
	if err != nil {
		return nil, err
	}
	ended, err := h.endSessions(ctx, staff.Person())
	return routes.EndStaffSessions200JSONResponse{Ended: ended}, err
}

func (h *handlers) endSessions(ctx context.Context, p signin.Person) (ended int, err error) {
	sc := scopeOf(ctx)
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		ended, err = signin.EndSessions(ctx, tx, sc.alliance.ID, p, sc.Caller, sc.now)
		return err
	})
	return ended, err
}
