package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// story leads one case of the taxes office through its life. The case is filed on Monday
// 23 November 2026 with a term of 30 days: until Wednesday 23 December.
type story struct {
	*house
	t    testing.TB
	file *ent.CaseFile
}

func newStory(t testing.TB, h *house, practice string) *story {
	t.Helper()
	changes := map[string]any{}
	if practice == civicAccess { // anybody asks, for themselves
		changes["agisce_per_altri"] = nil
	}
	s := &story{house: h, t: t, file: h.file(t, practice, changes)}
	s.done(h.TakeCaseInCharge(h.as(t, s.head()), casework.CaseInput{CaseID: s.file.ID, ExpectedVersion: s.file.Version}))
	return s
}

func (s *story) head() string {
	if s.file.OfficeID == "sportello" {
		return head
	}
	return headTaxes
}

// on moves the clock to ten in the morning of a day, after what was due before.
func (s *story) on(day string) {
	s.t.Helper()
	d, err := calc.ParseDate(day)
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.Set(calc.Local(d, 10, 0, calc.Rome()).UTC())
	if _, err := s.ExpireDue(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	s.file = s.now()
}

func (s *story) now() *ent.CaseFile {
	s.t.Helper()
	file, err := s.Case(s.system(), s.file.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return file
}

func (s *story) done(file *ent.CaseFile, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.file = file
}

// refused wants a refusal with these words in it, and no effect.
func (s *story) refused(err error, code town.Code, says string) {
	s.t.Helper()
	if err == nil || town.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		s.t.Fatalf("got %v, want %s that says %q", err, code, says)
	}
	if now := s.now(); now.Version != s.file.Version {
		s.t.Fatalf("refused, and yet version %d follows %d", now.Version, s.file.Version)
	}
}

// stands wants the case in a phase, due on a day, with exactly these flags of its term.
func (s *story) stands(phase town.Phase, due string, flags ...string) {
	s.t.Helper()
	s.file = s.now()
	var got []string
	for _, f := range s.file.Flags {
		if slices.Contains([]string{"overdue", "suspended", "integration_pending", "reopened", "substituted"}, f) {
			got = append(got, f)
		}
	}
	slices.Sort(got)
	if s.file.Phase != phase || s.file.DueOn.String() != due || !slices.Equal(got, flags) {
		s.t.Fatalf("%s, due on %q, %v; want %s, %q, %v", s.file.Phase, s.file.DueOn, got, phase, due, flags)
	}
}

func (s *story) ask(ground town.Ground) error {
	file, err := s.RequestDocuments(s.as(s.t, s.head()), casework.RequestDocumentsInput{
		IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version,
		Documents: []string{"passaporto"}, Ground: "Manca un documento.", LegalGround: &ground,
	})
	if err == nil {
		s.file = file
	}
	return err
}

func (s *story) answer(text string, on *town.Date) casework.CaseAnswerInput {
	return casework.CaseAnswerInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Text: text, ReceivedOn: on}
}

func (s *story) because(text string) casework.CaseReasonInput {
	return casework.CaseReasonInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Reason: text}
}

func (s *story) note() casework.CaseNoteInput {
	return casework.CaseNoteInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version}
}

func (s *story) suspension(days int) casework.SuspendCaseInput {
	return casework.SuspendCaseInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Days: days, Reason: "Dati che nessun ente possiede."}
}

func (s *story) decision(o life.Outcome, reply *string) casework.DecideCaseInput {
	return casework.DecideCaseInput{
		IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Outcome: o,
		Reasons: "Motivazione del provvedimento.", ObservationsAnswer: reply,
	}
}

// boss is the context of the head of the office.
func (s *story) boss() context.Context { return s.as(s.t, s.head()) }

