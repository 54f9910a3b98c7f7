package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the server's own, by route and status. The pattern of a route
// stands for its path, so that their number is bounded. A POST of many commands
// is one request; its commands are counted apart, by type and status.
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
