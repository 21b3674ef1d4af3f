package casework_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The life of a case from the desk to the delivery, as the people of each role do it.
func TestFromTriageToFulfilment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "cambio-residenza", nil)
		step := func(name string, got *ent.CaseFile, err error, want town.Phase) {
			t.Helper()
			if err != nil || got.Phase != want || got.Version != file.Version+1 {
				t.Fatalf("%s: %+v, %v, want phase %s", name, got, err, want)
			}
			file = got
		}
		at := func() int { return file.Version }

		got, err := h.AssignCase(h.as(t, head), casework.AssignCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), PersonID: officer})
		step("assign", got, err, town.PhaseInProgress)
		got, err = h.TakeCaseInCharge(h.as(t, officer), casework.CaseInput{CaseID: file.ID, ExpectedVersion: at()})
		step("take in charge", got, err, town.PhaseInProgress)
		_, err = h.ProposeDecision(h.as(t, officer), casework.ProposeDecisionInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Outcome: life.Granted, Reasons: "in ordine"})
		if town.CodeOf(err) != town.PreconditionFailed {
			t.Fatalf("proposed without papers: %v", err)
		}
		got, err = h.RequestDocuments(h.as(t, officer), casework.RequestDocumentsInput{
			IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Documents: []string{"documenti-componenti", "passaporto"}, Ground: "Mancano i documenti dei componenti",
		})
		step("ask for papers", got, err, town.PhaseAwaitingApplicant)
		if !slices.Contains(file.Flags, "integration_pending") || slices.Contains(file.Flags, "suspended") {
			t.Errorf("flags %v: the term goes on", file.Flags)
		}
		got, err = h.ReceiveDocument(h.as(t, operator), casework.ReceiveDocumentInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Document: "documenti-componenti"})
		step("the first paper", got, err, town.PhaseAwaitingApplicant)
		got, err = h.ReceiveDocument(h.as(t, operator), casework.ReceiveDocumentInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Document: "passaporto"})
		step("the last paper", got, err, town.PhaseInProgress)
		if slices.Contains(file.Flags, "integration_pending") {
			t.Errorf("flags %v", file.Flags)
		}
		got, err = h.ProposeDecision(h.as(t, officer), casework.ProposeDecisionInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Outcome: life.Granted, Reasons: "in ordine"})
		step("propose", got, err, town.PhaseReadyToDecide)
		got, err = h.DecideCase(h.as(t, head), casework.DecideCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Outcome: life.Granted, Reasons: "Requisiti accertati."})
		step("decide", got, err, town.PhaseDecidedGranted)
		if file.DecidedBy != head || file.DecidedAt == nil {
			t.Errorf("decision %+v", file)
		}
		reasons, err := h.Reasons(h.as(t, officer), []*ent.CaseFile{file})
		if err != nil || reasons[file] == nil || *reasons[file] != "Requisiti accertati." {
			t.Errorf("reasons %v, %v", reasons, err)
		}
		byCase, err := h.ClocksOfCases(h.as(t, officer), []string{file.ID})
		if err != nil {
			t.Fatal(err)
		}
		states := []town.ClockState{byCase[file.ID][0].State, byCase[file.ID][1].State}
		if diff := cmp.Diff([]town.ClockState{town.ClockStopped, town.ClockRunning}, states); diff != "" {
			t.Errorf("the act ends the registration, the 45 days of checks go on (-want +got):\n%s", diff)
		}
		got, err = h.FulfilCase(h.as(t, officer), casework.CaseNoteInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: at(), Note: ptr("consegnata ricevuta")})
		step("fulfil", got, err, town.PhaseFulfilled)

		want := []string{
			"registered SUBMITTED TRIAGE", "assigned TRIAGE IN_PROGRESS", "taken_in_charge IN_PROGRESS IN_PROGRESS",
			"documents_requested IN_PROGRESS AWAITING_APPLICANT", "document_received AWAITING_APPLICANT AWAITING_APPLICANT",
			"document_received AWAITING_APPLICANT IN_PROGRESS", "proposed IN_PROGRESS READY_TO_DECIDE",
			"decided READY_TO_DECIDE DECIDED_GRANTED", "fulfilled DECIDED_GRANTED FULFILLED",
		}
		if diff := cmp.Diff(want, h.history(h.as(t, officer), t, file.ID)); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		theirs := h.history(h.as(t, mario), t, file.ID)
		if slices.ContainsFunc(theirs, func(l string) bool { return strings.HasPrefix(l, "proposed") }) {
			t.Errorf("the applicant reads internal lines: %v", theirs)
		}
	})
}

