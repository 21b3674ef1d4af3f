package casework_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const permit, fine, nursery = "deposito-cila-scia", "sanzione-codice-strada", "asilo-nido"

// clock is one of the case's clocks.
func (s *story) clockOf(kind string) *ent.CaseClock {
	s.t.Helper()
	byCase, err := s.ClocksOfCases(s.system(), []string{s.file.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range byCase[s.file.ID] {
		if row.Kind == kind {
			return row
		}
	}
	return &ent.CaseClock{}
}

// runs wants a clock in a state, from and until these days.
func (s *story) runs(kind string, state town.ClockState, from, due string) {
	s.t.Helper()
	if k := s.clockOf(kind); k.State != state || k.StartedOn.String() != from || k.DueOn.String() != due {
		s.t.Fatalf("%s: %s from %q until %q; want %s, %q, %q", kind, k.State, k.StartedOn, k.DueOn, state, from, due)
	}
}

func (s *story) begins(term, day string) error {
	s.t.Helper()
	file, err := s.StartTerm(s.as(s.t, s.head()), casework.StartTermInput{
		IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Term: term, HappenedOn: *civil(s.t, day),
	})
	if err == nil {
		s.file = file
	}
	return err
}

// A building permit has two terms in one: 60 days of examination from Monday 23 November 2026,
// until Friday 22 January; then 30 for the measure, until Sunday 21 February, which moves to
// Monday. Silence grants it from the day after (DPR 380/2001 art. 20 c. 3, 6 and 8).
func TestBuildingPermitBySilence(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), permit)
		s.stands(town.PhaseInProgress, "2027-02-22")
		s.runs("conclusion", town.ClockRunning, "2026-11-23", "2027-01-22")
		s.runs("permesso", town.ClockPending, "", "")
		s.says("Poi decorre il termine «Permesso di costruire», di 30 giorni, fino a lunedì 22 febbraio 2027.")
		s.refused(s.begins("permesso", "2026-11-23"), town.PreconditionFailed, "starts by itself")
		s.on("2027-01-22")
		s.runs("permesso", town.ClockPending, "", "")
		s.on("2027-01-23") // nobody is late: the measure may still come
		s.stands(town.PhaseInProgress, "2027-02-22")
		s.runs("conclusion", town.ClockExpired, "2026-11-23", "2027-01-22")
		s.runs("permesso", town.ClockRunning, "2027-01-22", "2027-02-22")
		s.on("2027-02-22")
		s.stands(town.PhaseInProgress, "2027-02-22")
		s.on("2027-02-23")
		s.stands(town.PhaseDeemedGranted, "2027-02-22")
		s.runs("permesso", town.ClockExpired, "2027-01-22", "2027-02-22")
		s.done(s.AttestSilence(s.boss(), s.note()))
		acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
		if err != nil || acts[s.file.ID][0].Contents["effective_from"] != "2027-02-23" {
			t.Errorf("attestation %+v, %v", acts, err)
		}
		s.lines("clock_expired", 2)
		s.lines("term_started", 1)
	})
}

// says wants these words in the explanation of the day on which the case is due.
func (s *story) says(words string) {
	s.t.Helper()
	byCase, err := s.DueExplained(s.boss(), []string{s.file.ID})
	if err != nil || !strings.Contains(byCase[s.file.ID].IT, words) {
		s.t.Errorf("due %q, %v; want %q", byCase[s.file.ID].IT, err, words)
	}
}

func (s *story) lines(kind string, want int) {
	s.t.Helper()
	rows, err := s.store.Reader().CaseEntry.Query().All(s.system())
	if err != nil {
		s.t.Fatal(err)
	}
	got := 0
	for _, row := range rows {
		if row.CaseID == s.file.ID && row.Kind == kind {
			got++
		}
	}
	if got != want {
		s.t.Errorf("%d lines %s, want %d", got, kind, want)
	}
}

// The server was down on both midnights: each clock still passes once, by the law's days.
func TestBuildingPermitWhileDown(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), permit)
	s.clock.Set(time.Date(2027, 4, 1, 9, 0, 0, 0, time.UTC))
	for _, want := range []int{2, 0} {
		if n, err := s.ExpireDue(context.Background()); n != want || err != nil {
			t.Fatalf("%d handled, %v, want %d", n, err, want)
		}
	}
	s.stands(town.PhaseDeemedGranted, "2027-02-22")
	if got := s.file.DecidedAt.In(town.Rome()).Format(time.DateTime); got != "2027-02-23 00:00:00" {
		t.Errorf("granted from %s", got)
	}
	s.lines("term_started", 1)
}

