package httpd_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/httpd"
)

func handler(readiness error) http.Handler {
	return httpd.Handler(httpd.Config{
		GraphQL: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret text") }),
		Pages:   http.NotFoundHandler(),
		Metrics: http.NotFoundHandler(),
		Ready:   func(context.Context) error { return readiness },
		Logger:  slog.New(slog.DiscardHandler),
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path string
		header       map[string]string
		readiness    error
		status       int
	}{
		"alive":                    {method: "GET", path: "/healthz", status: 200},
		"alive without a database": {method: "GET", path: "/healthz", readiness: errors.New("down"), status: 200},
		"ready":                    {method: "GET", path: "/readyz", status: 200},
		"not ready":                {method: "GET", path: "/readyz", readiness: errors.New("down"), status: 503},
		"a panic is a plain 500":   {method: "POST", path: "/graphql", status: 500},
		"another site's page":      {method: "POST", path: "/graphql", header: map[string]string{"Origin": "https://elsewhere.example"}, status: 403},
		"no explorer":              {method: "GET", path: "/explorer/", status: 404},
		"health takes no POST":     {method: "POST", path: "/healthz", status: 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequest(tc.method, tc.path, nil)
			for k, v := range tc.header {
				req.Header.Set(k, v)
			}
			rec := httptest.NewRecorder()
			handler(tc.readiness).ServeHTTP(rec, req)
			if rec.Code != tc.status {
				t.Errorf("status %d, want %d", rec.Code, tc.status)
			}
			body, _ := io.ReadAll(rec.Body)
			if strings.Contains(string(body), "secret") || strings.Contains(string(body), "down") {
				t.Errorf("the body tells inner detail: %s", body)
			}
			if tc.status == http.StatusForbidden && !strings.Contains(string(body), `"code":"FORBIDDEN"`) {
				t.Errorf("the refusal has no code: %s", body)
			}
			if rec.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Error("the answer lacks the hardening headers")
			}
		})
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:0": true, "127.9.9.9:80": true, "localhost:1": true, "[::1]:8080": true,
		"0.0.0.0:80": false, ":8080": false, "[::]:1": false, "example.org:80": false, "nonsense": false,
	} {
		if got := httpd.IsLoopback(address); got != want {
			t.Errorf("IsLoopback(%q) = %v, want %v", address, got, want)
		}
	}
}
