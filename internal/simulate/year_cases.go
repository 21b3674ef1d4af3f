package simulate

import (
	"context"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// How the offices of a year work. Shares of the cases; the rest is the profile's.
const (
	lieShare      = 0.05 // nobody looks at it until its term has passed
	acquireShare  = 0.06 // facts must be acquired from elsewhere
	extendShare   = 0.02
	neverBack     = 0.15 // of those asked for something: they never answer
	observeShare  = 0.5  // of those who get a notice of refusal
	reopenShare   = 0.05 // of the refusals: opened again by the office
	withdrawShare = 0.01
	lateShare     = 0.2 // of what comes back: entered some days after it came
	attestShare   = 0.5 // of what silence granted: the citizen asks for the paper
	startNotice   = 0.3
	latestDays    = 3 // that it is entered late
)

// yearCase is a case on its way through a year.
type yearCase struct {
	id, office string
	clerk      yearClerk
	stop       *stop
	askedOn    town.Date // when papers were asked for; nothing came before
}

func (d *yearCase) officer() string { return "officer." + d.office }
func (d *yearCase) head() string    { return "head." + d.office }

// begin takes note of a new case and has its office look at it.
func (y *year) begin(c yearClerk, s *stop, file *ent.CaseFile) {
	y.report.Cases++
	d := &yearCase{id: file.ID, office: file.OfficeID, clerk: c, stop: s}
	if !slices.Contains(y.rooms.Staffed, d.office) {
		y.report.Elsewhere++
		return
	}
	switch {
	case y.chance(lieShare):
		y.atWork(y.days(40, 100), func() { y.wake(d) })
	case c.citizen && y.chance(withdrawShare):
		y.atWork(y.days(1, 10), func() { y.withdraw(d) })
	default:
		y.atWork(y.hours(8*24), func() { y.examine(d) })
	}
}

// look reads a case and what somebody may do with it; nil if that failed.
func (y *year) look(d *yearCase, login string) (*ent.CaseFile, func(town.CaseAction) bool) {
	ctx := y.as(login)
	file, err := y.rooms.Cases.Case(ctx, d.id)
	if err != nil {
		y.fault("%s looks at case %s: %v", login, d.id, err)
		return nil, nil
	}
	all, err := y.rooms.Cases.AvailableActions(ctx, []*ent.CaseFile{file})
	if err != nil {
		y.fault("what %s may do with case %s: %v", login, d.id, err)
		return nil, nil
	}
	return file, func(action town.CaseAction) bool {
		return slices.ContainsFunc(all[file.ID], func(a casework.AvailableAction) bool { return a.Action == action && a.Allowed })
	}
}

// act does something with a case as it is now, if the table allows it; false if not. What the table allows and the room then
// refuses is a fault, but for what the law forbids by the ledger alone.
func (y *year) act(d *yearCase, login string, action town.CaseAction, do func(ctx context.Context, file *ent.CaseFile) error) bool {
	file, may := y.look(d, login)
	if file == nil || !may(action) {
		return false
	}
	err := do(y.as(login), file)
	switch {
	case err == nil:
		y.report.Acts[string(action)]++
		return true
	case town.CodeOf(err) == town.PreconditionFailed:
		y.report.Refused[string(action)]++
		return false
	default:
		y.fault("%s as %s with case %s in %s: %v", action, login, d.id, file.Phase, err)
		return false
	}
}

func (y *year) noted(file *ent.CaseFile) casework.CaseNoteInput {
	return casework.CaseNoteInput{IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version}
}

// wake is an office that finds a case which lay about: it works on it if it may still, and writes what silence decided.
func (y *year) wake(d *yearCase) {
	file, _ := y.look(d, d.head())
	if file == nil {
		return
	}
	if file.Phase == town.PhaseDeemedGranted && d.clerk.citizen && y.chance(attestShare) {
		y.act(d, d.head(), town.ActionAttest, func(ctx context.Context, file *ent.CaseFile) error {
			_, err := y.rooms.Cases.AttestSilence(ctx, y.noted(file))
			return err
		})
	}
	if life.Open(file.Phase) {
		y.examine(d)
	}
}

func (y *year) withdraw(d *yearCase) {
	y.act(d, d.clerk.login, town.ActionWithdraw, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.WithdrawCase(ctx, y.noted(file))
		return err
	})
}

