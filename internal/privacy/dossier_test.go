package privacy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestExport: a person gets all that is kept about them, and nothing that is the
// office's own; whoever opens it is in the trail.
func TestExport(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.file(stored{id: "case_1", applicant: "rossi", service: "isee", practice: "x", phase: town.PhaseFulfilled, closed: founded})
		h.file(stored{id: "case_2", applicant: "bianchi", service: "isee", practice: "y", phase: town.PhaseInProgress})
		h.visit("vis_1", "rossi", founded)
		h.told("rossi", "mario@example.org")
		h.told("bianchi", "anna@example.org")
		for who, ask := range map[string]string{"rossi": "", "auditor": "rossi"} {
			ctx := h.as(who)
			d, err := h.Export(ctx, ask)
			if err != nil {
				t.Fatalf("%s: %v", who, err)
			}
			text, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			page, err := d.Page()
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"Mario", "RSSMRA80A01F205X", "2026/case_1", "malattia", "diabete", "note of case_1.open", "Laura Conti", "mario@example.org", string(town.EventEscalationTaken)} {
				if !strings.Contains(string(text), want) || !strings.Contains(page, want) {
					t.Errorf("%s: %q is missing", who, want)
				}
			}
			for _, not := range []string{"internal", "case_2", "Bianchi", "anna@example.org"} {
				if strings.Contains(string(text), not) || strings.Contains(page, not) {
					t.Errorf("%s: %q is in it", who, not)
				}
			}
			if strings.Contains(page, "<b>mellito") {
				t.Errorf("%s: what people wrote becomes part of the page", who)
			}
			if n := len(access.TakeReads(ctx).Reads); n < 6 {
				t.Errorf("%s: the trail names %d opened columns", who, n)
			}
			if len(d.Cases) != 1 || len(d.Visits) != 1 || len(d.Escalations) != 1 || len(d.Feedback) != 1 || d.Cases[0].KeptUntil != "2031-11-23" {
				t.Errorf("%s: %+v", who, d)
			}
		}
	})
}

// TestExportIsRefused: nobody learns who there is.
func TestExportIsRefused(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for who, ask := range map[string]string{"rossi": "bianchi", "officer": "rossi", "bianchi": "nobody", "auditor": "officer"} {
			if _, err := h.Export(h.as(who), ask); town.CodeOf(err) != town.NotFound {
				t.Errorf("%s asks for %s: %v", who, ask, err)
			}
		}
	})
}

// TestExportNeedsALevel: whoever signed in with a password only reads of nobody's cases,
// their own included.
func TestExportNeedsALevel(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for level, want := range map[town.Assurance]town.Code{"": town.Forbidden, town.AssuranceLow: town.Forbidden, town.AssuranceSubstantial: ""} {
			v, err := h.authority.Enter(access.Viewer{ID: "rossi", Assurance: level})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Export(access.With(t.Context(), v), ""); err == nil != (want == "") || err != nil && town.CodeOf(err) != want {
				t.Errorf("at %q: %v", level, err)
			}
		}
	})
}
