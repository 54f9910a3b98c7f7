// Package postgres runs a private PostgreSQL for one Lianka process: it finds the server's programs, makes a data
// directory, starts the server on a Unix socket that nobody else can reach, and stops it again.
//
// # Two kinds
//
// A durable cluster keeps its data in Options.Dir and commits to disk. A scratch cluster (Options.Scratch) is for tests and
// replays: it lives in a temporary directory, never waits for the disk, and is removed by Stop.
//
// # What is in a directory
//
//	lianka.lock   held by the Lianka process that owns the directory
//	serving.lock  held by an owner that stays up, such as a server, from before it takes lianka.lock
//	server.lock   held by initdb and the server, and by each of the server's own processes
//	data          PostgreSQL's data directory
//	data.new      a data directory that initdb hasn't finished; thrown away at the next start
//	postgres.log  what the server wrote; postgres.log.1 is the one before, kept when the first grows over 16 MiB
//	socket        the name of the directory with the server's socket: psql -h "$(cat socket)" -U lianka lianka
//
// # Traps, and how they are met
//
// Two processes on one directory. Were the second merely to start PostgreSQL, PostgreSQL would refuse, but the first one's
// server would answer on the socket, and two processes would share a server that one of them stops. So lianka.lock is taken (flock)
// before anything in the directory is read, and the second start fails with ErrInUse.
//
// It fails at once only where the owner stays up (Options.Serve) and the second start wants to own the directory too. An owner that does not
// serve is soon done and is waited for, at most Options.Wait. With Options.Join the second start works beside an owner that serves, as soon
// as that one's server answers; beside one that is soon done it doesn't, because the server would stop under it. serving.lock tells which kind
// an owner is. It is taken first, so that whoever finds lianka.lock held and serving.lock free need only wait and look again.
//
// A parent that is killed (kill -9, out of memory). On Linux the kernel then tells the server to shut down (Pdeathsig).
// That signal is sent when the thread that started the child ends, not the process, and Go ends threads as it likes; so
// one goroutine, locked to its thread, starts the server and waits for it. Other systems have no such signal and the server
// lives on. Either way the next start finds server.lock held: each process of a server inherits that open file, so the lock is
// free exactly when the last of them is gone, however it ended and whatever became of its process id. While it is held,
// the server named in postmaster.pid is asked to stop, after a look at its command line, since a number in a file is not
// proof of who has that number today.
//
// Ctrl-C. The terminal sends SIGINT to the whole foreground process group, and to PostgreSQL that means "stop now", under the feet
// of a Lianka that still answers its last requests. So the server gets a process group of its own and hears only from Stop.
//
// Root. PostgreSQL refuses to run as root. Started by root, the server runs as the owner of its data directory: for a
// new one postgres, else nobody. Its HOME and working directory are set, because root's own can't be entered. A
// directory that the account can't reach is reported by name (BlockedError) rather than by PostgreSQL's "could not access".
//
// Long paths. A Unix socket's path is at most 107 bytes (103 on macOS), and a server with a longer one doesn't start. So the socket is
// never in the data directory but in a short temporary one, mode 0700: reaching it is the authentication.
//
// A kill during initdb leaves half a data directory. initdb therefore works in data.new, which is renamed when complete.
//
// A newer PostgreSQL after a system upgrade can't open older data. The programs are chosen by the version that made the
// directory, and where those are gone the error says so (VersionMismatchError) before anything is touched.
//
// The environment. PGDATA, PGPORT, LC_ALL and the like from the caller's shell would change what is started, so the server
// gets none of them. Locale and time zone are C and UTC everywhere: an index's order can't change with the system's locale files.
package postgres
