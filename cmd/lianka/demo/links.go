package demo

import (
	"context"
	"fmt"
	"net/http"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// share has a member bring another by a link, which is made before the tills' requests of this
// turn if the member has none yet.
func (sim *simulation) share(friend *member) {
	if friend.link == "" && !friend.sharing {
		friend.sharing = true
		sim.sharers = append(sim.sharers, friend)
	}
}

// makeLinks makes the links that members are to share in this turn.
func (s *story) makeLinks(ctx context.Context) error {
	for _, m := range s.simulation.sharers {
		answer, err := s.org.CreateLinkWithResponse(ctx, spec.LinkSpec{Member: &m.code})
		if err != nil {
			return err
		}
		if answer.JSON201 == nil {
			return fmt.Errorf("the server answered %s", answer.Body)
		}
		m.link = answer.JSON201.Link
	}
	s.simulation.sharers = nil
	return nil
}

// sellByLink sells a first card to somebody who has opened a friend's link and shows its code at
// the till. Nothing in the sale says so.
func sellByLink(code, newcomer string, p *product, friend *member) request {
	sale := sell(code, newcomer, p, "")
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		if err := openLink(ctx, api, friend.link, newcomer); err != nil {
			return nil, err
		}
		joined, err := api.JoinByLink(ctx, spec.JoiningSpec{Link: friend.link, Member: &newcomer})
		if err != nil || joined.StatusCode != http.StatusOK {
			return joined, err
		}
		if err := joined.Body.Close(); err != nil {
			return nil, err
		}
		return sale(ctx, api, key)
	}
}

// openLink opens the page of a link on a newcomer's telephone.
func openLink(ctx context.Context, api *client.Client, link, newcomer string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.Server+"j/"+link, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "the telephone of "+newcomer)
	response, err := api.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the page of a link is answered with %s", response.Status)
	}
	return nil
}

// linkSums is what came of all links together.
type linkSums struct {
	links                  int64
	opened, joined, bought int64
	waiting, payable, paid fen
	best                   spec.Link // the one by which most have bought
}

// readLinks reads what came of the links, and checks that it is what the books say of the
// members.
func (s *story) readLinks(ctx context.Context) error {
	earned := make(map[string]fen) // by member
	sums := &s.links
	limit := pageSize
	for params := (spec.ListLinksParams{Limit: &limit}); ; {
		answer, err := s.org.ListLinksWithResponse(ctx, &params)
		if err != nil {
			return err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return err
		}
		for _, l := range page.Items {
			if err := sums.add(l, earned); err != nil {
				return err
			}
		}
		if params.Cursor = page.NextCursor; page.NextCursor == nil {
			break
		}
	}
	if s.Direct {
		return nil
	}
	for params := (spec.ListCommissionsParams{Limit: &limit}); ; {
		answer, err := s.org.ListCommissionsWithResponse(ctx, &params)
		if err != nil {
			return err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return err
		}
		for _, m := range page.Items {
			booked, err := sumOf(m.Pending, m.Payable, m.Paid)
			if err != nil {
				return err
			}
			if earned[m.Member] != booked {
				return fmt.Errorf("the links of %s say that %s was earned, and the books %s", m.Member, earned[m.Member], booked)
			}
		}
		if params.Cursor = page.NextCursor; page.NextCursor == nil {
			return nil
		}
	}
}

// add adds what came of a link.
func (t *linkSums) add(l spec.Link, earned map[string]fen) error {
	for sum, text := range map[*fen]string{&t.waiting: l.Waiting, &t.payable: l.Payable, &t.paid: l.Paid} {
		amount, err := parseFen(text)
		if err != nil {
			return err
		}
		*sum += amount
		earned[l.Member] += amount
	}
	t.links++
	t.opened += l.Opened
	t.joined += int64(l.Joined)
	t.bought += int64(l.Bought)
	if l.Bought > t.best.Bought || l.Bought == t.best.Bought && l.Member < t.best.Member { // codes differ from run to run
		t.best = l
	}
	return nil
}

func sumOf(texts ...string) (sum fen, err error) {
	for _, text := range texts {
		amount, err := parseFen(text)
		if err != nil {
			return 0, err
		}
		sum += amount
	}
	return sum, nil
}

// print writes what came of the links.
func (t *linkSums) print(p *printer) {
	if t.links == 0 {
		return
	}
	p.text(plain, indent, "Links        %s members shared one. They were opened %s times; %s newcomers joined by them, and %s of these bought a card. "+
		"By all that, %s of commission waits, %s is payable and %s is paid: what the books say. %s's brought most, %d.",
		grouped(t.links), grouped(t.opened), grouped(t.joined), grouped(t.bought), t.waiting.grouped(), t.payable.grouped(), t.paid.grouped(), t.best.Member, t.best.Bought)
}
