package identity

import "github.com/spazio-in-comune/sportello/internal/town"

// DemoPerson is somebody of a demo town as the page shows them where they sign in.
type DemoPerson struct {
	Login string
	// Name is what colleagues call them, or a citizen's name.
	Name string
	// Roles are those held from the first day; empty for citizens.
	Roles []town.Role
	// Office is where they work; empty for citizens, "*" for everywhere.
	Office string
	// Personal are a citizen's data; of staff there are none.
	Personal Personal
}

// DemoPeople are the citizens and the staff of a demo town, in the order of a page.
// Devices sign in nowhere.
func DemoPeople() []DemoPerson {
	var people []DemoPerson
	for _, c := range demoCitizens() {
		people = append(people, DemoPerson{Login: c.Login, Name: c.GivenName + " " + c.FamilyName, Personal: c.Personal})
	}
	for _, m := range demoMembers() {
		if m.kind != town.PersonStaff {
			continue
		}
		p := DemoPerson{Login: m.login, Name: m.label}
		for _, r := range m.roles {
			p.Roles, p.Office = append(p.Roles, r.role), r.office
		}
		people = append(people, p)
	}
	return people
}
