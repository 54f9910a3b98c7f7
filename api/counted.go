package api

import (
	"context"

	"github.com/lianka/lianka/merchant/attempts"
)

// tillsCounted is how many tills' worth of attempts a shop has at all its tills together. An owner
// pairs as many tills as it likes, and signs in as often; each would have a count of its own. One till
// that is stopped uses up a fifth of it, and so keeps no other from working.
const tillsCounted = 5

// ofShop returns the limits of all tills of a shop together.
func ofShop(limits []attempts.Limit) []attempts.Limit {
	of := make([]attempts.Limit, len(limits))
	for i, l := range limits {
		l.Name += " of a shop"
		l.Most *= tillsCounted
		of[i] = l
	}
	return of
}

// shopSubject is the shop for which the caller acts as the count of attempts knows it, "" for none.
func (s *scope) shopSubject() string {
	if s.Principal.Merchant == "" {
		return ""
	}
	return "all of shop:" + s.Principal.Merchant
}

// take counts an attempt of the caller, and of its shop. It returns a *attempts.TooManyError if that
// is once too often.
func (s *Server) take(ctx context.Context, sc *scope, limits ...attempts.Limit) error {
	err := attempts.Take(ctx, s.pool, sc.alliance.ID, sc.Caller, sc.now, limits...)
	if shop := sc.shopSubject(); err == nil && shop != "" {
		err = attempts.Take(ctx, s.pool, sc.alliance.ID, shop, sc.now, ofShop(limits)...)
	}
	return err
}

// mayTry says the same without counting.
func (s *Server) mayTry(ctx context.Context, sc *scope, limits ...attempts.Limit) error {
	err := attempts.Check(ctx, s.pool, sc.alliance.ID, sc.Caller, sc.now, limits...)
	if shop := sc.shopSubject(); err == nil && shop != "" {
		err = attempts.Check(ctx, s.pool, sc.alliance.ID, shop, sc.now, ofShop(limits)...)
	}
	return err
}
