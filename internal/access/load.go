package access

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/credential"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/town"
)

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

// ReloadIfChanged is [Authority.Reload] where the version in the database is another
// one; otherwise it costs one read of one row.
func (a *Authority) ReloadIfChanged(ctx context.Context) error {
	version, err := readVersion(System(ctx, "policy"), a.store.Reader())
	if err != nil || version == a.Version() {
		return err
	}
	return a.Reload(ctx)
}

// Watch reloads when another replica, or another process on this machine, has changed
// who may do what. It asks for the version at each interval until the context ends;
// while the database does not answer, the last snapshot stays.
func (a *Authority) Watch(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = a.ReloadIfChanged(ctx) // asked again at the next tick
		}
	}
}

// load reads a snapshot in a constant number of queries, of few rows: nothing of the
// citizens, who are the many, and nothing that is sealed.
func (a *Authority) load(ctx context.Context) (*snapshot, error) {
	db := a.store.Reader()
	version, err := readVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	var h standing
	if err := h.loadPeople(ctx, db); err != nil {
		return nil, err
	}
	if err := h.loadRoles(ctx, db); err != nil {
		return nil, err
	}
	if err := h.loadEnded(ctx, db, time.Now()); err != nil {
		return nil, err
	}
	if err := h.loadMandates(ctx, db, a.store.Clock().Now()); err != nil {
		return nil, err
	}
	if err := h.loadOpened(ctx, db, a.store.Clock().Now()); err != nil {
		return nil, err
	}
	return newSnapshot(version, a.policy, h), nil
}

// loadPeople reads staff, devices and services, and whoever is disabled.
func (h *standing) loadPeople(ctx context.Context, db *ent.Client) error {
	rows, err := db.Person.Query().
		Where(person.Or(person.KindNEQ(town.PersonCitizen), person.Disabled(true))).
		Select(person.FieldID, person.FieldKind, person.FieldDisabled).All(ctx)
	if err != nil {
		return fmt.Errorf("load staff and devices: %w", err)
	}
	h.members, h.disabled = map[string]*member{}, map[string]bool{}
	for _, row := range rows {
		if row.Disabled {
			h.disabled[row.ID] = true
		}
		if row.Kind != town.PersonCitizen {
			h.members[row.ID] = &member{kind: row.Kind}
		}
	}
	return nil
}

func (h *standing) loadRoles(ctx context.Context, db *ent.Client) error {
	rows, err := db.RoleAssignment.Query().Order(roleassignment.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("load the roles held: %w", err)
	}
	for _, row := range rows {
		m := h.members[row.PersonID]
		if m == nil { // a citizen with a role besides
			m = &member{kind: town.PersonCitizen, held: []assignment{{role: town.RoleCitizen, office: everywhere}}}
			h.members[row.PersonID] = m
		}
		held := assignment{
			id: row.ID, role: row.Role, office: row.OfficeID, from: row.From,
			grantedBy: row.GrantedBy, endedBy: row.EndedBy, services: row.Services,
		}
		if row.To != nil {
			held.to = *row.To
		}
		m.held = append(m.held, held)
	}
	return nil
}

// loadEnded reads the sign-ins that have ended before their time, and the tokens of
// devices and services that were revoked, while they could still be in use. Both follow
// real time.
func (h *standing) loadEnded(ctx context.Context, db *ent.Client, now time.Time) error {
	sessions, err := db.Session.Query().
		Where(session.EndedAtNotNil(), session.ExpiresAtGT(now)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("load the sign-ins that have ended: %w", err)
	}
	credentials, err := db.Credential.Query().
		Where(credential.RevokedAtNotNil(), credential.Or(credential.ExpiresAtIsNil(), credential.ExpiresAtGT(now))).IDs(ctx)
	if err != nil {
		return fmt.Errorf("load the tokens that were revoked: %w", err)
	}
	dated, err := db.Credential.Query().Where(credential.RevokedAtIsNil(), credential.ExpiresAtNotNil()).
		Select(credential.FieldID, credential.FieldExpiresAt).All(ctx)
	if err != nil {
		return fmt.Errorf("load the tokens that end: %w", err)
	}
	h.ending = make(map[string]time.Time, len(dated))
	for _, row := range dated {
		h.ending[row.ID] = *row.ExpiresAt
	}
	h.ended = make(map[string]bool, len(sessions)+len(credentials))
	for _, ids := range [][]string{sessions, credentials} {
		for _, id := range ids {
			h.ended[id] = true
		}
	}
	return nil
}

// loadMandates reads the mandates that are in force or will be.
func (h *standing) loadMandates(ctx context.Context, db *ent.Client, now time.Time) error {
	rows, err := db.Mandate.Query().
		Where(mandate.RevokedAtIsNil(), mandate.Or(mandate.ToIsNil(), mandate.ToGT(now))).
		Select(mandate.FieldID, mandate.FieldPrincipalID, mandate.FieldDelegateID, mandate.FieldClass,
			mandate.FieldServices, mandate.FieldFrom, mandate.FieldTo).
		Order(mandate.ByID()).All(ctx)
	if err != nil {
		return fmt.Errorf("load the mandates: %w", err)
	}
	h.mandates = make(map[string]*Mandate, len(rows))
	h.delegates = map[string][]*Mandate{}
	for _, row := range rows {
		m := &Mandate{
			ID: row.ID, PrincipalID: row.PrincipalID, DelegateID: row.DelegateID,
			Class: row.Class, Services: row.Services, From: row.From,
		}
		if row.To != nil {
			m.To = *row.To
		}
		h.mandates[m.ID] = m
		h.delegates[m.DelegateID] = append(h.delegates[m.DelegateID], m)
	}
	return nil
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
