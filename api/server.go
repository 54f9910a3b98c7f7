package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// Config is what a server needs. Pool, Sequencer and Setups are required.
type Config struct {
	Pool      clearing.Database // a *pgxpool.Pool
	Sequencer *sequencer.Sequencer
	Setups    *store.SetupCache

	People         *people.Store  // none: the server keeps no people
	TrustedProxies []netip.Prefix // whose X-Forwarded-For and -Proto are believed

	Logger         *slog.Logger         // none: nothing is logged
	Clock          func() time.Time     // the server's clock; none: the machine's
	Registry       *prometheus.Registry // none: one of its own, with the collectors of Go and the process
	RequestTimeout time.Duration        // 0: 30 s
	PublicURL      *url.URL             // where people reach the server; none: http://localhost:8080
	Directory      signin.Directory     // whose telephones are; none: People, and without these nobody signs in by a code
	Sender         signin.Sender        // of codes; none: the organiser passes them on
	DrainDelay     time.Duration        // how long /readyz says no before the server stops accepting; 0: not at all
	WrongCodePause time.Duration        // how long a till waits for the answer to a wrong code; 0: 1 s
}

// Server serves the API, its documentation and its health.
type Server struct {
	pool           clearing.Database
	sequencer      *sequencer.Sequencer
	setups         *store.SetupCache
	people         *people.Store
	logger         *slog.Logger
	clock          func() time.Time
	requestTimeout time.Duration
	drainDelay     time.Duration

	publicURL      *url.URL
	directory      signin.Directory
	sender         signin.Sender
	passkeys       *signin.Passkeys
	crossOrigin    *http.CrossOriginProtection
	trustedProxies []netip.Prefix

	openings  openings
	keys      *access.KeyCache
	guessing  guessing
	metrics   *metrics
	alliances sync.Map // of clearing.Alliance, by ID
	draining  atomic.Bool
	streams   streamSlots
	http      *http.Server
}

// The timeouts of a connection. An answer takes up to the request's timeout to make,
// and sendTimeout to send.
const (
	defaultTimeout    = 30 * time.Second
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	idleTimeout       = 2 * time.Minute
	sendTimeout       = 15 * time.Second
)

// New returns a server that is not listening yet.
func New(config Config) (*Server, error) {
	c, err := standardContract()
	if err != nil {
		return nil, err
	}
	return newServer(config, c)
}

// newServer returns a server that keeps a contract.
func newServer(config Config, c *contract) (*Server, error) {
	if config.Pool == nil || config.Sequencer == nil || config.Setups == nil {
		return nil, errors.New("a server needs a pool, a sequencer and a setup cache")
	}
	s := &Server{
		pool: config.Pool, sequencer: config.Sequencer, setups: config.Setups,
		people: config.People, directory: config.Directory, sender: config.Sender,
		logger: config.Logger, clock: config.Clock, requestTimeout: config.RequestTimeout, drainDelay: config.DrainDelay,
	}
	if err := s.setPublicURL(config.PublicURL); err != nil {
		return nil, err
	}
	s.keys, s.guessing, s.trustedProxies = access.NewKeyCache(s.pool), newGuessing(config.WrongCodePause), config.TrustedProxies
	if s.directory == nil && s.people != nil {
		s.directory = s.people
	}
	if s.sender == nil {
		s.sender = signin.Outbox{}
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.requestTimeout == 0 {
		s.requestTimeout = defaultTimeout
	}
	registry := config.Registry
	if registry == nil {
		registry = prometheus.NewRegistry()
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	var err error
	if s.metrics, err = newMetrics(registry); err != nil {
		return nil, err
	}
	router, err := s.routes(registry, c)
	if err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler:           router,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      s.requestTimeout + sendTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    2 * maxHeaders, // above that Go answers 431 by itself
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	return s, nil
}

// routes returns the router.
func (s *Server) routes(registry *prometheus.Registry, c *contract) (*echo.Echo, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Binder = binder{}
	e.IPExtractor = s.extractor()
	e.Use(s.observe, s.forwarded, s.limit)
	admissions := make(map[string][]echo.MiddlewareFunc, len(c.operations))
	for id, op := range c.operations {
		admissions[id] = []echo.MiddlewareFunc{private, s.admit(op)}
	}
	commands, err := commandsOf(s.setups.Registry(), c.document, c.operations)
	if err != nil {
		return nil, err
	}
	itemKey, err := schema.CompileParameter(c.document.Components.Parameters[idempotencyParameter].Value)
	if err != nil {
		return nil, err
	}
	h := &handlers{
		Server: s, commands: commands, envelope: newEnvelopeSchema(commands), idempotencyKey: itemKey,
	}
	for name, parameter := range map[string]**schema.Parameter{codeParameter: &h.shownCode, pinParameter: &h.shownPIN} {
		if *parameter, err = schema.CompileParameter(c.document.Components.Parameters[name].Value); err != nil {
			return nil, err
		}
	}
	for _, served := range commands {
		e.Add(served.op.method, served.op.route, h.serveCommand(served), admissions[served.op.id]...)
	}
	routes.RegisterHandlersWithOptions(e, routes.NewStrictHandler(h, nil),
		routes.RegisterHandlersOptions{OperationMiddlewares: admissions})
	s.operational(e, registry)
	s.linkPages(e)
	s.signInPages(e)
	c.pages.Register(e)
	return e, nil
}

// private keeps the answers of the API out of caches.
func private(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		return next(c)
	}
}

// handlers implements the operations of the document.
type handlers struct {
	*Server
	commands       map[string]*command // by their events
	envelope       *schema.Schema      // of the commands of a batch
	idempotencyKey *schema.Parameter   // what an idempotency key may be
	shownCode      *schema.Parameter   // what a code that is shown may be
	shownPIN       *schema.Parameter   // what a PIN may be
}

var _ routes.StrictServerInterface = (*handlers)(nil)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.Handler.ServeHTTP(w, r) }

// Serve accepts connections until Shutdown. It always returns an error, after
// Shutdown http.ErrServerClosed.
func (s *Server) Serve(listener net.Listener) error { return s.http.Serve(listener) }

// Shutdown drains the server: /readyz says no, then no connection is accepted, the
// requests in progress are answered, and the commands in the sequencer are decided.
// What is left when the context ends is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.draining.Store(true)
	select {
	case <-time.After(s.drainDelay):
	case <-ctx.Done():
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	return errors.Join(err, s.sequencer.Stop(ctx))
}

// readyTimeout is how long /readyz waits for the database.
const readyTimeout = 2 * time.Second

// operational adds the routes for those who run the server.
func (s *Server) operational(e *echo.Echo, registry *prometheus.Registry) {
	reading := []string{http.MethodGet, http.MethodHead}
	e.Match(reading, "/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.Match(reading, "/readyz", s.ready)
	e.Match(reading, "/metrics", echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
}

// ready reports whether the server can serve: it is not stopping, and the database
// answers.
func (s *Server) ready(c echo.Context) error {
	if s.draining.Load() {
		return c.String(http.StatusServiceUnavailable, "stopping\n")
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
