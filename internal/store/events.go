package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// EventSequencer is the name of the row from which events are numbered.
const EventSequencer = "events"

// eventsAtOnce bounds the rows of one statement.
const eventsAtOnce = 100

// insertEvents writes the unit's events. With last not nil it numbers them as it
// goes; else they stay unnumbered until the lease holder does it.
//
// Every change appends events: they are written by a statement of their own, which costs
// half of what a row made field by field does. sign does for them what the hooks of
// [Config].Attach do for rows that are made so.
func insertEvents(ctx context.Context, tx *Tx, sign Sign, last *int64) error {
	for i := range tx.events {
		if err := sign(ctx, &tx.events[i]); err != nil {
			return fmt.Errorf("append %s: %w", tx.events[i].Type, err)
		}
	}
	for events := tx.events; len(events) > 0; {
		some := events[:min(len(events), eventsAtOnce)]
		events = events[len(some):]
		if err := insertSome(ctx, tx.Client, some, last); err != nil {
			return fmt.Errorf("append %d events: %w", len(some), err)
		}
	}
	return nil
}

// eventColumns are those of a row, in the order of [eventValues].
func eventColumns() []string {
	return []string{
		event.FieldUID, event.FieldSeq, event.FieldType, event.FieldAt,
		event.FieldSiteID, event.FieldOfficeID, event.FieldServiceID, event.FieldVisitID, event.FieldLegID, event.FieldCounterID,
		event.FieldCaseID, event.FieldIntakeID, event.FieldFeedbackID, event.FieldEscalationID,
		event.FieldLevel, event.FieldParties, event.FieldHolderID, event.FieldConfidential,
		event.FieldActor, event.FieldOnBehalfOf, event.FieldData,
	}
}

func eventValues(e town.Event, seq any) ([]any, error) {
	parties, err := jsonOrNull(e.Parties, len(e.Parties))
	if err != nil {
		return nil, err
	}
	data, err := jsonOrNull(e.Data, len(e.Data))
	return []any{
		e.ID, seq, string(e.Type), town.Stamp(e.At),
		e.SiteID, e.OfficeID, e.ServiceID, e.VisitID, e.LegID, e.CounterID,
		e.CaseID, e.IntakeID, e.FeedbackID, e.EscalationID,
		int(e.Level), parties, e.HolderID, e.Confidential,
		e.Actor, e.OnBehalfOf, data,
	}, err
}

func insertSome(ctx context.Context, client *ent.Client, events []town.Event, last *int64) error {
	columns := eventColumns()
	values := make([]any, 0, len(events)*len(columns))
	for _, e := range events {
		var seq any
		if last != nil {
			*last++
			seq = *last
		}
		row, err := eventValues(e, seq)
		if err != nil {
			return err
		}
		values = append(values, row...)
	}
	row := ", (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	// The columns are quoted, for both databases: one of them is a keyword of SQL.
	statement := "INSERT INTO " + event.Table + " (`" + strings.Join(columns, "`, `") + "`) VALUES " + strings.Repeat(row, len(events))[2:]
	_, err := client.ExecContext(ctx, statement, values...)
	return err
}

// jsonOrNull is the value as its column keeps it.
func jsonOrNull(value any, n int) (any, error) {
	if n == 0 {
		return nil, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write a value: %w", err)
	}
	return json.RawMessage(text), nil
}
