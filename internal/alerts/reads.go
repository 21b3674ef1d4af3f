package alerts

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Alert is one that the viewer may see; NOT_FOUND otherwise.
func (a *Alerts) Alert(ctx context.Context, id string) (*ent.Alert, error) {
	row, err := a.store.Reader().Alert.Get(ctx, id)
	if err != nil {
		return nil, missingOr(err, "read the alert")
	}
	return row, nil
}

// AlertsByIDs are alerts by id; what is hidden from the viewer is left out.
func (a *Alerts) AlertsByIDs(ctx context.Context, ids []string) (map[string]*ent.Alert, error) {
	rows, err := a.store.Reader().Alert.Query().Where(alert.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	found := make(map[string]*ent.Alert, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// Alerts are those that the viewer may see, newest first: with open true those that are not
// resolved, with false those that are.
func (a *Alerts) Alerts(ctx context.Context, args town.PageArgs, open *bool, filter Filter) (town.Page[*ent.Alert], error) {
	spec, err := args.Spec(town.PrefixAlert)
	if err != nil {
		return town.Page[*ent.Alert]{}, err
	}
	if err := checkFilter(&filter); err != nil {
		return town.Page[*ent.Alert]{}, err
	}
	query := chosen(a.store.Reader().Alert.Query(), open, filter)
	if spec.Below != "" {
		query.Where(alert.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(alert.IDGT(spec.Above))
	}
	rows, err := query.Order(byID(spec)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.Alert]{}, fmt.Errorf("list alerts: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

func chosen(query *ent.AlertQuery, open *bool, f Filter) *ent.AlertQuery {
	if len(f.Levels) > 0 {
		query.Where(alert.LevelIn(f.Levels...))
	}
	if len(f.Services) > 0 {
		query.Where(alert.ServiceIDIn(f.Services...))
	}
	if len(f.Offices) > 0 {
		query.Where(alert.OfficeIDIn(f.Offices...))
	}
	if len(f.Kinds) > 0 {
		query.Where(alert.KindIn(f.Kinds...))
	}
	switch {
	case open == nil:
	case *open:
		query.Where(alert.StateNEQ(town.AlertResolved))
	default:
		query.Where(alert.StateEQ(town.AlertResolved))
	}
	return query
}

// Standing are the alerts that are not resolved and that the viewer may see, newest first,
// at most n.
func (a *Alerts) Standing(ctx context.Context, f Filter, n int) ([]*ent.Alert, error) {
	open := true
	rows, err := chosen(a.store.Reader().Alert.Query(), &open, f).Order(ent.Desc(alert.FieldID)).Limit(n).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the alerts that stand: %w", err)
	}
	return rows, nil
}

// CheckFilter refuses, for a stream, what no alert can be about.
func (a *Alerts) CheckFilter(f Filter) error { return checkFilter(&f) }

// AgeDays are the days since the alert was raised, until it was resolved or today.
func (a *Alerts) AgeDays(row *ent.Alert) int {
	end := a.store.Clock().Now()
	if row.ResolvedAt != nil {
		end = *row.ResolvedAt
	}
	return town.Today(row.RaisedAt).DaysUntil(town.Today(end))
}

// Endpoints are where alerts are sent, oldest first: all for administrators, for others
// their own mailbox.
func (a *Alerts) Endpoints(ctx context.Context) ([]*ent.AlertEndpoint, error) {
	if _, err := access.From(ctx); err != nil {
		return nil, err
	}
	rows, err := a.store.Reader().AlertEndpoint.Query().Order(ent.Asc(alertendpoint.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list where alerts are sent: %w", err)
	}
	return rows, nil
}

// Deliveries are the messages about alerts, newest first; FORBIDDEN for whoever does not
// manage alerts.
func (a *Alerts) Deliveries(ctx context.Context, args town.PageArgs, filter DeliveryFilter) (town.Page[*ent.AlertDelivery], error) {
	none := town.Page[*ent.AlertDelivery]{}
	viewer, err := access.From(ctx)
	if err != nil {
		return none, err
	}
	if err := viewer.Require(access.AlertManage, ""); err != nil {
		return none, err
	}
	spec, err := args.Spec(town.PrefixDelivery)
	if err != nil {
		return none, err
	}
	query := a.store.Reader().AlertDelivery.Query()
	if filter.State != nil {
		query.Where(alertdelivery.StateEQ(*filter.State))
	}
	if filter.EndpointID != nil {
		query.Where(alertdelivery.EndpointID(*filter.EndpointID))
	}
	if spec.Below != "" {
		query.Where(alertdelivery.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(alertdelivery.IDGT(spec.Above))
	}
	rows, err := query.Order(byID(spec)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return none, fmt.Errorf("list messages about alerts: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

// byID is the order in which a page is read.
func byID(spec town.PageSpec) func(*sql.Selector) {
	if spec.Backward {
		return ent.Asc("id")
	}
	return ent.Desc("id")
}
