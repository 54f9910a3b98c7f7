package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/signin"
)

// errWays says what a request to sign in names.
var errWays = problem.Malformed("", "name one way in: link; or circle, telephone and code; or staff and pin")

// signIn opens the session of the one way in that a request names.
func (h *handlers) signIn(ctx context.Context, body *spec.SignIn) (signin.Session, string, error) {
	sc := scopeOf(ctx)
	byCode := body.Circle != nil || body.Telephone != nil || body.Code != nil
	byPIN := body.Staff != nil || body.Pin != nil
	switch {
	case body.Link != nil && !byCode && !byPIN:
		return signin.OpenLink(ctx, h.pool, *body.Link, sc.now)
	case body.Link == nil && !byPIN && body.Circle != nil && body.Telephone != nil && body.Code != nil:
		sc.hide(*body.Telephone)
		codes, err := h.codesOf(ctx, *body.Circle)
		if err != nil {
			return signin.Session{}, "", err
		}
		return codes.Open(ctx, sc.alliance.ID, *body.Telephone, *body.Code, sc.now)
	case body.Link == nil && !byCode && body.Staff != nil && body.Pin != nil:
		return signin.OpenByPIN(ctx, h.pool, sc.till, *body.Staff, *body.Pin, sc.now)
	}
	return signin.Session{}, "", errWays
}

// codesOf returns what signs the members of a circle in by telephone.
func (h *handlers) codesOf(ctx context.Context, circle string) (*signin.Codes, error) {
	if err := h.named(ctx, circle); err != nil {
		return nil, err
	}
	if h.directory == nil {
		return nil, problem.New(problem.CodeNoDirectory, "", "this server keeps no telephones, so it sends no codes; ask for a link")
	}
	return &signin.Codes{DB: h.pool, Directory: h.directory, Sender: h.sender}, nil
}

// named finds the circle that a request of nobody yet names.
func (h *handlers) named(ctx context.Context, circle string) error {
	sc := scopeOf(ctx)
	var err error
	sc.alliance, err = h.alliance(ctx, clearing.AllianceID(circle))
	if errors.Is(err, clearing.ErrNoAlliance) {
		return problem.Absent("circle")
	}
	return err
}

// RequestCode sends a code to a telephone, if it is a member's.
func (h *handlers) RequestCode(ctx context.Context, r routes.RequestCodeRequestObject) (routes.RequestCodeResponseObject, error) {
	sc := scopeOf(ctx)
	sc.hide(r.Body.Telephone)
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	codes, err := h.codesOf(ctx, r.Body.Circle)
	if err != nil {
		return nil, err
	}
	return routes.RequestCode202Response{}, codes.Request(ctx, sc.alliance.ID, r.Body.Telephone, sc.now)
}

// ListMessages returns a page of the messages that the organiser passes on.
func (h *handlers) ListMessages(ctx context.Context, r routes.ListMessagesRequestObject) (routes.ListMessagesResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	messages, err := signin.Messages(ctx, h.pool, sc.alliance.ID, sc.now, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	messages, next := cut(messages, size, sc.operation.id, func(m signin.Waiting) string { return decimalOf(m.ID) })
	return routes.ListMessages200JSONResponse{NextCursor: next, Items: each(messages, func(m signin.Waiting) spec.Message {
		return spec.Message{Member: m.Member, Text: given(m.Text), MadeAt: m.MadeAt, ExpiresAt: m.Until}
	})}, nil
}
