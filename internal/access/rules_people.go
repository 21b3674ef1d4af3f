package access

import (
	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// personRule: oneself; colleagues and devices for staff; citizens for whoever
// receives them, and the one whose data level 5 has opened. A citizen sees the officer
// responsible for a case of theirs, whom
// the law has named to them (art. 8 L. 241/1990). Who acts for another in everything
// sees the principal.
func personRule(v *Viewer, t columns) branch {
	kind, id := t.C(person.FieldKind), t.C(person.FieldID)
	b := either(is(id, v.selfID()), is(id, v.wholly()))
	if v.Can(StaffRead, "") {
		b = either(b, when(sql.NEQ(kind, town.PersonCitizen)))
	}
	if v.Can(PersonRead, "") {
		b = either(b, when(sql.EQ(kind, town.PersonCitizen)))
	}
	for _, o := range v.Scope.Opened() {
		b = either(b, is(id, o.CitizenID))
	}
	return either(b, among(id, casefile.Table, "mine", casefile.FieldResponsibleID, func(mine columns) branch {
		return v.own(mine, casefile.FieldApplicantID, CaseRead)
	}))
}

// selfID is the viewer's row among the persons, or empty.
func (v *Viewer) selfID() string {
	if v.Kind != KindPerson && v.Kind != KindDevice && v.Kind != KindService {
		return ""
	}
	return v.ID
}

// assignmentRule: roles are seen by who gives them, by auditors, and by who has them.
func assignmentRule(v *Viewer, t columns) branch {
	if v.Can(AuditRead, "") {
		return every
	}
	return either(
		in(t.C("office_id"), v.Scope.Offices(RoleGrant)),
		is(t.C("person_id"), v.selfID()),
	)
}

// pluginRule: the departments' processes are for administrators.
func pluginRule(v *Viewer, _ columns) branch {
	return branch{all: v.Can(PluginRead, "")}
}

// figureRule: figures are for those who answer for the office that they are about.
func figureRule(v *Viewer, t columns) branch {
	return in(t.C("office_id"), v.Scope.Offices(ResultsRead))
}

// requestRule: the memory of a request is for whoever made it.
func requestRule(v *Viewer, t columns) branch { return is(t.C("actor_id"), v.ID) }

// nobody: rows that only the house's own work reads.
func nobody(*Viewer, columns) branch { return branch{} }

// everybody: public rows.
func everybody(*Viewer, columns) branch { return every }
