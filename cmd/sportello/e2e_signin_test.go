package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/demoissuer"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// browser is what a person signs in with: it keeps cookies and follows redirections.
type browser struct {
	t    *testing.T
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{Jar: jar, Timeout: patience}}
}

// webPage is what the browser shows in the end.
type webPage struct {
	status int
	url    *url.URL
	body   string
}

func (b *browser) open(address string) webPage {
	b.t.Helper()
	response, err := b.http.Get(address) //nolint:bodyclose // shown closes it
	return b.shown(response, err)
}

func (b *browser) send(address string, form url.Values) webPage {
	b.t.Helper()
	response, err := b.http.PostForm(address, form) //nolint:bodyclose // shown closes it
	return b.shown(response, err)
}

func (b *browser) shown(response *http.Response, err error) webPage {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return webPage{response.StatusCode, response.Request.URL, string(body)}
}

// stopAt makes the browser stop before it opens an address that contains the text, and
// tells which; the next time it goes on.
func (b *browser) stopAt(text string, act func()) (stopped string) {
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.Contains(r.URL.String(), text) {
			stopped = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	defer func() { b.http.CheckRedirect = nil }()
	act()
	return stopped
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// choose begins a sign-in at the town and chooses who to be at the issuer.
func (b *browser) choose(town *house, query, login, level string) webPage {
	b.t.Helper()
	asked := b.open(town.address() + "/auth/login" + query)
	id := requestID.FindStringSubmatch(asked.body)
	if id == nil {
		b.t.Fatalf("no page to choose from at %s: %d %.300s", asked.url, asked.status, asked.body)
	}
	return b.send(asked.url.Scheme+"://"+asked.url.Host+demoissuer.Path+"/sign-in", url.Values{"id": {id[1]}, "as": {login}, "level": {level}})
}

// session is what the town says of the browser.
func (b *browser) session(town *house) map[string]any {
	b.t.Helper()
	told := map[string]any{}
	if err := json.Unmarshal([]byte(b.open(town.address()+"/auth/session").body), &told); err != nil {
		b.t.Fatal(err)
	}
	return told
}

// ask sends an operation with the browser's cookie.
func (b *browser) ask(town *house, query string) (data map[string]any, code string) {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := b.http.Post(town.address()+"/graphql", "application/json", strings.NewReader(string(body))) //nolint:bodyclose // shown closes it
	shown := b.shown(response, err)
	var answered struct {
		Data   map[string]any
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(shown.body), &answered); err != nil {
		b.t.Fatalf("%d %s", shown.status, shown.body)
	}
	for _, e := range answered.Errors {
		code = e.Extensions.Code
	}
	return answered.Data, code
}

// towns are a demo town as the issuer, and a real one that signs people in there: two
// processes.
func towns(t *testing.T, db dbtest.DB) (issuer, town *house) {
	t.Helper()
	issuer = emptyHouse(t, dbtest.New(t, dbtest.SQLite), "--demo")
	issuer.start()
	town = emptyHouse(t, db, "--oidc-issuer", issuer.address()+demoissuer.Path, "--oidc-client-id", demoissuer.WebClient, "--oidc-audience", demoissuer.Audience)
	town.start()
	return issuer, town
}

// TestSigningInAtAnIssuer is a day with a browser: a citizen whom the town has never seen,
// then somebody of the staff.
func TestSigningInAtAnIssuer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		_, town := towns(t, db)
		citizen := newBrowser(t)
		if told := citizen.session(town); told["available"] != true || told["signedIn"] != false {
			t.Fatalf("before signing in: %v", told)
		}
		if back := citizen.choose(town, "?returnTo=/%3Ffrom=sign-in", "citizen", "L2"); back.status != 200 || back.url.String() != town.address()+"/?from=sign-in" {
			t.Fatalf("signed in, the browser is at %s: %d %.500s", back.url, back.status, back.body)
		}
		told := citizen.session(town)
		if told["signedIn"] != true || told["assurance"] != "L2" || told["label"] != "" {
			t.Errorf("the session says %v", told)
		}
		data, _ := citizen.ask(town, `{ viewer { assurance sessionEnds roles { role } } }`)
		viewer, _ := data["viewer"].(map[string]any)
		ends := viewer["sessionEnds"]
		delete(viewer, "sessionEnds")
		want := map[string]any{"assurance": "L2", "roles": []any{map[string]any{"role": "citizen"}}}
		if diff := cmp.Diff(want, viewer); diff != "" || ends == nil {
			t.Errorf("the viewer, whose session ends at %v (-want +got):\n%s", ends, diff)
		}
		data, _ = citizen.ask(town, `{ node(id: "`+fmt.Sprint(told["id"])+`") { ... on Person { givenName familyName taxCode } } }`)
		if diff := cmp.Diff(map[string]any{"givenName": "Mario", "familyName": "Rossi", "taxCode": "RSSMRA80A01F205X"}, data["node"]); diff != "" {
			t.Errorf("what the issuer said of the citizen (-want +got):\n%s", diff)
		}
		citizen.rotates(town)
		citizen.signsOut(town)
		town.checkSignInsAudited(told["id"])

		staff := newBrowser(t)
		if page := staff.choose(town, "", "admin", "L2"); page.status != http.StatusForbidden || !strings.Contains(page.body, "personale") || !strings.Contains(page.body, "member of staff") {
			t.Fatalf("somebody whom the town does not know: %d %s", page.status, page.body)
		}
		if added := town.command("staff", "add", "--login", "admin", "--label", "Matteo Leone", "--role", "admin"); added.code != 0 {
			t.Fatalf("sportello staff add: %s", added.err)
		}
		if page := staff.choose(town, "", "admin", "L2"); page.status != 200 {
			t.Fatalf("the first administrator: %d %s", page.status, page.body)
		}
		if told := staff.session(town); told["label"] != "Matteo Leone" {
			t.Errorf("the session of the administrator says %v", told)
		}
		if data, code := staff.ask(town, `{ plugins { name } }`); code != "" {
			t.Errorf("the administrator may not what administrators may: %v, %s", data, code)
		}
	})
}

