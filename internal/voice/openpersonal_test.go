package voice_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	entopening "github.com/spazio-in-comune/sportello/ent/opening"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// toTheMayor is a step of level 5 about a case of Rossi's: nobody answered in time.
func (h *house) toTheMayor(confidential bool) *ent.Escalation {
	h.t.Helper()
	file := h.file(confidential)
	first := must[voice.Stepped](h.t)(h.RaiseEscalation(h.as("rossi"), voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseID: &file, Text: "Non ho avuto risposta"})).Escalation
	up := func(who string, e *ent.Escalation) {
		must[voice.Stepped](h.t)(h.PassUpEscalation(h.as(who), voice.PassUpEscalationInput{
			IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Text: "La signora chiede il Sindaco",
		}))
	}
	up("helppoint", first)
	up("head", h.above(first.ID))
	return h.above(h.above(first.ID).ID)
}

// hang puts an open and an internal line and a paper on a case.
func (h *house) hang(file string) {
	h.write(func(ctx context.Context, tx *store.Tx) error {
		for i, internal := range []bool{false, true} {
			id := fmt.Sprintf("entr_%d", h.next())
			err := tx.CaseEntry.Create().SetID(id).SetCaseID(file).SetOrdinal(i + 1).SetAt(opening).SetKind("noted").SetInternal(internal).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return tx.CaseDocument.Create().SetID("doc_1").SetCaseID(file).SetOrdinal(1).SetDocumentID("id").
			SetLabelIt("d").SetLabelEn("d").SetState(town.DocumentRequired).Exec(ctx)
	})
}

// shown is what a viewer reads of a step and of what stands behind it.
type shown struct {
	Words, Below, Answered bool // the words on the step, on a step before it, and its answer
	Case, Open, Inner      bool // the case, its open lines, its internal ones
	Paper, Citizen         bool
}

func (h *house) shown(ctx context.Context, e *ent.Escalation) shown {
	h.t.Helper()
	history := must[[]*ent.Escalation](h.t)(h.History(ctx, e))
	if len(history) == 0 {
		return shown{}
	}
	words := func(e *ent.Escalation) bool { return must[*string](h.t)(h.Words(ctx, e)) != nil }
	db := h.store.Reader()
	return shown{
		Words: words(e), Below: words(history[0]), Answered: must[*string](h.t)(h.Answer(ctx, history[0])) != nil,
		Case:    db.CaseFile.Query().CountX(ctx) > 0,
		Open:    db.CaseEntry.Query().CountX(ctx) > 0,
		Inner:   db.CaseEntry.Query().Where(caseentry.Internal(true)).CountX(ctx) > 0,
		Paper:   db.CaseDocument.Query().CountX(ctx) > 0,
		Citizen: db.Person.Query().Where(person.ID("rossi")).CountX(ctx) > 0,
	}
}

// TestLevelFiveOpensPersonalData: before, reference, office and state; after, for eight
// hours and this viewer alone, the citizen's words and name and the case; never answers,
// documents or internal lines.
func TestLevelFiveOpensPersonalData(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.toTheMayor(false)
		h.hang(e.CaseID)
		mayor, assessore := h.as("mayor"), h.as("assessore")
		opened := shown{Words: true, Below: true, Answered: true, Case: true, Open: true, Citizen: true}
		check := func(when string, ctx context.Context, want shown) {
			t.Helper()
			if diff := cmp.Diff(want, h.shown(ctx, e)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", when, diff)
			}
		}
		check("before", mayor, shown{})
		in := voice.OpenPersonalDataInput{IdempotencyKey: "open", EscalationID: e.ID, Reason: "Preparo la risposta scritta"}
		version := h.authority.Version()
		if _, err := h.OpenPersonalData(mayor, in); err != nil {
			t.Fatal(err)
		}
		check("after", mayor, opened)
		check("another of level 5", assessore, shown{})
		until := must[*time.Time](t)(h.OpenedUntil(mayor, e))
		if until == nil || !until.Equal(opening.Add(8*time.Hour)) || h.authority.Version() == version {
			t.Errorf("open until %v; policy version %d after %d", until, h.authority.Version(), version)
		}
		if noted := access.TakeReads(mayor); noted.Reason != in.Reason {
			t.Errorf("the reason for the audit is %q", noted.Reason)
		}
		if _, err := h.OpenPersonalData(mayor, in); err != nil {
			t.Errorf("the same again: %v", err)
		}
		row := h.store.Reader().Opening.Query().OnlyX(h.system())
		reason, err := h.vault.Open(h.system(), vault.Place{Table: entopening.Table, Column: entopening.FieldReason, Row: row.ID}, row.Reason)
		if err != nil || string(reason) != in.Reason || strings.Contains(string(row.Reason), "risposta") {
			t.Errorf("the reason as it is kept: %q, %v", reason, err)
		}
		told := h.told()
		last := told[len(told)-1]
		if last.Type != town.EventEscalationOpened || last.Actor != "mayor" || last.EscalationID != e.ID {
			t.Errorf("last event: %v", last)
		}

		h.clock.Advance(8*time.Hour - time.Second)
		check("at the last moment", h.as("mayor"), opened)
		h.clock.Advance(time.Second)
		if err := h.authority.Renew(mayor); err != nil {
			t.Fatal(err)
		}
		check("when it has closed again, on a stream", mayor, shown{})
		check("when it has closed again", h.as("mayor"), shown{})
	})
}

func TestOpeningIsRefused(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	e, secret := h.toTheMayor(false), h.toTheMayor(true)
	below := h.step(e.PreviousID)
	const reason = "Preparo la risposta scritta"
	tests := map[string]struct {
		who, step, reason string
		want              town.Code
	}{
		"no reason":                  {"mayor", e.ID, " ", town.Required},
		"hardly a reason":            {"mayor", e.ID, "Perché no", town.Invalid},
		"a novel":                    {"mayor", e.ID, strings.Repeat("a", 501), town.Invalid},
		"a subject of another":       {"assessore2", e.ID, reason, town.NotFound},
		"one's subject":              {"assessore", e.ID, reason, ""},
		"confidential":               {"mayor", secret.ID, reason, town.Forbidden},
		"the citizen":                {"rossi", e.ID, reason, town.Forbidden},
		"the head":                   {"head", below.ID, reason, town.Forbidden},
		"the auditor":                {"auditor", e.ID, reason, town.Forbidden},
		"level 5 on a step below it": {"mayor", below.ID, reason, town.NotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := h.OpenPersonalData(h.as(test.who), voice.OpenPersonalDataInput{IdempotencyKey: name, EscalationID: test.step, Reason: test.reason})
			if test.want == "" && err != nil || test.want != "" && town.CodeOf(err) != test.want {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	must[voice.Stepped](t)(h.AnswerEscalation(h.as("mayor"), voice.AnswerEscalationInput{
		IdempotencyKey: "a", EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Ecco",
	}))
	if _, err := h.OpenPersonalData(h.as("mayor"), voice.OpenPersonalDataInput{IdempotencyKey: "late", EscalationID: e.ID, Reason: reason}); town.CodeOf(err) != town.PreconditionFailed {
		t.Errorf("a step that has ended: %v", err)
	}
}
