package voice

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// The batches read many things for a list with a constant number of queries. What
// is hidden from the viewer is left out.

// EscalationsByIDs are steps by id.
func (v *Voice) EscalationsByIDs(ctx context.Context, ids []string) (map[string]*ent.Escalation, error) {
	rows, err := v.store.Reader().Escalation.Query().Where(escalation.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	found := make(map[string]*ent.Escalation, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// FeedbackByIDs are words by id.
func (v *Voice) FeedbackByIDs(ctx context.Context, ids []string) (map[string]*ent.Feedback, error) {
	rows, err := v.store.Reader().Feedback.Query().Where(feedback.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read feedback: %w", err)
	}
	found := make(map[string]*ent.Feedback, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// EscalationsOfCases are the steps about cases, newest first.
func (v *Voice) EscalationsOfCases(ctx context.Context, caseIDs []string) (map[string][]*ent.Escalation, error) {
	rows, err := v.store.Reader().Escalation.Query().Where(escalation.CaseIDIn(caseIDs...)).
		Order(ent.Desc(escalation.FieldOpenedAt, escalation.FieldStep)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the steps of cases: %w", err)
	}
	found := make(map[string][]*ent.Escalation, len(caseIDs))
	for _, row := range rows {
		found[row.CaseID] = append(found[row.CaseID], row)
	}
	return found, nil
}

// HistoriesOfEscalations are, by the id of a step that the viewer may see, the steps
// before it, first to last. Whoever sees a step sees what came before, though it
// was held by others: each step up carries the history.
func (v *Voice) HistoriesOfEscalations(ctx context.Context, ids []string) (map[string][]*ent.Escalation, error) {
	seen, err := v.EscalationsByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	ladders := make([]string, 0, len(seen))
	for _, e := range seen {
		ladders = append(ladders, e.LadderID)
	}
	rows, err := v.store.Reader().Escalation.Query().Where(escalation.LadderIDIn(ladders...)).
		All(access.System(ctx, "history of a step"))
	if err != nil {
		return nil, fmt.Errorf("read the history of steps: %w", err)
	}
	slices.SortFunc(rows, func(a, b *ent.Escalation) int { return ladder.Rank(a.Step) - ladder.Rank(b.Step) })
	found := make(map[string][]*ent.Escalation, len(seen))
	for _, e := range seen {
		for _, row := range rows {
			if row.LadderID == e.LadderID && ladder.Rank(row.Step) < ladder.Rank(e.Step) {
				found[e.ID] = append(found[e.ID], row)
			}
		}
	}
	return found, nil
}

// History is the history of one step.
func (v *Voice) History(ctx context.Context, e *ent.Escalation) ([]*ent.Escalation, error) {
	found, err := v.HistoriesOfEscalations(ctx, []string{e.ID})
	return found[e.ID], err
}

// CaseRef is what a step tells of its case to whoever sees the step: a reference,
// not the case.
type CaseRef struct {
	Protocol string
	Phase    town.Phase
}

// CaseRefsOfEscalations are, by the id of a step that the viewer may see, the
// references of the cases.
func (v *Voice) CaseRefsOfEscalations(ctx context.Context, ids []string) (map[string]CaseRef, error) {
	seen, err := v.EscalationsByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var caseIDs []string
	for _, e := range seen {
		if e.CaseID != "" {
			caseIDs = append(caseIDs, e.CaseID)
		}
	}
	if len(caseIDs) == 0 {
		return nil, nil
	}
	files, err := v.store.Reader().CaseFile.Query().Where(casefile.IDIn(caseIDs...)).
		Select(casefile.FieldID, casefile.FieldProtocol, casefile.FieldPhase).All(access.System(ctx, "reference of a step's case"))
	if err != nil {
		return nil, fmt.Errorf("read the references of cases: %w", err)
	}
	refs := make(map[string]CaseRef, len(files))
	for _, file := range files {
		refs[file.ID] = CaseRef{Protocol: file.Protocol, Phase: file.Phase}
	}
	found := make(map[string]CaseRef, len(seen))
	for id, e := range seen {
		if ref, ok := refs[e.CaseID]; ok {
			found[id] = ref
		}
	}
	return found, nil
}

// isOpen holds for steps that have not ended, or for those that have.
func isOpen(open bool) predicate.Escalation {
	if open {
		return escalation.ClosedAtIsNil()
	}
	return escalation.ClosedAtNotNil()
}

// isBreached holds for steps of stories in which a term has passed, and for those that
// nobody acknowledged by the day; or for the others.
func isBreached(breached bool, today town.Date) predicate.Escalation {
	return func(s *sql.Selector) {
		late := sql.Or(
			sql.GT(s.C(escalation.FieldLapses), 0),
			sql.EQ(s.C(escalation.FieldState), town.EscalationLapsed),
			sql.And(
				sql.EQ(s.C(escalation.FieldState), town.EscalationOpen),
				sql.NEQ(s.C(escalation.FieldAcknowledgeBy), ""), sql.LT(s.C(escalation.FieldAcknowledgeBy), today.String()),
			),
		)
		if !breached {
			late = sql.Not(late)
		}
		s.Where(late)
	}
}

// byID is the order in which a page is read.
func byID(spec town.PageSpec) func(*sql.Selector) {
	if spec.Backward {
		return ent.Asc("id")
	}
	return ent.Desc("id")
}
