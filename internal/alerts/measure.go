package alerts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/oklog/ulid/v2"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertwatch"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// measured is one measure at a moment.
type measured struct {
	about rule.About
	site  string
	value float64
}

// key is what is remembered under: what is measured, and where.
func (m measured) key() string {
	return strings.Join([]string{string(m.about.Kind), m.site, m.about.Service, m.about.Office}, ":")
}

// measure looks at everything that is measured. What was beyond its threshold and is not
// measured any more, or has no line any more, is over.
func (a *Alerts) measure(ctx context.Context) (int, error) {
	levels, err := a.levels(ctx)
	if err != nil {
		return 0, err
	}
	changes := 0
	var faults error
	for _, of := range []func(context.Context, map[string]town.Level) ([]measured, []town.AlertKind, error){a.waits, a.down, a.scores} {
		all, kinds, err := of(ctx, levels)
		if err != nil { // what could not be measured is as it was
			faults = errors.Join(faults, err)
			continue
		}
		n, err := a.compare(ctx, all, kinds)
		changes, faults = changes+n, errors.Join(faults, err)
	}
	return changes, faults
}

func (a *Alerts) waits(ctx context.Context, levels map[string]town.Level) ([]measured, []town.AlertKind, error) {
	if a.hall == nil {
		return nil, nil, nil
	}
	waits, err := a.hall.Waits(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("measure the waits: %w", err)
	}
	all := make([]measured, len(waits))
	for i, w := range waits {
		all[i] = measured{about: rule.About{Kind: town.AlertWaitLong, Level: levels[w.Office], Office: w.Office}, site: w.Site, value: w.Minutes}
	}
	return all, []town.AlertKind{town.AlertWaitLong}, nil
}

func (a *Alerts) down(ctx context.Context, levels map[string]town.Level) ([]measured, []town.AlertKind, error) {
	if a.departments == nil {
		return nil, nil, nil
	}
	departments, err := a.departments.Departments(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("see which departments are up: %w", err)
	}
	down, err := a.seenDown(ctx, departments)
	if err != nil {
		return nil, nil, err
	}
	all := make([]measured, len(departments))
	for i, d := range departments {
		all[i] = measured{about: rule.About{Kind: town.AlertDepartmentDown, Level: levels[d.Office], Service: d.Service, Office: d.Office}}
		if down[d.Service] {
			all[i].value = 1
		}
	}
	return all, []town.AlertKind{town.AlertDepartmentDown}, nil
}

// scores are the means of the citizens' scores by office and by service, and by how much
// they fell from one window to the next.
func (a *Alerts) scores(ctx context.Context, levels map[string]town.Level) ([]measured, []town.AlertKind, error) {
	var all []measured
	kinds := []town.AlertKind{town.AlertSatisfactionLow, town.AlertSatisfactionFalling}
	now := a.store.Clock().Now()
	for _, kind := range kinds {
		for _, window := range a.rules.Windows(kind) {
			means, err := a.means(ctx, now.Add(-window), now)
			if err != nil {
				return nil, nil, err
			}
			var before map[subject]mean
			if kind == town.AlertSatisfactionFalling {
				if before, err = a.means(ctx, now.Add(-2*window), now.Add(-window)); err != nil {
					return nil, nil, err
				}
			}
			for s, m := range means {
				about := rule.About{Kind: kind, Level: levels[s.office], Service: s.service, Office: s.office}
				line, told := a.rules.For(kind, about.Level, about.Service, about.Office)
				if !told || line.Window != window || m.count < line.Least {
					continue
				}
				value := m.of()
				if kind == town.AlertSatisfactionFalling {
					if before[s].count < line.Least {
						continue
					}
					value = before[s].of() - value
				}
				all = append(all, measured{about: about, value: value})
			}
		}
	}
	return all, kinds, nil
}

// subject is whose scores are counted: an office's or a service's.
type subject struct{ office, service string }

// mean is a sum of scores and how many they were.
type mean struct {
	sum   float64
	count int
}

func (m mean) of() float64 { return m.sum / float64(m.count) }

// means counts the scores given from one moment up to another, by the ids of the words,
// which are in the order of time.
func (a *Alerts) means(ctx context.Context, from, to time.Time) (map[subject]mean, error) {
	var rows []struct {
		OfficeID  string  `json:"office_id"`
		ServiceID string  `json:"service_id"`
		Sum       float64 `json:"sum"`
		Count     int     `json:"count"`
	}
	err := a.store.Reader().Feedback.Query().
		Where(feedback.IDGTE(firstID(town.PrefixFeedback, from)), feedback.IDLT(firstID(town.PrefixFeedback, to))).
		GroupBy(feedback.FieldOfficeID, feedback.FieldServiceID).
		Aggregate(ent.As(ent.Sum(feedback.FieldScore), "sum"), ent.As(ent.Count(), "count")).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count the scores: %w", err)
	}
	means := map[subject]mean{}
	for _, row := range rows {
		for _, s := range []subject{{office: row.OfficeID}, {service: row.ServiceID}} {
			if s != (subject{}) {
				m := means[s]
				means[s] = mean{m.sum + row.Sum, m.count + row.Count}
			}
		}
	}
	return means, nil
}

