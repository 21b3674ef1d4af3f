package identity

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// SignIns shows people where they are signed in, and ends it.
type SignIns struct {
	store     *store.Store
	authority *access.Authority
	sessions  *sessions.Sessions
}

// NewSignIns shows and ends the sessions of browsers.
func NewSignIns(s *store.Store, authority *access.Authority, kept *sessions.Sessions) *SignIns {
	return &SignIns{store: s, authority: authority, sessions: kept}
}

// SignIn is one of the viewer's sessions.
type SignIn struct {
	ID                   string
	CreatedAt, ExpiresAt time.Time
	// Assurance is how surely they were known: L1, L2 or L3.
	Assurance string
	// Current is the one by which the viewer asks.
	Current bool
}

// Mine are the sessions of whoever asks that have not ended, the newest first.
func (s *SignIns) Mine(ctx context.Context) ([]*SignIn, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if v.Kind != access.KindPerson {
		return nil, nil
	}
	open, err := s.sessions.OfPerson(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	list := make([]*SignIn, len(open))
	for i, one := range open {
		list[i] = &SignIn{
			ID: one.ID, CreatedAt: one.Created, ExpiresAt: one.Expires, Assurance: string(one.Assurance), Current: one.ID == v.SignInID,
		}
	}
	return list, nil
}

// EndSessionInput ends one session of one's own.
type EndSessionInput struct{ IdempotencyKey, SessionID string }

// EndMine ends a session of whoever asks, at once, with its sockets. NOT_FOUND for a
// session that has ended or is somebody else's.
func (s *SignIns) EndMine(ctx context.Context, in EndSessionInput) (int, error) {
	v, err := access.From(ctx)
	if err != nil {
		return 0, err
	}
	if v.Kind != access.KindPerson {
		return 0, town.ErrNotFound()
	}
	once := store.Once{Actor: v.ID, Mutation: "endSession", Key: in.IdempotencyKey, Input: in}
	return s.end(ctx, once, func(ctx context.Context, tx *store.Tx) (int, error) {
		ended, err := s.sessions.EndAll(ctx, tx, v, session.ID(in.SessionID), session.PersonID(v.ID))
		if err == nil && ended == 0 {
			err = town.ErrNotFound()
		}
		return ended, err
	})
}

// EndSessionsInput ends all sessions of a person.
type EndSessionsInput struct{ IdempotencyKey, PersonID string }

// EndAllOf ends all sessions of a person, at once, with their sockets, and tells how
// many; they can sign in again. It needs role:grant everywhere.
func (s *SignIns) EndAllOf(ctx context.Context, in EndSessionsInput) (int, error) {
	v, err := access.From(ctx)
	if err != nil {
		return 0, err
	}
	if err := v.Require(access.RoleGrant, "*"); err != nil {
		return 0, err
	}
	once := store.Once{Actor: v.ID, Mutation: "endSessions", Key: in.IdempotencyKey, Input: in}
	return s.end(ctx, once, func(ctx context.Context, tx *store.Tx) (int, error) {
		return s.sessions.EndAll(ctx, tx, v, session.PersonID(in.PersonID))
	})
}

// end ends sessions once, remembers how many, and shuts them out here before it answers.
func (s *SignIns) end(ctx context.Context, once store.Once, unit func(context.Context, *store.Tx) (int, error)) (int, error) {
	counted, _, err := s.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		ended, err := unit(ctx, tx)
		return strconv.Itoa(ended), err
	})
	if err != nil {
		return 0, err
	}
	ended, err := strconv.Atoi(counted)
	if err != nil {
		return 0, fmt.Errorf("read how many sessions ended: %w", err)
	}
	return ended, s.authority.ReloadIfChanged(ctx)
}
