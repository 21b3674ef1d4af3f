package voice

import (
	"context"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// WordsOf are the citizens' words on steps, for the citizen, for whoever answers a step
// below level 5, for those who read personal data in the office concerned, and for level
// 5 once it has opened them with a reason; nothing for others.
func (v *Voice) WordsOf(ctx context.Context, steps []*ent.Escalation) (map[*ent.Escalation]*string, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	may := chosen(steps, func(e *ent.Escalation) bool { return readsWords(viewer, e) })
	return vault.Texts(ctx, v.vault, may, func(e *ent.Escalation) vault.Sealed {
		return vault.Sealed{At: stepAt(escalation.FieldText, e.ID), Data: e.Text}
	})
}

// AnswersOf are the answers of steps; none before, and for level 5 not that of a step
// below it until it has opened the personal data: it was written to the citizen.
func (v *Voice) AnswersOf(ctx context.Context, steps []*ent.Escalation) (map[*ent.Escalation]*string, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	may := chosen(steps, func(e *ent.Escalation) bool {
		return e.Step == town.StepMayor || !onlyPolitical(viewer, e) || readsWords(viewer, e)
	})
	return vault.Texts(ctx, v.vault, may, func(e *ent.Escalation) vault.Sealed {
		return vault.Sealed{At: stepAt(escalation.FieldAnswer, e.ID), Data: e.Answer}
	})
}

// Comments are what citizens wrote beside their scores; nothing for whoever sees the
// score but may not read that.
func (v *Voice) Comments(ctx context.Context, list []*ent.Feedback) (map[*ent.Feedback]*string, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	may := chosen(list, func(f *ent.Feedback) bool { return readsComment(viewer, f) })
	return vault.Texts(ctx, v.vault, may, func(f *ent.Feedback) vault.Sealed {
		return vault.Sealed{At: commentAt(f.ID), Data: f.Comment}
	})
}

// chosen are those of the rows that may be opened.
func chosen[R any](rows []R, may func(R) bool) []R {
	var list []R
	for _, row := range rows {
		if may(row) {
			list = append(list, row)
		}
	}
	return list
}

func readsComment(v *access.Viewer, f *ent.Feedback) bool {
	if v.Allow(access.FeedbackText, f.OfficeID) {
		return true
	}
	// Whoever sees it though not by the office is a party to it.
	party := v.StandsFor(f.AuthorID, f.ServiceID) || !v.Can(access.FeedbackRead, f.OfficeID)
	return party && v.CanAsParty(access.FeedbackText)
}

// readsWords reports whether the viewer may read what the citizen said on a step.
func readsWords(v *access.Viewer, e *ent.Escalation) bool {
	below := e.Step != town.StepMayor && v.Allow(holding(e.Step), e.OwnerOffice)
	return v.Kind == access.KindSystem || below || isCitizen(v, e) ||
		v.Allow(access.CaseReadPersonal, e.OfficeID) || !v.Scope.OpenUntil(e.LadderID).IsZero()
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
