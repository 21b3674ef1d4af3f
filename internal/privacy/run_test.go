package privacy_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestRun: what has been kept long enough is erased, once, and nothing else.
func TestRun(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		closed := founded
		h.file(stored{id: "old", applicant: "rossi", service: "isee", practice: "bonus-sociali-verifica", phase: town.PhaseFulfilled, closed: closed})
		h.file(stored{id: "held", applicant: "rossi", service: "isee", practice: "bonus-sociali-verifica", phase: town.PhaseFulfilled, closed: closed, held: true})
		h.file(stored{id: "open", applicant: "bianchi", service: "isee", practice: "bonus-sociali-verifica", phase: town.PhaseInProgress})
		h.file(stored{id: "ever", applicant: "bianchi", service: "stato-civile", practice: "cittadinanza", phase: town.PhaseFulfilled, closed: closed})
		h.file(stored{id: "ten", applicant: "bianchi", service: "ecologia", practice: "x", phase: town.PhaseFulfilled, closed: closed})
		h.visit("vis_1", "rossi", founded)

		h.clock.Set(founded.AddDate(5, 0, 0)) // the last day itself
		if n := counts(h.run(true))["cases"]; n != 0 {
			t.Errorf("%d cases go on their last day", n)
		}
		h.clock.Set(founded.AddDate(5, 0, 1))
		want := map[string]int{"cases": 1, "visits": 1}
		for _, dry := range []bool{true, true, false} {
			if diff := cmp.Diff(want, counts(h.run(dry))); diff != "" {
				t.Errorf("dry run %v (-want +got):\n%s", dry, diff)
			}
			if kept := h.secrets(); dry != (kept["old"] > 0) || kept["held"] == 0 || kept["open"] == 0 || kept["ever"] == 0 || kept["ten"] == 0 {
				t.Errorf("after a run (dry: %v) these still hold something: %v", dry, kept)
			}
		}
		if again := h.run(false); again.Total() != 0 {
			t.Errorf("a second run erases again: %+v", again)
		}
		house := access.System(t.Context(), "test")
		old := h.store.Reader().CaseFile.GetX(house, "old")
		if old.ErasedAt == nil || old.Protocol != "2026/old" || old.Phase != town.PhaseFulfilled || old.ApplicantID != "" {
			t.Errorf("what is left of the case: %+v", old)
		}
		for id, want := range map[string]string{"old.open": "", "old.internal": "officer", "ten.open": "bianchi"} {
			if got := h.store.Reader().CaseEntry.GetX(house, id).ActorID; got != want {
				t.Errorf("the line %s names %q, want %q", id, got, want)
			}
		}
		if v := h.store.Reader().Visit.GetX(house, "vis_1"); v.PersonID != "" || v.IssuedBy != "" {
			t.Errorf("the visit names %q and %q", v.PersonID, v.IssuedBy)
		}
		if n := h.store.Reader().Event.Query().Where(event.TypeIn(town.EventCaseErased, town.EventVisitErased)).CountX(house); n != 2 {
			t.Errorf("%d events tell of it", n)
		}
	})
}

// TestNobodyIsLeft: a citizen of whom nothing else is kept is forgotten.
func TestNobodyIsLeft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.file(stored{id: "withdrawn", applicant: "rossi", service: "ecologia", practice: "x", phase: town.PhaseWithdrawn, closed: founded})
		h.file(stored{id: "open", applicant: "bianchi", service: "ecologia", practice: "x", phase: town.PhaseInProgress})
		h.clock.Set(founded.AddDate(1, 0, 1))
		if diff := cmp.Diff(map[string]int{"cases": 1, "people": 1}, counts(h.run(false))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		house := access.System(t.Context(), "test")
		rossi := h.store.Reader().Person.GetX(house, "rossi")
		if rossi.ErasedAt == nil || !rossi.Disabled || rossi.TaxCodeKey != "" || rossi.FamilyNameKey != "" || len(rossi.Sealed) > 0 || rossi.Login == "rossi" {
			t.Errorf("what is left of the person: %+v", rossi)
		}
		if key := h.store.Reader().SubjectKey.GetX(house, "rossi"); len(key.Wrapped) > 0 || key.DestroyedAt == nil {
			t.Errorf("the key is not destroyed: %+v", key)
		}
		if bianchi := h.store.Reader().Person.GetX(house, "bianchi"); bianchi.ErasedAt != nil {
			t.Error("somebody with an open case was forgotten")
		}
	})
}

