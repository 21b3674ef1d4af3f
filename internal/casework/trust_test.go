package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// What could break the trust of the citizen, one test each.

func TestRefusedWithTheReasonAndNotWithAnError(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.registers.facts.Resident = ptr(false)
	got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: "certificato-anagrafico",
		Answers: form(t, "certificato-anagrafico", map[string]any{"destinatario": "pubblica_amministrazione"}),
	})
	if err != nil || got.Status != town.IntakeBlocked || len(got.UserErrors) > 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	block := got.Decision.Blocks[0]
	if !strings.Contains(block.Text.IT, "Art. 40 DPR 445/2000") || !strings.Contains(block.Text.EN, "self-declaration") {
		t.Errorf("block %+v", block)
	}
	if diff := cmp.Diff([]string{"certificato-anagrafico/r1"}, got.Intake.Blocks); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if len(got.Decision.Hints) == 0 || !strings.Contains(got.Decision.Hints[0].EN, "self-declaration") {
		t.Errorf("the operator is told nothing: %+v", got.Decision.Hints)
	}
}

func TestThirdVisitWithAnOpenCaseGoesToTheHelpPoint(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.hall.facts.VisitsLast30Days = ptr(3)
	submit := func() *casework.Submitted {
		t.Helper()
		got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "certificato-anagrafico", Answers: form(t, "certificato-anagrafico", nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if first := submit(); first.Decision.To != "sportello" {
		t.Errorf("without an open case: to %s", first.Decision.To)
	}
	second := submit()
	if second.Decision.To != town.OfficeHelpPoint || !slices.Contains(second.Case.Flags, "potential_duplicate") {
		t.Errorf("with an open case: to %s, flags %v", second.Decision.To, second.Case.Flags)
	}
	h.hall.facts.VisitsLast30Days = ptr(2)
	if third := submit(); third.Decision.To != "sportello" {
		t.Errorf("on the second visit: to %s", third.Decision.To)
	}
}

func TestHolidaysMoveTheDueDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	tests := []struct{ name, practice, filed, due string }{
		{"4 October 2027 is a holiday", "cambio-residenza", "2027-10-01", "2027-10-05"},
		{"30 days end on San Carlo", "tari-riduzioni-rateizzazione", "2026-10-05", "2026-11-05"},
		{"the card printer keeps no San Carlo", "carta-identita-elettronica", "2026-11-02", "2026-11-09"},
	}
	for _, tt := range tests {
		filed, err := time.Parse(time.DateOnly, tt.filed)
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Set(filed.Add(9 * time.Hour))
		changes := map[string]any{}
		switch tt.practice {
		case "cambio-residenza":
			changes["data_trasferimento"] = tt.filed
		case "tari-riduzioni-rateizzazione":
			changes["isee_anno"] = filed.Year()
		}
		if file := h.file(t, tt.practice, changes); file.DueOn.String() != tt.due {
			t.Errorf("%s: due on %s, want %s", tt.name, file.DueOn, tt.due)
		}
	}
}

func TestWrongRegimeIsBlockedBeforeTheFee(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for _, down := range []bool{false, true} {
		h.departments.set("isee", down)
		got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "presentazione-isee-agevolazioni",
			Answers: form(t, "presentazione-isee-agevolazioni", map[string]any{"isee_regime": "inclusione_familiare_2026"}),
		})
		if err != nil || got.Status != town.IntakeBlocked || got.Case != nil {
			t.Fatalf("department down: %t: got %+v, %v", down, got, err)
		}
		if diff := cmp.Diff([]string{"global/isee-regime"}, got.Intake.Blocks); diff != "" {
			t.Errorf("department down: %t: blocks (-want +got):\n%s", down, diff)
		}
	}
}

func TestOmocodiaIsAccepted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", map[string]any{"codice_fiscale": "RSSMRA80A01F2LRD"})
	if file.ApplicantID == "" || file.ApplicantID == mario {
		t.Errorf("applicant %s", file.ApplicantID)
	}
	again := h.file(t, "certificato-anagrafico", map[string]any{"codice_fiscale": "RSSMRA80A01F2LRD"})
	if again.ApplicantID != file.ApplicantID {
		t.Errorf("the same code is two people: %s and %s", file.ApplicantID, again.ApplicantID)
	}
}

func TestTwoDestinationsTheFirstRuleWins(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: "cambio-residenza", OverrideNote: ptr("Ordinanza del giudice"),
		Answers: form(t, "cambio-residenza", map[string]any{
			"provenienza": "estero", "stato_provenienza": "FR", "comune_provenienza": nil, "titolo_occupazione": "nessun_titolo",
		}),
	})
	if err != nil || got.Status != town.IntakeAccepted {
		t.Fatalf("got %+v, %v", got, err)
	}
	d := got.Decision
	if d.To != "stato-civile" || len(d.Alternatives) != 1 || d.Alternatives[0].To != town.OfficeHelpPoint || d.Alternatives[0].Words.IT == "" {
		t.Errorf("to %s, alternatives %+v", d.To, d.Alternatives)
	}
	if got.Case == nil || got.Case.OfficeID != "stato-civile" {
		t.Errorf("who filed it for another office reads it back: %+v", got.Case)
	}
}

