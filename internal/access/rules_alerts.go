package access

import (
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// alertRule: alerts are for the mayor's office, of an Assessore those in the services that
// were delegated; for the office concerned, and for the one that holds the step of the
// ladder. What is confidential needs the grant, but for whoever answers the step.
func alertRule(v *Viewer, t columns) branch {
	if !v.Can(AlertRead, "") {
		return branch{}
	}
	office, holder, service := t.C(alert.FieldOfficeID), t.C(alert.FieldHolderOffice), t.C(alert.FieldServiceID)
	read := v.Scope.Offices(AlertRead)
	return either(
		both(when(sql.NEQ(holder, "")), either(in(holder, v.answers()), v.heldFor(holder, service, EscalationPolitical))),
		both(either(v.mayors(service, AlertRead), in(office, read), in(holder, read)), notSecret(v, t)),
	)
}

// mayors holds for what the mayor's office may do: everything, or in the services of the
// column that were delegated.
func (v *Viewer) mayors(service string, act Act) branch {
	if v.Scope.Offices(act).Has(town.OfficeMayor) {
		return every
	}
	var b branch
	if v.Scope == nil {
		return b
	}
	for _, d := range v.Scope.delegated[act] {
		if d.offices.Has(town.OfficeMayor) {
			b = either(b, in(service, OfficeSet{Offices: d.services}))
		}
	}
	return b
}

// seesAlert is alertRule on an event.
func (v *Viewer) seesAlert(e town.Event) bool {
	if !v.Can(AlertRead, "") {
		return false
	}
	holder := e.Data[town.DataOwnerOffice]
	if holder != "" && (v.answers().Has(holder) || v.CanFor(EscalationPolitical, holder, e.ServiceID)) {
		return true
	}
	return v.overAlert(AlertRead, e.OfficeID, holder, e.ServiceID) && v.clearedFor(e)
}

// overAlert reports whether the viewer may do the act as mayor's office, as the office
// concerned or as the one that holds the step.
func (v *Viewer) overAlert(act Act, office, holder, service string) bool {
	set := v.Scope.Offices(act)
	return v.CanFor(act, town.OfficeMayor, service) || office != "" && set.Has(office) || holder != "" && set.Has(holder)
}

// RequireAlert is FORBIDDEN for whoever may see an alert on the office, the step's holder
// and the service, and may not do the act with it.
func (v *Viewer) RequireAlert(act Act, office, holder, service string) error {
	for _, of := range slices.Compact([]string{office, holder}) {
		if of != "" && v.Can(act, of) {
			return v.Require(act, of)
		}
	}
	return v.RequireFor(act, town.OfficeMayor, service)
}

// endpointRule: where alerts are sent is seen by administrators, and a mailbox by its
// owner.
func endpointRule(v *Viewer, t columns) branch {
	if v.Can(AlertManage, "") {
		return every
	}
	return is(t.C(alertendpoint.FieldPersonID), v.selfID())
}

// deliveryRule: the messages are for administrators.
func deliveryRule(v *Viewer, _ columns) branch { return branch{all: v.Can(AlertManage, "")} }
