package store

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// EventSequencer is the name of the row from which events are numbered.
const EventSequencer = "events"

// insertEvents writes the unit's events. With last not nil it numbers them as it
// goes; else they stay unnumbered until the lease holder does it.
func insertEvents(ctx context.Context, client *ent.Client, events []town.Event, last *int64) error {
	if len(events) == 0 {
		return nil
	}
	rows := make([]*ent.EventCreate, len(events))
	for i, e := range events {
		rows[i] = client.Event.Create().
			SetUID(e.ID).SetType(e.Type).SetAt(e.At).
			SetSiteID(e.SiteID).SetOfficeID(e.OfficeID).SetServiceID(e.ServiceID).
			SetVisitID(e.VisitID).SetLegID(e.LegID).SetCounterID(e.CounterID).
			SetCaseID(e.CaseID).SetIntakeID(e.IntakeID).SetFeedbackID(e.FeedbackID).SetEscalationID(e.EscalationID).
			SetLevel(e.Level).SetHolderID(e.HolderID).SetConfidential(e.Confidential).SetActor(e.Actor).SetOnBehalfOf(e.OnBehalfOf)
		if len(e.Parties) > 0 {
			rows[i].SetParties(e.Parties)
		}
		if len(e.Data) > 0 {
			rows[i].SetData(e.Data)
		}
		if last != nil {
			*last++
			rows[i].SetSeq(*last)
		}
	}
	if err := client.Event.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("append %d events: %w", len(events), err)
	}
	return nil
}