func civil(t testing.TB, text string) *town.Date {
	t.Helper()
	d, err := calc.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

const taxes, civicAccess, deedsAccess = "tari-riduzioni-rateizzazione", "accesso-civico", "accesso-atti-edilizi"

// What a request for integration does to the term is its ground's alone.
func TestGroundDecidesTheTerm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		practice string
		ground   town.Ground
		waiting  string // due while it waits
		flags    []string
		after    string // due after the answer of 15 December
	}{
		"facts: the days left":       {taxes, town.GroundFacts, "2027-01-22", []string{"integration_pending", "suspended"}, "2027-01-04"},
		"irregular: from the answer": {taxes, town.GroundIrregular, "", []string{"integration_pending", "suspended"}, "2027-01-14"},
		"interruption: starts over":  {taxes, town.GroundInterruption, "", []string{"integration_pending", "suspended"}, "2027-01-14"},
		"none: goes on":              {taxes, town.GroundNone, "2026-12-23", []string{"integration_pending"}, "2026-12-23"},
		"access: the corrected one":  {deedsAccess, town.GroundAccess, "", []string{"integration_pending", "suspended"}, "2027-01-14"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), tt.practice)
			s.on("2026-12-03")
			if err := s.ask(tt.ground); err != nil {
				t.Fatal(err)
			}
			s.stands(town.PhaseAwaitingApplicant, tt.waiting, tt.flags...)
			s.refused(s.ask(town.GroundNone), town.PreconditionFailed, "already waits")
			s.on("2026-12-15")
			s.done(s.AnswerIntegration(s.as(t, operator), s.answer("Ecco il documento.", nil)))
			s.stands(town.PhaseInProgress, tt.after)
			_, err := s.AnswerIntegration(s.as(t, operator), s.answer("Ancora.", nil))
			s.refused(err, town.PreconditionFailed, "cannot be done in the phase")
		})
	}
}

// An answer that came on paper and is recorded days later counts from its own day, and
// the timeline says what moved.
func TestALateRecordMovesTheTerm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), taxes)
		s.on("2026-12-03")
		if err := s.ask(town.GroundFacts); err != nil {
			t.Fatal(err)
		}
		s.on("2026-12-20")
		for _, wrong := range []string{"2026-12-02", "2026-12-21"} {
			_, err := s.AnswerIntegration(s.as(t, operator), s.answer("Sulla carta.", civil(t, wrong)))
			s.refused(err, town.Invalid, "day")
		}
		s.done(s.AnswerIntegration(s.as(t, operator), s.answer("Arrivata per posta.", civil(t, "2026-12-15"))))
		s.stands(town.PhaseInProgress, "2027-01-04")
		page, err := s.Timeline(s.boss(), s.file.ID, town.PageArgs{})
		if err != nil {
			t.Fatal(err)
		}
		change := casework.ChangeOf(page.Items[len(page.Items)-1])
		if change == nil {
			t.Fatal("the timeline says nothing of the term")
		}
		want := "Ricevuto martedì 15 dicembre 2026 e registrato domenica 20 dicembre 2026: la scadenza passa da venerdì 22 gennaio 2027 a lunedì 4 gennaio 2027 (L. 241/1990 art. 2 c. 7)."
		if diff := cmp.Diff(want, change.Words.IT); diff != "" {
			t.Errorf("words (-want +got):\n%s", diff)
		}
	})
}

// Once, 30 days at most, and it goes on by itself; art. 2 c. 7 is the same for facts asked
// of anybody.
func TestSuspensionForAcquisition(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), taxes)
		s.on("2026-12-03")
		_, err := s.SuspendForAcquisition(s.boss(), s.suspension(31))
		s.refused(err, town.PreconditionFailed, "at most 30 days")
		s.done(s.SuspendForAcquisition(s.boss(), s.suspension(20)))
		s.stands(town.PhaseAwaitingThirdParty, "2027-01-12", "suspended")
		s.on("2026-12-24") // 20 days later, it has gone on
		s.stands(town.PhaseInProgress, "2027-01-12")
		_, err = s.SuspendForAcquisition(s.boss(), s.suspension(5))
		s.refused(err, town.PreconditionFailed, "it was used")
		s.refused(s.ask(town.GroundFacts), town.PreconditionFailed, "it was used")
	})
}

// Third parties are heard within the term in documentary access, and suspend it for 10 days
// at most in civic access; nobody is in a request for instalments.
func TestThirdParties(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for practice, says := range map[string]string{deedsAccess: "allows no suspension", taxes: "requests of access"} {
		s := newStory(t, h, practice)
		in := s.suspension(10)
		in.ThirdParties = ptr(true)
		_, err := s.SuspendForAcquisition(s.boss(), in)
		s.refused(err, town.PreconditionFailed, says)
	}
	s := newStory(t, h, civicAccess)
	in := s.suspension(11)
	in.ThirdParties = ptr(true)
	_, err := s.SuspendForAcquisition(s.boss(), in)
	s.refused(err, town.PreconditionFailed, "at most 10 days")
	in.IdempotencyKey, in.Days = key(), 10
	s.done(s.SuspendForAcquisition(s.boss(), in))
	s.stands(town.PhaseAwaitingThirdParty, "2027-01-02", "suspended")
}

func TestAcquisitionAnswered(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-03")
	s.done(s.SuspendForAcquisition(s.boss(), s.suspension(30)))
	s.on("2026-12-15")
	s.done(s.EndAcquisition(s.boss(), s.answer("Acquisiti i dati.", nil)))
	s.stands(town.PhaseInProgress, "2027-01-04")
}

