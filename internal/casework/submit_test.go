package casework_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func TestResidenceBecomesACase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.clock.Set(time.Date(2026, 12, 24, 9, 0, 0, 0, time.UTC))
		file := h.file(t, "cambio-residenza", nil)

		type seen struct {
			Protocol, Service, Practice, Office, Due string
			Phase                                    town.Phase
			Channel                                  town.Channel
		}
		want := seen{"2026/000001", "anagrafe", "cambio-residenza", "sportello", "2026-12-29", town.PhaseTriage, town.ChannelDesk}
		got := seen{file.Protocol, file.ServiceID, file.PracticeID, file.OfficeID, file.DueOn.String(), file.Phase, file.Channel}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("case (-want +got):\n%s", diff)
		}
		if file.ApplicantID != mario || file.DefinitionHash == "" || file.ContentHash == "" || file.PluginVersion == "" {
			t.Errorf("not pinned, or another applicant: %+v", file)
		}

		ctx := h.as(t, officer)
		byCase, err := h.ClocksOfCases(ctx, []string{file.ID})
		if err != nil {
			t.Fatal(err)
		}
		var terms []string
		for _, c := range byCase[file.ID] {
			terms = append(terms, strings.Join([]string{c.Kind, c.LabelEn, string(c.State), c.DueOn.String(), c.OnExpiry}, " | "))
		}
		wantTerms := []string{
			"conclusion | Registration | RUNNING | 2026-12-29 | none",
			"accertamenti | Checks | RUNNING | 2027-02-08 | confirmed",
		}
		if diff := cmp.Diff(wantTerms, terms); diff != "" {
			t.Errorf("clocks (-want +got):\n%s", diff)
		}
		why, err := h.dueExplained(ctx, file)
		if err != nil || !strings.Contains(why.IT, "martedì 29 dicembre 2026") || !strings.Contains(why.EN, "Tuesday 29 December 2026") {
			t.Errorf("explained as %+v, %v", why, err)
		}
		papers, err := h.DocumentsOfCases(ctx, []string{file.ID})
		if err != nil || len(papers[file.ID]) != 1 || papers[file.ID][0].DocumentID != "documenti-componenti" {
			t.Errorf("papers %v, %v", papers, err)
		}
		decided, err := h.Decision(h.system(), file)
		if err != nil || decided.Degraded || decided.To != "sportello" || decided.Silence != "consent" {
			t.Errorf("decision %+v, %v", decided, err)
		}
		if got := h.eventTypes(t, file.ID); !slices.Equal(got, []town.EventType{town.EventCaseRegistered, town.EventIntakeReviewed}) {
			t.Errorf("events %v", got)
		}
		lines, err := h.Timeline(ctx, file.ID, town.PageArgs{})
		if err != nil || len(lines.Items) != 1 || lines.Items[0].Kind != "registered" || lines.Items[0].ActorID != operator {
			t.Errorf("history %v, %v", lines, err)
		}
	})
}

// eventTypes are the facts about a case, in the order of the log.
func (h *house) eventTypes(t testing.TB, caseID string) []town.EventType {
	t.Helper()
	rows, err := h.store.Reader().Event.Query().Where(event.CaseID(caseID)).Order(ent.Asc(event.FieldID)).All(h.system())
	if err != nil {
		t.Fatal(err)
	}
	var types []town.EventType
	for _, r := range rows {
		types = append(types, r.Type)
	}
	return types
}

func TestProblemsComeBackByField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		in := casework.SubmitIntakeInput{
			IdempotencyKey: "same", Practice: "certificato-anagrafico",
			Answers: form(t, "certificato-anagrafico", map[string]any{"copie": 11, "uso": nil, "fantasia": "segreto"}),
		}
		for _, replayed := range []bool{false, true} {
			got, err := h.SubmitIntake(h.as(t, operator), in)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != town.IntakeProblems || got.Case != nil || got.Decision != nil || got.Replayed != replayed {
				t.Errorf("got %+v", got)
			}
			var problems []string
			for _, p := range got.UserErrors {
				problems = append(problems, strings.Join(p.Path, ".")+" "+p.Detail+" "+string(p.Code))
				if p.Message == "" || p.MessageIT == "" {
					t.Errorf("problem without words: %+v", p)
				}
			}
			want := []string{
				"input.answers.uso required FIELD_PROBLEM",
				"input.answers.copie range FIELD_PROBLEM",
				"input.answers.fantasia unknown_field FIELD_PROBLEM",
			}
			if diff := cmp.Diff(want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			kept := []town.FieldProblemRecord{{Path: "uso", Code: "required"}, {Path: "copie", Code: "range"}, {Path: "fantasia", Code: "unknown_field"}}
			if diff := cmp.Diff(kept, got.Intake.Problems); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
		}
		if asked := h.departments.asked.Load(); asked != 0 {
			t.Errorf("the department was asked %d times about a form that is not valid", asked)
		}
	})
}

