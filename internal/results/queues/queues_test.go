package queues_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/results/queues"
)

// model are the properties of QueueMonitor 0.0.1 and of the common schema that it takes
// in, with the JSON type of each; serviceStatus is one of three words.
func model() map[string]string {
	return map[string]string{
		"id": "string", "type": "string", "dateCreated": "string", "dateModified": "string", "source": "string", "name": "string",
		"alternateName": "string", "description": "string", "dataProvider": "string", "areaServed": "string",
		"localId": "string", "officeName": "string", "serviceName": "string", "serviceId": "string", "serviceStatus": "string",
		"serviceStatusNote": "string", "scheduleTime": "string", "queueLine": "string", "linePriority": "integer",
		"lastTicketIssued": "integer", "lastTicketIssuedLabel": "string", "ticketServed": "integer", "ticketServedLabel": "string",
		"ticketsToServe": "integer",
	}
}

func monitors() []queues.Monitor {
	return queues.New([]queues.Line{{
		Site: "site_1", Office: "sportello", Series: "A", OfficeName: "Sportello", ServiceID: "anagrafe", ServiceName: "Anagrafe",
		Status: queues.Open, LastIssued: 33, IssuedLabel: "A033", LastCalled: 21, CalledLabel: "A021", Waiting: 12,
	}, {Site: "site_1", Office: "messi", Series: "M", Status: queues.Closed}}, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
}

// Every property is one of the model, of its type, and what the model requires is there.
func TestMonitorsAreOfTheModel(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func([]queues.Monitor) ([]byte, error){"NGSI-LD": queues.NGSILD, "NGSI-v2": queues.JSON} {
		text, err := write(monitors())
		if err != nil {
			t.Fatal(err)
		}
		var entities []map[string]any
		if err := json.Unmarshal(text, &entities); err != nil || len(entities) != 2 {
			t.Fatalf("%s: %d entities, %v", name, len(entities), err)
		}
		for _, e := range entities {
			_, explained := e["@context"]
			if explained != (name == "NGSI-LD") {
				t.Errorf("%s: a context is there: %v", name, explained)
			}
			delete(e, "@context")
			for property, value := range e {
				switch value := value.(type) {
				case string:
					if model()[property] != "string" {
						t.Errorf("%s: %s is a string", name, property)
					}
				case float64:
					if model()[property] != "integer" || value != float64(int(value)) {
						t.Errorf("%s: %s is %v", name, property, value)
					}
				default:
					t.Errorf("%s: %s is %T", name, property, value)
				}
			}
			if id, _ := e["id"].(string); !strings.HasPrefix(id, "urn:ngsi-ld:QueueMonitor:") || e["type"] != "QueueMonitor" {
				t.Errorf("%s: %v is a %v", name, e["id"], e["type"])
			}
			if _, err := time.Parse(time.RFC3339, e["dateModified"].(string)); err != nil {
				t.Error(err)
			}
			switch e["serviceStatus"] {
			case "Open", "Closed", "Suspended":
			default:
				t.Errorf("%s: the status is %v", name, e["serviceStatus"])
			}
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	text, err := queues.CSV(monitors())
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for _, column := range lines[0] {
		if model()[column] == "" {
			t.Errorf("the column %s is no property", column)
		}
	}
	if got := strings.Join(lines[1], "|"); !strings.HasSuffix(got, "|Open|A|33|A033|21|A021|12") {
		t.Errorf("the first line is %s", got)
	}
}