// A refusal after a notice waits for the window and answers the observations.
func TestRejectionNotice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), taxes)
		s.on("2026-12-03")
		s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
		s.stands(town.PhaseRejectionNotice, "2027-01-04", "suspended")
		_, err := s.DecideCase(s.boss(), s.decision(life.Refused, nil))
		s.refused(err, town.PreconditionFailed, "until 2026-12-14")
		s.on("2026-12-07")
		s.done(s.RecordObservations(s.as(t, operator), s.answer("Il reddito è un altro.", nil)))
		s.stands(town.PhaseRejectionNotice, "2027-01-07", "suspended")
		s.on("2026-12-18") // ten days after, the term has gone on
		s.stands(town.PhaseInProgress, "2027-01-07")
		_, err = s.ServeRejectionNotice(s.boss(), s.because("Un altro motivo ancora."))
		s.refused(err, town.PreconditionFailed, "served already")
		_, err = s.DecideCase(s.boss(), s.decision(life.Refused, nil))
		s.refused(err, town.Required, "observations")
		s.done(s.DecideCase(s.boss(), s.decision(life.Refused, ptr("Il reddito dichiarato supera il limite."))))
		s.stands(town.PhaseDecidedRefused, "2027-01-07")
	})
}

// Without observations the term goes on at the end of the window; a paper that came
// within it and is recorded later still gives its 10 days.
func TestObservationsRecordedLate(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-03")
	s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
	s.on("2026-12-14") // the tenth day is Sunday 13
	s.stands(town.PhaseRejectionNotice, "2027-01-04", "suspended")
	s.on("2026-12-15")
	s.stands(town.PhaseInProgress, "2027-01-04")
	s.done(s.RecordObservations(s.as(t, operator), s.answer("Spedite il 7.", civil(t, "2026-12-07"))))
	s.stands(town.PhaseRejectionNotice, "2027-01-07", "suspended")
	s.on("2026-12-18")
	s.stands(town.PhaseInProgress, "2027-01-07")
}

// The applicant's last day moves off a Sunday like any other (art. 2963 c.c.): until it has
// passed nobody refuses, and what comes on the Monday came in time.
func TestObservationsOnTheMonday(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-03")
	s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
	s.on("2026-12-14")
	_, err := s.DecideCase(s.boss(), s.decision(life.Refused, nil))
	s.refused(err, town.PreconditionFailed, "until 2026-12-14")
	s.done(s.RecordObservations(s.as(t, operator), s.answer("Consegnate oggi.", civil(t, "2026-12-14"))))
	s.stands(town.PhaseRejectionNotice, "2027-01-13", "suspended")
}

// A term that had passed runs again if what was recorded late moved its last day.
func TestALateRecordUndoesTheDelay(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-23")
	s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
	s.on("2027-01-05") // the window ended on Saturday 2 January, and so did the term
	s.stands(town.PhaseInProgress, "2027-01-02", "overdue")
	s.done(s.RecordObservations(s.as(t, operator), s.answer("Spedite a dicembre.", civil(t, "2026-12-31"))))
	s.stands(town.PhaseRejectionNotice, "2027-01-11", "suspended") // 10 days later is Sunday the 10th
	s.on("2027-01-12")
	s.stands(town.PhaseInProgress, "2027-01-11", "overdue")
}

// A refusal is announced also after the term has passed: the notice is served, and the
// term, which cannot be suspended any more, stays as it was.
func TestALateNoticeOfRefusal(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-28")
	s.stands(town.PhaseInProgress, "2026-12-23", "overdue")
	s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
	s.stands(town.PhaseRejectionNotice, "2026-12-23", "overdue")
	_, err := s.DecideCase(s.boss(), s.decision(life.Refused, nil))
	s.refused(err, town.PreconditionFailed, "until 2027-01-07")
	s.on("2027-01-04")
	s.done(s.RecordObservations(s.as(t, operator), s.answer("Il reddito è cambiato.", nil)))
	s.stands(town.PhaseRejectionNotice, "2026-12-23", "overdue")
	reply := "Conta il reddito dell'anno scorso."
	s.done(s.DecideCase(s.boss(), s.decision(life.Refused, &reply)))
}

