package access

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Scope is where one viewer may do what, as one immutable value: computed when
// the policy snapshot is built, looked up once per operation.
type Scope struct {
	// PolicyVersion is the snapshot it was computed from.
	PolicyVersion int64
	// Expires is the next from or to date of an assignment; zero means none.
	Expires time.Time
	// Roles are the roles held now.
	Roles []HeldRole

	all     bool // system work
	offices map[Act]OfficeSet
	// delegated is what is allowed in some services only: the steps of the ladder that
	// an Assessore answers. It stands beside offices, never within.
	delegated map[Act][]delegation
	party     map[Act]bool
	opened    []Opened
	levels    *Levels // nil: no level is asked for
}

// delegation is a set of services in a set of offices.
type delegation struct {
	offices  OfficeSet
	services []string
}

// Opened are the personal data behind a step of the ladder that the viewer, of level 5,
// has opened with a reason. The scope expires when the first of them closes again.
type Opened struct {
	EscalationID string
	// LadderID is the story that the step belongs to.
	LadderID string
	// CaseID is the case concerned; empty if none.
	CaseID string
	// CitizenID is the person whom the step is for; empty where nobody knows.
	CitizenID string
	Until     time.Time

	// ownerOffice and service are what the viewer must still answer for.
	ownerOffice, service string
}

// HeldRole is a role in an office, or in all ("*").
type HeldRole struct {
	Role   town.Role
	Office string
	// From is when it began; zero for what one is without being made it, such as a
	// citizen.
	From time.Time
	// To is when it ends; zero means no end.
	To time.Time
	// GrantedBy is the person who gave it, or the name of system work.
	GrantedBy string
	// Services are the subjects delegated to an Assessore, as codes of services, or "*"
	// for all; empty for every other role.
	Services []string
}

// OfficeSet is a set of offices: all, or some, sorted.
type OfficeSet struct {
	All     bool
	Offices []string
	index   map[string]bool // of more than a few
}

// few is how many offices are compared one by one sooner than looked up.
const few = 4

// Has reports whether the office belongs to the set.
func (s OfficeSet) Has(office string) bool {
	return s.All || s.index[office] || s.index == nil && slices.Contains(s.Offices, office)
}

// Empty reports whether the set has no office.
func (s OfficeSet) Empty() bool { return !s.All && len(s.Offices) == 0 }

// and is the offices of both sets.
func (s OfficeSet) and(more OfficeSet) OfficeSet {
	if s.All || more.All {
		return OfficeSet{All: true}
	}
	sum := append(slices.Clone(s.Offices), more.Offices...)
	slices.Sort(sum)
	both := OfficeSet{Offices: slices.Compact(sum)}
	if len(both.Offices) > few {
		both.index = make(map[string]bool, len(both.Offices))
		for _, office := range both.Offices {
			both.index[office] = true
		}
	}
	return both
}

var unlimited = &Scope{all: true}

// OpenUntil is until when the viewer has the personal data behind the steps of a story
// open; zero if they have not.
func (s *Scope) OpenUntil(ladderID string) time.Time {
	var until time.Time
	for _, o := range s.Opened() {
		if o.LadderID == ladderID && o.Until.After(until) {
			until = o.Until
		}
	}
	return until
}

// OpensPerson reports whether the viewer has the personal data of the citizen open.
func (s *Scope) OpensPerson(id string) bool {
	return id != "" && slices.ContainsFunc(s.Opened(), func(o Opened) bool { return o.CitizenID == id })
}

// OpenCases are the cases behind the steps whose personal data the viewer has open.
func (s *Scope) OpenCases() []string {
	var ids []string
	for _, o := range s.Opened() {
		if o.CaseID != "" {
			ids = append(ids, o.CaseID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// OpensCase reports whether the viewer has the personal data behind a step about the case
// open.
func (s *Scope) OpensCase(id string) bool {
	return id != "" && slices.ContainsFunc(s.Opened(), func(o Opened) bool { return o.CaseID == id })
}

// NewScope makes a scope from what each act is allowed in. It lets its holder read
// what they are a party to.
func NewScope(version int64, expires time.Time, roles []HeldRole, offices map[Act]OfficeSet) *Scope {
	s := &Scope{PolicyVersion: version, Expires: expires, Roles: roles, offices: map[Act]OfficeSet{}, party: map[Act]bool{}}
	for act, set := range offices {
		s.offices[act] = s.offices[act].and(set)
	}
	for _, act := range partyActs {
		s.party[act] = true
	}
	return s
}

// isAll reports whether this is the scope of the house's own work.
func (s *Scope) isAll() bool { return s != nil && s.all }

// Allows reports whether the act is allowed in the office, whatever the service. An
// office of "" asks for acts that concern no office: any grant will do.
func (s *Scope) Allows(act Act, office string) bool {
	if s == nil {
		return false
	}
	if s.all {
		return true
	}
	set := s.offices[act]
	if office == "" {
		return !set.Empty() || len(s.delegated[act]) > 0
	}
	return set.Has(office)
}

// AllowsFor reports whether the act is allowed in the office on a thing of the service.
func (s *Scope) AllowsFor(act Act, office, service string) bool {
	if s.Allows(act, office) {
		return true
	}
	if s == nil {
		return false
	}
	for _, d := range s.delegated[act] {
		if d.offices.Has(office) && slices.Contains(d.services, service) {
			return true
		}
	}
	return false
}

// AllowsParty reports whether the act is allowed on what one is a party to.
func (s *Scope) AllowsParty(act Act) bool {
	return s != nil && (s.all || s.party[act])
}

// Opened are the personal data that the viewer has opened and that have not closed again.
func (s *Scope) Opened() []Opened {
	if s == nil {
		return nil
	}
	return s.opened
}

// Offices is the set of offices in which the act is allowed, whatever the service.
func (s *Scope) Offices(act Act) OfficeSet {
	if s == nil {
		return OfficeSet{}
	}
	if s.all {
		return OfficeSet{All: true}
	}
	return s.offices[act]
}

// Holds reports whether the viewer holds the role somewhere.
func (s *Scope) Holds(role town.Role) bool {
	if s == nil {
		return false
	}
	for _, held := range s.Roles {
		if held.Role == role {
			return true
		}
	}
	return false
}
