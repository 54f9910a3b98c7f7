package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
)

// ListKeys returns a page of the circle's keys, without their texts.
func (h *handlers) ListKeys(ctx context.Context, r routes.ListKeysRequestObject) (routes.ListKeysResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	keys, err := access.Keys(ctx, h.pool, sc.alliance.ID, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	keys, next := cut(keys, size, sc.operation.id, func(k access.Key) string { return k.ID })
	return routes.ListKeys200JSONResponse{NextCursor: next, Items: each(keys, keyView)}, nil
}

// CreateKey issues a key. The answer is the only place that shows it.
func (h *handlers) CreateKey(ctx context.Context, r routes.CreateKeyRequestObject) (routes.CreateKeyResponseObject, error) {
	sc := scopeOf(ctx)
	want := access.KeySpec{
		Role: access.KeyRole(r.Body.Role), Merchant: value(r.Body.Shop), Till: value(r.Body.Till), Label: value(r.Body.Label),
	}
	if r.Body.Right != nil {
		want.Right = access.Right(*r.Body.Right)
	}
	var key access.Key
	var text string
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		key, text, err = access.IssueKey(ctx, tx, sc.alliance, want, sc.now)
		return err
	})
	if errors.Is(err, merchant.ErrMerchantUnknown) {
		err = alliance.NewFieldError("key.shop", "no shop of that code is in the circle")
	}
	return routes.CreateKey201JSONResponse{Key: text, Details: keyView(key)}, err
}

// RotateKey replaces a key by a new one.
func (h *handlers) RotateKey(ctx context.Context, r routes.RotateKeyRequestObject) (routes.RotateKeyResponseObject, error) {
	sc := scopeOf(ctx)
	var key access.Key
	var text string
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		key, text, err = access.RotateKey(ctx, tx, sc.alliance, r.KeyID, sc.now)
		return err
	})
	return routes.RotateKey201JSONResponse{Key: text, Details: keyView(key)}, err
}

// RevokeKey revokes a key.
func (h *handlers) RevokeKey(ctx context.Context, r routes.RevokeKeyRequestObject) (routes.RevokeKeyResponseObject, error) {
	sc := scopeOf(ctx)
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return access.RevokeKey(ctx, tx, sc.alliance, r.KeyID, sc.now)
	})
	return routes.RevokeKey204Response{}, err
}

func keyView(k access.Key) spec.Key {
	view := spec.Key{
		KeyID: k.ID, Role: spec.Role(k.Role), Shop: given(k.Merchant), Till: given(k.Till), Label: k.Label,
		CreatedAt: k.CreatedAt, RevokedAt: instant(k.RevokedAt), LeftAt: instant(k.LeftAt), ReplacedBy: given(k.ReplacedBy),
	}
	if k.Right != access.NoRight {
		right := spec.Right(k.Right)
		view.Right = &right
	}
	return view
}
