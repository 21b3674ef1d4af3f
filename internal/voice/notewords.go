package voice

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// NotesOfEscalations are the notes on steps that the viewer may see, by step, first to
// last. Guidance is for whoever reads its words.
func (v *Voice) NotesOfEscalations(ctx context.Context, ids []string) (map[string][]*ent.StepNote, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := v.store.Reader().StepNote.Query().Where(stepnote.EscalationIDIn(ids...)).Order(stepnote.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the notes on steps: %w", err)
	}
	steps, err := v.stepsOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]*ent.StepNote, len(ids))
	for _, row := range rows {
		if row.Kind != town.NoteGuidance || readsNote(viewer, row, steps[row.EscalationID]) {
			found[row.EscalationID] = append(found[row.EscalationID], row)
		}
	}
	return found, nil
}

// QuestionsOf are the words of notes, for whoever holds the step or works in the office
// concerned, and for those who read personal data there; nothing for others.
func (v *Voice) QuestionsOf(ctx context.Context, notes []*ent.StepNote) (map[*ent.StepNote]*string, error) {
	return v.noteWords(ctx, notes, func(n *ent.StepNote) vault.Sealed {
		return vault.Sealed{At: noteAt(stepnote.FieldText, n.ID), Data: n.Text}
	})
}

// ReportsOf are what offices reported, for the same people; none before.
func (v *Voice) ReportsOf(ctx context.Context, notes []*ent.StepNote) (map[*ent.StepNote]*string, error) {
	return v.noteWords(ctx, notes, func(n *ent.StepNote) vault.Sealed {
		return vault.Sealed{At: noteAt(stepnote.FieldAnswer, n.ID), Data: n.Answer}
	})
}

func (v *Voice) noteWords(ctx context.Context, notes []*ent.StepNote, of func(*ent.StepNote) vault.Sealed) (map[*ent.StepNote]*string, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	steps, err := v.stepsOf(ctx, notes)
	if err != nil {
		return nil, err
	}
	may := chosen(notes, func(n *ent.StepNote) bool { return readsNote(viewer, n, steps[n.EscalationID]) })
	return vault.Texts(ctx, v.vault, may, of)
}

// stepsOf are the steps of notes that the viewer sees, by id.
func (v *Voice) stepsOf(ctx context.Context, notes []*ent.StepNote) (map[string]*ent.Escalation, error) {
	ids := make([]string, len(notes))
	for i, n := range notes {
		ids[i] = n.EscalationID
	}
	steps, err := v.EscalationsByIDs(access.System(ctx, "the steps of notes"), ids)
	if err != nil {
		return nil, err
	}
	return steps, nil
}

// readsNote reports whether the viewer may read the words of a note: it is said between
// the house's own people, never to the citizen. Level 5 reads what it asked and said
// itself, and the rest after it opened the personal data.
func readsNote(v *access.Viewer, n *ent.StepNote, e *ent.Escalation) bool {
	switch {
	case v.Kind == access.KindSystem:
		return true
	case v.Allow(access.EscalationReport, n.OfficeID):
		return true
	case e == nil:
		return false
	case e.Step == town.StepMayor && v.CanFor(access.EscalationPolitical, e.OwnerOffice, e.ServiceID):
		return true
	default:
		return !isCitizen(v, e) && readsWords(v, e)
	}
}

// IsLate reports whether a report was due before today, or came after its day.
func (v *Voice) IsLate(n *ent.StepNote) bool {
	at := v.store.Clock().Now()
	if n.AnsweredAt != nil {
		at = *n.AnsweredAt
	}
	return !n.DueOn.IsZero() && town.Today(at).After(n.DueOn)
}