// checkSignInsAudited: who came in and left, by which sign-in and from where.
func (h *house) checkSignInsAudited(person any) {
	h.t.Helper()
	signIns := map[string][]string{}
	for _, e := range h.auditEntries() {
		if e.ActorID == person && e.ActorKind == "person" && e.Address == "127.0.0.1" && e.SignInID != "" {
			signIns[e.Action] = append(signIns[e.Action], e.SignInID)
		}
	}
	if len(signIns["sign in"]) < 2 || len(signIns["sign out"]) != 1 {
		h.t.Errorf("the audit tells of these sign-ins: %v", signIns)
	}
}

// rotates signs in again: with a new secret, and the old one is worth nothing.
func (b *browser) rotates(town *house) {
	b.t.Helper()
	at, err := url.Parse(town.address())
	if err != nil {
		b.t.Fatal(err)
	}
	before := b.http.Jar.Cookies(at)
	if page := b.choose(town, "?level=L3", "citizen", "L3"); page.status != 200 {
		b.t.Fatalf("signing in again: %d %s", page.status, page.body)
	}
	if told := b.session(town); told["assurance"] != "L3" {
		b.t.Errorf("after a sign-in of level 3: %v", told)
	}
	old := newBrowser(b.t)
	old.http.Jar.SetCookies(at, before)
	if told := old.session(town); told["signedIn"] != false {
		b.t.Errorf("with the secret from before: %v", told)
	}
}

