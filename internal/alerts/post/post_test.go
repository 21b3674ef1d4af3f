package post_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/alerts/post/posttest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		url     string
		private bool
		want    bool
	}{
		"public":                        {"https://example.org/hook", false, true},
		"a public address":              {"https://93.184.216.34/hook", false, true},
		"this machine":                  {"http://127.0.0.1:8080/", false, true},
		"this machine by name":          {"http://localhost/", false, true},
		"this machine, IPv6":            {"http://[::1]/", false, true},
		"not encrypted":                 {"http://example.org/", false, false},
		"not encrypted, though allowed": {"http://10.0.0.1/", true, false},
		"another scheme":                {"ftp://example.org/", false, false},
		"none":                          {"example.org", false, false},
		"with a password":               {"https://user:secret@example.org/", false, false},
		"private":                       {"https://192.168.1.1/", false, false},
		"private, allowed":              {"https://192.168.1.1/", true, true},
		"private, IPv6":                 {"https://[fd00::1]/", false, false},
		"mapped":                        {"https://[::ffff:10.0.0.1]/", false, false},
		"the cloud's own":               {"https://169.254.169.254/", false, false},
		"the cloud's own, allowed":      {"https://169.254.169.254/", true, false},
		"carrier grade":                 {"https://100.64.0.1/", false, false},
		"anywhere":                      {"https://0.0.0.0/", true, false},
		"too long":                      {"https://example.org/" + strings.Repeat("a", 3000), false, false},
	}
	for name, test := range tests {
		err := post.NewWebhooks(test.private).Check(test.url)
		if (err == nil) != test.want || err != nil && town.CodeOf(err) != town.Invalid {
			t.Errorf("%s: %v, want it to pass: %v", name, err, test.want)
		}
	}
}

// TestSigned: what is sent is signed as a receiver's library verifies it.
func TestSigned(t *testing.T) {
	t.Parallel()
	hook := posttest.NewHook(t)
	hook.Trust(secret)
	m := post.Message{ID: "adel_1", URL: hook.URL, Secret: secret, Body: []byte(`{"type":"alert.raised"}`)}
	if err := post.NewWebhooks(false).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := hook.Got(); len(got) != 1 || got[0].ID != "adel_1" || got[0].Body != string(m.Body) {
		t.Errorf("the receiver got %v", got)
	}
}

func TestWhatIsNoSuccess(t *testing.T) {
	t.Parallel()
	hook := posttest.NewHook(t)
	hook.Trust(secret)
	for status, final := range map[int]bool{http.StatusFound: false, http.StatusBadRequest: false, http.StatusInternalServerError: false, http.StatusGone: true} {
		hook.Answer(status)
		before := hook.Asked()
		err := post.NewWebhooks(false).Send(t.Context(), post.Message{ID: "adel_1", URL: hook.URL, Secret: secret, Body: []byte("{}")})
		if err == nil || post.IsFinal(err) != final {
			t.Errorf("status %d: %v", status, err)
		}
		if asked := hook.Asked() - before; asked != 1 {
			t.Errorf("status %d: the receiver was asked %d times: a redirect was followed", status, asked)
		}
	}
}

// TestANameLeadsNowhereElse: a name that resolves to this machine, or to a private network,
// is not connected to, and a fault names no address.
func TestANameLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost.localdomain", "ip6-localhost", "ip6-loopback"} {
		err := post.NewWebhooks(false).Send(t.Context(), post.Message{ID: "adel_1", URL: "https://" + host + "/token-in-the-path", Secret: secret, Body: []byte("{}")})
		if err == nil || strings.Contains(err.Error(), "token-in-the-path") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	box := posttest.NewMailbox(t)
	m, err := post.NewMail("smtp://"+box.Address, "Sportello <avvisi@comune.example>")
	if err != nil {
		t.Fatal(err)
	}
	l := post.Letter{ID: "adel_1", To: "sindaco@comune.example", Subject: "Termine scaduto · A term has passed", Text: "Perché è così."}
	if err := m.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	letters := box.Letters()
	if len(letters) != 1 || letters[0].To != l.To || letters[0].From != "avvisi@comune.example" ||
		letters[0].Header.Get("Message-ID") != "<adel_1@comune.example>" || letters[0].Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("the mailbox got %+v", letters)
	}
	if err := m.Send(t.Context(), post.Letter{ID: "x", To: "not a mailbox"}); err == nil || strings.Contains(err.Error(), "not a mailbox") {
		t.Errorf("to no mailbox: %v", err)
	}
}

func TestMailServersThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ server, from string }{
		"no scheme":  {"mail.example:25", "a@b.example"},
		"http":       {"http://mail.example", "a@b.example"},
		"no sender":  {"smtp://mail.example", ""},
		"no address": {"smtp://mail.example", "Sportello"},
		"a path":     {"smtp://mail.example/x", "a@b.example"},
	} {
		if _, err := post.NewMail(c.server, c.from); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	if _, err := post.NewMail("smtps://user:secret@mail.example", "a@b.example"); err != nil {
		t.Error(err)
	}
	if _, err := post.NewMail("smtp://user:s%zzecret@mail.example", "a@b.example"); err == nil || strings.Contains(err.Error(), "zzecret") {
		t.Errorf("a password comes out: %v", err)
	}
}
