package access

import (
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Act gives the viewer who acts for another under the mandate, until it ends at the
// latest. Only a citizen may, as the delegate that it names, while it is in force and
// both may come in; it is FORBIDDEN in the same words whatever is missing, so that
// nobody learns which mandates there are. It reads no database.
func (a *Authority) Act(v *Viewer, mandateID string) (*Viewer, error) {
	s, now := a.current.Load(), a.store.Clock().Now()
	m, ok := s.mandates[mandateID]
	if !ok || v.Kind != KindPerson || v.ActsFor != nil || !s.admits(v.ID, v.SignInID) || !s.mayAct(v.ID, m, now) {
		return nil, errNoMandate()
	}
	fresh := *v
	fresh.ActsFor, fresh.Scope = m, s.scopeFor(v.ID, m, now)
	if !m.To.IsZero() {
		// The mandate follows the town's clock, the end of a sign-in real time.
		if ends := time.Now().Add(m.To.Sub(now)); fresh.Expires.IsZero() || ends.Before(fresh.Expires) {
			fresh.Expires = ends
		}
	}
	return &fresh, nil
}

// mayAct reports whether the person may act under the mandate now.
func (s *snapshot) mayAct(personID string, m *Mandate, now time.Time) bool {
	return m.DelegateID == personID && s.isCitizen(personID) && s.inForce(m, now)
}

// isCitizen reports whether the person is one of the public: staff have an account of
// their own for what is theirs.
func (s *snapshot) isCitizen(personID string) bool {
	m, ok := s.members[personID]
	return !ok || m.kind == town.PersonCitizen
}

// scopeFor is the person's own scope, or a citizen's until the mandate ends where they
// act under one.
func (s *snapshot) scopeFor(personID string, m *Mandate, now time.Time) *Scope {
	if m == nil {
		return s.scopeOf(personID, now)
	}
	scope := *s.citizen
	scope.Expires = m.To
	return &scope
}

func errNoMandate() error {
	return town.Errorf(town.Forbidden, "You may not act for another under this mandate.",
		"Non può agire per altri con questa delega.")
}
