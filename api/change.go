package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
)

// maxChanges is how often a change of the setup is tried when work falls due
// meanwhile.
const maxChanges = 5

// change runs a change of the circle's setup in a transaction. What has fallen
// due is done first, by the setup that was in force until now.
func (h *handlers) change(ctx context.Context, f func(clearing.Tx) error) error {
	sc := scopeOf(ctx)
	for attempt := 1; ; attempt++ {
		err := clearing.Write(ctx, h.pool, f)
		if !errors.Is(err, alliance.ErrOverdue) || attempt == maxChanges {
			return err
		}
		if err := h.sequencer.Advance(ctx, sc.circle.ID, sc.now); err != nil {
			return err
		}
	}
}