func TestBlockAndOverride(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		in := casework.SubmitIntakeInput{
			IdempotencyKey: "blocked", Practice: "cambio-residenza",
			Answers: form(t, "cambio-residenza", map[string]any{"titolo_occupazione": "nessun_titolo"}),
		}
		var first *casework.Decided
		for _, replayed := range []bool{false, true} {
			got, err := h.SubmitIntake(h.as(t, operator), in)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got.Decision
			}
			if diff := cmp.Diff(first, got.Decision); diff != "" || len(first.Computed) == 0 {
				t.Errorf("the first answer and its repeat (-first +repeat):\n%s", diff)
			}
			if got.Status != town.IntakeBlocked || got.Case != nil || got.Replayed != replayed || len(got.UserErrors) > 0 {
				t.Fatalf("got %+v", got)
			}
			if b := got.Decision.Blocks; len(b) != 1 || b[0].RuleID != "cambio-residenza/r2" || !strings.Contains(b[0].Text.EN, "D.L. 47/2014") {
				t.Errorf("blocks %+v", b)
			}
		}

		in.IdempotencyKey, in.OverrideNote = "override", ptr("Ordinanza del giudice esibita allo sportello")
		got, err := h.SubmitIntake(h.as(t, operator), in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != town.IntakeAccepted || !slices.Contains(got.Case.Flags, "blocked_override") || len(got.Case.OverrideNote) == 0 {
			t.Fatalf("override gave %+v", got.Case)
		}
		if got.Case.OfficeID != "sportello" || got.Decision.To != "help-point" {
			t.Errorf("the case is with %s, the person goes to %s", got.Case.OfficeID, got.Decision.To)
		}

		in.IdempotencyKey = "citizen"
		if _, err := h.SubmitIntake(h.as(t, mario), in); town.CodeOf(err) != town.NotAllowed {
			t.Errorf("a citizen went past a block: %v", err)
		}
	})
}

func TestWhoMayFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	acting := map[string]any{
		"agisce_per_altri": true, "titolo_rappresentanza": "delegato",
		"rappresentante_nome": "Anna", "rappresentante_cognome": "Bianchi", "rappresentante_cf": annaCode,
	}
	tests := map[string]struct {
		as       string
		practice string
		changes  map[string]any
		mutate   func(*casework.SubmitIntakeInput)
		want     town.Code
	}{
		"oneself":                       {as: mario},
		"another person":                {as: anna, want: town.NotAllowed},
		"for whom one represents":       {as: anna, changes: acting},
		"staff for a citizen":           {as: operator},
		"staff names the citizen":       {as: operator, mutate: func(in *casework.SubmitIntakeInput) { in.ApplicantID = ptr(mario) }},
		"staff names another one":       {as: operator, mutate: func(in *casework.SubmitIntakeInput) { in.ApplicantID = ptr(anna) }, want: town.Invalid},
		"the mayor does not file":       {as: mayor, want: town.Forbidden},
		"a form that has changed":       {as: mario, mutate: func(in *casework.SubmitIntakeInput) { in.DefinitionHash = ptr("old") }, want: town.Conflict},
		"no such practice":              {as: mario, mutate: func(in *casework.SubmitIntakeInput) { in.Practice = "nozze" }, want: town.Invalid},
		"a leg that does not exist":     {as: operator, mutate: func(in *casework.SubmitIntakeInput) { in.LegID = ptr("leg_x") }, want: town.Invalid},
		"answers that are no object":    {as: mario, mutate: func(in *casework.SubmitIntakeInput) { in.Answers = []byte("[]") }, want: town.Invalid},
		"a key that is too long":        {as: mario, mutate: func(in *casework.SubmitIntakeInput) { in.IdempotencyKey = strings.Repeat("k", 192) }, want: town.Invalid},
		"the counter only, from home":   {as: mario, practice: "carta-identita-elettronica", want: town.PreconditionFailed},
		"a note without anything to it": {as: operator, mutate: func(in *casework.SubmitIntakeInput) { in.OverrideNote = ptr("x") }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := casework.SubmitIntakeInput{
				IdempotencyKey: key(), Practice: "cambio-residenza", Answers: form(t, "cambio-residenza", tt.changes),
			}
			if tt.practice != "" {
				in.Practice = tt.practice
			}
			if tt.mutate != nil {
				tt.mutate(&in)
			}
			got, err := h.SubmitIntake(h.as(t, tt.as), in)
			if tt.want != "" {
				if town.CodeOf(err) != tt.want || err == nil {
					t.Fatalf("got %+v, %v, want %s", got, err, tt.want)
				}
				return
			}
			if err != nil || got.Status != town.IntakeAccepted || got.Case == nil {
				t.Fatalf("got %+v, %v", got, err)
			}
		})
	}
}

func TestSameRequestTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		in := casework.SubmitIntakeInput{IdempotencyKey: "once", Practice: "cambio-residenza", Answers: form(t, "cambio-residenza", nil)}
		ctx := h.as(t, operator)
		var mu sync.Mutex
		cases, first := map[string]bool{}, 0
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := h.SubmitIntake(ctx, in)
				if err != nil {
					t.Errorf("submit: %v", err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				cases[got.Case.ID] = true
				if !got.Replayed {
					first++
				}
			})
		}
		wg.Wait()
		if n := h.countCases(t); len(cases) != 1 || first != 1 || n != 1 {
			t.Errorf("%d ids answered, %d first answers, %d cases stored", len(cases), first, n)
		}
		in.Answers = form(t, "cambio-residenza", map[string]any{"nuovo_indirizzo": "Altrove 2"})
		if _, err := h.SubmitIntake(ctx, in); town.CodeOf(err) != town.IdempotencyKeyReused {
			t.Errorf("the same key with another form: %v", err)
		}
	})
}

func (h *house) countCases(t testing.TB) int {
	t.Helper()
	n, err := h.store.Reader().CaseFile.Query().Count(h.system())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestProtocolNumbersHaveNoGap(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		ctx := h.as(t, operator)
		const writers, each = 16, 4
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					in := casework.SubmitIntakeInput{IdempotencyKey: key(), Practice: "certificato-anagrafico"}
					in.Answers = form(t, in.Practice, nil)
					if i == each/2 && w%4 == 0 { // some are blocked or fail, and take no number
						in.Answers = form(t, in.Practice, map[string]any{"destinatario": "pubblica_amministrazione"})
					}
					if _, err := h.SubmitIntake(ctx, in); err != nil {
						t.Errorf("submit: %v", err)
					}
				}
			})
		}
		wg.Wait()
		rows, err := h.store.Reader().CaseFile.Query().Order(ent.Asc(casefile.FieldProtocol)).All(h.system())
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != writers*each-writers/4 {
			t.Fatalf("%d cases", len(rows))
		}
		for i, r := range rows {
			if want := protocol(2026, i+1); r.Protocol != want {
				t.Fatalf("number %d is %s, want %s", i, r.Protocol, want)
			}
		}
		h.clock.Set(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)) // it is 2027 in Rome
		if file := h.file(t, "certificato-anagrafico", nil); file.Protocol != protocol(2027, 1) {
			t.Errorf("the first of the year is %s", file.Protocol)
		}
	})
}

