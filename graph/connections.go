package graph

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func pageInfo[T any](page town.Page[T], id func(T) string) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: page.HasNext, HasPreviousPage: page.HasPrevious}
	if n := len(page.Items); n > 0 {
		start, end := town.Cursor(id(page.Items[0])), town.Cursor(id(page.Items[n-1]))
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

func caseConnection(page town.Page[*ent.CaseFile], filter casework.CaseFilter) *model.CaseConnection {
	return &model.CaseConnection{
		Edges: edges(page, func(c *ent.CaseFile) *model.CaseEdge {
			return &model.CaseEdge{Cursor: town.Cursor(c.ID), Node: c}
		}),
		PageInfo: pageInfo(page, func(c *ent.CaseFile) string { return c.ID }),
		Filter:   filter,
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

func assignmentConnection(page town.Page[*ent.RoleAssignment]) *model.RoleAssignmentConnection {
	return &model.RoleAssignmentConnection{
		Edges: edges(page, func(a *ent.RoleAssignment) *model.RoleAssignmentEdge {
			return &model.RoleAssignmentEdge{Cursor: town.Cursor(a.ID), Node: a}
		}),
		PageInfo: pageInfo(page, func(a *ent.RoleAssignment) string { return a.ID }),
	}
}
