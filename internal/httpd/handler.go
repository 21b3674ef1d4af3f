package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Handler mounts everything behind the middleware that every answer passes.
func Handler(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", cfg.GraphQL)
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", ready(cfg.Ready))
	mux.Handle("GET /metrics", cfg.Metrics)
	if cfg.Explorer != nil {
		mux.Handle("GET /explorer/", http.StripPrefix("/explorer", cfg.Explorer))
	}
	if cfg.Documents != nil {
		mux.Handle("/documents/", cfg.Documents)
	}
	if cfg.SignIn != nil {
		mux.Handle("/auth/", cfg.SignIn)
	}
	if cfg.DemoIssuer != nil {
		mux.Handle("/demo-issuer/", cfg.DemoIssuer)
	}
	mux.Handle("/", readOnly(cfg.Pages))
	// Browsers may not send another site's form or script here with the user's
	// cookies; clients that are no browsers are not concerned.
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(foreign))
	return recovering(cfg.Logger, hardening(cfg.Proxies.addressing(origins.Handler(mux))))
}

// foreign refuses what another site's page sends, in the form of a GraphQL error.
func foreign(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusForbidden, map[string]any{"errors": []any{map[string]any{
		"message": "This comes from a page of another site.",
		"extensions": map[string]string{
			"code": string(town.Forbidden), "messageIt": "La richiesta viene da una pagina di un altro sito.",
		},
	}}})
}

// healthy says that the process lives, whatever the database does.
func healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "ok"})
}

// ready says whether requests can be answered now.
func ready(check func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, map[string]any{"status": "unavailable"})
			return
		}
		answer(w, http.StatusOK, map[string]any{"status": "ready"})
	}
}

// readOnly keeps pages to the methods that read.
func readOnly(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// contentPolicy lets pages load and reach this server only; 'self' covers sockets.
// What a page needs beyond it, that page allows itself.
const contentPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

// hardening sets the headers that every answer carries.
func hardening(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentPolicy)
		next.ServeHTTP(w, r)
	})
}

// recovering turns a panic into a plain 500; its text goes to the log only.
func recovering(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			logger.ErrorContext(r.Context(), "request panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			w.WriteHeader(http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}
