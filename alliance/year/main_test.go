package year_test

import (
	"testing"

	"lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
