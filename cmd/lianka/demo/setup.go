package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// setUp reads the circle and gives it terms, shops, products and tills.
func (s *story) setUp(ctx context.Context) error {
	var err error
	if s.org, err = client.NewClientWithResponses(s.URL, client.WithHTTPClient(s.http), withKey(s.Key)); err != nil {
		return err
	}
	alliance, err := s.org.GetCircleWithResponse(ctx)
	if err != nil {
		return err
	}
	if s.alliance, err = expect200(alliance.JSON200, alliance.Body); err != nil {
		return err
	}
	if err := s.checkAlliance(ctx); err != nil {
		return err
	}
	zone, err := time.LoadLocation(s.alliance.Timezone)
	if err != nil {
		return err
	}
	s.first = firstOfMonth(s.alliance.Clock.In(zone))

	agreed, err := s.org.SetTermsWithResponse(ctx, terms())
	if err != nil {
		return err
	}
	if _, err := expect200(agreed.JSON200, agreed.Body); err != nil {
		return err
	}
	for _, p := range s.merchants {
		if err := s.admit(ctx, p); err != nil {
			return err
		}
	}
	for _, p := range products() {
		added, err := s.org.AddProductWithResponse(ctx, p.document())
		if err != nil {
			return err
		}
		if _, err := expect200(added.JSON201, added.Body); err != nil {
			return err
		}
	}
	if err := s.addCampaigns(ctx); err != nil {
		return err
	}
	if err := s.addItem(ctx); err != nil {
		return err
	}
	online, err := s.newTill(nil, "app", s.Key)
	if err != nil {
		return err
	}
	hotline, err := s.newTill(nil, "desk", s.Key)
	if err != nil {
		return err
	}
	if s.office, err = s.newTill(nil, "office", s.Key); err != nil {
		return err
	}
	s.memberAccounts = make(map[string]bool)
	s.simulation = newSimulation(s.Seed, s.merchants, online, hotline)
	s.simulation.direct = s.Direct
	s.growth = newGrowth(s)
	return nil
}

// ErrAlliance says that the demo can't run in a circle, and has changed nothing there.
var ErrAlliance = errors.New("the demo's story can't be played in this circle")

// checkAlliance refuses a live circle, and one that has shops already.
func (s *story) checkAlliance(ctx context.Context) error {
	if s.alliance.Mode != spec.Test {
		return fmt.Errorf("%w: %s is a live one; the story needs a clock that it can move", ErrAlliance, s.alliance.Code)
	}
	merchants, err := s.org.ListShopsWithResponse(ctx, &spec.ListShopsParams{})
	if err != nil {
		return err
	}
	listed, err := expect200(merchants.JSON200, merchants.Body)
	if err != nil {
		return err
	}
	if len(listed.Items) > 0 {
		return fmt.Errorf("%w: %s has shops already; the story needs a circle with nothing in it", ErrAlliance, s.alliance.Code)
	}
	return nil
}

// firstOfMonth returns the first beginning of a month that is not before an instant: a
// circle's clock can't go back.
func firstOfMonth(at time.Time) time.Time {
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, at.Location())
	if first.Before(at) {
		first = first.AddDate(0, 1, 0)
	}
	return first
}

// admit admits a shop, and gives each of its tills a key, and its owner one.
func (s *story) admit(ctx context.Context, p *merchant) error {
	admitted, err := s.org.AdmitShopWithResponse(ctx, p.document())
	if err != nil {
		return err
	}
	if _, err := expect200(admitted.JSON201, admitted.Body); err != nil {
		return err
	}
	var tillKey, ownerKey string
	for number := range p.tills {
		name := strconv.Itoa(number + 1)
		var t *till
		if t, tillKey, err = s.keyed(ctx, p, name, "cashier"); err != nil {
			return err
		}
		p.counter = append(p.counter, t)
	}
	if p.office, ownerKey, err = s.keyed(ctx, p, "office", "owner"); err != nil {
		return err
	}
	if p.code == shownMerchant {
		s.result = &Result{Alliance: s.alliance.Code, Merchant: p.code, TillKey: tillKey, OwnerKey: ownerKey}
	}
	return nil
}

// keyed returns a till of a shop with a key of its own, and the key.
func (s *story) keyed(ctx context.Context, p *merchant, name string, right spec.Right) (t *till, text string, err error) {
	issued, err := s.org.CreateKeyWithResponse(ctx, spec.KeySpec{Role: spec.RoleShop, Shop: &p.code, Till: &name, Right: &right})
	if err != nil {
		return nil, "", err
	}
	key, err := expect200(issued.JSON201, issued.Body)
	if err != nil {
		return nil, "", err
	}
	t, err = s.newTill(p, p.code+"-"+name, key.Key)
	return t, key.Key, err
}

// shownMerchant is the shop whose keys the run returns, to look around with.
const shownMerchant = "hotpot"

func (s *story) newTill(at *merchant, name, key string) (*till, error) {
	api, err := client.NewClient(s.URL, client.WithHTTPClient(s.http), withKey(key))
	if err != nil {
		return nil, err
	}
	return &till{merchant: at, name: name, api: api}, nil
}

func withKey(key string) client.ClientOption {
	return client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	})
}
