package jobs

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// failures logs failed jobs, which the queue itself only writes to its table.
type failures struct {
	logger *slog.Logger
}

// HandleError logs an error. The queue tries again.
func (f *failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log(ctx, job, "error", err)
	return nil
}

// HandlePanic logs a panic. The queue tries again.
func (f *failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, fault any, trace string) *river.ErrorHandlerResult {
	f.log(ctx, job, "panic", fault, "trace", trace)
	return nil
}

func (f *failures) log(ctx context.Context, job *rivertype.JobRow, what ...any) {
	level, message := slog.LevelWarn, "a job failed and is tried again"
	if job.Attempt >= job.MaxAttempts {
		level, message = slog.LevelError, "a job failed for good; the next sweep begins anew"
	}
	f.logger.Log(ctx, level, message, append([]any{"kind", job.Kind, "args", string(job.EncodedArgs), "attempt", job.Attempt}, what...)...)
}
