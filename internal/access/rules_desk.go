package access

import (
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
)

// visitRule: a visit is seen by the offices of its stops, by whoever answers a step
// of the ladder about it, by the citizen, by whoever issued its number, and by the
// holder of its ticket; by a device at its own site only.
func visitRule(v *Viewer, t columns) branch {
	seen := either(
		visitParty(v, t),
		exists(leg.Table, "stop", leg.FieldVisitID, t.C(visit.FieldID), func(stop columns) branch {
			return in(stop.C(leg.FieldOfficeID), v.Scope.Offices(VisitRead))
		}),
		exists(escalation.Table, "step", escalation.FieldVisitID, t.C(visit.FieldID), func(step columns) branch {
			return in(step.C(escalation.FieldOwnerOffice), v.answers())
		}),
	).unless(v.Scope.Offices(VisitRead).All)
	return both(seen, v.atSite(t, visit.FieldSiteID))
}

// unless is every row if the condition holds.
func (b branch) unless(all bool) branch {
	if all {
		return every
	}
	return b
}

func visitParty(v *Viewer, t columns) branch {
	return either(
		both(is(t.C(visit.FieldPersonID), v.partyID(VisitRead)), v.coveredStop(t)),
		v.did(t, visit.FieldIssuedBy, VisitRead),
		is(t.C(visit.FieldID), v.ticket(VisitRead)),
	)
}

// coveredStop holds for visits with a stop in a service that the viewer's mandate
// covers; everywhere on one's own account.
func (v *Viewer) coveredStop(t columns) branch {
	if !v.limited() {
		return every
	}
	return exists(leg.Table, "covered", leg.FieldVisitID, t.C(visit.FieldID), func(stop columns) branch {
		return v.covered(stop)
	})
}

// atSite holds at the one site of a device; everywhere for everybody else.
func (v *Viewer) atSite(t columns, site string) branch {
	if v.SiteID == "" {
		return every
	}
	return is(t.C(site), v.SiteID)
}

// legRule: a stop is seen by its office, and by everyone who sees its visit, so that
// the next office has the history. Who acts for another sees the stops in the services
// that the mandate covers.
func legRule(v *Viewer, t columns) branch {
	seen := either(
		in(t.C(leg.FieldOfficeID), v.Scope.Offices(VisitRead)),
		is(t.C(leg.FieldVisitID), v.ticket(VisitRead)),
		both(v.covered(t), exists(visit.Table, "presence", visit.FieldID, t.C(leg.FieldVisitID), func(presence columns) branch {
			return visitRule(v, presence)
		})),
	)
	return both(seen, v.atSite(t, leg.FieldSiteID))
}

// ofLeg is for what hangs on a leg and is seen with it.
func ofLeg(v *Viewer, t columns) branch {
	return exists(leg.Table, "place", leg.FieldID, t.C("leg_id"), func(place columns) branch {
		return legRule(v, place)
	})
}

// callRule: why somebody was called names others who waited; it is for the staff of
// the office.
func callRule(v *Viewer, t columns) branch {
	return exists(leg.Table, "place", leg.FieldID, t.C("leg_id"), func(place columns) branch {
		return in(place.C(leg.FieldOfficeID), v.Scope.Offices(VisitRead))
	}).unless(v.Scope.Offices(VisitRead).All)
}

// sessionRule: who sits at which counter is for the staff who see its queue.
func sessionRule(v *Viewer, t columns) branch {
	return either(
		in(t.C("office_id"), v.Scope.Offices(QueueRead)),
		is(t.C("operator_id"), v.staffID()),
	)
}

// staffID is the viewer's id if they work at a counter.
func (v *Viewer) staffID() string {
	if v.Kind != KindPerson || !v.Can(CounterOpen, "") {
		return ""
	}
	return v.ID
}
