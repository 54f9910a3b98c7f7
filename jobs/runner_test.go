package jobs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lianka/jobs"
)

func stop(t *testing.T, r *jobs.Runner) {
	t.Helper()
	require.NoError(t, r.Stop(t.Context()))
}
