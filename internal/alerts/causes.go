package alerts

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// CauseGroups are the first words of the events that [Alerts.Causes] wants.
func CauseGroups() []string { return []string{"escalation", "clock"} }

// Causes raises and resolves what follows from a fact about a step of the ladder or a
// term of a case. It reads them as they are now: what has ended meanwhile, in a log read
// from its beginning, is not told of.
func (a *Alerts) Causes(ctx context.Context, tx *store.Tx, e town.Event) error {
	switch {
	case e.EscalationID != "":
		return a.ofStep(ctx, tx, e.EscalationID)
	case e.Type == town.EventClockExpired:
		return a.ofClock(ctx, tx, e.CaseID, e.Data["clock"])
	}
	return nil
}

func (a *Alerts) ofStep(ctx context.Context, tx *store.Tx, id string) error {
	step, err := tx.Escalation.Get(ctx, id)
	if ent.IsNotFound(err) { // erased
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the step of an alert: %w", err)
	}
	if owed(step) {
		_, err = a.raiseOnStep(ctx, tx, step, town.AlertEscalation, "escalation:"+step.ID)
		return err
	}
	told, err := tx.Alert.Query().Where(alert.EscalationID(id), alert.KindIn(town.AlertEscalation, town.AlertTermNear)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("find the alerts of a step: %w", err)
	}
	if _, err := a.resolve(ctx, tx, told...); err != nil {
		return err
	}
	return a.ofLadder(ctx, tx, step)
}

// owed reports whether somebody owes the step an answer.
func owed(step *ent.Escalation) bool {
	return step.Level >= town.LevelHelpPoint && step.State != town.EscalationOffered && step.AnsweredAt == nil && step.ClosedAt == nil
}

// ofLadder tells that a step lapsed while its story goes on, and takes it back when the
// story ends.
func (a *Alerts) ofLadder(ctx context.Context, tx *store.Tx, step *ent.Escalation) error {
	story, err := tx.Escalation.Query().Where(escalation.LadderID(step.LadderID)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the story of a step: %w", err)
	}
	ids := make([]string, len(story))
	goesOn := false
	for i, s := range story {
		ids[i] = s.ID
		goesOn = goesOn || s.ClosedAt == nil
	}
	if goesOn {
		if step.State == town.EscalationLapsed {
			_, err = a.raiseOnStep(ctx, tx, step, town.AlertTermBroken, "broken:"+step.ID)
		}
		return err
	}
	broken, err := tx.Alert.Query().Where(alert.EscalationIDIn(ids...), alert.KindEQ(town.AlertTermBroken)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("find the alerts of a story: %w", err)
	}
	_, err = a.resolve(ctx, tx, broken...)
	return err
}

func (a *Alerts) raiseOnStep(ctx context.Context, tx *store.Tx, step *ent.Escalation, kind town.AlertKind, key string) (string, error) {
	c := cause{
		key: key, kind: kind, level: step.Level, service: step.ServiceID, office: step.OfficeID, holder: step.OwnerOffice,
		caseID: step.CaseID, escalation: step.ID, confidential: step.Confidential, dueOn: step.DueOn,
	}
	if step.CaseID != "" {
		file, err := tx.CaseFile.Get(ctx, step.CaseID)
		if err != nil && !ent.IsNotFound(err) {
			return "", fmt.Errorf("read the case of a step: %w", err)
		}
		if file != nil {
			c.reference, c.confidential = file.Protocol, c.confidential || file.Confidential
		}
	}
	return a.raise(ctx, tx, c)
}

func (a *Alerts) ofClock(ctx context.Context, tx *store.Tx, caseID, kind string) error {
	clock, err := tx.CaseClock.Query().Where(caseclock.CaseID(caseID), caseclock.Kind(kind)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the term of an alert: %w", err)
	}
	near, err := tx.Alert.Query().Where(alert.ClockID(clock.ID), alert.KindEQ(town.AlertTermNear)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("find the alerts of a term: %w", err)
	}
	if _, err := a.resolve(ctx, tx, near...); err != nil {
		return err
	}
	if clock.State != town.ClockExpired || clock.EndedAt != nil || !ofTheTown(clock) {
		return nil
	}
	goesOn, err := tx.CaseClock.Query().Where(caseclock.CaseID(caseID), caseclock.Follows(kind)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("read the term that follows: %w", err)
	}
	if goesOn { // the first of two parts of a term: nobody is late yet
		return nil
	}
	_, err = a.raiseOnClock(ctx, tx, clock, town.AlertTermBroken, "broken:"+clock.ID+":"+clock.DueOn.String())
	return err
}

// startsOfOthers are the events from which terms run by which the town owes nothing: those of
// the citizen (an appeal after a refusal), of third parties, of other bodies.
func startsOfOthers() []string {
	return append(sdk.StartsOfOthers(), "refusal", "notice to third parties")
}

// ofTheTown reports whether the town owes something by the term: it is neither a time to
// wait nor one for somebody else to act.
func ofTheTown(clock *ent.CaseClock) bool {
	return !clock.Wait && !slices.Contains(startsOfOthers(), clock.StartsFrom)
}

func (a *Alerts) raiseOnClock(ctx context.Context, tx *store.Tx, clock *ent.CaseClock, kind town.AlertKind, key string) (string, error) {
	file, err := tx.CaseFile.Get(ctx, clock.CaseID)
	if err != nil {
		return "", fmt.Errorf("read the case of a term: %w", err)
	}
	if file.ClosedAt != nil && file.Phase != town.PhaseDeemedRefused {
		return "", nil
	}
	level, err := levelOf(ctx, tx.Client, file.OfficeID)
	if err != nil {
		return "", err
	}
	return a.raise(ctx, tx, cause{
		key: key, kind: kind, level: level, service: file.ServiceID, office: file.OfficeID, caseID: file.ID, clockID: clock.ID,
		reference: file.Protocol, confidential: file.Confidential, dueOn: clock.DueOn,
	})
}
