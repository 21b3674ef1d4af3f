package sessions

import (
	"net/http"
	"net/url"
	"time"
)

// Cookies are the cookies of a town under one address. On https their names begin with
// __Host-, by which a browser takes them from this very host only; on http, which is for
// this machine alone, they carry the port, since browsers do not tell ports apart.
type Cookies struct {
	session, attempt string
	secure           bool
}

// NewCookies are the cookies of the town whose address for browsers is public.
func NewCookies(public *url.URL) Cookies {
	if public.Scheme == "https" {
		return Cookies{session: "__Host-sportello", attempt: "__Host-sportello-sign-in", secure: true}
	}
	port := public.Port()
	return Cookies{session: "sportello-" + port, attempt: "sportello-sign-in-" + port}
}

// Session is the secret of a session that the browser sends; empty if it sends none, or
// one that has not the shape of ours. Sent says that it sends something under the name.
func (c Cookies) Session(r *http.Request) (secret string, sent bool) { return read(r, c.session) }

// Attempt is the secret of a browser that is signing in; empty if it sends none.
func (c Cookies) Attempt(r *http.Request) string {
	secret, _ := read(r, c.attempt)
	return secret
}

// SetSession gives the browser the secret of its session until the given moment.
func (c Cookies) SetSession(w http.ResponseWriter, secret string, until time.Time) {
	c.set(w, c.session, secret, int(time.Until(until).Seconds()))
}

// ClearSession takes the session from the browser.
func (c Cookies) ClearSession(w http.ResponseWriter) { c.set(w, c.session, "", -1) }

// SetAttempt gives the browser the secret by which it can end a sign-in.
func (c Cookies) SetAttempt(w http.ResponseWriter, secret string) {
	c.set(w, c.attempt, secret, int(attemptLife.Seconds()))
}

func (c Cookies) set(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	})
}

// read is the one cookie of that name; two are none, since one of them is not ours.
func read(r *http.Request, name string) (secret string, sent bool) {
	found := r.CookiesNamed(name)
	if len(found) == 0 {
		return "", false
	}
	if len(found) > 1 || !isSecret(found[0].Value) {
		return "", true
	}
	return found[0].Value, true
}
