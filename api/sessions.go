package api

import (
	"context"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/signin"
)

// OpenSession opens a session.
func (h *handlers) OpenSession(ctx context.Context, r routes.OpenSessionRequestObject) (routes.OpenSessionResponseObject, error) {
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	session, token, err := h.signIn(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	view, cookie, err := h.opened(ctx, session, token)
	return routes.OpenSession201JSONResponse{Body: view, Headers: routes.OpenSession201ResponseHeaders{SetCookie: cookie}}, err
}

// sessionsWork refuses to open sessions whose cookies no browser would keep.
func (s *Server) sessionsWork() error {
	if !s.keepsCookies() {
		return problem.New(problem.CodeInsecureAddress, "", "sessions need https, or http://localhost; people reach this server at %s", s.publicURL.String())
	}
	return nil
}

// opened returns a session that was just opened as its answer, and its cookie.
func (s *Server) opened(ctx context.Context, session signin.Session, token string) (spec.Session, string, error) {
	sc := scopeOf(ctx)
	var err error
	sc.Credential, sc.session = session.Credential(), &session
	sc.alliance, err = s.alliance(ctx, session.AllianceID)
	// The browser forgets the cookie when the session can be no more.
	return sessionView(sc, session), newCookie(sessionCookie, token, session.Lasts()), err
}

// GetSession returns the session of the request.
func (h *handlers) GetSession(ctx context.Context, _ routes.GetSessionRequestObject) (routes.GetSessionResponseObject, error) {
	sc := scopeOf(ctx)
	return routes.GetSession200JSONResponse(sessionView(sc, *sc.session)), nil
}

// SignOut ends the session of the request.
func (h *handlers) SignOut(ctx context.Context, _ routes.SignOutRequestObject) (routes.SignOutResponseObject, error) {
	sc := scopeOf(ctx)
	err := h.endSession(ctx, sc.session.ID)
	return routes.SignOut204Response{Headers: routes.SignOut204ResponseHeaders{SetCookie: newCookie(sessionCookie, "", 0)}}, err
}

// EndSession ends a session of the person who is signed in.
func (h *handlers) EndSession(ctx context.Context, r routes.EndSessionRequestObject) (routes.EndSessionResponseObject, error) {
	return routes.EndSession204Response{}, h.endSession(ctx, r.Session)
}

func (h *handlers) endSession(ctx context.Context, id string) error {
	sc := scopeOf(ctx)
	return clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return signin.EndSession(ctx, tx, sc.alliance.ID, sc.session.Person, id, signin.Itself, sc.now)
	})
}

// ListSessions returns a page of the open sessions of the person who is signed in.
func (h *handlers) ListSessions(ctx context.Context, r routes.ListSessionsRequestObject) (routes.ListSessionsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sessions, err := signin.Sessions(ctx, h.pool, sc.alliance.ID, sc.session.Person, sc.now, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	sessions, next := cut(sessions, size, sc.operation.id, func(s signin.Session) string { return s.ID })
	return routes.ListSessions200JSONResponse{
		NextCursor: next, Items: each(sessions, func(s signin.Session) spec.Session { return sessionView(sc, s) }),
	}, nil
}

// ListSecurityEvents returns a page of what was done about the ways in of the person who is
// signed in.
func (h *handlers) ListSecurityEvents(ctx context.Context, r routes.ListSecurityEventsRequestObject) (routes.ListSecurityEventsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	events, err := signin.Events(ctx, h.pool, sc.alliance.ID, sc.session.Person, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	events, next := cut(events, size, sc.operation.id, func(e signin.Event) string { return decimalOf(e.ID) })
	return routes.ListSecurityEvents200JSONResponse{NextCursor: next, Items: each(events, func(e signin.Event) spec.SecurityEvent {
		return spec.SecurityEvent{Type: string(e.Type), By: e.By, Subject: given(e.Subject), At: e.At}
	})}, nil
}

func sessionView(sc *scope, s signin.Session) spec.Session {
	return spec.Session{
		Session: s.ID, Circle: sc.alliance.Code, Role: spec.SessionRole(s.Role), Member: given(s.Person.Member), Staff: given(s.Person.Staff),
		Shop: given(s.Merchant), Till: given(s.Till), OpenedWith: spec.OpenedWith(s.OpenedWith), OpenedAt: s.OpenedAt, SeenAt: s.SeenAt, EndsAt: s.EndsAt,
		Current: sc.session != nil && sc.session.ID == s.ID,
	}
}
