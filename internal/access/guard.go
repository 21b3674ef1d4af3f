package access

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// raisedKey is where a unit keeps the policy's version from before it raised it.
type raisedKey struct{}

// guard implements store.Guard.
type guard struct{ authority *Authority }

// Guard sees to it that nothing is written under rights that somebody has just lost: a
// change is either committed before they were lost, or not at all. On MySQL the policy's
// version stays locked until the commit, on SQLite units follow one another.
func (a *Authority) Guard() store.Guard { return guard{a} }

// Check implements store.Guard.
func (g guard) Check(ctx context.Context, tx *store.Tx) error {
	v := Behind(ctx)
	if v == nil || v.Kind == KindPublic || v.Kind == KindTicket {
		return nil
	}
	version, raised := tx.Held(raisedKey{}).(int64)
	if !raised {
		var err error
		if version, err = lockVersion(ctx, tx); err != nil {
			return err
		}
	}
	if version != v.Scope.PolicyVersion && version != cleared(ctx).Load() {
		return store.ErrStale
	}
	return nil
}

// Renew implements store.Guard: it takes a new snapshot, and clears whoever may do the
// same as when the request was looked at. Whoever may do less or more is FORBIDDEN, whoever
// is shut out UNAUTHENTICATED.
func (g guard) Renew(ctx context.Context) error {
	if err := g.authority.ReloadIfChanged(ctx); err != nil {
		return err
	}
	v := Behind(ctx)
	fresh, err := g.authority.Refresh(v)
	if err != nil {
		return err
	}
	if !(comparison{}).same(v, fresh) {
		return town.Errorf(town.Forbidden, "Your rights have changed meanwhile. Nothing was done; try again.",
			"I diritti sono cambiati nel frattempo. Nulla è stato fatto; riprovare.")
	}
	cleared(ctx).Store(fresh.Scope.PolicyVersion)
	return nil
}

// cleared is the version of the policy that is known to allow the viewer in the context
// the same as the one that they came with.
func cleared(ctx context.Context) *atomic.Int64 { return &ctx.Value(viewerKey{}).(*holder).cleared }

// lockVersion reads the version, and on MySQL keeps it from changing until the commit.
func lockVersion(ctx context.Context, tx *store.Tx) (int64, error) {
	query := "SELECT value FROM settings WHERE id = ?"
	if tx.Dialect() == dialect.MySQL {
		query += " LOCK IN SHARE MODE"
	}
	rows, err := tx.QueryContext(ctx, query, settingVersion)
	if err != nil {
		return 0, fmt.Errorf("read the policy version: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var value []byte
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return 0, fmt.Errorf("read the policy version: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read the policy version: %w", err)
	}
	if value == nil {
		return 0, nil
	}
	version, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the policy version: %w", err)
	}
	return version, nil
}
