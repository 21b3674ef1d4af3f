package access

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
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
}

// NewAuthority checks the policy files and takes the first snapshot.
func NewAuthority(ctx context.Context, s *store.Store) (*Authority, error) {
	policy, err := NewPolicy(policies.Model, policies.Policy)
	if err != nil {
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

// ScopeOf is where a person or device may do what now. A disabled one is
// UNAUTHENTICATED.
func (a *Authority) ScopeOf(personID string) (*Scope, error) {
	s := a.current.Load()
	if personID == "" || s.disabled[personID] {
		return nil, errSignInAgain()
	}
	return s.scopeOf(personID, a.store.Clock().Now()), nil
}

// Viewer is a signed-in person or device until the given moment; zero means no end.
func (a *Authority) Viewer(personID string, expires time.Time) (*Viewer, error) {
	scope, err := a.ScopeOf(personID)
	if err != nil {
		return nil, err
	}
	return &Viewer{ID: personID, Kind: a.current.Load().kindOf(personID), Scope: scope, Expires: expires}, nil
}

// Ticket is the holder of the printed ticket of a visit.
func (a *Authority) Ticket(visitID string) *Viewer {
	return &Viewer{ID: visitID, Kind: KindTicket, VisitID: visitID, Scope: a.current.Load().ticket}
}

// Refresh is for what lives longer than a request, at each delivery: it returns the
// viewer as is while nothing has changed (a few loads and comparisons), a copy with
// the new scope once roles have changed or a dated one began or ended, and
// UNAUTHENTICATED once the session has ended, the person is disabled, or the last of
// their roles is gone. Ask the new viewer again for the act that the stream needs.
func (a *Authority) Refresh(v *Viewer) (*Viewer, error) {
	if !v.Expires.IsZero() && !time.Now().Before(v.Expires) {
		return nil, errSignInAgain()
	}
	s := a.current.Load()
	if v.Kind == KindSystem || v.Kind == KindPublic {
		return v, nil
	}
	now := a.store.Clock().Now()
	if v.Scope.PolicyVersion == s.version && !v.Scope.expired(now) {
		return v, nil
	}
	fresh := *v
	if v.Kind == KindTicket {
		fresh.Scope = s.ticket
		return &fresh, nil
	}
	if s.disabled[v.ID] {
		return nil, errSignInAgain()
	}
	fresh.Scope = s.scopeOf(v.ID, now)
	if len(v.Scope.Roles) > 0 && len(fresh.Scope.Roles) == 0 {
		return nil, errSignInAgain()
	}
	return &fresh, nil
}

// Renew is [Authority.Refresh] for the viewer in the context, in place: whatever runs
// in that context afterwards, such as reading what an event is about, has the new
// scope.
func (a *Authority) Renew(ctx context.Context) error {
	h, ok := ctx.Value(viewerKey{}).(*holder)
	if !ok {
		_, err := From(ctx)
		return err
	}
	v := h.current.Load()
	fresh, err := a.Refresh(v)
	if err != nil {
		return err
	}
	if fresh != v {
		h.current.Store(fresh)
	}
	return nil
}

// Watch reloads when another replica, or another process on this machine, has changed
// the roles held. It asks for the version at each interval until the context ends;
// while the database does not answer, the last snapshot stays.
func (a *Authority) Watch(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = a.reloadIfChanged(ctx) // asked again at the next tick
		}
	}
}

func (a *Authority) reloadIfChanged(ctx context.Context) error {
	version, err := readVersion(System(ctx, "policy"), a.store.Reader())
	if err != nil || version == a.Version() {
		return err
	}
	return a.Reload(ctx)
}

// loadAttempts bounds how often a snapshot is read again because roles changed
// meanwhile.
const loadAttempts = 20

// Reload takes a new snapshot from the database and swaps it in.
func (a *Authority) Reload(ctx context.Context) error {
	a.loading.Lock()
	defer a.loading.Unlock()
	ctx = System(ctx, "policy")
	for range loadAttempts {
		fresh, err := a.load(ctx)
		if err != nil {
			return err
		}
		after, err := readVersion(ctx, a.store.Reader())
		if err != nil {
			return err
		}
		if after == fresh.version {
			if old := a.current.Swap(fresh); old != nil {
				close(old.replaced)
			}
			return nil
		}
	}
	return fmt.Errorf("load the roles held: they changed %d times while being read", loadAttempts)
}

func (a *Authority) load(ctx context.Context) (*snapshot, error) {
	db := a.store.Reader()
	version, err := readVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	members, disabled, err := loadPeople(ctx, db)
	if err != nil {
		return nil, err
	}
	rows, err := db.RoleAssignment.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the roles held: %w", err)
	}
	for _, row := range rows {
		m := members[row.PersonID]
		if m == nil { // a citizen with a role besides
			m = &member{kind: town.PersonCitizen, held: []assignment{{role: town.RoleCitizen, office: everywhere}}}
			members[row.PersonID] = m
		}
		held := assignment{role: row.Role, office: row.OfficeID, from: row.From}
		if row.To != nil {
			held.to = *row.To
		}
		m.held = append(m.held, held)
	}
	return newSnapshot(version, a.policy, members, disabled), nil
}

// loadPeople reads staff, devices, and whoever is disabled: few rows, the citizens
// being the many.
func loadPeople(ctx context.Context, db *ent.Client) (members map[string]*member, disabled map[string]bool, err error) {
	rows, err := db.Person.Query().
		Where(person.Or(person.KindNEQ(town.PersonCitizen), person.Disabled(true))).
		Select(person.FieldID, person.FieldKind, person.FieldDisabled).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("load staff and devices: %w", err)
	}
	members, disabled = map[string]*member{}, map[string]bool{}
	for _, row := range rows {
		if row.Disabled {
			disabled[row.ID] = true
		}
		if row.Kind != town.PersonCitizen {
			members[row.ID] = &member{kind: row.Kind}
		}
	}
	return members, disabled, nil
}

func readVersion(ctx context.Context, db *ent.Client) (int64, error) {
	row, err := db.Setting.Get(ctx, settingVersion)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the policy version: %w", err)
	}
	version, err := strconv.ParseInt(string(row.Value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the policy version: %w", err)
	}
	return version, nil
}

func errSignInAgain() error {
	return town.Errorf(town.Unauthenticated, "Your session has ended or your rights have changed. Sign in again.",
		"La sessione è terminata o i diritti sono cambiati. Accedere di nuovo.")
}
