package alerts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertwatch"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// Each server has processes of its own: a department may be down on one and up on another.
// A server notes in the database which it sees down, and says so again at each look. A
// department is down while any server sees it so, and all servers find the same.

const (
	// sightings are the watches by which servers tell each other: service and server follow.
	// They are no measure: no kind of alert is called so.
	sightings = "seen-down:"
	// sightingFor is how long what a server saw counts: it looks every minute, and where it
	// was killed it saw nothing any more.
	sightingFor = 3 * time.Minute
)

func (a *Alerts) sightingOf(service string) string { return sightings + service + ":" + a.replica }

// seenDown are the services whose department is down on some server, this one included.
func (a *Alerts) seenDown(ctx context.Context, departments []Department) (map[string]bool, error) {
	rows, err := a.store.Reader().AlertWatch.Query().Where(predicate.AlertWatch(sql.FieldHasPrefix(alertwatch.FieldID, sightings))).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what other servers see: %w", err)
	}
	down, old := map[string]bool{}, map[string]bool{} // services; sightings that count no more
	known := map[string]bool{}
	now := a.store.Clock().Now()
	for _, row := range rows {
		known[row.ID] = true
		service, by, _ := strings.Cut(strings.TrimPrefix(row.ID, sightings), ":")
		if by != a.replica && now.Sub(given(row.BackSince)) <= sightingFor {
			down[service] = true
			continue
		}
		old[row.ID] = true
	}
	var mine []string
	for _, d := range departments {
		if id := a.sightingOf(d.Service); d.Down {
			down[d.Service] = true
			mine = append(mine, id)
			delete(old, id)
		}
	}
	return down, a.tell(ctx, mine, known, old)
}

// tell notes what this server sees down, and forgets what counts no more.
func (a *Alerts) tell(ctx context.Context, mine []string, known, old map[string]bool) error {
	if len(mine)+len(old) == 0 {
		return nil
	}
	_, err := a.once(ctx, "note which departments are down", func(ctx context.Context, tx *store.Tx) (bool, error) {
		tx.Derived()
		for _, id := range mine {
			if err := sight(ctx, tx, id, known[id]); err != nil {
				return false, err
			}
		}
		for id := range old {
			if err := tx.AlertWatch.DeleteOneID(id).Exec(ctx); err != nil && !ent.IsNotFound(err) {
				return false, fmt.Errorf("forget what a server saw: %w", err)
			}
		}
		return true, nil
	})
	return err
}

// sight notes a sighting: since when, and that it still is so.
func sight(ctx context.Context, tx *store.Tx, id string, known bool) error {
	var err error
	if known {
		err = tx.AlertWatch.Update().Where(alertwatch.ID(id)).SetBackSince(tx.Now).AddVersion(1).Exec(ctx)
	} else {
		err = tx.AlertWatch.Create().SetID(id).SetBeyondSince(tx.Now).SetBackSince(tx.Now).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("note that a department is down: %w", err)
	}
	return nil
}