// On protected property silence is no consent: the office is late when the whole term has
// passed, and the substitute power has half of the whole.
func TestPermitOnProtectedProperty(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := &story{house: h, t: t, file: h.file(t, permit, map[string]any{"vincolo": "beni_culturali"})}
	s.on("2027-01-25")
	s.stands(s.file.Phase, "2027-02-22")
	s.on("2027-02-23")
	s.stands(s.file.Phase, "2027-02-22", "overdue")
	if !life.Open(s.file.Phase) {
		t.Errorf("silence decided: %s", s.file.Phase)
	}
}

// What suspends the examination moves the whole; what the law allows once it allows once in
// the two parts; the proposal ends the examination before its time (art. 20 c. 6).
func TestExaminationOfAPermit(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), permit)
	s.on("2026-12-03")
	s.done(s.SuspendForAcquisition(s.boss(), s.suspension(10)))
	s.stands(town.PhaseAwaitingThirdParty, "2027-03-03", "suspended") // until 1 February, then 30 days
	s.on("2026-12-14")
	s.stands(town.PhaseInProgress, "2027-03-03")
	for _, d := range s.papers() {
		if d.State == town.DocumentRequired {
			s.done(s.ReceiveDocument(s.boss(), casework.ReceiveDocumentInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Document: d.DocumentID}))
		}
	}
	s.done(s.ProposeDecision(s.boss(), casework.ProposeDecisionInput{
		IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Outcome: life.Granted, Reasons: "Conforme agli strumenti urbanistici.",
	}))
	s.stands(town.PhaseReadyToDecide, "2027-01-13")
	s.runs("conclusion", town.ClockStopped, "2026-11-23", "2027-02-01")
	s.runs("permesso", town.ClockRunning, "2026-12-14", "2027-01-13")
	s.done(s.DecideCase(s.boss(), s.decision(life.Granted, nil)))
	s.runs("permesso", town.ClockStopped, "2026-12-14", "2027-01-13")
	s.on("2027-03-10")
	s.stands(town.PhaseDecidedGranted, "2027-01-13")
}

func (s *story) papers() []*ent.CaseDocument {
	s.t.Helper()
	byCase, err := s.DocumentsOfCases(s.boss(), []string{s.file.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	return byCase[s.file.ID]
}

// A measure during the examination ends both parts of the term.
func TestDecisionBeforeTheSecondPart(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), permit)
	s.on("2026-12-10")
	s.done(s.DecideCase(s.boss(), s.decision(life.Inadmissible, nil)))
	s.runs("permesso", town.ClockStopped, "", "")
	s.on("2027-03-10")
	s.stands(town.PhaseInadmissible, "2027-02-22")
}

// Terms that wait for an event count from the day that the office records, once, and no
// day that cannot be.
func TestStartTerm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		s := newStory(t, h, nursery)
		s.stands(town.PhaseInProgress, "")
		s.explains("conclusion", "Inizia con: chiusura del bando, quando l'ufficio ne registra il giorno.", "It starts with: last day of the call, once the office records the day.")
		s.refused(s.begins("conclusion", "2026-11-24"), town.Invalid, "not come yet")
		s.refused(s.begins("ricorso", "2026-11-20"), town.Invalid, "no such term")
		in := casework.StartTermInput{
			IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Term: "conclusion", HappenedOn: *civil(t, "2026-11-18"), Document: ptr("none"),
		}
		_, err := s.StartTerm(s.boss(), in)
		s.refused(err, town.Invalid, "no such paper")
		in.Document, in.IdempotencyKey, in.Note = nil, key(), ptr("Avviso pubblico del 1° ottobre.")
		_, err = s.StartTerm(s.as(t, mario), in)
		s.refused(err, town.NotAllowed, "role")
		for range 2 { // a repeat is once
			s.done(s.StartTerm(s.boss(), in))
		}
		s.stands(town.PhaseInProgress, "2027-01-18") // Sunday 17 January moves
		s.runs("conclusion", town.ClockRunning, "2026-11-18", "2027-01-18")
		s.explains("conclusion", "Si conta da: chiusura del bando.", "It counts from: last day of the call.")
		s.refused(s.begins("conclusion", "2026-11-18"), town.PreconditionFailed, "started on 2026-11-18 already")
		acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
		if err != nil || len(acts[s.file.ID]) != 1 || acts[s.file.ID][0].Kind != town.ActTermStart || acts[s.file.ID][0].OnDay.String() != "2026-11-18" {
			t.Errorf("acts %+v, %v", acts, err)
		}
		s.on("2027-01-19")
		s.stands(town.PhaseInProgress, "2027-01-18", "overdue")
	})
}

