package identity

import (
	"context"
	"net/http"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
)

// Browsers names whoever signed in with a browser, by the cookie of their session.
//
// A session that has ended, and that of somebody who was shut out, is no error: the
// browser loses the cookie and goes on as the public, so that public pages work; fields
// that need a sign-in say UNAUTHENTICATED.
//
// A socket is not signed in by a cookie: browsers let pages of other sites open sockets
// with it. It says who it is in connection_init.
type Browsers struct {
	Sessions  *sessions.Sessions
	Cookies   sessions.Cookies
	Authority *access.Authority
}

// viewer is who sent the request, else whoever asks in the context.
func (b *Browsers) viewer(ctx context.Context, w http.ResponseWriter, r *http.Request) (*access.Viewer, error) {
	asker := access.Asker(ctx)
	if b == nil || r.Header.Get("Upgrade") != "" {
		return asker, nil
	}
	secret, sent := b.Cookies.Session(r)
	if !sent {
		return asker, nil
	}
	session, open, err := b.Sessions.Open(ctx, secret)
	if err != nil {
		return nil, err
	}
	if open {
		viewer, err := b.Authority.Enter(access.Viewer{
			ID: session.PersonID, SignInID: session.ID, Assurance: session.Assurance, Expires: session.Expires, Address: asker.Address,
		})
		if err == nil {
			return viewer, nil
		}
	}
	b.Cookies.ClearSession(w)
	return asker, nil
}

// Viewer is who sent the request with the cookie of a session; the public for everybody
// else. It takes the cookie of an ended session away.
func (b *Browsers) Viewer(w http.ResponseWriter, r *http.Request) (*access.Viewer, error) {
	return b.viewer(access.With(r.Context(), access.PublicFrom(r.RemoteAddr)), w, r)
}
