package api

import (
	"context"
	"errors"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/attempts"
)

// linkMisses is how many links that there are not a till or a member may name. A link is
// read out and typed, so some are honest mistakes.
var linkMisses = attempts.Limit{Name: "unknown link", Most: 10, Within: time.Minute, Lock: 10 * time.Minute}

// linkPath is the path of a link's page, before its code.
const linkPath = "j"

// member returns the member that a request is about: the one that it names, or the member who
// asks. Naming another is answered as if there were no such member.
func (s *scope) member(named *string) (string, error) {
	own := s.grant.Member()
	switch {
	case named == nil && own == "":
		return "", problem.Malformed("member", "is missing; only a member's session may leave it out")
	case named == nil:
		s.hide(own)
		return own, nil
	}
	s.hide(*named)
	return *named, s.grant.CheckMember("member", *named)
}

// ListLinks returns a page of links with what came of them: all, or the member's own.
func (h *handlers) ListLinks(ctx context.Context, r routes.ListLinksRequestObject) (routes.ListLinksResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := referral.Filter{After: after, Limit: size + 1}
	if r.Params.Member != nil || sc.grant.Member() != "" {
		if filter.Member, err = sc.member(r.Params.Member); err != nil {
			return nil, err
		}
	}
	var answer routes.ListLinks200JSONResponse
	err = clearing.ReadConsistent(ctx, h.pool, func(db ledger.Querier) error {
		found, err := referral.Links(ctx, db, sc.alliance.ID, filter)
		if err != nil {
			return err
		}
		found, next := cut(found, size, sc.operation.id, func(l referral.Link) string { return l.Code })
		outcomes, err := referral.Outcomes(ctx, db, sc.alliance, found)
		answer = routes.ListLinks200JSONResponse{NextCursor: next, Items: each(found, func(l referral.Link) spec.Link {
			return h.linkView(l, outcomes[l.Code])
		})}
		return err
	})
	return answer, err
}

// CreateLink makes a link of a member.
func (h *handlers) CreateLink(ctx context.Context, r routes.CreateLinkRequestObject) (routes.CreateLinkResponseObject, error) {
	sc := scopeOf(ctx)
	member, err := sc.member(r.Body.Member)
	if err != nil {
		return nil, err
	}
	var link referral.Link
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		if err := store.CheckLive(ctx, tx, sc.alliance, (*alliance.Setup).CheckSharing); err != nil {
			return err
		}
		link, err = referral.Create(ctx, tx, sc.alliance.ID, member, sc.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	view, err := h.link(ctx, link.Code)
	return routes.CreateLink201JSONResponse(view), err
}

// link returns a link that the caller may see, with what came of it.
func (h *handlers) link(ctx context.Context, code string) (view spec.Link, err error) {
	sc := scopeOf(ctx)
	err = clearing.ReadConsistent(ctx, h.pool, func(db ledger.Querier) error {
		l, err := referral.Find(ctx, db, sc.alliance.ID, code)
		if err != nil {
			return err
		}
		sc.hide(l.Member)
		if err := sc.grant.CheckMember("link", l.Member); err != nil {
			return err
		}
		outcomes, err := referral.Outcomes(ctx, db, sc.alliance, []referral.Link{l})
		if err != nil {
			return err
		}
		view = h.linkView(l, outcomes[l.Code])
		return nil
	})
	return view, err
}

// GetLink returns a link and what came of it.
func (h *handlers) GetLink(ctx context.Context, r routes.GetLinkRequestObject) (routes.GetLinkResponseObject, error) {
	view, err := h.link(ctx, r.Link)
	return routes.GetLink200JSONResponse(view), err
}

// RevokeLink ends a link.
func (h *handlers) RevokeLink(ctx context.Context, r routes.RevokeLinkRequestObject) (routes.RevokeLinkResponseObject, error) {
	sc := scopeOf(ctx)
	if _, err := h.link(ctx, r.Link); err != nil {
		return nil, err
	}
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		_, err := referral.Revoke(ctx, tx, sc.alliance.ID, r.Link, sc.now)
		return err
	})
	if err != nil {
		return nil, err
	}
	view, err := h.link(ctx, r.Link)
	return routes.RevokeLink200JSONResponse(view), err
}

// JoinByLink notes by which link somebody joins.
func (h *handlers) JoinByLink(ctx context.Context, r routes.JoinByLinkRequestObject) (routes.JoinByLinkResponseObject, error) {
	sc := scopeOf(ctx)
	member, err := sc.member(r.Body.Member)
	if err != nil {
		return nil, err
	}
	if err := h.mayTry(ctx, sc, linkMisses); err != nil {
		return nil, err
	}
	var joining referral.Joining
	code, ok := referral.ReadCode(r.Body.Link)
	if !ok {
		return nil, problem.Malformed("link", "is no code of a link; it has ten digits and capitals")
	}
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		joining, err = referral.Join(ctx, tx, sc.alliance.ID, code, member, sc.now)
		return err
	})
	if errors.Is(err, referral.ErrLinkUnknown) {
		if err := h.take(ctx, sc, linkMisses); err != nil {
			return nil, err
		}
	}
	return routes.JoinByLink200JSONResponse{Link: joining.Code, Member: joining.Member, JoinedAt: joining.JoinedAt}, err
}

func (s *Server) linkView(l referral.Link, o *referral.Outcome) spec.Link {
	if o == nil {
		o = &referral.Outcome{}
	}
	return spec.Link{
		Link: l.Code, URL: s.publicURL.JoinPath(linkPath, l.Code).String(), Member: l.Member, CreatedAt: l.CreatedAt, RevokedAt: instant(l.RevokedAt),
		Opened: l.Opened, Joined: o.Joined, Bought: o.Bought,
		Waiting: o.Waiting.String(), Payable: o.Payable.String(), Paid: o.Paid.String(), TakenBack: o.TakenBack.String(),
	}
}
