package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

const soundLevels = "act, case:read, L2\nact, case:read_personal, L2\nact, case:file_own, L2\n"

func TestLevelToFile(t *testing.T) {
	t.Parallel()
	levels, err := access.NewLevels("# a comment\n" + soundLevels + "service, births, L3\npractice, copy, L1\npractice, oath, L3\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		service, practice string
		asked, want       town.Assurance
	}{
		"as the department asks":      {"taxes", "tax", "L1", "L1"},
		"the department asks nothing": {"taxes", "tax", "", "L2"},
		"the service asks more":       {"births", "extract", "L2", "L3"},
		"the department asks more":    {"taxes", "tax", "L3", "L3"},
		"a practice by name, lower":   {"births", "copy", "L3", "L1"},
		"a practice by name, higher":  {"taxes", "oath", "L1", "L3"},
	} {
		if got := levels.ToFile(tc.service, tc.practice, tc.asked); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestLevelsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	if _, err := access.NewLevels(policies.Assurance); err != nil {
		t.Fatalf("the town's own: %v", err)
	}
	for name, text := range map[string]string{
		"no such level":         soundLevels + "service, births, L4\n",
		"no level":              soundLevels + "service, births,\n",
		"no such kind":          soundLevels + "office, births, L3\n",
		"no name":               soundLevels + "service, , L3\n",
		"an act without levels": soundLevels + "act, case:decide, L3\n",
		"twice":                 soundLevels + "service, births, L3\nservice, births, L2\n",
		"an act twice":          soundLevels + "act, case:read, L3\n",
		"two columns":           soundLevels + "service, births\n",
		"nothing on reading":    strings.Replace(soundLevels, "act, case:read, L2\n", "", 1),
		"nothing at all":        "",
	} {
		if _, err := access.NewLevels(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestACitizenReadsTheirCasesOnceTheyAreKnown: below the level of the personal area a
// citizen is no party to a case; visits, and what staff do, need none.
func TestACitizenReadsTheirCasesOnceTheyAreKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		for _, level := range []town.Assurance{"", town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh} {
			v, err := h.Enter(access.Viewer{ID: "rossi", Assurance: level, Expires: time.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			ctx := access.With(t.Context(), v)
			cases, err := h.store.Reader().CaseFile.Query().Count(ctx)
			if err != nil {
				t.Fatal(err)
			}
			documents, err := h.store.Reader().CaseDocument.Query().Count(ctx)
			if err != nil {
				t.Fatal(err)
			}
			visits, err := h.store.Reader().Visit.Query().Count(ctx)
			if err != nil {
				t.Fatal(err)
			}
			known := level.Reaches(town.AssuranceSubstantial)
			event := town.Event{Type: town.EventCaseDecided, Parties: []string{"rossi"}}
			got := []bool{cases > 0, documents > 0, visits > 0, v.MaySee(event), v.LevelToFile("taxes", "tax", "L1") == ""}
			if diff := cmp.Diff([]bool{known, known, true, known, level != ""}, got); diff != "" {
				t.Errorf("at level %q: cases, documents, visits, events, filing (-want +got):\n%s", level, diff)
			}
		}
		officer, err := h.Enter(access.Viewer{ID: "officer.births"})
		if err != nil {
			t.Fatal(err)
		}
		if !officer.CanAsParty(access.CaseRead) || officer.LevelToFile("births", "extract", "L3") != "" {
			t.Error("a level is asked of staff")
		}
	})
}
