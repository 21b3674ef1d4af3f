package identity

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/relying"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// issuerTokens checks access tokens of the town's issuer, which API clients bring.
type issuerTokens struct {
	party     *relying.Party
	people    *People
	authority *access.Authority
}

// UseIssuer lets people in by access tokens of the town's issuer, too. Call it before the
// door is opened.
func (t *Tokens) UseIssuer(party *relying.Party, people *People) {
	t.issuer = &issuerTokens{party: party, people: people, authority: t.authority}
}

// viewer is who the token speaks for: somebody whom the town knows already. Every bad
// token gets the same error.
func (t *issuerTokens) viewer(ctx context.Context, token string) (*access.Viewer, error) {
	if t == nil {
		return nil, errBadToken()
	}
	who, expires, err := t.party.AccessToken(ctx, token)
	if relying.IsUnavailable(err) {
		return nil, fmt.Errorf("check an access token: %w", err)
	}
	if err != nil {
		return nil, errBadToken()
	}
	id, err := t.people.Known(ctx, who)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, errBadToken()
	}
	if err != nil {
		return nil, err
	}
	viewer, err := t.authority.Enter(access.Viewer{ID: id, Expires: expires, Assurance: who.Assurance})
	if err != nil {
		return nil, errBadToken()
	}
	return viewer, nil
}