// signsOut ends the session here and at the issuer.
func (b *browser) signsOut(town *house) {
	b.t.Helper()
	at, err := url.Parse(town.address())
	if err != nil {
		b.t.Fatal(err)
	}
	kept := b.http.Jar.Cookies(at)
	var told struct{ RedirectTo string }
	if err := json.Unmarshal([]byte(b.send(town.address()+"/auth/logout", nil).body), &told); err != nil {
		b.t.Fatal(err)
	}
	if page := b.open(told.RedirectTo); page.status != 200 || page.url.String() != town.address()+"/" {
		b.t.Errorf("after signing out the browser is at %s: %d", page.url, page.status)
	}
	b.http.Jar.SetCookies(at, kept) // a thief's copy
	if _, code := b.ask(town, `{ cases(first: 1) { edges { node { id } } } }`); code != "UNAUTHENTICATED" {
		b.t.Errorf("a field that needs a sign-in: %s", code)
	}
	if data, code := b.ask(town, `{ viewer { id } services { code } }`); code != "" || data["viewer"] != nil || data["services"] == nil {
		b.t.Errorf("public fields with an ended session: %v, %s", data, code)
	}
	for _, c := range b.http.Jar.Cookies(at) {
		if strings.HasPrefix(c.Name, "sportello-") && !strings.Contains(c.Name, "sign-in") {
			b.t.Errorf("the browser still has the cookie %s", c.Name)
		}
	}
}

// TestSignInsThatAreNotOurs: what was begun elsewhere, used, changed or is not enough.
func TestSignInsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	_, town := towns(t, dbtest.New(t, dbtest.SQLite))
	at := town.address() + "/auth/callback"
	// callback is the address to which the issuer would send the browser.
	callback := func(b *browser) *url.URL {
		t.Helper()
		back := b.stopAt("/auth/callback", func() { b.choose(town, "", "citizen", "L2") })
		u, err := url.Parse(back)
		if err != nil || !strings.HasPrefix(back, at) {
			t.Fatalf("the issuer sends the browser to %q", back)
		}
		return u
	}
	with := func(u *url.URL, name, value string) string {
		q, changed := u.Query(), *u
		q.Set(name, value)
		changed.RawQuery = q.Encode()
		return changed.String()
	}
	for name, tc := range map[string]struct {
		open   func(b *browser) webPage
		status int
	}{
		"another state":              {func(b *browser) webPage { return b.open(with(callback(b), "state", "x")) }, 400},
		"no state":                   {func(b *browser) webPage { return b.open(with(callback(b), "state", "")) }, 400},
		"begun in another browser":   {func(b *browser) webPage { return newBrowser(t).open(callback(b).String()) }, 400},
		"another code":               {func(b *browser) webPage { return b.open(with(callback(b), "code", "x")) }, 400},
		"a code of another attempt":  {func(b *browser) webPage { return b.open(with(callback(b), "code", callback(b).Query().Get("code"))) }, 400},
		"another issuer":             {func(b *browser) webPage { return b.open(with(callback(b), "iss", "https://another.example")) }, 400},
		"no issuer":                  {func(b *browser) webPage { return b.open(with(callback(b), "iss", "")) }, 400},
		"the person changed course":  {func(b *browser) webPage { return b.open(with(callback(b), "error", "access_denied")) }, 403},
		"a lower level than asked":   {func(b *browser) webPage { return b.choose(town, "?level=L3", "citizen", "L1") }, 403},
		"a level that there is not":  {func(b *browser) webPage { return b.open(town.address() + "/auth/login?level=L4") }, 400},
		"nothing begun":              {func(b *browser) webPage { return b.open(at) }, 400},
		"signing out with an anchor": {func(b *browser) webPage { return b.open(town.address() + "/auth/logout") }, 405},
		"used already": {func(b *browser) webPage {
			u := callback(b).String()
			if first := b.open(u); first.status != 200 {
				t.Errorf("the first time: %d", first.status)
			}
			b.send(town.address()+"/auth/logout", nil)
			return b.open(u)
		}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t)
			if got := tc.open(b); got.status != tc.status {
				t.Errorf("status %d, want %d: %.300s", got.status, tc.status, got.body)
			}
			if told := b.session(town); told["signedIn"] != false {
				t.Errorf("somebody is signed in: %v", told)
			}
		})
	}
	for _, elsewhere := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "/%09/evil.example", "javascript:alert(1)", "evil"} {
		b := newBrowser(t)
		if back := b.choose(town, "?returnTo="+url.QueryEscape(elsewhere), "citizen2", "L2").url.String(); !strings.HasPrefix(back, town.address()+"/") {
			t.Errorf("signed in to %q, the browser is at %s", elsewhere, back)
		}
	}
}