// Art. 8: the notice names the responsible officer and says when the case ends.
func TestStartNotice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	bare := &story{house: h, t: t, file: h.file(t, taxes, nil)}
	_, err := h.SendStartNotice(bare.boss(), bare.note())
	bare.refused(err, town.PreconditionFailed, "responsible officer")
	s := newStory(t, h, taxes)
	s.done(s.SendStartNotice(s.boss(), s.note()))
	acts, err := s.ActsOfCases(s.as(t, operator), []string{s.file.ID})
	if err != nil || len(acts[s.file.ID]) != 1 {
		t.Fatalf("acts %v, %v", acts, err)
	}
	want := map[string]string{
		"authority": "tributi-patrimonio", "subject": taxes, "office": "tributi-patrimonio", "responsible": headTaxes,
		"due_on": "2026-12-23", "remedies": "L. 241/1990 art. 2 c. 9-ter", "requested_on": "2026-11-23", "how_to_access": s.file.Protocol,
	}
	if diff := cmp.Diff(want, acts[s.file.ID][0].Contents); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
	_, err = s.SendStartNotice(s.boss(), s.note())
	s.refused(err, town.PreconditionFailed, "sent already")
	if err := s.ask(town.GroundIrregular); err != nil {
		t.Fatal(err)
	}
}

// A late measure says the term that was set and the days that it took.
func TestALateMeasureSaysSo(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.on("2026-12-28")
	s.stands(town.PhaseInProgress, "2026-12-23", "overdue")
	s.done(s.DecideCase(s.boss(), s.decision(life.Partial, nil)))
	acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
	if err != nil {
		t.Fatal(err)
	}
	measure := acts[s.file.ID][0]
	if !measure.Late || measure.TermDays != 30 || measure.UsedDays != 35 || measure.Outcome != "PARTIAL" {
		t.Errorf("measure %+v", measure)
	}
	page, err := s.Timeline(s.boss(), s.file.ID, town.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	notes, err := s.Notes(s.boss(), page.Items)
	if err != nil {
		t.Fatal(err)
	}
	said := notes[page.Items[len(page.Items)-1]]
	if said == nil || !strings.Contains(*said, "30 (giorni), fino al 2026-12-23; giorni impiegati: 35") {
		t.Errorf("the measure says %v", said)
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	extend := func(days int) (*ent.CaseFile, error) {
		return s.ExtendTerm(s.boss(), casework.ExtendTermInput{IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Days: days, Reason: "Istruttoria complessa."})
	}
	_, err := extend(31)
	s.refused(err, town.PreconditionFailed, "30 days at most")
	s.done(extend(30))
	s.stands(town.PhaseInProgress, "2027-01-22")
	_, err = extend(1)
	s.refused(err, town.PreconditionFailed, "only one extension")
}

// A review keeps the earlier measure, and has a term of its own; twice, two terms.
func TestReopening(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), taxes)
		s.done(s.DecideCase(s.boss(), s.decision(life.Inadmissible, nil)))
		s.stands(town.PhaseInadmissible, "2026-12-23")
		_, err := s.ReopenCase(s.as(t, operator), s.because("Riesame di chi non decide."))
		s.refused(err, town.NotAllowed, "head")
		for _, due := range []string{"2027-01-09", "2027-02-08"} { // 30 days; from 9 January the 30th is Monday 8 February
			day := map[string]string{"2027-01-09": "2026-12-10", "2027-02-08": "2027-01-09"}[due]
			s.on(day)
			s.done(s.ReopenCase(s.boss(), s.because("Un errore nella prima valutazione.")))
			s.stands(town.PhaseInProgress, due, "reopened")
			if s.file.DecidedAt != nil || s.file.ClosedAt != nil {
				t.Errorf("reopened, and yet %+v", s.file)
			}
			s.done(s.DecideCase(s.boss(), s.decision(life.Partial, nil)))
		}
		acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range acts[s.file.ID] {
			got = append(got, string(a.Kind)+" "+string(a.State)+" "+a.Outcome)
		}
		want := []string{
			"MEASURE REVIEWED INADMISSIBLE", "REOPENING DONE ", "MEASURE REVIEWED PARTIAL", "REOPENING DONE ", "MEASURE DONE PARTIAL",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("acts (-want +got):\n%s", diff)
		}
	})
}

// Consent by silence: a late measure has no effect (art. 2 c. 8-bis), the attestation is
// issued to who asks, a review is the only way back.
func TestSilenceIsConsent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := silent(t, h, "consent")
	s.on("2026-12-24")
	s.stands(town.PhaseDeemedGranted, "2026-12-23")
	_, err := s.DecideCase(s.boss(), s.decision(life.Refused, nil))
	s.refused(err, town.PreconditionFailed, "Granted by silence")
	s.done(s.AttestSilence(s.boss(), s.note()))
	acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
	if err != nil || acts[s.file.ID][0].Contents["effective_from"] != "2026-12-24" {
		t.Errorf("attestation %+v, %v", acts, err)
	}
	s.done(s.ReopenCase(s.boss(), s.because("Mancavano i presupposti di legge.")))
	s.stands(town.PhaseInProgress, "2027-01-23", "reopened")
}

