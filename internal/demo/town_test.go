package demo_test

import (
	"context"
	"testing"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
)

// Every service has somebody in the hall, the civil registry most of all, and every
// office that receives people has somebody at its desk.
func TestTheHallIsOfAllServices(t *testing.T) {
	h, s := newHouse(t, dbtest.New(t, dbtest.SQLite), monday)
	fillDay(t, h, monday)
	ctx := access.System(context.Background(), "test")
	legs, err := s.Reader().Leg.Query().All(ctx)
	services, err := counts(legs, err, func(l *ent.Leg) string { return l.ServiceID })
	if err != nil {
		t.Fatal(err)
	}
	for _, bundled := range plugins.All() {
		n := services[bundled.Name]
		if n == 0 {
			t.Errorf("nobody is there for %s", bundled.Name)
		}
		if bundled.Name != "anagrafe" && n*3 > services["anagrafe"] {
			t.Errorf("%d are there for %s, %d for anagrafe", n, bundled.Name, services["anagrafe"])
		}
	}
	for _, office := range []string{"tributi-patrimonio", "segretariato-sociale", "sportello-messi", "stato-civile"} {
		served := false
		for _, l := range legs {
			served = served || l.OfficeID == office && l.State == town.LegServing
		}
		if !served {
			t.Errorf("nobody is being served at %s", office)
		}
	}
	open, err := s.Reader().CounterSession.Query().Where(countersession.StateEQ(town.SessionOpen)).Count(ctx)
	if err != nil || open != 8 {
		t.Errorf("%d counters are open, %v", open, err)
	}
}

// The cases are of most departments and of every office, and show what can become
// of a term.
func TestTheCasesShowWhatCanBecomeOfThem(t *testing.T) {
	h, s := newHouse(t, dbtest.New(t, dbtest.SQLite), monday)
	fillDay(t, h, monday)
	ctx := access.System(context.Background(), "test")
	cases, err := s.Reader().CaseFile.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	services, offices, confidential := map[string]int{}, map[string]int{}, 0
	byID := map[string]*ent.CaseFile{}
	for _, c := range cases {
		services[c.ServiceID]++
		offices[c.OfficeID]++
		byID[c.ID] = c
		if c.Confidential {
			confidential++
		}
	}
	if len(services) < len(plugins.All())-2 {
		t.Errorf("cases of %d services: %v", len(services), services)
	}
	if len(offices) != 7 {
		t.Errorf("cases at %d offices: %v", len(offices), offices)
	}
	if confidential != 1 {
		t.Errorf("%d confidential cases", confidential)
	}
	clocks, err := s.Reader().CaseClock.Query().Where(caseclock.KindEQ("conclusion")).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	late, near := 0, 0
	for _, k := range clocks {
		working := byID[k.CaseID].Phase == town.PhaseInProgress
		switch {
		case working && k.State == town.ClockExpired:
			late++
		case working && k.State == town.ClockRunning && k.DueAt.Before(monday.AddDate(0, 0, 7)):
			near++
		}
	}
	if late == 0 || near == 0 {
		t.Errorf("%d cases in progress are late, %d near their term", late, near)
	}
}
