package access

import (
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/opening"
	"github.com/spazio-in-comune/sportello/ent/session"
)

// mandateRule: a mandate is seen by both of its people, and by whoever receives
// citizens.
func mandateRule(v *Viewer, t columns) branch {
	if v.Can(PersonRead, "") {
		return every
	}
	return either(
		is(t.C(mandate.FieldPrincipalID), v.selfID()),
		is(t.C(mandate.FieldDelegateID), v.selfID()),
	)
}

// openingRule: that somebody of level 5 opened personal data is seen by that person
// and by auditors.
func openingRule(v *Viewer, t columns) branch {
	if v.Can(AuditRead, "") {
		return every
	}
	return is(t.C(opening.FieldPersonID), v.selfID())
}

// sessionOfRule: sign-ins are seen by who signed in.
func sessionOfRule(v *Viewer, t columns) branch {
	return is(t.C(session.FieldPersonID), v.selfID())
}

// credentialRule: the tokens of devices and services are for whoever gives roles.
func credentialRule(v *Viewer, _ columns) branch {
	return branch{all: v.Can(RoleGrant, "")}
}

// auditRule: the audit is for auditors; a citizen asks for the entries about them
// through the room that keeps it.
func auditRule(v *Viewer, _ columns) branch { return branch{all: v.Can(AuditRead, "")} }

// auditSubjectRule: that there are entries about oneself is seen by oneself, and all
// by auditors.
func auditSubjectRule(v *Viewer, t columns) branch {
	if v.Can(AuditRead, "") {
		return every
	}
	return is(t.C("person_id"), v.selfID())
}
