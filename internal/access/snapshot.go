package access

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// everywhere is the office of an assignment that is held in all offices.
const everywhere = "*"

// snapshot is the policy joined with what people hold, as of one version. It never
// changes; a newer one replaces it.
type snapshot struct {
	standing
	version int64
	policy  *Policy
	citizen *Scope
	ticket  *Scope
	// replaced is closed when a newer snapshot takes its place.
	replaced chan struct{}
}

// standing is what the database says of who may come in and in whose name, by id.
type standing struct {
	members   map[string]*member  // whoever is not just a citizen
	opened    map[string][]Opened // personal data that level 5 has open, by who opened them
	disabled  map[string]bool
	ended     map[string]bool       // sign-ins ended or revoked before their time
	ending    map[string]time.Time  // tokens with an end, which may be newer than they are
	mandates  map[string]*Mandate   // in force now or later
	delegates map[string][]*Mandate // the same, by who may act
}

// member is somebody with roles of their own, staff or device.
type member struct {
	kind string
	held []assignment
	// scope is worked out when first asked for, and again when it expires.
	scope atomic.Pointer[Scope]
}

// assignment is a role in an office (or in all) from a moment on, until another.
type assignment struct {
	id        string
	role      town.Role
	office    string
	from      time.Time
	to        time.Time // zero: no end
	grantedBy string
	endedBy   string
	services  []string // of an Assessore: what is delegated
}

// limited reports whether the role is held for some services only, in what it does on
// the ladder. An Assessore has what was delegated, which may be nothing yet; "*" is all.
func (a assignment) limited() bool {
	return a.role == town.RoleAssessore && !slices.Contains(a.services, everywhere)
}

// limits reports whether the act is one that a delegation limits to its services.
func limits(act Act) bool {
	object, _ := act.Split()
	return object == "escalation" || object == "alert"
}

func (a assignment) holds(now time.Time) bool {
	return !now.Before(a.from) && (a.to.IsZero() || now.Before(a.to))
}

func newSnapshot(version int64, policy *Policy, h standing) *snapshot {
	s := &snapshot{standing: h, version: version, policy: policy, replaced: make(chan struct{})}
	always := func(role town.Role) []assignment { return []assignment{{role: role, office: everywhere}} }
	s.citizen = s.join(always(town.RoleCitizen), time.Time{})
	s.ticket = s.join(always(town.RoleTicket), time.Time{})
	return s
}

// admits reports whether the person may come in by the sign-in.
func (h standing) admits(personID, signInID string) bool {
	return personID != "" && !h.disabled[personID] && !h.ended[signInID]
}

// until is when the sign-in ends: at the moment that was known, or sooner where it has
// been given another since. Zero means never.
func (h standing) until(signInID string, known time.Time) time.Time {
	if end, ok := h.ending[signInID]; ok && (known.IsZero() || end.Before(known)) {
		return end
	}
	return known
}

// inForce reports whether the mandate is one of the present ones, has begun, and is of
// somebody who is not shut out; none is.
func (h standing) inForce(m *Mandate, now time.Time) bool {
	if m == nil {
		return true
	}
	known, ok := h.mandates[m.ID]
	return ok && known.holds(now) && !h.disabled[known.PrincipalID]
}

// scopeOf is the scope of a person who is not disabled. Somebody of whom the
// snapshot knows nothing is a citizen.
func (s *snapshot) scopeOf(personID string, now time.Time) *Scope {
	m, ok := s.members[personID]
	if !ok {
		return s.citizen
	}
	if scope := m.scope.Load(); scope != nil && !scope.expired(now) {
		return scope
	}
	scope := s.join(m.held, now)
	scope.open(s.opened[personID], now)
	m.scope.Store(scope)
	return scope
}

func (s *snapshot) kindOf(personID string) ViewerKind {
	m, ok := s.members[personID]
	switch {
	case ok && m.kind == town.PersonDevice:
		return KindDevice
	case ok && m.kind == town.PersonService:
		return KindService
	default:
		return KindPerson
	}
}

// join is what the roles held at the given moment allow, and until when that is so.
func (s *snapshot) join(held []assignment, now time.Time) *Scope {
	scope := &Scope{PolicyVersion: s.version, offices: map[Act]OfficeSet{}, delegated: map[Act][]delegation{}, party: map[Act]bool{}, levels: s.policy.levels}
	for _, a := range held {
		scope.Expires = earliest(scope.Expires, a.from, now)
		scope.Expires = earliest(scope.Expires, a.to, now)
		if a.holds(now) {
			scope.add(a, s.policy.grants[a.role])
		}
	}
	return scope
}

func (s *Scope) add(a assignment, g grants) {
	s.Roles = append(s.Roles, HeldRole{Role: a.role, Office: a.office, From: a.from, To: a.to, GrantedBy: a.grantedBy, Services: a.services})
	here := OfficeSet{Offices: []string{a.office}}
	if a.office == everywhere {
		here = OfficeSet{All: true}
	}
	for _, act := range g.own {
		s.allow(a, act, here)
	}
	// What is allowed in other offices and in the own is allowed in all.
	for _, act := range g.other {
		if slices.Contains(g.own, act) {
			s.allow(a, act, OfficeSet{All: true})
		}
	}
	for _, act := range g.party {
		s.party[act] = true
	}
}

// allow adds the act in the offices, for the services of the assignment where it is
// limited to some.
func (s *Scope) allow(a assignment, act Act, where OfficeSet) {
	switch {
	case !a.limited() || !limits(act):
		s.offices[act] = s.offices[act].and(where)
	case len(a.services) > 0:
		s.delegated[act] = append(s.delegated[act], delegation{offices: where, services: a.services})
	}
}

// open adds what is open now, and closes it with its term.
func (s *Scope) open(opened []Opened, now time.Time) {
	for _, o := range opened {
		if now.Before(o.Until) && s.AllowsFor(EscalationOpen, o.ownerOffice, o.service) {
			s.opened = append(s.opened, o)
			s.Expires = earliest(s.Expires, o.Until, now)
		}
	}
}

func (s *Scope) expired(now time.Time) bool { return !s.Expires.IsZero() && !now.Before(s.Expires) }

// earliest is the sooner of two moments after now; zero means none.
func earliest(soonest, t, now time.Time) time.Time {
	if t.IsZero() || !t.After(now) {
		return soonest
	}
	if soonest.IsZero() || t.Before(soonest) {
		return t
	}
	return soonest
}