// The day of a service stands in the form: its terms run from it, as the preview says. They
// are the citizen's: no office is late, and its act does not end them.
func TestTermsFromADayOfTheForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := &story{house: h, t: t, file: h.file(t, fine, nil)}
	s.runs("conclusion", town.ClockRunning, "2026-11-18", "2027-01-18") // 60 days, Sunday moves
	s.runs("ridotto", town.ClockRunning, "2026-11-18", "2026-11-23")
	s.runs("giudice-di-pace", town.ClockRunning, "2026-11-18", "2026-12-18")
	s.stands(s.file.Phase, "")
	s.explains("conclusion", "Si conta da: notifica dell'atto.", "It counts from: service of the document.")
	if s.may(town.ActionStartTerm) {
		t.Error("a start may be recorded that is known")
	}
	s.done(s.FulfilCase(s.boss(), s.note()))
	s.runs("conclusion", town.ClockRunning, "2026-11-18", "2027-01-18")
	s.on("2027-01-19")
	s.stands(town.PhaseFulfilled, "")
	s.runs("conclusion", town.ClockExpired, "2026-11-18", "2027-01-18")
}

// explains wants these words in the explanation of a clock.
func (s *story) explains(kind, it, en string) {
	s.t.Helper()
	row := s.clockOf(kind)
	ledgers, err := s.LedgerOfClocks(s.system(), []string{row.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := s.ExplainClock(row, ledgers[row.ID])
	if err != nil || !strings.Contains(text.IT, it) || !strings.Contains(text.EN, en) {
		s.t.Errorf("%s: %+v, %v; want %q, %q", kind, text, err, it, en)
	}
}

// Third parties have 10 days within the term of documentary access, also those of whom the form
// knew nothing; in civic access their notice suspends the term and starts theirs.
func TestNoticeToThirdParties(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := newStory(t, h, deedsAccess)
	if !s.may(town.ActionStartTerm) {
		t.Error("the notice to third parties cannot be recorded")
	}
	s.refused(s.begins("opposizione", "2026-11-20"), town.Invalid, "before the request")
	s.refused(s.begins("ricorso", "2026-11-23"), town.PreconditionFailed, "starts by itself")
	s.on("2026-11-30")
	if err := s.begins("opposizione", "2026-11-26"); err != nil {
		t.Fatal(err)
	}
	s.runs("opposizione", town.ClockRunning, "2026-11-26", "2026-12-07") // Sunday moves
	s.stands(town.PhaseInProgress, "2026-12-23")
	if s.may(town.ActionStartTerm) {
		t.Error("another start may be recorded")
	}
	s.on("2026-12-24")
	s.runs("opposizione", town.ClockExpired, "2026-11-26", "2026-12-07")
	s.runs("ricorso", town.ClockRunning, "2026-12-23", "2027-01-22")
	s.stands(town.PhaseDeemedRefused, "2026-12-23")

	s = newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), civicAccess)
	s.refused(s.begins("opposizione", "2026-11-23"), town.PreconditionFailed, "suspendForAcquisition")
	in := s.suspension(10)
	in.ThirdParties = ptr(true)
	s.done(s.SuspendForAcquisition(s.boss(), in))
	s.runs("opposizione", town.ClockRunning, "2026-11-23", "2026-12-03")
	s.on("2027-01-05")
	if err := s.begins("riesame", "2027-01-04"); err != nil { // 20 days, Sunday moves
		t.Fatal(err)
	}
	s.runs("riesame", town.ClockRunning, "2027-01-04", "2027-01-25")
}

func (s *story) may(action town.CaseAction) bool {
	s.t.Helper()
	byCase, err := s.AvailableActions(s.boss(), []*ent.CaseFile{s.file})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range byCase[s.file.ID] {
		if a.Action == action {
			return a.Allowed
		}
	}
	return false
}
