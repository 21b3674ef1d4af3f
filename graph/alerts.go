package graph

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// followAlerts hands out every fact about the alerts that the filter chooses; none is left
// out for another.
func (r *Resolver) followAlerts(ctx context.Context, filter alerts.Filter, after *string) (<-chan *model.AlertUpdate, error) {
	if err := require(ctx, access.AlertRead, ""); err != nil {
		return nil, err
	}
	if err := r.Alarms.CheckFilter(filter); err != nil {
		return nil, err
	}
	rights, wants := r.rights(ctx, needs(access.AlertRead, "")), filter.Rule()
	maySee := rights.MaySee
	rights.MaySee = func(e town.Event) bool { return wants.Wants(alerts.About(e)) && maySee(e) }
	req := stream.Request{Filter: stream.Filter{Groups: []string{groupAlert}}, After: after, Rights: rights}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.AlertUpdate, error) {
		update := &model.AlertUpdate{Kind: kind(d), Cursor: d.Cursor, Event: info(d)}
		var err error
		if d.Kind == stream.KindSnapshot {
			update.Open, err = r.Alarms.Standing(ctx, filter, town.MaxPageSize)
		} else {
			update.Alert, err = r.Alarms.Alert(ctx, d.Event.Data[town.DataAlert])
		}
		if err != nil {
			return nil, err
		}
		update.Open = orEmpty(update.Open)
		return update, nil
	})
}

// measured is a figure of an alert, nil where nothing is measured.
func measured(row *ent.Alert, figure float64) *float64 {
	if row.Threshold == 0 {
		return nil
	}
	return &figure
}

func alertConnection(page town.Page[*ent.Alert]) *model.AlertConnection {
	return &model.AlertConnection{
		Edges: edges(page, func(a *ent.Alert) *model.AlertEdge {
			return &model.AlertEdge{Cursor: town.Cursor(a.ID), Node: a}
		}),
		PageInfo: pageInfo(page, func(a *ent.Alert) string { return a.ID }),
	}
}

func deliveryConnection(page town.Page[*ent.AlertDelivery]) *model.AlertDeliveryConnection {
	return &model.AlertDeliveryConnection{
		Edges: edges(page, func(d *ent.AlertDelivery) *model.AlertDeliveryEdge {
			return &model.AlertDeliveryEdge{Cursor: town.Cursor(d.ID), Node: d}
		}),
		PageInfo: pageInfo(page, func(d *ent.AlertDelivery) string { return d.ID }),
	}
}

func alertPayload(row *ent.Alert, err error) (*model.AlertPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.AlertPayload{UserErrors: mend, Alert: row}, nil
}

func endpointPayload(made alerts.Made, err error) (*model.AlertEndpointPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.AlertEndpointPayload{UserErrors: mend, Endpoint: made.Endpoint, Secret: orNull(made.Secret)}, nil
}

func deliveryPayload(row *ent.AlertDelivery, err error) (*model.AlertDeliveryPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.AlertDeliveryPayload{UserErrors: mend, Delivery: row}, nil
}
