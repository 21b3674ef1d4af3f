package store

import (
	"context"
	"errors"
	"fmt"
)

// Guard looks at a unit once more just before it is committed, so that nothing is written
// under rights that somebody has just lost.
type Guard interface {
	// Check is [ErrStale] where the rights in the context are of a policy that the
	// transaction no longer finds. Another unit that changes the policy waits until this
	// one is committed.
	Check(ctx context.Context, tx *Tx) error
	// Renew is nil where whoever asks may still do the same: the unit then runs again.
	Renew(ctx context.Context) error
}

// ErrStale says that the policy has changed since the rights in the context were worked out.
var ErrStale = errors.New("the rights of whoever asks are to be looked at again")

// maxRenewals bounds how often a unit runs again because the policy changed meanwhile.
const maxRenewals = 20

// GuardWith sets the guard. Units that run before go unguarded.
func (s *Store) GuardWith(g Guard) { s.guard.Store(&g) }

// check asks the guard, if there is one.
func (s *Store) check(ctx context.Context, tx *Tx) error {
	g := s.guard.Load()
	if g == nil {
		return nil
	}
	return (*g).Check(ctx, tx)
}

// guarded runs the unit, again while only the policy's version has changed.
func (s *Store) guarded(ctx context.Context, unit Unit) error {
	for range maxRenewals {
		err := s.writer.run(context.WithoutCancel(ctx), unit)
		if !errors.Is(err, ErrStale) {
			return err
		}
		if err := (*s.guard.Load()).Renew(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("the policy changed %d times meanwhile", maxRenewals)
}