// Silence decides from the day after the last day, and then a late measure has no
// effect (art. 2 c. 8-bis).
func TestSilenceDecides(t *testing.T) {
	t.Parallel()
	for silence, want := range map[string]town.Phase{"consent": town.PhaseDeemedGranted, "refusal": town.PhaseDeemedRefused} {
		t.Run(silence, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, dbtest.New(t, dbtest.SQLite))
			h.departments.answer(silenceMeans(silence))
			file := h.file(t, "tari-riduzioni-rateizzazione", nil)
			h.clock.Set(time.Date(2026, 12, 23, 23, 0, 0, 0, time.UTC)) // midnight in Rome
			if n, err := h.ExpireDue(context.Background()); n != 1 || err != nil {
				t.Fatalf("%d terms passed, %v", n, err)
			}
			after, err := h.Case(h.as(t, headTaxes), file.ID)
			if err != nil || after.Phase != want || slices.Contains(after.Flags, "overdue") {
				t.Fatalf("after silence %+v, %v", after, err)
			}
			_, err = h.TakeCaseInCharge(h.as(t, headTaxes), casework.CaseInput{CaseID: file.ID, ExpectedVersion: after.Version})
			if town.CodeOf(err) != town.PreconditionFailed {
				t.Errorf("taken in charge after silence: %v", err)
			}
		})
	}
}

// silenceMeans is the answer of a department for whom silence has that meaning.
func silenceMeans(meaning string) *sdk.ReviewResponse {
	return &sdk.ReviewResponse{Fired: []sdk.Fired{{
		RuleID: "tari-riduzioni-rateizzazione/r9", Words: sdk.Text{IT: "x", EN: "x"}, Effect: sdk.Effect{Silence: meaning},
	}}}
}

// Whoever is refused, in words or by silence, knows where to appeal and until when.
func TestARefusalStartsTheAppeal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		appeal := func(id, filed string, state town.ClockState, due string) {
			t.Helper()
			byCase, err := h.ClocksOfCases(h.as(t, mario), []string{id})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range byCase[id] {
				if c.Kind != "ricorso" {
					continue
				}
				if c.State != state || c.DueOn.String() != due || !strings.Contains(c.NoteIt, "difensore civico") {
					t.Errorf("%s: appeal %s until %s: %s", filed, c.State, c.DueOn, c.NoteIt)
				}
				return
			}
			t.Errorf("%s: no term of appeal", filed)
		}
		silent := h.file(t, "accesso-atti-edilizi", nil) // Monday 23 November: until 23 December
		refused := h.file(t, "accesso-atti-edilizi", nil)
		appeal(silent.ID, "filed", town.ClockPending, "")

		taken, err := h.TakeCaseInCharge(h.as(t, head), casework.CaseInput{CaseID: refused.ID, ExpectedVersion: refused.Version})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.DecideCase(h.as(t, head), casework.DecideCaseInput{
			IdempotencyKey: key(), CaseID: refused.ID, ExpectedVersion: taken.Version, Outcome: life.Refused, Reasons: "Manca un interesse diretto.",
		})
		if err != nil {
			t.Fatal(err)
		}
		appeal(refused.ID, "refused in words", town.ClockRunning, "2026-12-23")
		h.clock.Set(time.Date(2026, 12, 23, 23, 0, 0, 0, time.UTC)) // midnight in Rome
		if _, err := h.ExpireDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		appeal(silent.ID, "refused by silence", town.ClockRunning, "2027-01-22")
	})
}

// Nothing of what a citizen wrote stands anywhere but in the case's answers.
func TestNoValueInIntakeOrEvents(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	const secret = "Via del Segreto 7"
	h.file(t, "cambio-residenza", map[string]any{"nuovo_indirizzo": secret})
	_, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: "cambio-residenza",
		Answers: form(t, "cambio-residenza", map[string]any{"nuovo_indirizzo": secret, "data_nascita": "ieri"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	tables := []string{"intakes", "events", "case_files", "case_entries", "case_documents", "case_clocks", "clock_entries", "idempotencies"}
	for _, table := range tables {
		for _, row := range h.dump(t, table) {
			if strings.Contains(row, secret) || strings.Contains(row, marioCode) {
				t.Errorf("%s keeps what the citizen wrote: %s", table, row)
			}
		}
	}
}

// dump reads all rows of a table as text.
func (h *house) dump(t testing.TB, table string) []string {
	t.Helper()
	rows, err := h.store.ReadDB().QueryContext(context.Background(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var dumped []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new([]byte)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		var row strings.Builder
		for _, c := range cells {
			row.Write(*c.(*[]byte))
			row.WriteByte(' ')
		}
		dumped = append(dumped, row.String())
	}
	if len(dumped) == 0 {
		t.Errorf("%s is empty: nothing was looked at", table)
	}
	return dumped
}
