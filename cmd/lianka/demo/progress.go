package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows the progress of a month: a bar in a terminal, otherwise a line every
// ten days.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil: lines
	month time.Time
	day   int
}

func newProgress(out io.Writer, bar bool, month time.Time, steps int) *progress {
	if out == nil {
		out = io.Discard
	}
	p := &progress{out: out, month: month}
	if bar {
		p.bar = progressbar.NewOptions(steps,
			progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(40), progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]"}))
	}
	return p
}

// step records that a turn is over.
func (p *progress) step(at time.Time, events int64) {
	day := at.Day()
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%s %6s events", at.Format("Mon _2 Jan 15:04"), grouped(events)))
		_ = p.bar.Add(1)
	} else if day%10 == 0 && day != p.day {
		_, _ = fmt.Fprintf(p.out, "%s, %s events\n", at.Format("2 January"), grouped(events))
	}
	p.day = day
}

// end removes the bar, so that something else can be printed.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
}
