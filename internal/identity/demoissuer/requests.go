package demoissuer

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// request is a sign-in under way, as the library wants it.
type request struct {
	id    string
	asked oidc.AuthRequest

	// What the person chose.
	login string
	level town.Assurance
	at    time.Time
}

// GetID implements op.AuthRequest, as do the others.
func (r *request) GetID() string { return r.id }

// GetACR is the level that the person chose.
func (r *request) GetACR() string { return claims.ACR(r.level) }

// GetAMR is how they proved who they are: not at all.
func (r *request) GetAMR() []string { return nil }

// GetAudience is for whom the ID token is.
func (r *request) GetAudience() []string { return []string{r.asked.ClientID} }

// GetAuthTime is when the person chose.
func (r *request) GetAuthTime() time.Time { return r.at }

// GetClientID is who asks.
func (r *request) GetClientID() string { return r.asked.ClientID }

// GetCodeChallenge is PKCE's.
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	if r.asked.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// GetNonce is the client's.
func (r *request) GetNonce() string { return r.asked.Nonce }

// GetRedirectURI is where the browser goes back to.
func (r *request) GetRedirectURI() string { return r.asked.RedirectURI }

// GetResponseType is code.
func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }

// GetResponseMode is the query.
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }

// GetScopes are what is asked about the person.
func (r *request) GetScopes() []string { return r.asked.Scopes }

// GetState is the client's.
func (r *request) GetState() string { return r.asked.State }

// GetSubject is the person, by login.
func (r *request) GetSubject() string { return r.login }

// Done reports whether the person has chosen.
func (r *request) Done() bool { return r.login != "" }

// What is under way, and for how long it is kept in memory.
const (
	requestLife = 10 * time.Minute
	codeLife    = time.Minute
	tokenLife   = time.Hour
	maxKept     = 10_000
)

var errUnknown = errors.New("unknown, used or expired")

// shelf keeps things under random names for a while. It is safe for many goroutines.
type shelf[T any] struct {
	mu   sync.Mutex // guards kept
	kept map[string]item[T]
	life time.Duration
	now  func() time.Time
}

type item[T any] struct {
	thing T
	until time.Time
}

func newShelf[T any](life time.Duration) *shelf[T] {
	return &shelf[T]{kept: map[string]item[T]{}, life: life, now: time.Now}
}

// put keeps a thing under the name. What has expired goes; when too much is kept, the rest
// goes too.
func (s *shelf[T]) put(name string, thing T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if len(s.kept) >= maxKept {
		for name, i := range s.kept {
			if !now.Before(i.until) {
				delete(s.kept, name)
			}
		}
	}
	if len(s.kept) >= maxKept {
		clear(s.kept)
	}
	s.kept[name] = item[T]{thing, now.Add(s.life)}
}

func (s *shelf[T]) get(name string) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.kept[name]
	if !ok || !s.now().Before(i.until) {
		var none T
		return none, errUnknown
	}
	return i.thing, nil
}

// take is get, once.
func (s *shelf[T]) take(name string) (T, error) {
	thing, err := s.get(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.kept[name]; !ok {
		var none T
		return none, errUnknown
	}
	delete(s.kept, name)
	return thing, err
}

func random() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}
