// Package pgtest gives each test a PostgreSQL database of its own, with the schema in place.
//
// The schema is built once for each test process, in a template database; a test gets a clone of it, which takes some tens of
// milliseconds, and the clone is dropped when the test ends. So tests can run in parallel and never see one another's rows.
//
// The server is the one in DATABASE_URL, whose role must be allowed to create databases. Without DATABASE_URL it is
// a scratch cluster that the process starts when the first test asks for a database; it takes a second, most of it initdb's. Test
// processes of several packages run side by side, each with a server or a template of its own. A package that uses pgtest says so in its TestMain:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// which stops the server, or drops the template, at the end. Should the process be killed instead, the kernel stops its server (on Linux), and
// the next test process removes what is left.
package pgtest
