package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// gtown is a generated town: plain facts, which the oracle reads and which are also
// written into the store. Everything about it follows from its seed.
type gtown struct {
	now      time.Time
	people   []*gperson
	visits   []*gvisit
	sessions []*gsession
	cases    []*gcase
	intakes  []*gintake
	words    []*gword
	steps    []*gstep
	notes    []*gnote
	mandates []*gmandate
	openings []*gopening
	signIns  []*gsignIn
	alerts   []*galert
	tokens   []string // of the kiosk
	counters []gcounter
	plugins  []string
	service  string // what all cases are about

	rng   *rand.Rand
	stamp int // makes each moment different from the others
}

// gperson is somebody in town, or a device.
type gperson struct {
	id, login, kind, label string
	roles                  []grole
	disabled               bool
	// taxCode and family are what a citizen is found by.
	taxCode, family string
	// seeded people came with the demonstration: nothing is known of their data.
	seeded bool
}

// grole is a role in an office, or in all ("*"); a zero moment is no bound.
type grole struct {
	id       string
	person   string
	role     town.Role
	office   string
	from, to time.Time
	// who gave it and who took it away; empty for the house
	grantedBy, endedBy string
	// services are the subjects of an Assessore; "*" for all.
	services []string
}

// gmandate lets a citizen act for another, in some services or, with none, in all.
type gmandate struct {
	id, principal, delegate string
	services                []string
}

// gsignIn is where somebody is signed in with a browser.
type gsignIn struct{ id, person string }

// gopening is level 5's look at the personal data behind a step, until a moment.
type gopening struct {
	id, person, step string
	until            time.Time
}

type gvisit struct {
	id, person, issuer, code string
	at                       time.Time
	legs                     []*gleg
}

type gleg struct {
	id, visit, office, service string
	state                      town.LegState
	session                    string // where it is called or served now
	intervals, calls           []gmoment
}

// gmoment is something without an id, told apart by its moment.
type gmoment struct {
	id string
	at time.Time
}

type gsession struct {
	id, counter, office, operator string
	state                         town.SessionState
}

type gcounter struct{ id, office string }

type gcase struct {
	id, protocol, office          string
	former                        []string // offices that handed it over
	applicant, filer, responsible string
	confidential                  bool
	visit, leg, linked            string
	phase                         town.Phase
	entries                       []*gentry
	documents                     []string
	clocks                        []*gclock
}

type gentry struct {
	id, actor string
	internal  bool
}

type gclock struct {
	id     string
	ledger []string // the grounds of its entries, which tell them apart
}

type gintake struct {
	id, actor, applicant, file, office string
	status                             town.IntakeStatus
}

type gword struct {
	id, office, visit, file, author, service string
	level                                    town.Level
}

type gstep struct {
	id, ladder, previous, owner, origin, visit, file string
	opener, behalf, holder, service                  string
	step                                             town.EscalationStep
	state                                            town.EscalationState
	confidential                                     bool
}

// gnote is a report that the holder of a step asks of an office, or guidance of level 5 to
// an office.
type gnote struct {
	id, step, office string
	asker, reporter  string // nobody reported yet where that is empty
	guidance         bool
}

// galert is an alert on a step, or on an office.
type galert struct {
	id, office, holder, service, step, taken, given string
	level                                           town.Level
	confidential, resolved                          bool
}

// goffices are the offices in which things happen: few, so that they meet.
func goffices() []string {
	return []string{"sportello", "tributi-patrimonio", "segretariato-sociale", "stato-civile"}
}

