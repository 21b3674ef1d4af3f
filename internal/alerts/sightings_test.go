package alerts_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

// server is the room in another process, with departments of its own.
func (h *house) server(name string) (*alerts.Alerts, *hall) {
	h.t.Helper()
	rules, err := rule.Read(policies.Alerts)
	if err != nil {
		h.t.Fatal(err)
	}
	own := &hall{}
	return alerts.New(alerts.Config{
		Store: h.store, Vault: h.vault, Rules: rules, Rights: h.authority, Departments: own, Replica: name, Logger: slog.New(slog.DiscardHandler),
	}), own
}

// A department that is down on one server and up on another is down: told once, not taken
// back by the other, and over when it is up on both. What a killed server saw is forgotten.
func TestADepartmentDownOnOneServer(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first, here := h.server("first")
		second, there := h.server("second")
		set := func(of *hall, down bool) {
			of.mu.Lock()
			defer of.mu.Unlock()
			of.departments = []alerts.Department{{Service: "tributi", Office: "taxes", Down: down}}
		}
		minutes := func(n int, servers ...*alerts.Alerts) {
			for range n {
				for _, s := range servers {
					if _, err := s.Look(t.Context()); err != nil {
						t.Error(err)
					}
				}
				h.clock.Advance(time.Minute)
			}
		}
		set(here, true)
		set(there, false)
		minutes(10, first, second)
		h.only(town.AlertDepartmentDown, town.AlertOpen)
		set(there, true)
		minutes(10, second, first)
		set(here, false)
		minutes(10, first, second)
		h.only(town.AlertDepartmentDown, town.AlertOpen)
		set(there, false)
		minutes(10, first, second)
		h.only(town.AlertDepartmentDown, town.AlertResolved)

		set(here, true)
		minutes(10, first, second)
		if rows := h.all(town.AlertDepartmentDown); len(rows) != 2 {
			t.Fatalf("%d alerts after the second time, want 2", len(rows))
		}
		minutes(15, second) // the first was killed
		for _, row := range h.all(town.AlertDepartmentDown) {
			if row.State != town.AlertResolved {
				t.Errorf("what a killed server saw still counts: %v", row)
			}
		}
	})
}
