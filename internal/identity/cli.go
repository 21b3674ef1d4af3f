package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TokenFor is [TokenAt] for somebody who is known as surely as can be.
func TokenFor(ctx context.Context, s *store.Store, login string, ttl time.Duration) (string, error) {
	return TokenAt(ctx, s, login, town.AssuranceHigh, ttl)
}

// TokenAt makes a token for the command line from the database alone, also beside a
// running server (see store.OpenReader), for a demo person who is known as surely as the
// level says. A wrong name is answered with the names that there are.
func TokenAt(ctx context.Context, s *store.Store, login string, level town.Assurance, ttl time.Duration) (string, error) {
	if claims.Level(string(level)) != level {
		return "", fmt.Errorf("there is no level of assurance %q: want L1, L2 or L3", level)
	}
	key, err := demoKey(ctx, s)
	if err != nil {
		return "", err
	}
	return mint(ctx, s, key, grant{login, level, time.Now(), ttl})
}

// Names are the logins of the demo people, in order.
func Names(ctx context.Context, s *store.Store) ([]string, error) {
	var names []string
	err := s.Reader().Person.Query().
		Where(person.Disabled(false), person.Not(person.LoginHasPrefix(loginPrefix))).
		Order(ent.Asc(person.FieldLogin)).Limit(maxNames).
		Select(person.FieldLogin).Scan(access.System(ctx, "identity.names"), &names)
	if err != nil {
		return nil, fmt.Errorf("list the demo people: %w", err)
	}
	return names, nil
}

// maxNames bounds the list in an error text.
const maxNames = 200

func unknownName(ctx context.Context, s *store.Store, login string) error {
	names, err := Names(ctx, s)
	if err != nil {
		return err
	}
	return fmt.Errorf("there is no demo person %q; the names are: %s", login, strings.Join(names, ", "))
}

// IDOf is the id of whoever has the login, disabled or not. A wrong name is answered with
// the names that there are.
func IDOf(ctx context.Context, s *store.Store, login string) (string, error) {
	id, err := s.Reader().Person.Query().Where(person.Login(login)).OnlyID(access.System(ctx, "identity.names"))
	if ent.IsNotFound(err) {
		return "", unknownName(ctx, s, login)
	}
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", login, err)
	}
	return id, nil
}