// history reads a history two lines at a time.
func (h *house) history(ctx context.Context, t testing.TB, id string) []string {
	t.Helper()
	var lines []string
	args := town.PageArgs{First: ptr(2)}
	for {
		page, err := h.Timeline(ctx, id, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			lines = append(lines, e.Kind+" "+string(e.FromPhase)+" "+string(e.ToPhase))
		}
		if !page.HasNext {
			return lines
		}
		args.After = ptr(town.Cursor(page.Items[len(page.Items)-1].ID))
	}
}

func TestOnlyHeadsDecide(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "tari-riduzioni-rateizzazione", nil) // an office of its own: tributi-patrimonio
	if _, err := h.AssignCase(h.as(t, headTaxes), casework.AssignCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: 1, PersonID: headTaxes}); err != nil {
		t.Fatal(err)
	}
	decide := func(as string, reasons string) error {
		_, err := h.DecideCase(h.as(t, as), casework.DecideCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: 2, Outcome: life.Refused, Reasons: reasons})
		return err
	}
	// Mayor and Assessori do not even see the case; the operator who filed it does.
	for who, want := range map[string]town.Code{
		mayor: town.NotFound, assessore: town.NotFound, headStatus: town.NotFound, mario: town.NotAllowed, operator: town.NotAllowed,
	} {
		if err := decide(who, "Motivazione sufficiente."); town.CodeOf(err) != want || err == nil {
			t.Errorf("%s: got %v, want %s", who, err, want)
		}
	}
	if err := decide(headTaxes, "  breve   "); town.CodeOf(err) != town.Invalid || err == nil {
		t.Errorf("reasons of five characters: %v", err)
	}
	if err := decide(headTaxes, "Motivazione sufficiente."); err != nil {
		t.Error(err)
	}
	if err := decide(headTaxes, "Motivazione sufficiente."); town.CodeOf(err) != town.Conflict || err == nil {
		t.Errorf("decided twice: %v", err)
	}
}

// Whoever is responsible must be able to see the case: only its office's own people,
// as long as they work there.
func TestOnlyTheOfficeIsResponsible(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	assign := func(who string) error {
		_, err := h.AssignCase(h.as(t, head), casework.AssignCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: 1, PersonID: who})
		return err
	}
	err := h.store.InTx(h.system(), "the operator leaves", func(ctx context.Context, tx *store.Tx) error {
		return tx.RoleAssignment.UpdateOneID("r_" + operator).SetTo(opening.AddDate(0, -1, 0)).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{headTaxes, mayor, helpPoint, auditor, mario, operator, "per_nobody"} {
		if err := assign(who); err == nil || town.CodeOf(err) != town.Invalid {
			t.Errorf("%s: %v", who, err)
		}
	}
	if err := assign(officer); err != nil {
		t.Error(err)
	}
}

// Papers that never come: the head may refuse, or grant in part, but not in full.
func TestDecidedWithoutThePapers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "tari-riduzioni-rateizzazione", nil)
	ctx := h.as(t, headTaxes)
	file, err := h.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
	if err != nil {
		t.Fatal(err)
	}
	file, err = h.RequestDocuments(ctx, casework.RequestDocumentsInput{
		IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Documents: []string{"avviso-debito"}, Ground: "art. 2 c. 7",
	})
	if err != nil {
		t.Fatal(err)
	}
	decide := func(o life.Outcome) (*ent.CaseFile, error) {
		return h.DecideCase(ctx, casework.DecideCaseInput{
			IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Outcome: o, Reasons: "Documenti mai consegnati.",
		})
	}
	if _, err := decide(life.Granted); err == nil || town.CodeOf(err) != town.PreconditionFailed {
		t.Errorf("granted in full: %v", err)
	}
	refused, err := decide(life.Refused)
	if err != nil || refused.Phase != town.PhaseDecidedRefused || len(refused.Flags) > 0 {
		t.Fatalf("refused: %+v, %v", refused, err)
	}
	terms, err := h.ClocksOfCases(ctx, []string{file.ID})
	if err != nil || terms[file.ID][0].State != town.ClockStopped {
		t.Errorf("term %+v, %v", terms, err)
	}
}

