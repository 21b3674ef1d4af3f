package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// ambient gathers what the house knows of the interested person and of the queue.
func (c *Cases) ambient(ctx context.Context, req request, in *sdk.Intake) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	maps.Copy(values, sdk.ClockAmbient(req.now))
	code, ok := in.Text("codice_fiscale")
	if !ok {
		return values, nil
	}
	// The house itself looks: what comes of it are rules, not data for the viewer.
	ctx = access.System(ctx, "facts for the rules")
	person, err := c.people.Find(ctx, code)
	if err != nil {
		return nil, fmt.Errorf("find the interested person: %w", err)
	}
	practice := req.offer.Practice.Definition().ID
	register := c.registers.Facts(ctx, code, practice)
	put(values, "resident", register.Resident)
	put(values, "debts_open", register.DebtsOpen)
	put(values, "window_open", register.WindowOpen)
	hall := c.queue.Facts(ctx, person, req.legID, req.offer.ServiceID())
	put(values, "visits_last_30_days", hall.VisitsLast30Days)
	put(values, "appointment", hall.Appointment)
	put(values, "queue_wait_minutes", hall.WaitMinutes)
	put(values, "previous_outcome", hall.PreviousOutcome)
	return values, c.openCases(ctx, values, person, req.offer.ServiceID(), req.now)
}

// put writes a value that is known; json.Marshal cannot fail on its types.
func put[T bool | int | string](values map[string]json.RawMessage, name string, v *T) {
	if v == nil {
		return
	}
	if raw, err := json.Marshal(*v); err == nil {
		values[name] = raw
	}
}

// maxOpenCases bounds how many open cases of one person are counted.
const maxOpenCases = 100

// openCases are the facts about the person's open cases in a service, oldest
// first: ids are in the order of time.
func (c *Cases) openCases(ctx context.Context, values map[string]json.RawMessage, person, service string, now time.Time) error {
	open := []*ent.CaseFile{}
	if person != "" {
		var err error
		open, err = c.store.Reader().CaseFile.Query().
			Where(casefile.ApplicantID(person), casefile.ServiceID(service), casefile.PhaseIn(life.OpenPhases()...)).
			Order(ent.Asc(casefile.FieldID)).Limit(maxOpenCases).
			Select(casefile.FieldID, casefile.FieldFiledAt).All(ctx)
		if err != nil {
			return fmt.Errorf("count the open cases of the person: %w", err)
		}
	}
	count := len(open)
	put(values, "service_open_cases", &count)
	if count == 0 {
		return nil
	}
	days := town.Today(open[0].FiledAt).DaysUntil(town.Today(now))
	put(values, "open_case_days", &days)
	term, err := c.store.Reader().CaseClock.Query().
		Where(caseclock.CaseID(open[0].ID), caseclock.Kind(conclusion)).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("read the term of the oldest open case: %w", err)
	}
	expired := term != nil && (term.State == town.ClockExpired ||
		term.State == town.ClockRunning && term.DueAt != nil && !now.Before(*term.DueAt))
	put(values, "open_case_expired", &expired)
	return nil
}