// examine is the officer's first work.
func (y *year) examine(d *yearCase) {
	if !d.stop.incomplete && y.fulfil(d) {
		return
	}
	y.act(d, d.officer(), town.ActionTakeInCharge, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
		return err
	})
	if y.chance(startNotice) {
		y.act(d, d.officer(), town.ActionStartNotice, func(ctx context.Context, file *ent.CaseFile) error {
			_, err := y.rooms.Cases.SendStartNotice(ctx, y.noted(file))
			return err
		})
	}
	switch {
	case d.stop.incomplete && y.askForPapers(d):
	case y.chance(acquireShare) && y.acquire(d):
	default:
		if y.chance(extendShare) {
			y.extend(d)
		}
		y.propose(d)
	}
}

// askForPapers asks for a missing paper on one of the law's grounds; false if none is missing.
func (y *year) askForPapers(d *yearCase) bool {
	ground := town.Grounds()[y.rng.IntN(len(town.Grounds()))]
	asked := y.act(d, d.officer(), town.ActionRequestDocuments, func(ctx context.Context, file *ent.CaseFile) error {
		missing, err := y.missing(ctx, file.ID)
		if err != nil || len(missing) == 0 {
			return town.Errorf(town.PreconditionFailed, "nothing is missing", "non manca nulla")
		}
		_, err = y.rooms.Cases.RequestDocuments(ctx, casework.RequestDocumentsInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Documents: missing[:1],
			Ground: "Documento non allegato alla domanda.", LegalGround: &ground,
		})
		return err
	})
	if !asked {
		return false
	}
	d.askedOn = town.Today(y.now)
	if y.chance(neverBack) {
		y.atWork(y.days(35, 80), func() { y.decide(d, town.ActionDecide) })
	} else {
		y.atWork(y.days(1, 25), func() { y.propose(d) })
	}
	return true
}

// missing are the papers that have not come.
func (y *year) missing(ctx context.Context, caseID string) ([]string, error) {
	all, err := y.rooms.Cases.DocumentsOfCases(ctx, []string{caseID})
	var codes []string
	for _, paper := range all[caseID] {
		waits := paper.State == town.DocumentRequired || paper.State == town.DocumentRequested
		if waits && !slices.Contains(codes, paper.DocumentID) {
			codes = append(codes, paper.DocumentID)
		}
	}
	return codes, err
}

// cameOn is the day on which something came: today, or some days ago where it is entered late.
func (y *year) cameOn() *town.Date {
	if !y.chance(lateShare) {
		return nil
	}
	day := town.Today(y.now).AddDays(-1 - y.rng.IntN(latestDays))
	y.report.EnteredLate++
	return &day
}

// receive enters all papers that are missing.
func (y *year) receive(d *yearCase) {
	missing, err := y.missing(y.as(d.officer()), d.id)
	if err != nil {
		y.fault("the papers of case %s: %v", d.id, err)
	}
	for _, code := range missing {
		on := y.cameOn()
		y.act(d, d.officer(), town.ActionReceiveDocument, func(ctx context.Context, file *ent.CaseFile) error {
			if on != nil && (on.Before(town.Today(file.FiledAt)) || on.Before(d.askedOn)) {
				on = nil
			}
			_, err := y.rooms.Cases.ReceiveDocument(ctx, casework.ReceiveDocumentInput{
				IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Document: code, ReceivedOn: on,
			})
			return err
		})
	}
}

// acquire suspends a case until facts have come from elsewhere, or for as long as the law allows.
func (y *year) acquire(d *yearCase) bool {
	days := 1 + y.rng.IntN(30)
	suspended := y.act(d, d.officer(), town.ActionSuspend, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.SuspendForAcquisition(ctx, casework.SuspendCaseInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Days: days, Reason: "Dati da acquisire presso altro ente.",
		})
		return err
	})
	if !suspended {
		return false
	}
	y.atWork(y.days(1, 40), func() {
		y.act(d, d.officer(), town.ActionResume, func(ctx context.Context, file *ent.CaseFile) error {
			_, err := y.rooms.Cases.EndAcquisition(ctx, casework.CaseAnswerInput{
				IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Text: "Dati ricevuti.",
			})
			return err
		})
		y.propose(d)
	})
	return true
}