// TestAccessTokensOfAnIssuer: a program brings what it got at the issuer.
func TestAccessTokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	issuer, town := towns(t, dbtest.New(t, dbtest.SQLite))
	stranger, _ := tokensAt(t, issuer, "L2")
	if answered := town.with(stranger).tryViewer(); answered != http.StatusUnauthorized {
		t.Errorf("a token for somebody whom the town does not know: %d", answered)
	}
	if page := newBrowser(t).choose(town, "", "citizen", "L2"); page.status != 200 {
		t.Fatalf("signing in: %d", page.status)
	}
	for _, level := range []string{"L1", "L3"} {
		token, idToken := tokensAt(t, issuer, level)
		if got := town.with(token).ask(`{ viewer { assurance } }`, nil).text("viewer.assurance"); got != level {
			t.Errorf("a token of level %s speaks at level %q", level, got)
		}
		if answered := town.with(idToken).tryViewer(); answered != http.StatusUnauthorized {
			t.Errorf("an ID token: %d", answered)
		}
	}
	old, _ := tokensAt(t, issuer, "L2")
	issuer.rotateKeys()
	fresh, _ := tokensAt(t, issuer, "L2")
	issuer.rotateKeys()
	fresher, _ := tokensAt(t, issuer, "L2")
	// In this order: a key is let go once one that is unknown makes the town ask for the
	// keys anew.
	for _, tc := range []struct {
		name, token string
		want        int
	}{
		{"signed by the key of now", fresher, 200},
		{"signed by the one before", fresh, 200},
		{"signed by one that is gone", old, 401},
		{"of the demo, in a town that is not", issuer.token("citizen"), 401},
	} {
		if got := town.with(tc.token).tryViewer(); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}

// tryViewer is the HTTP status with which the token is answered.
func (c *client) tryViewer() int {
	c.t.Helper()
	return c.try(`{ viewer { id } }`, nil).status
}

// rotateKeys gives the issuer a new key, beside its server.
func (h *house) rotateKeys() {
	h.t.Helper()
	s, err := store.OpenBeside(context.Background(), store.Config{Dir: h.data, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := demoissuer.Rotate(context.Background(), s); err != nil {
		h.t.Fatal(err)
	}
}

// tokensAt signs in as a program on this machine does: with PKCE, and no secret.
func tokensAt(t *testing.T, issuer *house, level string) (access, id string) {
	t.Helper()
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
	at, back := issuer.address()+demoissuer.Path, "http://127.0.0.1:9/back"
	b := newBrowser(t)
	asked := b.open(at + "/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {demoissuer.WebClient}, "redirect_uri": {back}, "scope": {"openid"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}.Encode())
	chosen := requestID.FindStringSubmatch(asked.body)
	if chosen == nil {
		t.Fatalf("%d %s", asked.status, asked.body)
	}
	sent := b.stopAt(back, func() { b.send(at+"/sign-in", url.Values{"id": {chosen[1]}, "as": {"citizen"}, "level": {level}}) })
	u, err := url.Parse(sent)
	if err != nil {
		t.Fatal(err)
	}
	got := b.send(at+"/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "redirect_uri": {back}, "client_id": {demoissuer.WebClient}, "code_verifier": {verifier},
	})
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &tokens); err != nil || tokens.Access == "" || tokens.ID == "" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return tokens.Access, tokens.ID
}
