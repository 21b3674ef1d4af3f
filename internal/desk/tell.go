package desk

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// tellLeg appends a fact about a leg. Codes and desks are public, so that a board
// can be drawn from them; a discreet visit's facts are confidential and bare.
func tellLeg(tx *store.Tx, fact town.EventType, actor string, v *ent.Visit, l *ent.Leg, data map[string]string) {
	event := town.Event{
		Type: fact, SiteID: l.SiteID, OfficeID: l.OfficeID, ServiceID: l.ServiceID,
		VisitID: l.VisitID, LegID: l.ID, CounterID: l.CounterID,
		Level: l.Level, Parties: partiesOf(v), Confidential: v.Discreet, Actor: actor, Data: data,
	}
	if !v.Discreet {
		event.Data = with(data, "label", l.Label)
	}
	tx.Emit(event)
}

// tellVisit appends a fact about a visit, in the office of its leg.
func tellVisit(tx *store.Tx, fact town.EventType, actor string, v *ent.Visit, l *ent.Leg, data map[string]string) {
	tx.Emit(town.Event{
		Type: fact, SiteID: v.SiteID, OfficeID: l.OfficeID, ServiceID: l.ServiceID, VisitID: v.ID,
		Level: l.Level, Parties: partiesOf(v), Confidential: v.Discreet, Actor: actor, Data: data,
	})
}

func tellSession(tx *store.Tx, fact town.EventType, actor string, s *ent.CounterSession) {
	tx.Emit(town.Event{
		Type: fact, SiteID: s.SiteID, OfficeID: s.OfficeID, CounterID: s.CounterID, Actor: actor,
		Data: map[string]string{"session": s.ID},
	})
}

func partiesOf(v *ent.Visit) []string {
	if v.PersonID == "" {
		return nil
	}
	return []string{v.PersonID}
}

// with returns data and one more entry, leaving data as it is.
func with(data map[string]string, key, value string) map[string]string {
	more := map[string]string{key: value}
	for k, v := range data {
		more[k] = v
	}
	return more
}