// newTown generates a town; size multiplies what happens in it.
func newTown(seed uint64, size int, service string) *gtown {
	t := &gtown{service: service, rng: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	t.settle()
	for i := range 12 * size {
		t.addVisit(i)
	}
	t.openSessions()
	for i := range 16 * size {
		t.addCase(i)
	}
	for i := range 10 * size {
		t.addWord(i)
	}
	for range 9 * size {
		t.addLadder()
	}
	t.askReports()
	t.mandate("gcitizen0", "gcitizen1")
	t.mandate("gcitizen2", "gcitizen1", service)
	t.mandate("gcitizen3", "gcitizen4", "un-altro-servizio")
	t.openPersonalData()
	for range 10 * size {
		t.addAlert()
	}
	t.tokens = []string{t.id(town.PrefixCredential)}
	for _, login := range []string{"gcitizen0", "gcitizen0", "gcitizen1", "gmayor"} {
		t.signIns = append(t.signIns, &gsignIn{id: t.id(town.PrefixSignIn), person: t.named(login).id})
	}
	return t
}

// id makes an id that is larger than those before.
func (t *gtown) id(prefix town.Prefix) string {
	t.stamp++
	var entropy [10]byte
	for i := range entropy {
		entropy[i] = byte(t.rng.Uint32())
	}
	var u ulid.ULID
	_ = u.SetTime(uint64(t.now.UnixMilli()) + uint64(t.stamp)) // far from its bound
	_ = u.SetEntropy(entropy[:])
	return string(prefix) + "_" + u.String()
}

// moment is one that nothing else has, within the hour before now.
func (t *gtown) moment() time.Time {
	t.stamp++
	return t.now.Add(-time.Hour).Add(time.Duration(t.stamp) * time.Millisecond)
}

func pick[T any](t *gtown, from []T) T { return from[t.rng.IntN(len(from))] }

// chance is true p times in a hundred.
func (t *gtown) chance(p int) bool { return t.rng.IntN(100) < p }

// settle makes the people: every role, held in one office, in several and in all, now,
// once and some day; and some by chance.
func (t *gtown) settle() {
	at := func(role town.Role, office string) grole { return grole{role: role, office: office} }
	for i := range 7 {
		t.addPerson(fmt.Sprintf("gcitizen%d", i), town.PersonCitizen)
	}
	t.addPerson("gcitizen.officer", town.PersonCitizen, at(town.RoleOfficer, "stato-civile"))
	t.addPerson("gcitizen.disabled", town.PersonCitizen).disabled = true
	t.addPerson("gkiosk", town.PersonDevice, at(town.RoleKiosk, "*"))
	t.addPerson("gdisplay", town.PersonDevice, at(town.RoleDisplay, "*"))
	staff := func(login string, roles ...grole) *gperson { return t.addPerson(login, town.PersonStaff, roles...) }
	staff("gidle")
	staff("ginfo", at(town.RoleInfoPoint, town.OfficeInfoPoint))
	staff("goperator", at(town.RoleOperator, "sportello"))
	staff("goperator.cleared", at(town.RoleOperator, "sportello"), at(town.RoleConfidential, "sportello"))
	for _, office := range goffices() {
		staff("gofficer."+office, at(town.RoleOfficer, office))
		staff("gcleared."+office, at(town.RoleOfficer, office), at(town.RoleConfidential, office))
		staff("ghead."+office, at(town.RoleHead, office))
	}
	staff("gofficer.two", at(town.RoleOfficer, "tributi-patrimonio"), at(town.RoleOfficer, "stato-civile"), at(town.RoleConfidential, "segretariato-sociale"))
	staff("gofficer.all", at(town.RoleOfficer, "*"))
	staff("ghead.all", at(town.RoleHead, "*"))
	staff("gclearance.alone", at(town.RoleConfidential, "*"))
	past := grole{role: town.RoleOfficer, office: "tributi-patrimonio", from: t.now.AddDate(-1, 0, 0), to: t.now.AddDate(0, 0, -1)}
	future := grole{role: town.RoleHead, office: "stato-civile", from: t.now.AddDate(0, 0, 1)}
	staff("gformer", past)
	staff("gfuture", future, at(town.RoleOperator, "sportello"))
	staff("gcleared.once", at(town.RoleOfficer, "segretariato-sociale"),
		grole{role: town.RoleConfidential, office: "segretariato-sociale", to: t.now.Add(-time.Minute)})
	staff("ghelppoint", at(town.RoleHelpPoint, town.OfficeHelpPoint))
	staff("ghelppoint.head", at(town.RoleHelpPoint, town.OfficeHelpPoint), at(town.RoleHead, "segretariato-sociale"))
	subjects := func(services ...string) grole {
		return grole{role: town.RoleAssessore, office: town.OfficeMayor, services: services}
	}
	staff("gassessore", subjects("*"))
	staff("gassessore.subject", subjects(t.service))
	staff("gassessore.other", subjects("un-altro-servizio"))
	staff("gassessore.none", subjects())
	staff("gassessore.cleared", subjects("*"), at(town.RoleConfidential, "*"))
	staff("gmayor", at(town.RoleMayor, town.OfficeMayor))
	staff("gsegretario", at(town.RoleSubstitute, town.OfficeSecretary))
	staff("grpct", at(town.RoleRPCT, town.OfficeRPCT), at(town.RoleConfidential, "*"))
	staff("gadmin", at(town.RoleAdmin, "*"))
	staff("gauditor", at(town.RoleAuditor, "*"))
	staff("gdisabled", at(town.RoleHead, "*")).disabled = true
	t.settleByChance()
}

func (t *gtown) settleByChance() {
	roles := []town.Role{
		town.RoleInfoPoint, town.RoleOperator, town.RoleOfficer, town.RoleOfficer, town.RoleHead, town.RoleHelpPoint,
		town.RoleAssessore, town.RoleMayor, town.RoleAdmin, town.RoleAuditor, town.RoleConfidential,
		town.RoleSubstitute, town.RoleRPCT,
	}
	offices := append(goffices(), town.OfficeHelpPoint, town.OfficeMayor, town.OfficeSecretary, town.OfficeRPCT, "*")
	for i := range 5 {
		p := t.addPerson(fmt.Sprintf("gchance%d", i), town.PersonStaff)
		for range 1 + t.rng.IntN(3) {
			r := grole{id: t.id(town.PrefixAssignment), role: pick(t, roles), office: pick(t, offices), from: t.now.AddDate(0, -1, 0)}
			if r.role == town.RoleAssessore {
				r.services = []string{t.service}
			}
			if t.chance(25) {
				r.to = t.now.AddDate(0, 0, t.rng.IntN(20)-10)
			}
			r.person, r.grantedBy = p.id, pick(t, t.people).id
			p.roles = append(p.roles, r)
		}
	}
}

func (t *gtown) addPerson(login, kind string, roles ...grole) *gperson {
	p := &gperson{id: t.id(town.PrefixPerson), login: login, kind: kind}
	t.people = append(t.people, p)
	if kind == town.PersonCitizen {
		p.taxCode, p.family = fmt.Sprintf("GNRCZN80A01F%03dX", len(t.people)), []string{"Rossi", "Bianchi"}[len(t.people)%2]
	} else {
		p.label = mark("LAB", login)
	}
	for _, r := range roles {
		r.id = t.id(town.PrefixAssignment)
		if r.from.IsZero() {
			r.from = t.now.AddDate(0, -6, 0)
		}
		r.person = p.id
		if t.chance(50) {
			r.grantedBy = pick(t, t.people).id
		}
		if !r.to.IsZero() {
			r.endedBy = pick(t, t.people).id
		}
		p.roles = append(p.roles, r)
	}
	return p
}

// named is the person of that login.
func (t *gtown) named(login string) *gperson {
	i := slices.IndexFunc(t.people, func(p *gperson) bool { return p.login == login })
	return t.people[i]
}

// citizens are those of whom things happen: the public, and now and then staff, who are
// citizens of the town too.
func (t *gtown) somebody() string {
	if t.chance(12) {
		return pick(t, t.people).id
	}
	return t.people[t.rng.IntN(8)].id
}

// whoWorks is somebody who may have done something in the house.
func (t *gtown) whoWorks() string { return t.people[8+t.rng.IntN(len(t.people)-8)].id }
