package graph

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The groups of events that the streams are about.
const (
	groupLeg        = "leg"
	groupVisit      = "visit"
	groupCounter    = "counter"
	groupCase       = "case"
	groupClock      = "clock"
	groupFeedback   = "feedback"
	groupEscalation = "escalation"
	groupPromise    = "eta"
	groupPlugin     = "plugin"
	groupAlert      = "alert"
)

// snapshotSize bounds the lists of a snapshot.
const snapshotSize = 50

func (r *Resolver) followBoard(ctx context.Context, siteID string, after *string) (<-chan *model.BoardUpdate, error) {
	if _, err := r.Desk.Board(ctx, siteID); err != nil {
		return nil, err
	}
	req := stream.Request{Filter: stream.Filter{SiteID: siteID, Groups: []string{groupLeg, groupCounter}}, After: after, Mode: stream.Latest}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.BoardUpdate, error) {
		board, err := r.boards.after(ctx, siteID, d.Cursor, r.Desk.Board)
		if err != nil {
			return nil, err
		}
		return &model.BoardUpdate{Kind: kind(d), Cursor: d.Cursor, Board: board}, nil
	})
}

func (r *Resolver) followVisit(ctx context.Context, visitID, after *string) (<-chan *model.VisitUpdate, error) {
	visit, err := r.visitToFollow(ctx, visitID)
	if err != nil {
		return nil, err
	}
	req := stream.Request{
		Filter: stream.Filter{VisitID: visit.ID, Groups: []string{groupLeg, groupVisit, groupPromise}},
		After:  after, Rights: r.rights(ctx, nil),
	}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.VisitUpdate, error) {
		now, err := r.Desk.Visit(ctx, visit.ID)
		if err != nil {
			return nil, err
		}
		return &model.VisitUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d), Visit: now}, nil
	})
}

// visitToFollow is the one named, or the one whose ticket the viewer holds.
func (r *Resolver) visitToFollow(ctx context.Context, visitID *string) (*ent.Visit, error) {
	if visitID != nil {
		return r.Desk.Visit(ctx, *visitID)
	}
	visit, err := r.Desk.TicketVisit(ctx)
	if err == nil && visit == nil {
		err = town.Errorf(town.BadUserInput, "Name the visit, or send the code of its ticket as bearer token.",
			"Indicare la visita, oppure inviare il codice del biglietto come token.")
	}
	return visit, err
}

func (r *Resolver) followQueue(ctx context.Context, siteID, officeCode string, after *string) (<-chan *model.QueueUpdate, error) {
	if _, err := r.Desk.Queue(ctx, siteID, officeCode); err != nil {
		return nil, err
	}
	req := stream.Request{
		Filter: stream.Filter{SiteID: siteID, OfficeID: officeCode, Groups: []string{groupLeg}},
		After:  after, Rights: r.rights(ctx, needs(access.QueueRead, officeCode)),
	}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.QueueUpdate, error) {
		queue, err := r.Desk.Queue(ctx, siteID, officeCode)
		if err != nil {
			return nil, err
		}
		update := &model.QueueUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d), Queue: queue}
		if d.Event.LegID != "" {
			update.Leg, err = r.Desk.Leg(ctx, d.Event.LegID)
		}
		return update, err
	})
}

func (r *Resolver) followOfficeCases(ctx context.Context, officeCode string, after *string) (<-chan *model.CaseUpdate, error) {
	if err := require(ctx, access.CaseRead, officeCode); err != nil {
		return nil, err
	}
	req := stream.Request{
		Filter: stream.Filter{OfficeID: officeCode, Groups: []string{groupCase, groupClock}},
		After:  after, Rights: r.rights(ctx, needs(access.CaseRead, officeCode)),
	}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.CaseUpdate, error) {
		update := &model.CaseUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}
		if d.Kind == stream.KindSnapshot {
			recent, err := r.Casework.RecentOfOffice(ctx, officeCode, snapshotSize)
			update.Cases = orEmpty(recent)
			return update, err
		}
		return r.withCase(ctx, update, d.Event.CaseID)
	})
}

func (r *Resolver) followCase(ctx context.Context, caseID string, after *string) (<-chan *model.CaseUpdate, error) {
	if _, err := r.Casework.Case(ctx, caseID); err != nil {
		return nil, err
	}
	req := stream.Request{
		Filter: stream.Filter{CaseID: caseID, Groups: []string{groupCase, groupClock, groupEscalation, groupFeedback}},
		After:  after, Rights: r.rights(ctx, nil),
	}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.CaseUpdate, error) {
		return r.withCase(ctx, &model.CaseUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}, caseID)
	})
}

func (r *Resolver) withCase(ctx context.Context, update *model.CaseUpdate, caseID string) (*model.CaseUpdate, error) {
	file, err := r.Casework.Case(ctx, caseID)
	if err != nil {
		return nil, err
	}
	update.Case, update.Cases = file, orEmpty(update.Cases)
	return update, nil
}

func (r *Resolver) followFeedback(ctx context.Context, level *town.Level, after *string) (<-chan *model.FeedbackUpdate, error) {
	if err := require(ctx, access.FeedbackRead, ""); err != nil {
		return nil, err
	}
	filter := stream.Filter{Groups: []string{groupFeedback}}
	if level != nil {
		filter.Level = *level
	}
	req := stream.Request{Filter: filter, After: after, Rights: r.rights(ctx, needs(access.FeedbackRead, ""))}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.FeedbackUpdate, error) {
		update := &model.FeedbackUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}
		var err error
		if d.Kind == stream.KindSnapshot {
			update.Recent, err = r.Voice.RecentFeedback(ctx, level, snapshotSize)
		} else {
			update.Feedback, err = r.Voice.FeedbackByID(ctx, d.Event.FeedbackID)
		}
		if err != nil {
			return nil, err
		}
		update.Recent = orEmpty(update.Recent)
		return update, nil
	})
}

func (r *Resolver) followEscalations(ctx context.Context, level town.Level, after *string) (<-chan *model.EscalationUpdate, error) {
	if err := require(ctx, access.EscalationRead, ""); err != nil {
		return nil, err
	}
	req := stream.Request{Filter: stream.Filter{Level: level, Groups: []string{groupEscalation}}, After: after, Rights: r.rights(ctx, needs(access.EscalationRead, ""))}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.EscalationUpdate, error) {
		update := &model.EscalationUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}
		var err error
		if d.Kind == stream.KindSnapshot {
			update.Open, err = r.Voice.OpenAtLevel(ctx, level, town.MaxPageSize)
		} else {
			update.Escalation, err = r.Voice.Escalation(ctx, d.Event.EscalationID)
		}
		if err != nil {
			return nil, err
		}
		update.Open = orEmpty(update.Open)
		return update, nil
	})
}

func (r *Resolver) followPlugins(ctx context.Context, after *string) (<-chan *model.PluginUpdate, error) {
	if err := require(ctx, access.PluginRead, ""); err != nil {
		return nil, err
	}
	req := stream.Request{Filter: stream.Filter{Groups: []string{groupPlugin}}, After: after, Rights: r.rights(ctx, needs(access.PluginRead, ""))}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.PluginUpdate, error) {
		update := &model.PluginUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}
		var err error
		if d.Kind == stream.KindSnapshot {
			update.Plugins, err = r.Catalogue.Instances(ctx, false)
		} else {
			update.Plugin, err = r.Catalogue.Instance(ctx, d.Event.Data[town.DataPlugin])
		}
		if err != nil {
			return nil, err
		}
		update.Plugins = orEmpty(update.Plugins)
		return update, nil
	})
}
