package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
)

// metrics is what /metrics tells. Names follow Prometheus; no label holds free
// text of a client.
type metrics struct {
	registry   *prometheus.Registry
	operations *prometheus.HistogramVec
	errors     *prometheus.CounterVec
	sockets    prometheus.Gauge
	closed     *prometheus.CounterVec
	sent       prometheus.Counter
	reads      *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		operations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sportello_operation_seconds", Help: "Duration of GraphQL operations by root field.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"via", "kind", "field"}),
		errors:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sportello_operation_errors_total", Help: "GraphQL operations with a top-level error."}, []string{"via", "kind", "field"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sportello_sockets", Help: "WebSockets open now."}),
		closed:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sportello_sockets_closed_total", Help: "WebSockets closed, by close code."}, []string{"code"}),
		sent:    prometheus.NewCounter(prometheus.CounterOpts{Name: "sportello_sent_bytes_total", Help: "Bytes written to WebSockets and event streams."}),
		reads:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sportello_reads_total", Help: "Queries outside transactions: select, or count."}, []string{"kind"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.operations, m.errors, m.sockets, m.closed, m.sent, m.reads)
	return m
}

// watch adds what the running rooms tell of themselves.
func (m *metrics) watch(a *app) {
	m.registry.MustRegister(streamCollectors(a)...)
	m.registry.MustRegister(departmentCollector{a.catalogue}, messageCollector{a.alerts})
}

// read counts a query of the store.
func (m *metrics) read(kind string) { m.reads.WithLabelValues(kind).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) hooks() transport.Hooks {
	return transport.Hooks{
		SocketOpened: m.sockets.Inc,
		SocketClosed: func(code int, _ time.Duration) {
			m.sockets.Dec()
			m.closed.WithLabelValues(closeCode(code)).Inc()
		},
		Sent: func(bytes int) { m.sent.Add(float64(bytes)) },
		Operation: func(_ context.Context, via string, op *graphql.OperationContext, took time.Duration, errors int) {
			kind, field := rootField(op)
			m.operations.WithLabelValues(via, kind, field).Observe(took.Seconds())
			if errors > 0 {
				m.errors.WithLabelValues(via, kind, field).Inc()
			}
		},
	}
}

// closeCode keeps the label to codes of the protocol.
func closeCode(code int) string {
	if code < 1000 || code > 4999 {
		return "other"
	}
	return strconv.Itoa(code)
}

// rootField is the kind of an operation and its first root field, which the schema
// bounds; names of operations are the client's and would not be bounded.
func rootField(op *graphql.OperationContext) (kind, field string) {
	if op == nil || op.Operation == nil {
		return "unread", ""
	}
	kind = string(op.Operation.Operation)
	for _, selection := range op.Operation.SelectionSet {
		if f, ok := selection.(*ast.Field); ok && f.Definition != nil {
			return kind, f.Definition.Name
		}
	}
	return kind, ""
}

func streamCollectors(a *app) []prometheus.Collector {
	stats := a.stream.Stats()
	counter := func(name, help string, read func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(read()) })
	}
	gauge := func(name, help string, read func() int64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(read()) })
	}
	return []prometheus.Collector{
		gauge("sportello_doorbell_connected", "1 while other servers are heard through NATS; 0 while they are not, or without --nats.", a.doorbell),
		counter("sportello_events_published_total", "Events passed on by the hub.", stats.Published.Load),
		counter("sportello_events_delivered_total", "Events handed to subscriptions.", stats.Delivered.Load),
		counter("sportello_stream_overflows_total", "Readers too slow for their buffer, which went on from the table.", stats.Overflows.Load),
		counter("sportello_stream_conflated_total", "States left out for readers of the latest state.", stats.Conflated.Load),
		counter("sportello_stream_gaps_total", "Holes in the order of events; should stay 0.", stats.Gaps.Load),
		counter("sportello_events_numbered_total", "Events numbered by this replica.", stats.Numbered.Load),
		gauge("sportello_event_streams", "Event streams open now.", func() int64 { return int64(a.graph.EventStreams()) }),
		counter("sportello_audit_entries_total", "Entries appended to the audit by this server.", a.store.Audited),
		gauge("sportello_audit_unlinked", "Entries of the audit that wait to be linked; moments of work, on MySQL.", stats.Unlinked.Load),
		gauge("sportello_stream_followers", "Open subscriptions.", stats.Followers.Load),
		gauge("sportello_stream_position", "Number of the last event passed on.", stats.Position.Load),
	}
}

// doorbell is 1 while other servers are heard.
func (a *app) doorbell() int64 {
	if a.bells != nil && a.bells.Connected() {
		return 1
	}
	return 0
}

// departmentCollector tells the state of each version of each department.
type departmentCollector struct{ catalogue *catalogue.Catalogue }

// up and lost are what it tells.
func (departmentCollector) up() *prometheus.Desc {
	return prometheus.NewDesc("sportello_department_up", "1 while the department's process is ready.", []string{"department", "version", "standing", "state"}, nil)
}

func (departmentCollector) lost() *prometheus.Desc {
	return prometheus.NewDesc("sportello_department_lost_total", "Processes of the department that did not start or were lost.", []string{"department", "version"}, nil)
}

// Describe implements prometheus.Collector.
func (c departmentCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.up()
	ch <- c.lost()
}

// Collect implements prometheus.Collector.
func (c departmentCollector) Collect(ch chan<- prometheus.Metric) {
	for _, d := range c.catalogue.Plugins() {
		up := 0.0
		if d.State == catalogue.Ready {
			up = 1
		}
		ch <- prometheus.MustNewConstMetric(c.up(), prometheus.GaugeValue, up, d.Name, d.Version, string(d.Standing), string(d.State))
		ch <- prometheus.MustNewConstMetric(c.lost(), prometheus.CounterValue, float64(d.Lost), d.Name, d.Version)
	}
}

// countTime bounds the counting for one look at the metrics.
const countTime = time.Second

// messageCollector tells how many messages about alerts wait and how many were given up. It
// counts them at each look, in the database: all servers tell the same.
type messageCollector struct{ alerts *alerts.Alerts }

func (messageCollector) messages() *prometheus.Desc {
	return prometheus.NewDesc("sportello_alert_messages", "Messages about alerts that wait to be sent, or were given up.", []string{"state"}, nil)
}

// Describe implements prometheus.Collector.
func (c messageCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.messages() }

// Collect implements prometheus.Collector. While the database is away nothing is told: a 0
// would say that all is well.
func (c messageCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	waiting, dead, err := c.alerts.Messages(ctx)
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(c.messages(), prometheus.GaugeValue, float64(waiting), "waiting")
	ch <- prometheus.MustNewConstMetric(c.messages(), prometheus.GaugeValue, float64(dead), "dead")
}
