package access

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

// settingVersion is the row that holds the version of the roles held. It changes in
// the same transaction as they do.
const settingVersion = "policy_version"

// Authority knows the scope of everyone. It keeps one immutable snapshot, swapped
// when roles change; a request only looks its scope up.
type Authority struct {
	store   *store.Store
	policy  *Policy
	current atomic.Pointer[snapshot]
	loading sync.Mutex // one Reload at a time
	live    live
}

// NewAuthority checks the policy files and takes the first snapshot.
func NewAuthority(ctx context.Context, s *store.Store) (*Authority, error) {
	policy, err := NewPolicy(policies.Model, policies.Policy)
	if err != nil {
		return nil, err
	}
	if policy.levels, err = NewLevels(policies.Assurance); err != nil {
		return nil, err
	}
	a := &Authority{store: s, policy: policy}
	if err := a.Reload(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// Version is the version of the roles that scopes are worked out from.
func (a *Authority) Version() int64 { return a.current.Load().version }

// Changed is closed when the roles held have changed since this call: time to
// [Authority.Refresh] viewers of what lives longer than a request.
func (a *Authority) Changed() <-chan struct{} { return a.current.Load().replaced }

// ScopeOf is where a person, device or service may do what now, who came by the given
// sign-in (empty where there is none to end). Somebody disabled, and one whose sign-in
// has ended, is UNAUTHENTICATED.
func (a *Authority) ScopeOf(personID, signInID string) (*Scope, error) {
	s := a.current.Load()
	if !s.admits(personID, signInID) {
		return nil, errSignInAgain()
	}
	return s.scopeOf(personID, a.store.Clock().Now()), nil
}

// Viewer is a person or device whom the house itself lets act, as in a demonstration, as
// surely known as can be, until the given moment; zero means no end. A door, which knows
// how somebody came in, uses [Authority.Enter].
func (a *Authority) Viewer(personID string, expires time.Time) (*Viewer, error) {
	return a.Enter(Viewer{ID: personID, Expires: expires, Assurance: town.AssuranceHigh})
}

// Enter completes a viewer whom a door has named by ID, SignInID, Expires and what it
// knows besides: it adds Kind and Scope as of now. Somebody disabled, and one whose
// sign-in has ended, is UNAUTHENTICATED; so is one who acts under a mandate that is not
// in force. It reads no database.
func (a *Authority) Enter(named Viewer) (*Viewer, error) {
	s, now := a.current.Load(), a.store.Clock().Now()
	if !s.admits(named.ID, named.SignInID) || !s.inForce(named.ActsFor, now) {
		return nil, errSignInAgain()
	}
	named.Kind, named.Scope = s.kindOf(named.ID), s.scopeFor(named.ID, named.ActsFor, now)
	return &named, nil
}

// Mandate is the mandate of that id if it is in force now. Whose it is is for the caller
// to compare.
func (a *Authority) Mandate(id string) (*Mandate, bool) {
	m, ok := a.current.Load().mandates[id]
	return m, ok && m.holds(a.store.Clock().Now())
}

// MandatesOf are the mandates in force now under which the person may act, by age.
func (a *Authority) MandatesOf(delegateID string) []*Mandate {
	now := a.store.Clock().Now()
	var list []*Mandate
	for _, m := range a.current.Load().delegates[delegateID] {
		if m.holds(now) {
			list = append(list, m)
		}
	}
	return list
}

// Ticket is the holder of the printed ticket of a visit.
func (a *Authority) Ticket(visitID string) *Viewer {
	return &Viewer{ID: visitID, Kind: KindTicket, VisitID: visitID, Scope: a.current.Load().ticket}
}

// Refresh is for what lives longer than a request, at each delivery: it returns the
// viewer as is while nothing has changed (a few loads and comparisons), a copy with
// the new scope once roles have changed or a dated one began or ended, and
// UNAUTHENTICATED once the session has ended or was ended, the person is disabled, the
// mandate under which they act is not in force any more, or the last of their roles is
// gone. It reads no database. Ask the new viewer again for the act that the stream needs.
func (a *Authority) Refresh(v *Viewer) (*Viewer, error) {
	if !v.Expires.IsZero() && !time.Now().Before(v.Expires) {
		return nil, errSignInAgain()
	}
	s := a.current.Load()
	if v.Kind == KindSystem || v.Kind == KindPublic {
		return v, nil
	}
	now := a.store.Clock().Now()
	if v.ActsFor != nil && !v.ActsFor.holds(now) {
		return nil, errSignInAgain()
	}
	if v.Scope.PolicyVersion == s.version && !v.Scope.expired(now) {
		return v, nil
	}
	fresh := *v
	if v.Kind == KindTicket {
		fresh.Scope = s.ticket
		return &fresh, nil
	}
	if !s.admits(v.ID, v.SignInID) || !s.inForce(v.ActsFor, now) {
		return nil, errSignInAgain()
	}
	if fresh.Expires = s.until(v.SignInID, v.Expires); !fresh.Expires.IsZero() && !time.Now().Before(fresh.Expires) {
		return nil, errSignInAgain()
	}
	if v.ActsFor != nil {
		fresh.ActsFor = s.mandates[v.ActsFor.ID]
	}
	fresh.Scope = s.scopeFor(v.ID, fresh.ActsFor, now)
	if len(v.Scope.Roles) > 0 && len(fresh.Scope.Roles) == 0 {
		return nil, errSignInAgain()
	}
	return &fresh, nil
}

// Renew is [Authority.Refresh] for the viewer in the context, in place: whatever runs
// in that context afterwards, such as reading what an event is about, has the new
// scope. In a session that lasts (see [Authority.Hold]) any change of rights ends the
// session and is an error.
func (a *Authority) Renew(ctx context.Context) error {
	h, ok := ctx.Value(viewerKey{}).(*holder)
	if !ok {
		_, err := From(ctx)
		return err
	}
	err := a.renew(h, comparison{})
	if err != nil && h.connection != nil {
		h.connection.end(err)
	}
	return err
}

func errSignInAgain() error {
	return town.Errorf(town.Unauthenticated, "Your session has ended or your rights have changed. Sign in again.",
		"La sessione è terminata o i diritti sono cambiati. Accedere di nuovo.")
}