// firstID is the least id that is given from the moment on.
func firstID(prefix town.Prefix, at time.Time) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(at)) // fails after the year 10889
	return string(prefix) + "_" + id.String()
}

// compare looks at the measures of the kinds, and at what is remembered of others.
func (a *Alerts) compare(ctx context.Context, all []measured, kinds []town.AlertKind) (int, error) {
	if len(kinds) == 0 {
		return 0, nil
	}
	known, err := a.remembered(ctx, kinds)
	if err != nil {
		return 0, err
	}
	changes := 0
	var faults error
	for _, m := range all {
		line, told := a.rules.For(m.about.Kind, m.about.Level, m.about.Service, m.about.Office)
		row := known[m.key()]
		if !told {
			continue // below: what has no line is over
		}
		delete(known, m.key())
		n, err := a.lookAt(ctx, m, line, row)
		changes, faults = changes+n, errors.Join(faults, err)
	}
	for key := range known {
		n, err := a.once(ctx, "forget a measure", func(ctx context.Context, tx *store.Tx) (bool, error) { return true, a.forget(ctx, tx, key) })
		changes, faults = changes+n, errors.Join(faults, err)
	}
	return changes, faults
}

// remembered are the watches on measures of the kinds, by key.
func (a *Alerts) remembered(ctx context.Context, kinds []town.AlertKind) (map[string]*ent.AlertWatch, error) {
	known := map[string]*ent.AlertWatch{}
	for _, kind := range kinds {
		rows, err := a.store.Reader().AlertWatch.Query().Where(predicate.AlertWatch(sql.FieldHasPrefix(alertwatch.FieldID, string(kind)+":"))).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read what is watched: %w", err)
		}
		for _, row := range rows {
			known[row.ID] = row
		}
	}
	return known, nil
}

// lookAt compares one measure with its line. Nothing is written while nothing changes.
func (a *Alerts) lookAt(ctx context.Context, m measured, line rule.Line, seen *ent.AlertWatch) (int, error) {
	if next, change := watchOf(seen).Look(a.store.Clock().Now(), line, m.value); change == rule.Nothing && next == watchOf(seen) {
		return 0, nil
	}
	n, err := a.once(ctx, "look at a measure", func(ctx context.Context, tx *store.Tx) (bool, error) {
		row, err := tx.AlertWatch.Get(ctx, m.key())
		if err != nil && !ent.IsNotFound(err) {
			return false, fmt.Errorf("read what is watched: %w", err)
		}
		was := watchOf(row)
		next, change := was.Look(tx.Now, line, m.value)
		switch change {
		case rule.Resolve:
			return true, a.forget(ctx, tx, m.key())
		case rule.Raise:
			since := tx.Now
			if !was.Beyond.IsZero() {
				since = was.Beyond
			}
			c := cause{
				key: fmt.Sprintf("%s:%d", m.key(), since.UnixMicro()), kind: m.about.Kind, level: m.about.Level, service: m.about.Service,
				office: m.about.Office, site: m.site,
			}
			if m.about.Kind != town.AlertDepartmentDown {
				c.value, c.threshold = m.value, line.Threshold
			}
			id, err := a.raise(ctx, tx, c)
			if err != nil {
				return false, err
			}
			return true, keep(ctx, tx, m.key(), row, next, id)
		default:
			alertID := ""
			if row != nil {
				alertID = row.AlertID
			}
			return false, keep(ctx, tx, m.key(), row, next, alertID)
		}
	})
	return n, err
}

func watchOf(row *ent.AlertWatch) rule.Watch {
	if row == nil {
		return rule.Watch{}
	}
	return rule.Watch{Beyond: given(row.BeyondSince), Back: given(row.BackSince), Raised: row.AlertID != ""}
}

// keep remembers the watch, unless another replica has changed it.
func keep(ctx context.Context, tx *store.Tx, key string, row *ent.AlertWatch, w rule.Watch, alertID string) error {
	if row == nil {
		create := tx.AlertWatch.Create().SetID(key).SetAlertID(alertID)
		if !w.Beyond.IsZero() {
			create.SetBeyondSince(w.Beyond)
		}
		return create.Exec(ctx)
	}
	update := tx.AlertWatch.Update().Where(alertwatch.ID(key), alertwatch.Version(row.Version)).AddVersion(1).
		SetAlertID(alertID).ClearBeyondSince().ClearBackSince()
	if !w.Beyond.IsZero() {
		update.SetBeyondSince(w.Beyond)
	}
	if !w.Back.IsZero() {
		update.SetBackSince(w.Back)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("remember what is watched: %w", err)
	}
	if n == 0 {
		return errStale()
	}
	return nil
}

// forget ends the alert that stands for a measure, and the watch on it.
func (a *Alerts) forget(ctx context.Context, tx *store.Tx, key string) error {
	row, err := tx.AlertWatch.Get(ctx, key)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what is watched: %w", err)
	}
	if _, err := a.resolve(ctx, tx, row.AlertID); err != nil {
		return err
	}
	if err := tx.AlertWatch.DeleteOneID(key).Exec(ctx); err != nil {
		return fmt.Errorf("forget what is watched: %w", err)
	}
	return nil
}