// TestHoldKeeps: only who may hold does, and what is held stays.
func TestHoldKeeps(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.file(stored{id: "case_1", applicant: "rossi", service: "ecologia", practice: "x", phase: town.PhaseWithdrawn, closed: founded})
		in := privacy.LegalHoldInput{IdempotencyKey: "1", CaseID: "case_1", Reason: "Sequestro del Tribunale di Lodi"}
		for who, code := range map[string]town.Code{"officer": town.Forbidden, "rossi": town.Forbidden, "bianchi": town.NotFound} {
			if _, err := h.PlaceLegalHold(h.as(who), in); town.CodeOf(err) != code {
				t.Errorf("%s places a hold: %v, want %s", who, err, code)
			}
		}
		if file, err := h.PlaceLegalHold(h.as("auditor"), in); err != nil || !file.LegalHold {
			t.Fatalf("held: %+v, %v", file, err)
		}
		if _, err := h.PlaceLegalHold(h.as("auditor"), privacy.LegalHoldInput{IdempotencyKey: "2", CaseID: "case_1", Reason: in.Reason}); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("held twice: %v", err)
		}
		h.clock.Set(founded.AddDate(2, 0, 0))
		if n := counts(h.run(false))["cases"]; n != 0 {
			t.Errorf("a case on hold is erased")
		}
		if _, err := h.LiftLegalHold(h.as("auditor"), privacy.LegalHoldInput{IdempotencyKey: "3", CaseID: "case_1", Reason: "Dissequestro del Tribunale"}); err != nil {
			t.Fatal(err)
		}
		if n := counts(h.run(false))["cases"]; n != 1 {
			t.Errorf("after the hold %d cases are erased", n)
		}
	})
}

// TestErasePerson: whoever asks to be forgotten is told what the law keeps; then the
// key goes, and nothing opens any more.
func TestErasePerson(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.file(stored{id: "case_1", applicant: "rossi", service: "isee", practice: "x", phase: town.PhaseFulfilled, closed: founded})
		in := func(key string) privacy.ErasePersonInput {
			return privacy.ErasePersonInput{IdempotencyKey: key, PersonID: "rossi", Reason: "Richiesta ex art. 17 GDPR"}
		}
		for who, code := range map[string]town.Code{"officer": town.Forbidden, "rossi": town.Forbidden, "auditor": town.PreconditionFailed} {
			if _, err := h.ErasePerson(h.as(who), in("1 "+who)); town.CodeOf(err) != code {
				t.Errorf("%s erases a person with a case in its term: %v, want %s", who, err, code)
			}
		}
		if n := h.secrets()["case_1"]; n == 0 {
			t.Error("a refused erasure has erased something")
		}
		h.clock.Set(founded.AddDate(6, 0, 0))
		rossi := h.as("rossi")
		if id, err := h.ErasePerson(h.as("auditor"), in("2")); err != nil || id != "rossi" {
			t.Fatalf("%s, %v", id, err)
		}
		if kept := h.secrets(); kept["case_1"] > 0 {
			t.Errorf("%d sealed columns still open", kept["case_1"])
		}
		if _, err := h.authority.Refresh(viewer(rossi, t)); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("whoever was forgotten is still signed in: %v", err)
		}
		if _, err := h.ErasePerson(h.as("auditor"), in("3")); town.CodeOf(err) != town.Invalid {
			t.Errorf("erased twice: %v", err)
		}
	})
}

func viewer(ctx context.Context, t *testing.T) *access.Viewer {
	t.Helper()
	v, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h *house) run(dry bool) privacy.Report {
	h.t.Helper()
	report, err := h.Run(h.t.Context(), dry, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return report
}

func counts(r privacy.Report) map[string]int {
	n := map[string]int{}
	for _, line := range r.Lines {
		n[line.What] += line.Count
	}
	return n
}

// secrets counts by case the sealed columns that still open.
func (h *house) secrets() map[string]int {
	h.t.Helper()
	kept := map[string]int{}
	for _, column := range sealedOfCases(h.t) {
		rows, err := h.store.ReadDB().QueryContext(h.t.Context(), "SELECT id, "+column.caseColumn()+", "+column.name+" FROM "+column.table)
		if err != nil {
			h.t.Fatal(err)
		}
		for rows.Next() {
			var id, file string
			var sealed []byte
			if err := rows.Scan(&id, &file, &sealed); err != nil {
				h.t.Fatal(err)
			}
			if plain, err := h.vault.Open(access.System(h.t.Context(), "test"), column.place(id), sealed); err == nil && len(plain) > 0 {
				kept[file]++
			}
		}
		if err := rows.Err(); err != nil {
			h.t.Fatal(err)
		}
		_ = rows.Close()
	}
	return kept
}
