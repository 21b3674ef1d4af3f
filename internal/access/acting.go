package access

import (
	"slices"

	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Acting for another (delega): who acts keeps their own id, and asks for what is the
// principal's in the services that the mandate covers; their own things, and what their
// own roles allow, stay aside for as long. What the principal did for others is not
// reached: nobody hands on what a third person gave them.

// StandsFor reports whether the viewer speaks as that person in the service: they are
// the person, on their own account, or act for them under a mandate that covers it.
// False for the empty id.
func (v *Viewer) StandsFor(personID, service string) bool {
	if v == nil || personID == "" || v.Kind != KindPerson {
		return false
	}
	if v.ActsFor == nil {
		return v.ID == personID
	}
	return v.ActsFor.PrincipalID == personID && v.ActsFor.Covers(service)
}

// Account is the person on whose account the viewer asks: whom they act for, or
// themselves.
func (v *Viewer) Account() string {
	if v.ActsFor != nil {
		return v.ActsFor.PrincipalID
	}
	return v.ID
}

// DidAsSelf reports whether it was the viewer who did something for somebody else, and
// who now asks on their own account: they may read it back.
func (v *Viewer) DidAsSelf(actorID string) bool { return v.Is(actorID) && v.ActsFor == nil }

// MandateID is the mandate under which the viewer acts; empty on one's own account.
func (v *Viewer) MandateID() string {
	if v == nil || v.ActsFor == nil {
		return ""
	}
	return v.ActsFor.ID
}

// RequireCovered is nil on one's own account, and in the services that the mandate
// covers; else FORBIDDEN.
func (v *Viewer) RequireCovered(service string) error {
	if v.ActsFor == nil || v.ActsFor.Covers(service) {
		return nil
	}
	return town.Errorf(town.Forbidden, "The mandate does not cover this service.", "La delega non comprende questo servizio.")
}

// RequireSite is nil for everybody but a device that stands at another site: it is
// FORBIDDEN there.
func (v *Viewer) RequireSite(siteID string) error {
	if v == nil || v.SiteID == "" || v.SiteID == siteID {
		return nil
	}
	return town.Errorf(town.Forbidden, "This device stands at another site.", "Il dispositivo appartiene a un'altra sede.")
}

// concerned reports whether an event is about the viewer: it names them; of who acts,
// whether it is first of all about the principal, in a service that the mandate covers.
func (v *Viewer) concerned(e town.Event) bool {
	if v.ActsFor == nil {
		return slices.Contains(e.Parties, v.ID)
	}
	return len(e.Parties) > 0 && v.StandsFor(e.Parties[0], e.ServiceID)
}

// own holds where the column has the viewer; of who acts, where it has the principal
// and the service of the row, by its column service_id, is covered.
func (v *Viewer) own(t columns, column string, act Act) branch {
	if v.me(act) == "" {
		return branch{}
	}
	return both(is(t.C(column), v.Account()), v.covered(t))
}

// did holds where the column has the viewer as the one who did something for
// somebody; never of who acts for another.
func (v *Viewer) did(t columns, column string, act Act) branch {
	if v.ActsFor != nil {
		return branch{}
	}
	return is(t.C(column), v.me(act))
}

// covered holds where the viewer's mandate covers the service of the row, by its column
// service_id; everywhere on one's own account.
func (v *Viewer) covered(t columns) branch {
	if !v.limited() {
		return every
	}
	return in(t.C(casefile.FieldServiceID), OfficeSet{Offices: v.ActsFor.Services})
}

// limited reports whether the viewer acts under a mandate for some services only.
func (v *Viewer) limited() bool { return v.ActsFor != nil && len(v.ActsFor.Services) > 0 }

// ActsWhollyFor reports whether the viewer acts for that person in everything: then they
// know the person's data as the person does.
func (v *Viewer) ActsWhollyFor(personID string) bool {
	return v != nil && personID != "" && v.wholly() == personID
}

// wholly is the principal for whom the viewer acts in everything; empty under a mandate
// for some services, on one's own account, and for a delegate who is not known surely
// enough to read somebody's personal data.
func (v *Viewer) wholly() string {
	if v.limited() || !v.sure(CaseReadPersonal) {
		return ""
	}
	return v.OnBehalfOf()
}
