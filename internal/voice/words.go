package voice

import (
	"context"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Words are the citizen's words on a step, for the citizen, for whoever answers it below
// level 5, for those who read personal data in the office concerned, and for level 5 once
// it has opened them with a reason; nil for others.
func (v *Voice) Words(ctx context.Context, e *ent.Escalation) (*string, error) {
	viewer, err := access.From(ctx)
	if err != nil || !readsWords(viewer, e) {
		return nil, err
	}
	return &e.Text, nil
}

// Answer is the answer of a step; nil before, and for level 5 that of a step below it
// until it has opened the personal data: it was written to the citizen.
func (v *Voice) Answer(ctx context.Context, e *ent.Escalation) (*string, error) {
	viewer, err := access.From(ctx)
	if err != nil || e.Answer == "" || e.Step != town.StepMayor && onlyPolitical(viewer, e) && !readsWords(viewer, e) {
		return nil, err
	}
	return &e.Answer, nil
}

// Comment is what the citizen wrote with a word; nil for whoever sees the word but may
// not read that.
func (v *Voice) Comment(ctx context.Context, f *ent.Feedback) (*string, error) {
	viewer, err := access.From(ctx)
	if err != nil || f.Comment == "" || !readsComment(viewer, f) {
		return nil, err
	}
	return &f.Comment, nil
}

func readsComment(v *access.Viewer, f *ent.Feedback) bool {
	if v.Can(access.FeedbackText, f.OfficeID) {
		return true
	}
	// Whoever sees it though not by the office is a party to it.
	party := v.StandsFor(f.AuthorID, f.ServiceID) || !v.Can(access.FeedbackRead, f.OfficeID)
	return party && v.CanAsParty(access.FeedbackText)
}

// readsWords reports whether the viewer may read what the citizen said on a step.
func readsWords(v *access.Viewer, e *ent.Escalation) bool {
	below := e.Step != town.StepMayor && v.Can(holding(e.Step), e.OwnerOffice)
	return v.Kind == access.KindSystem || below || isCitizen(v, e) ||
		v.Can(access.CaseReadPersonal, e.OfficeID) || !v.Scope.OpenUntil(e.LadderID).IsZero()
}

// onlyPolitical reports whether the viewer comes to a story as level 5.
func onlyPolitical(v *access.Viewer, e *ent.Escalation) bool {
	return v.Kind != access.KindSystem && v.CanFor(access.EscalationPolitical, town.OfficeMayor, e.ServiceID)
}

// OpenedUntil is until when the viewer has the personal data behind a step open; nil if
// they have not.
func (v *Voice) OpenedUntil(ctx context.Context, e *ent.Escalation) (*time.Time, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	until := viewer.Scope.OpenUntil(e.LadderID)
	if until.IsZero() {
		return nil, nil
	}
	return &until, nil
}

// AgeDays are the civil days since a step was opened, until it ended or today.
func (v *Voice) AgeDays(e *ent.Escalation) int {
	end := v.store.Clock().Now()
	if e.ClosedAt != nil {
		end = *e.ClosedAt
	}
	return town.Today(e.OpenedAt).DaysUntil(town.Today(end))
}
