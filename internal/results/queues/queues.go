// Package queues makes open data of the queues of a site at one moment, as anybody in the
// hall can see them: numbers, no persons. The model is QueueMonitor of the Smart Data Models
// (smart-data-models/dataModel.QueueManagement), for context brokers of FIWARE. It reads no
// database and no clock.
package queues

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Status is whether people are being called.
type Status string

// The statuses, as the model names them.
const (
	Open      Status = "Open"
	Suspended Status = "Suspended" // those who call have a break
	Closed    Status = "Closed"
)

// Monitor is one line of people at one office, with the property names of the model. The
// levels of priority are not lines of their own here, so linePriority is left out.
type Monitor struct {
	ID           string `json:"id"`
	Type         string `json:"type"`
	DateModified string `json:"dateModified"`
	Name         string `json:"name"`
	// LocalID is the office and the series, such as "sportello/A".
	LocalID       string `json:"localId"`
	OfficeName    string `json:"officeName"`
	ServiceName   string `json:"serviceName"`
	ServiceID     string `json:"serviceId"`
	ServiceStatus Status `json:"serviceStatus"`
	QueueLine     string `json:"queueLine"`
	// LastTicketIssued is the last number of the series given for this office today;
	// TicketServed the one called last. Zero and an empty label are none yet.
	LastTicketIssued      int    `json:"lastTicketIssued"`
	LastTicketIssuedLabel string `json:"lastTicketIssuedLabel"`
	TicketServed          int    `json:"ticketServed"`
	TicketServedLabel     string `json:"ticketServedLabel"`
	TicketsToServe        int    `json:"ticketsToServe"`
}

// Line is what a monitor is made of.
type Line struct {
	Site, Office, Series     string
	OfficeName               string
	ServiceID, ServiceName   string
	Status                   Status
	LastIssued, LastCalled   int
	IssuedLabel, CalledLabel string
	Waiting                  int
}

// New makes the monitors of the lines, as of a moment.
func New(lines []Line, at time.Time) []Monitor {
	all := make([]Monitor, len(lines))
	for i, l := range lines {
		all[i] = Monitor{
			ID: fmt.Sprintf("urn:ngsi-ld:QueueMonitor:%s:%s:%s", l.Site, l.Office, l.Series), Type: "QueueMonitor",
			DateModified: at.UTC().Format(time.RFC3339), Name: l.OfficeName + " · " + l.ServiceName,
			LocalID: l.Office + "/" + l.Series, OfficeName: l.OfficeName, ServiceName: l.ServiceName, ServiceID: l.ServiceID,
			ServiceStatus: l.Status, QueueLine: l.Series,
			LastTicketIssued: l.LastIssued, LastTicketIssuedLabel: l.IssuedLabel,
			TicketServed: l.LastCalled, TicketServedLabel: l.CalledLabel, TicketsToServe: l.Waiting,
		}
	}
	return all
}

// contextOf is where the model's terms are explained.
const contextOf = "https://raw.githubusercontent.com/smart-data-models/dataModel.QueueManagement/master/context.jsonld"

// NGSILD are the monitors as NGSI-LD entities, in the simplified (keyValues) form.
func NGSILD(monitors []Monitor) ([]byte, error) {
	type entity struct {
		Monitor
		Context []string `json:"@context"`
	}
	all := make([]entity, len(monitors))
	for i, m := range monitors {
		all[i] = entity{m, []string{contextOf, "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"}}
	}
	return written(all)
}

// JSON are the monitors as plain JSON, which is the keyValues form of NGSI-v2 as well.
func JSON(monitors []Monitor) ([]byte, error) { return written(monitors) }

func written(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the queues: %w", err)
	}
	return append(text, '\n'), nil
}

// CSV are the monitors as a table (RFC 4180) with the property names as its head.
func CSV(monitors []Monitor) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{{
		"id", "dateModified", "localId", "officeName", "serviceName", "serviceId", "serviceStatus", "queueLine",
		"lastTicketIssued", "lastTicketIssuedLabel", "ticketServed", "ticketServedLabel", "ticketsToServe",
	}}
	for _, m := range monitors {
		lines = append(lines, []string{
			m.ID, m.DateModified, m.LocalID, m.OfficeName, m.ServiceName, m.ServiceID, string(m.ServiceStatus), m.QueueLine,
			strconv.Itoa(m.LastTicketIssued), m.LastTicketIssuedLabel, strconv.Itoa(m.TicketServed), m.TicketServedLabel, strconv.Itoa(m.TicketsToServe),
		})
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write the queues: %w", err)
	}
	return out.Bytes(), nil
}
