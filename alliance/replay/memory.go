package replay

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
)

// needsMemory reports whether a scenario has rules or events that the standard registry does
// not have. It reads all events, so a file that has a mistake is refused here already; then it goes
// back to their beginning.
func needsMemory(written scenario.Alliance, events *os.File) (bool, error) {
	growth := written.Terms.Tiers != nil || written.Campaigns != nil || written.Mall != nil
	reader := scenario.NewReader(alliance.Whole(), events.Name(), events, Caller)
	for {
		event, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
		growth = growth || alliance.Standard().Kind(event.Command.Event()) == nil
	}
	_, err := events.Seek(0, io.SeekStart)
	return growth, err
}

// runInMemory plays a scenario with all that it names in memory.
func runInMemory(written scenario.Alliance, events *os.File, o Options, clock func() time.Time) (Summary, error) {
	r, err := newReport(o.Out)
	if err != nil {
		return Summary{}, err
	}
	defer r.discard()
	b, err := newBooks(written, r)
	if err != nil {
		return Summary{}, err
	}
	began := clock()
	if err := b.play(scenario.NewReader(alliance.Whole(), events.Name(), events, Caller), o.Until); err != nil {
		return Summary{}, err
	}
	elapsed := clock().Sub(began)
	if err := b.write(); err != nil {
		return Summary{}, err
	}
	return Summary{Alliance: b.alliance, Events: b.events, Rejections: r.rejected, Elapsed: elapsed}, r.publish()
}
