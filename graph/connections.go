package graph

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func pageInfo[T any](page town.Page[T], id func(T) string) *model.PageInfo {
	return pageInfoAt(page, func(item T) string { return town.Cursor(id(item)) })
}

func pageInfoAt[T any](page town.Page[T], cursor func(T) string) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: page.HasPrevious}
	if n := len(page.Items); n > 0 {
		start, end := cursor(page.Items[0]), cursor(page.Items[n-1])
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

func edges[T, E any](page town.Page[T], edge func(T) E) []E {
	list := make([]E, len(page.Items))
	for i, item := range page.Items {
		list[i] = edge(item)
	}
	return list
}

func caseConnection(page town.Page[*ent.CaseFile], filter casework.CaseFilter, order *casework.CaseOrder) *model.CaseConnection {
	cursor := func(c *ent.CaseFile) string { return casework.CaseCursor(filter, order, c.ID, c.DueOn) }
	return &model.CaseConnection{
		Edges: edges(page, func(c *ent.CaseFile) *model.CaseEdge {
			return &model.CaseEdge{Cursor: cursor(c), Node: c}
		}),
		PageInfo: pageInfoAt(page, cursor),
		Filter:   filter,
		Order:    order,
	}
}

func entryConnection(page town.Page[*ent.CaseEntry]) *model.CaseEntryConnection {
	return &model.CaseEntryConnection{
		Edges: edges(page, func(e *ent.CaseEntry) *model.CaseEntryEdge {
			return &model.CaseEntryEdge{Cursor: town.Cursor(e.ID), Node: e}
		}),
		PageInfo: pageInfo(page, func(e *ent.CaseEntry) string { return e.ID }),
	}
}

func feedbackConnection(page town.Page[*ent.Feedback]) *model.FeedbackConnection {
	return &model.FeedbackConnection{
		Edges: edges(page, func(f *ent.Feedback) *model.FeedbackEdge {
			return &model.FeedbackEdge{Cursor: town.Cursor(f.ID), Node: f}
		}),
		PageInfo: pageInfo(page, func(f *ent.Feedback) string { return f.ID }),
	}
}

func escalationConnection(page town.Page[*ent.Escalation]) *model.EscalationConnection {
	return &model.EscalationConnection{
		Edges: edges(page, func(e *ent.Escalation) *model.EscalationEdge {
			return &model.EscalationEdge{Cursor: town.Cursor(e.ID), Node: e}
		}),
		PageInfo: pageInfo(page, func(e *ent.Escalation) string { return e.ID }),
	}
}

func reportConnection(page town.Page[*ent.StepNote]) *model.ReportRequestConnection {
	return &model.ReportRequestConnection{
		Edges: edges(page, func(n *ent.StepNote) *model.ReportRequestEdge {
			return &model.ReportRequestEdge{Cursor: town.Cursor(n.ID), Node: n}
		}),
		PageInfo: pageInfo(page, func(n *ent.StepNote) string { return n.ID }),
	}
}

// notes are those of one kind on a step.
func notes(ctx context.Context, step string, kind town.NoteKind) ([]*ent.StepNote, error) {
	all, err := load(ctx).notesOfStep.Load(ctx, step)
	list := []*ent.StepNote{}
	for _, n := range all {
		if n.Kind == kind {
			list = append(list, n)
		}
	}
	return list, err
}

func assignmentConnection(page town.Page[*ent.RoleAssignment]) *model.RoleAssignmentConnection {
	return &model.RoleAssignmentConnection{
		Edges: edges(page, func(a *ent.RoleAssignment) *model.RoleAssignmentEdge {
			return &model.RoleAssignmentEdge{Cursor: town.Cursor(a.ID), Node: a}
		}),
		PageInfo: pageInfo(page, func(a *ent.RoleAssignment) string { return a.ID }),
	}
}
