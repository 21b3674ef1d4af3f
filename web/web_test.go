package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/web"
)

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	loaded := regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline := regexp.MustCompile(`<script(?:[^>]*)>[^<]|\son[a-z]+=|\sstyle=|<style`)
	pages := web.Pages(true)
	for name, page := range map[string]*httptest.ResponseRecorder{"front": get(t, pages, "/"), "explorer": get(t, web.Explorer(), "/")} {
		t.Run(name, func(t *testing.T) {
			body := page.Body.String()
			if page.Code != http.StatusOK || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
				t.Fatalf("status %d, %s", page.Code, page.Header().Get("Content-Type"))
			}
			if found := inline.FindString(body); found != "" {
				t.Errorf("inline script or style, which the content policy refuses: %q", found)
			}
			for _, link := range loaded.FindAllStringSubmatch(body, -1) {
				path := link[1]
				switch {
				case strings.HasPrefix(path, "#"), path == "/explorer/":
				case strings.HasPrefix(path, "/explorer/"):
					if got := get(t, web.Explorer(), strings.TrimPrefix(path, "/explorer")); got.Code != http.StatusOK {
						t.Errorf("%s: status %d", path, got.Code)
					}
				default:
					if got := get(t, pages, path); !strings.HasPrefix(path, "/") || got.Code != http.StatusOK {
						t.Errorf("%s: status %d", path, got.Code)
					}
				}
			}
		})
	}
}

func TestTheFrontPageLinksAnExplorerThatIsThere(t *testing.T) {
	for has, want := range map[bool]string{true: `{"explorer":true}`, false: `{"explorer":false}`} {
		if got := get(t, web.Pages(has), "/features.json").Body.String(); got != want {
			t.Errorf("features %s, want %s", got, want)
		}
	}
}

func TestOnlyTheExplorerMayWriteStyles(t *testing.T) {
	policy := get(t, web.Explorer(), "/").Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "style-src 'self' 'unsafe-inline'") || strings.Contains(policy, "script-src") {
		t.Errorf("policy of the explorer: %s", policy)
	}
	if policy := get(t, web.Pages(true), "/").Header().Get("Content-Security-Policy"); policy != "" {
		t.Errorf("the front page widens the policy: %s", policy)
	}
}

func TestWhatIsVendoredNamesItsLicences(t *testing.T) {
	licences := get(t, web.Pages(false), "/vendor/LICENSES.txt").Body.String()
	for _, part := range []string{"graphiql 3.9.0", "graphql-ws 5.16.2", "react 18.3.1", "react-dom 18.3.1", "codemirror 5.", "Fira Code", "Roboto"} {
		if !strings.Contains(licences, "== "+part) {
			t.Errorf("no licence of %s", part)
		}
	}
}
