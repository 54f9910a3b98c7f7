package referral_test

import (
	"testing"

	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