func (y *year) extend(d *yearCase) {
	y.act(d, d.head(), town.ActionExtend, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.ExtendTerm(ctx, casework.ExtendTermInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Days: 1 + y.rng.IntN(15), Reason: "Accertamenti di particolare complessità.",
		})
		return err
	})
}

// propose enters the papers and puts the decision before the head; what is done on the spot ends with its papers.
func (y *year) propose(d *yearCase) {
	y.receive(d)
	if y.fulfil(d) {
		return
	}
	if d.stop.decision == refusedDecision {
		y.notice(d)
		return
	}
	y.act(d, d.officer(), town.ActionPropose, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.ProposeDecision(ctx, casework.ProposeDecisionInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Outcome: life.Outcome(d.stop.decision), Reasons: reasons,
		})
		return err
	})
	y.atWork(y.hours(6*24), func() { y.decide(d, town.ActionDecide) })
}

// refusedDecision is a decision against the applicant.
const refusedDecision = "REFUSED"

// notice tells the applicant beforehand that the office means to refuse, and waits for what they say.
func (y *year) notice(d *yearCase) {
	served := y.act(d, d.officer(), town.ActionRejectionNotice, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.ServeRejectionNotice(ctx, casework.CaseReasonInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Reason: "Mancano i requisiti.",
		})
		return err
	})
	if served && y.chance(observeShare) {
		y.atWork(y.days(1, 9), func() {
			y.act(d, d.officer(), town.ActionObserve, func(ctx context.Context, file *ent.CaseFile) error {
				_, err := y.rooms.Cases.RecordObservations(ctx, casework.CaseAnswerInput{
					IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Text: "Non sono d'accordo.",
				})
				return err
			})
		})
	}
	y.atWork(y.days(12, 25), func() { y.decide(d, town.ActionDecide) })
}

// decide is the head's; a refusal may be opened again.
func (y *year) decide(d *yearCase, action town.CaseAction) {
	answer := "Le osservazioni non superano i motivi."
	decided := y.act(d, d.head(), action, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.DecideCase(ctx, casework.DecideCaseInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Outcome: life.Outcome(d.stop.decision),
			Reasons: reasons, ObservationsAnswer: &answer,
		})
		return err
	})
	switch {
	case !decided:
	case d.stop.decision != refusedDecision:
		y.atWork(time.Hour, func() { y.fulfil(d) })
	case y.chance(reopenShare):
		y.atWork(y.days(5, 40), func() { y.reopen(d) })
	}
	if decided && d.clerk.citizen && d.clerk.opinion.given {
		d.clerk.opinion.given = false // a case that is opened again is decided twice, and rated once
		said := yearWord{as: y.as(d.clerk.login), caseID: &d.id, opinion: d.clerk.opinion}
		y.after(10*time.Minute, func() { y.rate(said) })
	}
}

func (y *year) reopen(d *yearCase) {
	reopened := y.act(d, d.head(), town.ActionReopen, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.ReopenCase(ctx, casework.CaseReasonInput{
			IdempotencyKey: y.key(), CaseID: file.ID, ExpectedVersion: file.Version, Reason: "Nuovi elementi agli atti.",
		})
		return err
	})
	if reopened {
		d.stop.decision = "GRANTED"
		y.atWork(y.days(1, 20), func() { y.propose(d) })
	}
}

// fulfil hands over what was asked for, where the case is ripe for it.
func (y *year) fulfil(d *yearCase) bool {
	return y.act(d, d.officer(), town.ActionFulfil, func(ctx context.Context, file *ent.CaseFile) error {
		_, err := y.rooms.Cases.FulfilCase(ctx, y.noted(file))
		return err
	})
}
