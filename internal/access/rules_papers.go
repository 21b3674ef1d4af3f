package access

import (
	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
)

// uploadRule: a file on its way in is seen by who sends it, on the same account.
func uploadRule(v *Viewer, t columns) branch {
	return both(
		is(t.C(documentupload.FieldPersonID), v.selfID()),
		when(sql.EQ(t.C(documentupload.FieldOnBehalfOf), v.OnBehalfOf())),
	)
}

// draftRule: a form that was begun is seen by the person whom it is for, by who acts for
// them in its service, and by who began it.
func draftRule(v *Viewer, t columns) branch {
	return either(
		both(is(t.C(intakedraft.FieldAccountID), v.draftAccount()), v.covered(t)),
		both(is(t.C(intakedraft.FieldPersonID), v.selfID()), when(sql.EQ(t.C(intakedraft.FieldOnBehalfOf), v.OnBehalfOf()))),
	)
}

// draftAccount is whose drafts the viewer may ask for; empty for what is no person.
func (v *Viewer) draftAccount() string {
	if v.selfID() == "" {
		return ""
	}
	return v.Account()
}
