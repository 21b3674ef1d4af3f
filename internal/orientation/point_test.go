package orientation_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func both(s string) sdk.Text { return sdk.Text{IT: s, EN: s} }

// small is a service with one practice that is called so.
func small(title string) *sdk.Definition {
	return &sdk.Definition{
		Service: "prova", Version: "1.0.0", Series: "Z", Kind: "counter", DefaultRoute: "sportello",
		Title: both("Prova"), Description: both("Prova"),
		FieldGroups: map[string]sdk.FieldGroup{sdk.Applicant: {Title: both("Richiedente")}},
		Practices: []sdk.Practice{{
			ID: "pratica", Title: both(title), Summary: both("Riassunto"), ForWhom: both("tutti"), Outcome: both("esito"),
			Fees:     []sdk.Fee{{Code: "nessuno", Label: both("Nessuno"), AmountEUR: "0.00"}},
			Deadline: sdk.Term{Amount: 30, Unit: sdk.CalendarDays, From: "protocol"},
			Silence:  "none", Handling: sdk.Handling{TypicalMinutes: 15}, Confidence: "low",
		}},
	}
}

// A new version of a department is found at once, by its new words.
func TestTheIndexFollowsTheCatalogue(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	point := open(t, s)
	if hits := point.Ask("aquiloni", 5); len(hits) != 0 {
		t.Fatalf("an empty catalogue gives:%s", names(hits))
	}
	s.put(t, small("Noleggio di aquiloni"))
	if hits := point.Ask("aquilone", 5); place(hits, "pratica") != 0 {
		t.Errorf("a new department is not found:%s", names(hits))
	}
	s.put(t, small("Noleggio di barche"))
	if hits := point.Ask("aquilone", 5); len(hits) != 0 {
		t.Errorf("the old version is still found:%s", names(hits))
	}
	if hits := point.Ask("barca", 5); place(hits, "pratica") != 0 {
		t.Errorf("the new version is not found:%s", names(hits))
	}
}

// People ask while departments change.
func TestAskWhileTheCatalogueChanges(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.put(t, small("Noleggio di aquiloni"))
	point := open(t, s)
	var people sync.WaitGroup
	for range 4 {
		people.Go(func() {
			for range 50 {
				if hits := point.Ask("noleggio", 5); len(hits) != 1 {
					t.Errorf("%d answers", len(hits))
				}
			}
		})
	}
	for range 20 {
		s.put(t, small("Noleggio di barche"))
		s.put(t, small("Noleggio di aquiloni"))
	}
	people.Wait()
}

// What to do now, as the office, the channel and the state of the practice have it.
func TestNextStep(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*sdk.Definition)
		want   sdk.Text
	}{
		"a number": {
			func(*sdk.Definition) {},
			sdk.Text{
				IT: "Prendi un numero della serie Z: Sportello Polifunzionale (5 postazioni).",
				EN: "Take a number of series Z: Multi-purpose counter (5 desks).",
			},
		},
		"online": {
			func(d *sdk.Definition) { d.Practices[0].Online = sdk.Online{Possible: true, MinLoA: "L2"} },
			sdk.Text{
				IT: "Si può fare online, con SPID o CIE di livello 2. Oppure prendi un numero della serie Z: Sportello Polifunzionale (5 postazioni).",
				EN: "It can be done online, with SPID or CIE of level 2. Or take a number of series Z: Multi-purpose counter (5 desks).",
			},
		},
		"always by appointment": {
			func(d *sdk.Definition) {
				d.DefaultRoute = "stato-civile"
				d.Practices[0].Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), Effect: sdk.Effect{Appointment: "required"}}}
			},
			sdk.Text{IT: "Prenota un appuntamento: Stato Civile.", EN: "Book an appointment: Civil status."},
		},
		"by appointment in some cases": {
			func(d *sdk.Definition) {
				d.DefaultRoute = "stato-civile"
				d.Practices[0].Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), When: "resident", Effect: sdk.Effect{Appointment: "required"}}}
			},
			sdk.Text{IT: "Prendi un numero della serie Z: Stato Civile.", EN: "Take a number of series Z: Civil status."},
		},
		"another body": {
			func(d *sdk.Definition) { d.DefaultRoute = "caf" },
			sdk.Text{IT: "Rivolgiti a: CAF convenzionato.", EN: "Turn to: Tax-help centre."},
		},
		"not now": {
			func(d *sdk.Definition) {
				d.Practices[0].Status, d.Practices[0].StatusReason = sdk.StatusInactive, both("Bando chiuso")
			},
			sdk.Text{IT: "Ora non si può chiedere: Bando chiuso", EN: "It cannot be asked for now: Bando chiuso"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def := small("Noleggio di aquiloni")
			tt.change(def)
			s := &shelf{}
			s.put(t, def)
			hits := open(t, s).Ask("aquiloni", 1)
			if len(hits) != 1 {
				t.Fatalf("%d answers", len(hits))
			}
			if diff := cmp.Diff(tt.want, hits[0].NextStep); diff != "" {
				t.Errorf("next step (-want +got):\n%s", diff)
			}
			if hits[0].Cost.EN != "free" || !strings.HasPrefix(hits[0].Time.EN, "30 days") {
				t.Errorf("cost %q, time %q", hits[0].Cost, hits[0].Time)
			}
		})
	}
}