func TestStaleVersionIsAConflict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "cambio-residenza", nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		codes := map[town.Code]int{}
		for range 8 {
			wg.Go(func() {
				_, err := h.TakeCaseInCharge(h.as(t, officer), casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					codes["done"]++
				} else {
					codes[town.CodeOf(err)]++
				}
			})
		}
		wg.Wait()
		// Who comes after sees either a newer version or a case already in charge.
		if codes["done"] != 1 || codes[town.Conflict]+codes[town.PreconditionFailed] != 7 {
			t.Errorf("outcomes %v", codes)
		}
	})
}

func TestSuspensionForFacts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "tari-riduzioni-rateizzazione", nil) // 30 calendar days from 23 November
		ctx := h.as(t, headTaxes)
		if file.DueOn.String() != "2026-12-23" {
			t.Fatalf("due on %s", file.DueOn)
		}
		file, err := h.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
		if err != nil {
			t.Fatal(err)
		}
		ask := func() (*ent.CaseFile, error) {
			return h.RequestDocuments(ctx, casework.RequestDocumentsInput{
				IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Documents: []string{"avviso-debito"},
				Ground: "Dati non in possesso di alcuna amministrazione (L. 241/1990, art. 2 c. 7)",
			})
		}
		h.clock.Set(opening.AddDate(0, 0, 10)) // 3 December
		if file, err = ask(); err != nil || !slices.Contains(file.Flags, "suspended") {
			t.Fatalf("suspended: %+v, %v", file, err)
		}
		h.clock.Set(opening.AddDate(0, 0, 22)) // 15 December
		file, err = h.ReceiveDocument(ctx, casework.ReceiveDocumentInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Document: "avviso-debito"})
		if err != nil || file.DueOn.String() != "2027-01-04" || slices.Contains(file.Flags, "suspended") {
			t.Fatalf("resumed: due %v, %v", file, err)
		}
		why, err := h.dueExplained(ctx, file)
		if err != nil || !strings.Contains(why.IT, "tempo trascorso 10 giorni, tempo rimasto 20 giorni") || !strings.Contains(why.EN, "Monday 4 January 2027") {
			t.Errorf("explained as %+v, %v", why, err)
		}
		if _, err = ask(); town.CodeOf(err) != town.PreconditionFailed || !strings.Contains(err.Error(), "art. 2 c. 7") {
			t.Errorf("a second suspension: %v", err)
		}
	})
}

// A suspension lasts 30 days at most: then the term goes on without the papers, and
// passes like any other.
func TestSuspensionEndsByItself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "tari-riduzioni-rateizzazione", nil) // 30 calendar days from 23 November
		ctx := h.as(t, headTaxes)
		file, err := h.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
		if err != nil {
			t.Fatal(err)
		}
		h.clock.Set(opening.AddDate(0, 0, 10)) // 3 December, 20 days left
		if _, err = h.RequestDocuments(ctx, casework.RequestDocumentsInput{
			IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Documents: []string{"avviso-debito"}, Ground: "art. 2 c. 7",
		}); err != nil {
			t.Fatal(err)
		}
		type seen struct {
			State              town.ClockState
			Days               int // -100 for unknown
			Suspended, Overdue bool
		}
		look := func(at string, handled int) seen {
			t.Helper()
			moment, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			h.clock.Set(moment)
			if n, err := h.ExpireDue(t.Context()); n != handled || err != nil {
				t.Fatalf("at %s: %d terms handled, %v, want %d", at, n, err, handled)
			}
			now, err := h.Case(ctx, file.ID)
			if err != nil {
				t.Fatal(err)
			}
			terms, err := h.ClocksOfCases(ctx, []string{file.ID})
			if err != nil {
				t.Fatal(err)
			}
			s := seen{
				State: terms[file.ID][0].State, Days: -100,
				Suspended: slices.Contains(now.Flags, "suspended"), Overdue: slices.Contains(now.Flags, "overdue"),
			}
			if days := h.RemainingDays(terms[file.ID][0]); days != nil {
				s.Days = *days
			}
			return s
		}
		for _, tt := range []struct {
			at      string
			handled int
			want    seen
		}{
			{"2027-01-02T23:59:59+01:00", 0, seen{State: town.ClockSuspended, Days: -100, Suspended: true}},
			{"2027-01-03T00:00:00+01:00", 1, seen{State: town.ClockRunning, Days: 19}},
			{"2027-01-22T23:59:59+01:00", 0, seen{State: town.ClockRunning}},
			{"2027-01-23T00:00:00+01:00", 1, seen{State: town.ClockExpired, Days: -1, Overdue: true}},
		} {
			if diff := cmp.Diff(tt.want, look(tt.at, tt.handled)); diff != "" {
				t.Errorf("at %s (-want +got):\n%s", tt.at, diff)
			}
		}
	})
}

func TestAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	h.hall.legs = map[string]casework.LegRef{"leg_1": {VisitID: "vis_1", SiteID: "site_1", OfficeID: "sportello"}}
	got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: "certificato-anagrafico", Answers: form(t, "certificato-anagrafico", nil), LegID: ptr("leg_1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Case.VisitID != "vis_1" || got.Case.LegID != "leg_1" || !got.Case.DueOn.IsZero() {
		t.Errorf("case %+v", got.Case)
	}
	why, err := h.dueExplained(h.as(t, operator), got.Case)
	if err != nil || !strings.Contains(why.EN, "on the spot") {
		t.Errorf("explained as %+v, %v", why, err)
	}
	file, err := h.FulfilCase(h.as(t, operator), casework.CaseNoteInput{IdempotencyKey: key(), CaseID: got.Case.ID, ExpectedVersion: 1})
	if err != nil || file.Phase != town.PhaseFulfilled || file.ClosedAt == nil {
		t.Errorf("fulfilled at the desk: %+v, %v", file, err)
	}
}

func TestWithdrawByTheApplicantOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	in := casework.CaseNoteInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: 1}
	if _, err := h.WithdrawCase(h.as(t, head), in); town.CodeOf(err) != town.NotAllowed || err == nil {
		t.Errorf("the head withdrew: %v", err)
	}
	if _, err := h.WithdrawCase(h.as(t, anna), in); town.CodeOf(err) != town.NotFound || err == nil {
		t.Errorf("another citizen: %v", err)
	}
	got, err := h.WithdrawCase(h.as(t, mario), in)
	if err != nil || got.Phase != town.PhaseWithdrawn {
		t.Fatalf("withdrawn: %+v, %v", got, err)
	}
	clocks, err := h.ClocksOfCases(h.as(t, mario), []string{file.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clocks[file.ID] {
		if c.State != town.ClockStopped || h.RemainingDays(c) != nil {
			t.Errorf("clock %s is %s", c.Kind, c.State)
		}
	}
	again, err := h.WithdrawCase(h.as(t, mario), in)
	if err != nil || again.Version != got.Version {
		t.Errorf("repeated: %+v, %v", again, err)
	}
}

func TestTransferKeepsTheFormerOfficeReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "cambio-residenza", nil)
		transfer := func(to string, version int) (*ent.CaseFile, error) {
			return h.TransferCase(h.as(t, head), casework.TransferCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: version, OfficeCode: to, Reason: "competenza"})
		}
		for _, to := range []string{"sportello", "caf", "help-point", "sindaco-assessori", "nowhere"} {
			if _, err := transfer(to, 1); town.CodeOf(err) != town.Invalid || err == nil {
				t.Errorf("to %s: %v", to, err)
			}
		}
		if _, err := h.Case(h.as(t, headStatus), file.ID); town.CodeOf(err) != town.NotFound {
			t.Errorf("seen before the transfer: %v", err)
		}
		got, err := transfer("stato-civile", 1)
		if err != nil || got.OfficeID != "stato-civile" || got.Phase != town.PhaseTriage || got.ResponsibleID != "" {
			t.Fatalf("transferred: %+v, %v", got, err)
		}
		for _, who := range []string{officer, headStatus} {
			page, err := h.Cases.Cases(h.as(t, who), town.PageArgs{}, casework.CaseFilter{}, nil)
			if err != nil || len(page.Items) != 1 || page.Items[0].ID != file.ID {
				t.Errorf("%s lists %v, %v", who, page.Items, err)
			}
		}
		_, err = h.TakeCaseInCharge(h.as(t, officer), casework.CaseInput{CaseID: file.ID, ExpectedVersion: got.Version})
		if town.CodeOf(err) != town.NotAllowed || err == nil {
			t.Errorf("the former office took it in charge: %v", err)
		}
	})
}

