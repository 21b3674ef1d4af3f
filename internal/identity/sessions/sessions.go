// Package sessions keeps the sign-ins of browsers. The browser holds a secret in a
// cookie, the database its hash: who reads the database signs in nowhere. Sessions
// follow real time, not the business clock.
package sessions

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// DefaultLife is how long a session lasts where the town does not say otherwise: a
// working day. It ends then, used or not.
const DefaultLife = 8 * time.Hour

// secretSize is the length of a secret, in bytes.
const secretSize = 32

// Sessions starts, opens and ends the sessions of browsers.
type Sessions struct {
	store *store.Store
	life  time.Duration
	now   func() time.Time
}

// Session is one sign-in that has not ended.
type Session struct {
	ID        string
	PersonID  string
	Assurance town.Assurance
	Created   time.Time
	Expires   time.Time
}

// New keeps sessions in the store; each lasts for life, [DefaultLife] if zero.
func New(s *store.Store, life time.Duration) *Sessions {
	if life == 0 {
		life = DefaultLife
	}
	return &Sessions{store: s, life: life, now: time.Now}
}

// Life is how long a session lasts.
func (s *Sessions) Life() time.Duration { return s.life }

// NewSecret makes the secret of a session: 256 random bits, in 43 characters.
func NewSecret() string {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// hash is what is stored of a secret. The secret has 256 random bits: it needs no salt
// and no slow hash.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// isSecret tells a secret of ours from anything else that a browser may send.
func isSecret(text string) bool {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(decoded) == secretSize
}

// Start begins a session of the person with a new secret, in the caller's transaction,
// and tells it in an event.
func (s *Sessions) Start(ctx context.Context, tx *store.Tx, secret, personID, issuer string, level town.Assurance) error {
	now := s.now().UTC()
	id := town.NewID(town.PrefixSignIn, now)
	err := tx.Session.Create().SetID(id).SetSecretHash(hash(secret)).SetPersonID(personID).
		SetAssurance(string(level)).SetIssuer(issuer).SetCreatedAt(now).SetExpiresAt(now.Add(s.life)).
		Exec(access.System(ctx, "sessions.start"))
	if err != nil {
		return fmt.Errorf("start a session: %w", err)
	}
	tx.Emit(fact(town.EventSessionStarted, id, personID))
	return nil
}

// Open is the session of that secret; false if there is none, or it has ended.
func (s *Sessions) Open(ctx context.Context, secret string) (Session, bool, error) {
	if !isSecret(secret) {
		return Session{}, false, nil
	}
	row, err := s.store.Reader().Session.Query().
		Where(session.SecretHash(hash(secret)), session.EndedAtIsNil(), session.ExpiresAtGT(s.now())).
		Only(access.System(ctx, "sessions.open"))
	if ent.IsNotFound(err) {
		return Session{}, false, nil
	}
	if err != nil {
		return Session{}, false, fmt.Errorf("look for a session: %w", err)
	}
	return Session{ID: row.ID, PersonID: row.PersonID, Assurance: town.Assurance(row.Assurance), Created: row.CreatedAt, Expires: row.ExpiresAt}, true, nil
}

// End ends the session of that secret, in the caller's transaction: nothing if there is
// none or it has ended. Sockets that were opened by it close, on every server.
func (s *Sessions) End(ctx context.Context, tx *store.Tx, secret string) error {
	ctx = access.System(ctx, "sessions.end")
	if !isSecret(secret) {
		return nil
	}
	row, err := tx.Session.Query().
		Where(session.SecretHash(hash(secret)), session.EndedAtIsNil(), session.ExpiresAtGT(s.now())).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a session: %w", err)
	}
	n, err := tx.Session.Update().Where(session.ID(row.ID), session.EndedAtIsNil()).SetEndedAt(s.now().UTC()).Save(ctx)
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	if n == 0 {
		return nil // somebody else was quicker
	}
	tx.Emit(fact(town.EventSessionEnded, row.ID, row.PersonID))
	return access.RolesChanged(ctx, tx)
}

func fact(kind town.EventType, id, personID string) town.Event {
	return town.Event{Type: kind, Actor: personID, Parties: []string{personID}, Data: map[string]string{town.DataSignIn: id}}
}
