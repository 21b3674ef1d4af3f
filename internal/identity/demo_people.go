package identity

import "github.com/spazio-in-comune/sportello/internal/town"

// DemoCitizen is an invented resident who can sign in by the login.
type DemoCitizen struct {
	Login string
	Personal
}

// demoMember is an invented member of staff, or a device, with the roles held from the
// first day.
type demoMember struct {
	login, kind, label string
	roles              []demoRole
}

// demoRole is a role in an office; "*" is all. Of an Assessore the services are those
// delegated.
type demoRole struct {
	role     town.Role
	office   string
	services []string
}

// demoCitizens are invented; their tax codes are formally valid.
func demoCitizens() []DemoCitizen {
	return []DemoCitizen{
		citizen("citizen", "Mario", "Rossi", "RSSMRA80A01F205X"),
		citizen("citizen2", "Anna Maria", "Bianchi", "BNCNMR75T55G488G"),
		citizen("citizen3", "Giuseppe", "Colombo", "CLMGPP48C09G488N"),
		citizen("citizen4", "Fatima", "El Idrissi", "LDRFTM91H61Z330X"),
		citizen("citizen5", "Luca", "Brambilla", "BRMLCU01R30F205E"),
		citizen("citizen6", "Chiara", "Fumagalli", "FMGCHR88D42F205M"),
	}
}

func citizen(login, given, family, taxCode string) DemoCitizen {
	return DemoCitizen{Login: login, Personal: Personal{
		GivenName: given, FamilyName: family, TaxCode: taxCode,
		Email: login + "@example.org", Phone: "+39020000000",
	}}
}

// demoOffices are the offices of levels 2 and 3 in the house, with the names of the
// officer and of the head.
func demoOffices() []struct{ id, officer, head string } {
	return []struct{ id, officer, head string }{
		{"sportello", "Paola Marchetti", "Roberto Galbiati"},
		{"tributi-patrimonio", "Stefano Villa", "Silvia Cattaneo"},
		{"segretariato-sociale", "Marta Pellegrini", "Giovanni Ferrario"},
		{"sportello-messi", "Antonio Greco", "Daniela Mauri"},
		{"stato-civile", "Lucia Parisi", "Franco Beretta"},
		{"back-office-tecnico", "Andrea Castelli", "Monica Redaelli"},
		{"polizia-locale", "Simone Gatti", "Claudia Rinaldi"},
	}
}

// delicate are the offices whose officer is cleared for confidential cases.
func delicate(office string) bool {
	return office == "segretariato-sociale" || office == "stato-civile"
}

// demoMembers are staff of every role, and the devices of the hall.
func demoMembers() []demoMember {
	members := []demoMember{
		{"kiosk", town.PersonDevice, "Eliminacode 1", []demoRole{{role: town.RoleKiosk, office: "*"}}},
		{"display", town.PersonDevice, "Tabellone sala d'attesa", []demoRole{{role: town.RoleDisplay, office: "*"}}},
		staff("info", "Sara Lombardi", town.RoleInfoPoint, "info-point"),
		staff("operator1", "Laura Conti", town.RoleOperator, "sportello"),
		staff("operator2", "Marco Ferrari", town.RoleOperator, "sportello"),
		staff("operator3", "Giulia Romano", town.RoleOperator, "sportello"),
		staff("operator4", "Alessandro Moretti", town.RoleOperator, "sportello"),
		staff("operator5", "Valentina Barbieri", town.RoleOperator, "sportello"),
		staff("helppoint", "Francesca Testa", town.RoleHelpPoint, town.OfficeHelpPoint),
		assessore("assessore", "Enrico Negri", "pubblica-istruzione", "cultura-sport-tempo-libero"),
		assessore("assessore2", "Teresa Fontana", "edilizia-catasto", "ecologia", "mobilita-trasporti"),
		staff("mayor", "Carla Vitali", town.RoleMayor, town.OfficeMayor),
		cleared(staff("segretario", "Aldo Bonomi", town.RoleSubstitute, town.OfficeSecretary)),
		cleared(staff("rpct", "Rita Sala", town.RoleRPCT, town.OfficeRPCT)),
		staff("admin", "Matteo Leone", town.RoleAdmin, "*"),
		staff("auditor", "Ilaria Donati", town.RoleAuditor, "*"),
	}
	for _, office := range demoOffices() {
		officer := staff("officer."+office.id, office.officer, town.RoleOfficer, office.id)
		if delicate(office.id) {
			officer.roles = append(officer.roles, demoRole{role: town.RoleConfidential, office: office.id})
		}
		members = append(members, officer, staff("head."+office.id, office.head, town.RoleHead, office.id))
	}
	return members
}

func staff(login, label string, role town.Role, office string) demoMember {
	return demoMember{login, town.PersonStaff, label, []demoRole{{role: role, office: office}}}
}

// cleared is somebody who may be asked about confidential cases of every office.
func cleared(m demoMember) demoMember {
	m.roles = append(m.roles, demoRole{role: town.RoleConfidential, office: "*"})
	return m
}

// assessore is an Assessore to whom those services are delegated.
func assessore(login, label string, services ...string) demoMember {
	return demoMember{login, town.PersonStaff, label, []demoRole{{town.RoleAssessore, town.OfficeMayor, services}}}
}

// DemoOffices are the offices in which the demo town has an officer and a head.
func DemoOffices() []string {
	var ids []string
	for _, office := range demoOffices() {
		ids = append(ids, office.id)
	}
	return ids
}