func TestNotes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	note := func(as, text string, internal bool) error {
		_, err := h.AddCaseNote(h.as(t, as), casework.AddCaseNoteInput{IdempotencyKey: key(), CaseID: file.ID, Text: text, Internal: internal})
		return err
	}
	for name, tt := range map[string]struct {
		err  error
		want town.Code
	}{
		"of the staff, internal":         {note(officer, "sentito il messo", true), ""},
		"of the citizen":                 {note(mario, "sono tornato", false), ""},
		"of the citizen, never internal": {note(mario, "sono tornato", true), town.Invalid},
		"an empty one":                   {note(officer, "  ", false), town.Required},
		"too long a one":                 {note(officer, strings.Repeat("x", 2001), false), town.Invalid},
	} {
		if (tt.err != nil) != (tt.want != "") || tt.err != nil && town.CodeOf(tt.err) != tt.want {
			t.Errorf("%s: got %v, want %q", name, tt.err, tt.want)
		}
	}
	after, err := h.Case(h.as(t, officer), file.ID)
	if err != nil || after.Version != file.Version {
		t.Errorf("a note made a new version: %+v, %v", after, err)
	}
}

func TestAvailableActions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	allowed := func(as string) []town.CaseAction {
		t.Helper()
		byCase, err := h.AvailableActions(h.as(t, as), []*ent.CaseFile{file})
		if err != nil {
			t.Fatal(err)
		}
		var actions []town.CaseAction
		for _, a := range byCase[file.ID] {
			if a.Allowed {
				actions = append(actions, a.Action)
			} else if a.Reason == nil {
				t.Errorf("%s has no reason", a.Action)
			}
		}
		return actions
	}
	want := map[string][]town.CaseAction{
		mario:   {town.ActionAttach, town.ActionWithdraw, town.ActionNote, town.ActionEscalate, town.ActionRate},
		officer: {town.ActionTakeInCharge, town.ActionReceiveDocument, town.ActionAttach, town.ActionNote, town.ActionTransferOffice, town.ActionEscalate},
		head:    {town.ActionAssign, town.ActionTakeInCharge, town.ActionReceiveDocument, town.ActionAttach, town.ActionExtend, town.ActionNote, town.ActionTransferOffice, town.ActionEscalate},
	}
	for who, actions := range want {
		if diff := cmp.Diff(actions, allowed(who)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
}

func TestAnswersAreForWhoMayReadThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	for who, want := range map[string]bool{mario: true, officer: true, operator: true, anna: false, mayor: false, headStatus: false} {
		answers, err := h.Answers(h.as(t, who), file)
		if err != nil || strings.Contains(string(answers), marioCode) != want {
			t.Errorf("%s reads %s, %v", who, answers, err)
		}
	}
}

// An empty key would make a repeat have a second effect.
func TestActionsNeedAKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	file := h.file(t, "cambio-residenza", nil)
	for name, act := range map[string]func() error{
		"note": func() error {
			_, err := h.AddCaseNote(h.as(t, operator), casework.AddCaseNoteInput{CaseID: file.ID, Text: "prova", Internal: true})
			return err
		},
		"assign": func() error {
			_, err := h.AssignCase(h.as(t, head), casework.AssignCaseInput{CaseID: file.ID, ExpectedVersion: file.Version, PersonID: officer})
			return err
		},
	} {
		if err := act(); town.CodeOf(err) != town.Invalid {
			t.Errorf("%s without a key: %v", name, err)
		}
	}
}

// Bounds count characters, on every database: an accent is no second one.
func TestTextsOfFullLength(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		file := h.file(t, "cambio-residenza", nil)
		file, err := h.TakeCaseInCharge(h.as(t, officer), casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
		if err != nil {
			t.Fatal(err)
		}
		article := "art. 2 c. 7 L. 241/1990 "
		_, err = h.RequestDocuments(h.as(t, officer), casework.RequestDocumentsInput{
			IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: file.Version, Documents: []string{"passaporto"},
			Ground: article + strings.Repeat("è", 300-len(article)),
		})
		if err != nil {
			t.Errorf("a ground of 300 characters: %v", err)
		}
		h.registers.facts.Resident = ptr(false)
		got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "certificato-anagrafico", OverrideNote: ptr(strings.Repeat("è", 2000)),
			Answers: form(t, "certificato-anagrafico", map[string]any{"destinatario": "pubblica_amministrazione"}),
		})
		if err != nil || got.Case == nil {
			t.Errorf("a note of 2000 characters: %+v, %v", got, err)
		}
	})
}