// A unit that fails after it took a number gives the number back.
func TestFailedFilingTakesNoNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		first := h.file(t, "certificato-anagrafico", nil)
		rename := func(to string) {
			t.Helper()
			err := h.store.InTx(h.system(), "furnish", func(ctx context.Context, tx *store.Tx) error {
				return tx.CaseFile.UpdateOneID(first.ID).SetProtocol(to).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		rename(protocol(2026, 2)) // the next case cannot be written
		in := casework.SubmitIntakeInput{IdempotencyKey: "fails", Practice: "certificato-anagrafico", Answers: form(t, "certificato-anagrafico", nil)}
		if _, err := h.SubmitIntake(h.as(t, operator), in); err == nil || town.IsUserError(err) {
			t.Fatalf("a fault of the database gave %v", err)
		}
		if n := h.countCases(t); n != 1 {
			t.Errorf("%d cases after the fault", n)
		}
		rename(protocol(2026, 1))
		got, err := h.SubmitIntake(h.as(t, operator), in) // a fault is not remembered: the same key may try again
		if err != nil || got.Case.Protocol != protocol(2026, 2) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func protocol(year, n int) string { return fmt.Sprintf("%d/%06d", year, n) }

func TestTurnedIntoAnotherPractice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	// Who returns from abroad files a change of residence; its form asks more.
	in := casework.SubmitIntakeInput{
		IdempotencyKey: "turned", Practice: "aire", Answers: form(t, "aire", map[string]any{"tipo_aire": "rimpatrio"}),
	}
	for _, replayed := range []bool{false, true} {
		got, err := h.SubmitIntake(h.as(t, operator), in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != town.IntakeProblems || got.Intake.PracticeID != "cambio-residenza" || got.Replayed != replayed {
			t.Fatalf("got %+v", got)
		}
		first := got.UserErrors[0]
		if first.Detail != "practice=cambio-residenza" || !slices.Equal(first.Path, []string{"input", "practice"}) {
			t.Errorf("first problem %+v", first)
		}
		if len(got.UserErrors) < 5 || got.UserErrors[1].Detail != "required" {
			t.Errorf("the other form's questions: %v", got.UserErrors)
		}
	}
}

func TestLinkedPractice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.departments.answer(&sdk.ReviewResponse{Fired: []sdk.Fired{{
		RuleID: "tari-dichiarazione/r9", Words: sdk.Text{IT: "x", EN: "x"}, Effect: sdk.Effect{Set: "linked_practice=certificato-anagrafico"},
	}}})
	got, err := h.SubmitIntake(h.as(t, headTaxes), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: "tari-dichiarazione", Answers: form(t, "tari-dichiarazione", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := h.Case(h.system(), got.Case.LinkedCaseID)
	if err != nil {
		t.Fatal(err)
	}
	if file.PracticeID != "certificato-anagrafico" || file.LinkedCaseID != got.Case.ID || file.OfficeID != "sportello" {
		t.Errorf("linked case %+v", file)
	}
	if !slices.Contains(file.Flags, "integration_pending") {
		t.Errorf("the second form was not filled, flags %v", file.Flags)
	}
	if got.LinkedCase == nil || got.LinkedCase.ID != file.ID {
		t.Errorf("who filed both sees %v", got.LinkedCase)
	}
	if got.Case.Protocol != protocol(2026, 1) || file.Protocol != protocol(2026, 2) {
		t.Errorf("protocols %s and %s", got.Case.Protocol, file.Protocol)
	}
}

// TestLinkedPracticeNeedsALevel: what a citizen could not file is not opened for them by way
// of another request.
func TestLinkedPracticeNeedsALevel(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.departments.answer(&sdk.ReviewResponse{Fired: []sdk.Fired{{
		RuleID: "tari-dichiarazione/r9", Words: sdk.Text{IT: "x", EN: "x"}, Effect: sdk.Effect{Set: "linked_practice=convivenza-di-fatto"},
	}}})
	for level, opened := range map[town.Assurance]bool{town.AssuranceSubstantial: false, town.AssuranceHigh: true} {
		v, err := h.authority.Enter(access.Viewer{ID: mario, Assurance: level})
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.SubmitIntake(access.With(t.Context(), v), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "tari-dichiarazione", Answers: form(t, "tari-dichiarazione", nil),
		})
		if err != nil || got.Case == nil {
			t.Fatalf("%s: %+v, %v", level, got, err)
		}
		if (got.LinkedCase != nil) != opened || (got.Case.LinkedCaseID != "") != opened {
			t.Errorf("at %s a second case is opened: %v, want %v", level, got.LinkedCase != nil, opened)
		}
		if got.Decision.Set["linked_practice"] != "convivenza-di-fatto" {
			t.Errorf("the decision does not name it: %v", got.Decision.Set)
		}
	}
}

func TestDepartmentDown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.departments.set("anagrafe", true)
		// From abroad the department would send to another office, and ask a passport.
		abroad := map[string]any{
			"provenienza": "estero", "stato_provenienza": "FR", "cittadinanza": "FR", "comune_provenienza": nil, "bisogno_prioritario": "gravidanza",
		}
		file := h.file(t, "cambio-residenza", abroad)
		if !file.Degraded || !slices.Contains(file.Flags, "plugin_degraded") || file.OfficeID != "sportello" {
			t.Fatalf("taken in as %+v", file)
		}
		if file.Priority != town.P1 || file.DueOn.String() != "2026-11-25" {
			t.Errorf("the town's own rules and the term hold: priority %s, due %s", file.Priority, file.DueOn)
		}
		if n, err := h.ReviewDegraded(context.Background()); n != 0 || err != nil {
			t.Fatalf("reviewed %d while down, %v", n, err)
		}
		h.departments.set("anagrafe", false)
		if n, err := h.ReviewDegraded(context.Background()); n != 1 || err != nil {
			t.Fatalf("reviewed %d, %v", n, err)
		}
		if n, err := h.ReviewDegraded(context.Background()); n != 0 || err != nil {
			t.Fatalf("reviewed again: %d, %v", n, err)
		}
		after, err := h.Case(h.as(t, officer), file.ID)
		if err != nil {
			t.Fatal(err)
		}
		decided, err := h.Decision(h.system(), after)
		if err != nil || decided.Degraded || decided.To != "stato-civile" || after.Degraded || slices.Contains(after.Flags, "plugin_degraded") {
			t.Errorf("after the review %+v, %+v, %v", after, decided, err)
		}
		papers, err := h.DocumentsOfCases(h.as(t, officer), []string{file.ID})
		if err != nil || !slices.ContainsFunc(papers[file.ID], func(d *ent.CaseDocument) bool { return d.DocumentID == "passaporto" }) {
			t.Errorf("papers %v, %v", papers, err)
		}
		lines, err := h.Timeline(h.as(t, officer), file.ID, town.PageArgs{})
		if err != nil || lines.Items[len(lines.Items)-1].Data["belongs_to"] != "stato-civile" {
			t.Errorf("history %+v, %v", lines.Items, err)
		}
	})
}

func TestBrokenDepartmentCountsAsDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.departments.answer(&sdk.ReviewResponse{Fired: []sdk.Fired{{RuleID: "x/r1", Effect: sdk.Effect{To: "atlantide"}}}})
	if file := h.file(t, "certificato-anagrafico", nil); !file.Degraded || file.OfficeID != "sportello" {
		t.Errorf("got %+v", file)
	}
}

func TestPreviewStoresNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	got, err := h.PreviewIntake(h.as(t, mario), casework.PreviewIntakeInput{Practice: "cambio-residenza", Answers: form(t, "cambio-residenza", nil)})
	if err != nil || len(got.UserErrors) > 0 || got.Decision == nil || got.Decision.To != "sportello" {
		t.Fatalf("got %+v, %v", got, err)
	}
	got, err = h.PreviewIntake(h.as(t, mario), casework.PreviewIntakeInput{Practice: "cambio-residenza", Answers: form(t, "cambio-residenza", map[string]any{"nome": " "})})
	if err != nil || len(got.UserErrors) != 1 || got.Decision != nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	// Facts about others are not for guessing.
	got, err = h.PreviewIntake(h.as(t, anna), casework.PreviewIntakeInput{Practice: "cambio-residenza", Answers: form(t, "cambio-residenza", nil)})
	if err != nil || len(got.UserErrors) != 1 || got.UserErrors[0].Code != town.NotAllowed {
		t.Fatalf("got %+v, %v", got, err)
	}
	if n, err := h.store.Reader().Intake.Query().Count(h.system()); n != 0 || err != nil || h.countCases(t) != 0 {
		t.Errorf("%d intakes stored, %v", n, err)
	}
}
