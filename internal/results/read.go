package results

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/dailyfigure"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Stored are the stored counts of the days, both included, of all offices and with small
// counts: what leaves the house is made of them by internal/results/weekly.
func Stored(ctx context.Context, s *store.Store, from, to town.Date) (tally.Counts, error) {
	return read(access.System(ctx, "figures"), s, from, to, "", "")
}

// read are the stored counts of the days that the viewer in ctx may see, of one office and
// of one service where they are named.
func read(ctx context.Context, s *store.Store, from, to town.Date, office, service string) (tally.Counts, error) {
	query := s.Reader().DailyFigure.Query().Where(func(q *sql.Selector) {
		q.Where(sql.GTE(q.C(dailyfigure.FieldDay), from.String())).Where(sql.LTE(q.C(dailyfigure.FieldDay), to.String()))
	})
	if office != "" {
		query.Where(dailyfigure.OfficeID(office))
	}
	if service != "" {
		query.Where(dailyfigure.ServiceID(service))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	counts := make(tally.Counts, len(rows))
	for _, row := range rows {
		counts[keyOf(row)] += row.Times
	}
	return counts, nil
}
