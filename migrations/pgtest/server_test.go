package pgtest_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
	"github.com/lianka/lianka/migrations/pgtest"
)

// inServer makes the tests below run in a second process, with DATABASE_URL set.
const inServer = "LIANKA_PGTEST_INNER"

func ownServer(t *testing.T) (*postgres.Cluster, *pgx.Conn) {
	t.Helper()
	if _, err := postgres.FindBinaries(""); err != nil && os.Getenv("DATABASE_URL") != "" {
		t.Skip("DATABASE_URL is set, and there is no PostgreSQL here to start: ", err)
	}
	c, err := postgres.Start(t.Context(), postgres.Options{Scratch: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	conn, err := pgx.Connect(t.Context(), c.URL("lianka"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return c, conn
}

// inner runs one of the tests below in a process of its own.
func inner(t *testing.T, databaseURL, test string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v")
	cmd.Env = append(os.Environ(), inServer+"=1", "DATABASE_URL="+databaseURL)
	return cmd
}

func leftovers(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT datname FROM pg_database WHERE datname LIKE 'lianka\_test\_%'`)
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return names
}

func TestProcessesShareAServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	c, conn := ownServer(t)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			out, err := inner(t, c.URL("lianka"), "TestInnerPool").CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wait.Wait()
	require.Empty(t, leftovers(t, conn))
}

func TestAKilledProcessesDatabasesAreDroppedByTheNext(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	c, conn := ownServer(t)
	cmd := inner(t, c.URL("lianka"), "TestInnerHang")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.Eventually(t, func() bool { return len(leftovers(t, conn)) == 2 }, 4*time.Minute, 20*time.Millisecond)
	out, err := inner(t, c.URL("lianka"), "TestInnerPool").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Len(t, leftovers(t, conn), 2, "their owner lives")

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool {
		var connections int
		require.NoError(t, conn.QueryRow(t.Context(),
			`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'lianka\_test\_%'`).Scan(&connections))
		return connections == 0
	}, 4*time.Minute, 20*time.Millisecond)
	out, err = inner(t, c.URL("lianka"), "TestInnerPool").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, leftovers(t, conn))
}

func TestARoleThatMayNotCreateDatabasesIsTold(t *testing.T) {
	t.Parallel()
	c, conn := ownServer(t)
	_, err := conn.Exec(t.Context(), `CREATE ROLE clerk LOGIN`)
	require.NoError(t, err)
	u, err := url.Parse(c.URL("lianka"))
	require.NoError(t, err)
	q := u.Query()
	q.Set("user", "clerk")
	u.RawQuery = q.Encode()

	out, err := inner(t, u.String(), "TestInnerPool").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `ALTER ROLE "clerk" CREATEDB`)
}

func TestBothFormsOfAnAddress(t *testing.T) {
	t.Parallel()
	c, _ := ownServer(t)
	u, err := url.Parse(c.URL("lianka"))
	require.NoError(t, err)
	keywords := "host=" + u.Query().Get("host") + " user=lianka dbname=lianka sslmode=disable"
	out, err := inner(t, keywords, "TestInnerPool").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: TestInnerPool")
}

func TestInnerPool(t *testing.T) {
	skipOuter(t)
	var name string
	require.NoError(t, pgtest.Pool(t).QueryRow(t.Context(), `SELECT current_database()`).Scan(&name))
	require.True(t, strings.HasPrefix(name, "lianka_test_"))
}

func TestInnerHang(t *testing.T) {
	skipOuter(t)
	pgtest.Pool(t)
	time.Sleep(time.Hour)
}

func skipOuter(t *testing.T) {
	t.Helper()
	if os.Getenv(inServer) == "" {
		t.Skip("run by the tests above, in a process of their own")
	}
}
