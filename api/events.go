package api

import (
	"context"
	"strings"

	"github.com/lianka/lianka/alliance/feed"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// ListEvents returns a page of events, the oldest first.
func (h *handlers) ListEvents(ctx context.Context, r routes.ListEventsRequestObject) (routes.ListEventsResponseObject, error) {
	sc := scopeOf(ctx)
	filter, err := eventFilter(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := feed.Read(ctx, h.pool, h.setups.Registry(), sc.alliance, filter, sc.Principal)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	if page.Next == filter.After {
		if err := h.checkAfter(ctx, filter.After); err != nil {
			return nil, err
		}
	}
	answer := routes.ListEvents200JSONResponse{Items: make([]spec.Event, 0, len(page.Events))}
	for _, e := range page.Events {
		sc.hide(e.Card, e.Member)
		view, err := convert[spec.Event](e)
		if err != nil {
			return nil, err
		}
		answer.Items = append(answer.Items, view)
	}
	if page.Next > filter.After {
		answer.NextAfter = &page.Next
	}
	return answer, nil
}

// checkAfter refuses a number that no event had yet. Who asks with one would hear nothing for a long time, and miss what comes
// before it: it is of another circle, or of books that were restored from an older copy.
func (h *handlers) checkAfter(ctx context.Context, after int64) error {
	head, err := clearing.ReadHead(ctx, h.pool, scopeOf(ctx).alliance.ID)
	if err != nil {
		return clearing.Unavailable(err)
	}
	if most := ledger.EventNumber(head.LastSeq, ledger.MaxEvents); after > most {
		return problem.Malformed("after", "is %d, and no event can have a number above %d yet; begin with next_after of an answer, or 0", after, most)
	}
	return nil
}

func eventFilter(p spec.ListEventsParams) (feed.Filter, error) {
	f := feed.Filter{Limit: pageSize(p.Limit)}
	if p.After != nil {
		f.After = *p.After
	}
	if p.Type != nil {
		f.Types = strings.Split(*p.Type, ",")
	}
	if p.Subject != nil {
		subject, ok := feed.ParseSubject(*p.Subject)
		if !ok {
			return f, problem.Malformed("subject", "is not a subject such as card:8801")
		}
		f.Subject = &subject
	}
	return f, nil
}
