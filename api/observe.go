package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lianka/lianka/api/problem"
)

// statusGone is logged if the caller went away before the answer.
const statusGone = 499

// observe gives a request its scope and id, answers it if it fails, and records it
// in log and metrics.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		request := c.Request()
		sc := &scope{
			requestID: requestID(request.Header.Get(echo.HeaderXRequestID)), language: request.Header.Get("Accept-Language"), now: s.clock(),
		}
		c.SetRequest(request.WithContext(context.WithValue(request.Context(), scopeKey{}, sc)))
		c.Response().Header().Set(echo.HeaderXRequestID, sc.requestID)
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()

		err := guard(next, c)
		status, failure := c.Response().Status, (*problem.Problem)(nil)
		if err != nil {
			status, failure = s.fail(c, sc, err)
		}
		route := routeOf(c)
		s.metrics.observe(request.Method, route, status, time.Since(began))
		s.log(request, sc, route, status, time.Since(began), failure)
		return nil
	}
}

// guard turns a panic into an error.
func guard(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &problem.Problem{Code: problem.CodeInternalError, Cause: fmt.Errorf("panic: %v\n%s", fault, debug.Stack())}
		}
	}()
	return next(c)
}

// fail answers a request with the problem that its error is.
func (s *Server) fail(c echo.Context, sc *scope, err error) (int, *problem.Problem) {
	p := problem.Of(err)
	if errors.Is(err, errGone) || errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return statusGone, p
	}
	if errors.Is(err, errBrokenOff) {
		return problem.KindOf(p.Code).Status, p
	}
	if c.Response().Committed {
		return c.Response().Status, p
	}
	if err := writeProblem(c, sc, p); err != nil {
		return statusGone, p
	}
	return problem.KindOf(p.Code).Status, p
}

// writeProblem answers a request with a problem.
func writeProblem(c echo.Context, sc *scope, p *problem.Problem) error {
	header := c.Response().Header()
	switch p.Status() {
	case http.StatusUnauthorized:
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="lianka"`)
	case http.StatusServiceUnavailable:
		header.Set(echo.HeaderRetryAfter, "1")
	case http.StatusTooManyRequests:
		header.Set(echo.HeaderRetryAfter, retryAfter(p.RetryAt.Sub(sc.now)))
	}
	if p.Replayed {
		header.Set(headerReplayed, "true")
	}
	sc.sayLanguage(header)
	body, err := p.Document(sc.requestID, sc.chinese())
	if err != nil {
		return err
	}
	return c.Blob(p.Status(), "application/problem+json", body)
}

// retryAfter writes a time to wait in whole seconds, as the header Retry-After has it.
func retryAfter(wait time.Duration) string {
	return strconv.FormatInt(max(1, int64(math.Ceil(wait.Seconds()))), 10)
}

func (s *Server) log(request *http.Request, sc *scope, route string, status int, took time.Duration, p *problem.Problem) {
	attributes := make([]slog.Attr, 0, 10)
	attributes = append(attributes,
		slog.String("request_id", sc.requestID), slog.String("method", methodOf(request.Method)), slog.String("route", route),
		slog.Int("status", status), slog.Float64("duration_ms", float64(took.Microseconds())/1000))
	if sc.ID != "" {
		attributes = append(attributes, slog.String("key", sc.ID), slog.String("circle", sc.alliance.Code))
	}
	if sc.commands > 0 {
		attributes = append(attributes, slog.Int("commands", sc.commands), slog.Int("booked", sc.booked))
	}
	level := slog.LevelInfo
	if p != nil {
		attributes = append(attributes, attributesOf(p, sc, status)...)
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	s.logger.LogAttrs(request.Context(), level, "request", attributes...)
}

// logCommand logs a command of a batch that failed through a fault of the server.
func (s *Server) logCommand(ctx context.Context, sc *scope, kind string, at int, p *problem.Problem) {
	attributes := []slog.Attr{slog.String("request_id", sc.requestID), slog.String("type", kind), slog.Int("command", at)}
	attributes = append(attributes, attributesOf(p, sc, http.StatusInternalServerError)...)
	s.logger.LogAttrs(ctx, slog.LevelError, "command", attributes...)
}

// attributesOf returns what is logged of a problem: its code, and the cause if it is
// a fault of the server.
func attributesOf(p *problem.Problem, sc *scope, status int) []slog.Attr {
	attributes := []slog.Attr{slog.String("code", p.Code)}
	if p.Cause != nil && status >= http.StatusInternalServerError {
		attributes = append(attributes, slog.String("error", sc.redact(p.Cause.Error())))
	}
	return attributes
}

// redact removes what must not be logged from the text of an error.
func (s *scope) redact(text string) string {
	for _, hidden := range s.hidden {
		if hidden != "" {
			text = strings.ReplaceAll(text, hidden, "…")
		}
	}
	return text
}

// routeOf returns the pattern of a request's route.
func routeOf(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return "unmatched"
}

// methodOf keeps made-up methods out of logs and metrics.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return method
	}
	return "other"
}

var saneRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID returns the caller's id of a request if it is fit for the log, else a new
// one. An API key in the wrong header is not fit.
func requestID(given string) string {
	if saneRequestID.MatchString(given) && !strings.HasPrefix(given, "lk_") {
		return given
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

func statusText(status int) string { return strconv.Itoa(status) }

// metrics are the server's own, by route and status. Routes are patterns, not paths,
// so the number of series is bounded. A batch counts as one request; its commands
// are counted separately, by type and status.
type metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge
	commands  *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianka_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lianka_http_request_duration_seconds", Help: "Time from a request's head to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "lianka_http_requests_in_flight", Help: "Requests being served.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lianka_batch_commands_total", Help: "Commands answered that came with others in one request.",
		}, []string{"type", "status"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.durations, m.inFlight, m.commands} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	method = methodOf(method)
	m.requests.WithLabelValues(method, route, statusText(status)).Inc()
	m.durations.WithLabelValues(method, route).Observe(took.Seconds())
}

func (m *metrics) observeCommand(kind string, status int) {
	if kind == "" {
		kind = "unread"
	}
	m.commands.WithLabelValues(kind, statusText(status)).Inc()
}
