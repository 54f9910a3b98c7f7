package api

import (
	"context"
	"encoding/json"

	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/signin"
)

// BeginPasskeySignIn returns a challenge to sign in with.
func (h *handlers) BeginPasskeySignIn(ctx context.Context, _ routes.BeginPasskeySignInRequestObject) (routes.BeginPasskeySignInResponseObject, error) {
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	challenge, err := h.passkeys.BeginSignIn(ctx, scopeOf(ctx).now)
	if err != nil {
		return nil, err
	}
	view, err := challengeView(challenge)
	return routes.BeginPasskeySignIn201JSONResponse(view), err
}

// FinishPasskeySignIn opens the session of whose passkey answered.
func (h *handlers) FinishPasskeySignIn(ctx context.Context, r routes.FinishPasskeySignInRequestObject) (routes.FinishPasskeySignInResponseObject, error) {
	session, token, err := h.passkeys.FinishSignIn(ctx, r.Ceremony, []byte(r.Body.Credential), scopeOf(ctx).now)
	if err != nil {
		return nil, err
	}
	view, cookie, err := h.opened(ctx, session, token)
	return routes.FinishPasskeySignIn201JSONResponse{Body: view, Headers: routes.FinishPasskeySignIn201ResponseHeaders{SetCookie: cookie}}, err
}

// BeginPasskey returns a challenge to add a passkey with.
func (h *handlers) BeginPasskey(ctx context.Context, _ routes.BeginPasskeyRequestObject) (routes.BeginPasskeyResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	challenge, err := h.passkeys.BeginAdding(ctx, sc.alliance.ID, sc.session.Person.Staff, sc.now)
	if err != nil {
		return nil, err
	}
	view, err := challengeView(challenge)
	return routes.BeginPasskey201JSONResponse(view), err
}

// challengeView returns a challenge as browsers read it.
func challengeView(c signin.Challenge) (spec.PasskeyChallenge, error) {
	view := spec.PasskeyChallenge{Ceremony: c.Ceremony}
	text, err := json.Marshal(c.Options)
	if err != nil {
		return view, err
	}
	return view, json.Unmarshal(text, &view.Options)
}

// AddPasskey adds the passkey that answered.
func (h *handlers) AddPasskey(ctx context.Context, r routes.AddPasskeyRequestObject) (routes.AddPasskeyResponseObject, error) {
	sc := scopeOf(ctx)
	key, err := h.passkeys.FinishAdding(ctx, sc.alliance.ID, sc.session.Person.Staff, r.Ceremony, r.Body.Label, []byte(r.Body.Credential), sc.now)
	return routes.AddPasskey201JSONResponse(passkeyView(key)), err
}

func passkeyView(k signin.Passkey) spec.Passkey {
	return spec.Passkey{Passkey: k.ID, Label: k.Label, AddedAt: k.AddedAt, UsedAt: instant(k.UsedAt)}
}

// ListPasskeys returns a page of the passkeys of the person who is signed in.
func (h *handlers) ListPasskeys(ctx context.Context, r routes.ListPasskeysRequestObject) (routes.ListPasskeysResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	keys, err := signin.ListPasskeys(ctx, h.pool, sc.alliance.ID, sc.session.Person.Staff, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	keys, next := cut(keys, size, sc.operation.id, func(k signin.Passkey) string { return k.ID })
	return routes.ListPasskeys200JSONResponse{NextCursor: next, Items: each(keys, passkeyView)}, nil
}

// RemovePasskey removes a passkey of the person who is signed in.
func (h *handlers) RemovePasskey(ctx context.Context, r routes.RemovePasskeyRequestObject) (routes.RemovePasskeyResponseObject, error) {
	sc := scopeOf(ctx)
	return routes.RemovePasskey204Response{}, clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return signin.RemovePasskey(ctx, tx, sc.alliance.ID, sc.session.Person.Staff, r.Passkey, sc.now)
	})
}