// Refused by silence: the office may still grant it late, not refuse it again.
func TestSilenceIsRefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := silent(t, h, "refusal")
	s.on("2026-12-24")
	s.stands(town.PhaseDeemedRefused, "2026-12-23")
	_, err := s.DecideCase(s.boss(), s.decision(life.Refused, nil))
	s.refused(err, town.PreconditionFailed, "Silence has refused")
	s.done(s.DecideCase(s.boss(), s.decision(life.Partial, nil)))
	if s.file.Phase != town.PhaseDecidedPartial || s.file.ClosedAt != nil {
		t.Errorf("granted late: %+v", s.file)
	}
}

// silent is a case of a practice for which silence means that.
func silent(t testing.TB, h *house, meaning string) *story {
	t.Helper()
	h.departments.answer(silenceMeans(meaning))
	return newStory(t, h, taxes)
}

// Whoever holds the substitute power has half the term, decides, and the head no longer
// does (art. 2 c. 9-bis and 9-ter).
func TestSubstitutePower(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		s := newStory(t, h, taxes)
		give := func(holder string) error {
			return h.store.InTx(h.as(t, helpPoint), "substitute power", func(ctx context.Context, tx *store.Tx) error {
				return h.Substitute(ctx, tx, casework.Substitution{CaseID: s.file.ID, HolderID: holder, AskedOn: town.Today(tx.Now)})
			})
		}
		s.refused(give(cleared), town.PreconditionFailed, "has not passed")
		s.on("2026-12-28")
		for range 2 { // the same holder twice is once
			if err := give(cleared); err != nil {
				t.Fatal(err)
			}
		}
		s.stands(town.PhaseInProgress, "2027-01-12", "overdue", "substituted") // 15 days
		s.refused(give(head), town.PreconditionFailed, "already")
		_, err := s.DecideCase(s.boss(), s.decision(life.Partial, nil))
		s.refused(err, town.NotAllowed, "substitute power decides")
		s.done(s.DecideCase(s.as(t, cleared), s.decision(life.Partial, nil)))
		s.stands(town.PhaseDecidedPartial, "2027-01-12", "overdue", "substituted")
	})
}

func TestArchive(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	_, err := s.ArchiveCase(s.boss(), s.note())
	s.refused(err, town.PreconditionFailed, "In progress")
	s.done(s.DecideCase(s.boss(), s.decision(life.Inadmissible, nil)))
	s.done(s.ArchiveCase(s.boss(), s.note()))
	if s.file.Phase != town.PhaseArchived || s.file.ClosedAt == nil {
		t.Errorf("archived: %+v", s.file)
	}
}

// The office was down over midnight: each term still has its one effect, dated by law.
func TestDownAtMidnight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := silent(t, h, "consent")
	s.on("2026-12-03")
	s.done(s.SuspendForAcquisition(s.boss(), s.suspension(10)))
	h.clock.Set(time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)) // the suspension ended, then the term
	n, err := h.ExpireDue(context.Background())
	if err != nil || n != 2 {
		t.Fatalf("%d handled, %v", n, err)
	}
	s.stands(town.PhaseDeemedGranted, "2027-01-02")
	if got := s.file.DecidedAt.In(calc.Rome()).Format(time.DateOnly); got != "2027-01-03" {
		t.Errorf("granted from %s", got)
	}
	if n, err := h.ExpireDue(context.Background()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// Level 5 sees no formal act, whatever else it opens; the office and the parties do.
func TestActsAreSeenWithTheCase(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), taxes)
	s.done(s.ServeRejectionNotice(s.boss(), s.because("Manca il requisito del reddito.")))
	for who, want := range map[string]int{headTaxes: 1, operator: 1, mayor: 0, anna: 0, headStatus: 0} {
		acts, err := s.ActsOfCases(s.as(t, who), []string{s.file.ID})
		if err != nil || len(acts[s.file.ID]) != want {
			t.Errorf("%s sees %d acts, %v, want %d", who, len(acts[s.file.ID]), err, want)
		}
	}
	acts, err := s.ActsOfCases(s.boss(), []string{s.file.ID})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := s.ActTexts(s.boss(), acts[s.file.ID])
	if err != nil || texts[acts[s.file.ID][0]] == nil || *texts[acts[s.file.ID][0]] != "Manca il requisito del reddito." {
		t.Errorf("the notice says %v, %v", texts, err)
	}
}
