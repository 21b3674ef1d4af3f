package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/nodetest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EWeb plays the pages' own script against a town hall: behind a proxy that
// swallows, refuses and cuts, across stops and kills of the server, with rights that
// change and end. The tests themselves are in web/test.
func TestE2EWeb(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		between := newNetwork(t)
		h := emptyHouse(t, db, "--demo", "--public-url", between.url)
		between.h = h
		h.start()
		browser := newBrowser(t)
		if page := browser.choose(h, "", "operator4", "L2"); page.status != http.StatusOK {
			t.Fatalf("signing in: %d", page.status)
		}
		stage := &webStage{h: h.in(t), proxy: between, browser: browser}
		control := httptest.NewServer(stage.handler())
		t.Cleanup(control.Close)
		runNode(t, "live.test.mjs",
			"SPORTELLO_TOWN="+between.url, "SPORTELLO_CONTROL="+control.URL, "SPORTELLO_SITE="+site, "SPORTELLO_COOKIE="+browser.cookies(h))
	})
}

// TestWebCloseCodes plays the pages' script against sockets that close with each code.
func TestWebCloseCodes(t *testing.T) {
	runNode(t, "codes.test.mjs")
}

// runNode runs a file of web/test with Node's own runner.
func runNode(t *testing.T, file string, env ...string) {
	t.Helper()
	path, err := filepath.Abs("../../web/test/" + file)
	if err != nil {
		t.Fatal(err)
	}
	cmd := nodetest.Command(t.Context(), t, "--test-reporter=spec", path)
	cmd.Env = append(cmd.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", file, err, said)
	}
}

// cookies are those that the browser sends to the house.
func (b *browser) cookies(h *house) string {
	b.t.Helper()
	address, err := url.Parse(h.address())
	if err != nil {
		b.t.Fatal(err)
	}
	text := ""
	for _, c := range b.http.Jar.Cookies(address) {
		text += c.Name + "=" + c.Value + "; "
	}
	if text == "" {
		b.t.Fatal("the browser has no cookie of a session")
	}
	return text
}

// webStage does what the tests of the pages ask for.
type webStage struct {
	h       *house
	proxy   *network
	browser *browser
	other   *house // another town, once it is asked for
}

func (s *webStage) handler() http.Handler {
	mux := http.NewServeMux()
	for name, deed := range map[string]func() string{
		"issue":      s.issue,
		"restart":    func() string { s.h.terminate(); s.h.start(); return "" },
		"crash":      func() string { s.h.kill(); s.h.start(); return "" },
		"freeze":     func() string { s.proxy.set(weather{frozen: true}); return "" },
		"no-sockets": func() string { s.proxy.set(weather{noSockets: true}); return "" },
		"calm":       func() string { s.proxy.set(weather{}); return "" },
		"sockets":    func() string { return fmt.Sprint(s.proxy.sockets.Load()) },
		"streams":    func() string { return fmt.Sprint(s.proxy.streams.Load()) },
		"rights":     s.changeRights,
		"other-town": s.moveElsewhere,
		"sign-out":   s.signOut,
	} {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(deed())) })
	}
	return mux
}

// issue gives a number at the kiosk and says which.
func (s *webStage) issue() string {
	got := s.h.as("kiosk").must("issueTicket", "visit { label }", variables{"siteId": site, "serviceCode": "anagrafe"})
	return got.text("visit.label")
}

// changeRights gives the operator another role.
func (s *webStage) changeRights() string {
	me := s.h.as("operator4").ask(`{ viewer { id } }`, nil).text("viewer.id")
	s.h.as("admin").must("grantRole", "roles { role }", variables{"personId": me, "role": "officer", "officeCode": "stato-civile"})
	return ""
}

// moveElsewhere lets a town with another database answer.
func (s *webStage) moveElsewhere() string {
	if s.other == nil {
		s.other = emptyHouse(s.h.t, dbtest.New(s.h.t, dbtest.SQLite), "--demo")
		s.other.start()
	}
	s.proxy.set(weather{to: s.other})
	return ""
}

// signOut ends the sign-in, as the page's button does.
func (s *webStage) signOut() string {
	s.browser.send(s.h.address()+"/auth/logout", nil)
	return ""
}
