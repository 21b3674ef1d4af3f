// Package web has the pages, embedded in the binary: nothing is loaded from
// elsewhere.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
)

//go:embed static explorer vendor
var files embed.FS

// Pages answers the front page and what it loads. It links the explorer where
// there is one.
func Pages(explorer bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/vendor/", noCache(http.FileServerFS(files)))
	mux.Handle("/features.json", noCache(features(explorer)))
	mux.Handle("/", noCache(http.FileServerFS(sub("static"))))
	return mux
}

// features tells the pages what this server has.
func features(explorer bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"explorer":%t}`, explorer)
	})
}

// explorerPolicy allows the explorer what its editor needs beyond other pages:
// styles written by scripts, and fonts and pictures inside its style sheet.
const explorerPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

// Explorer answers the API explorer. It is for demo towns only.
func Explorer() http.Handler {
	pages := noCache(http.FileServerFS(sub("explorer")))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", explorerPolicy)
		pages.ServeHTTP(w, r)
	})
}

// noCache makes browsers ask again, so that an upgrade shows at once.
func noCache(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

func sub(dir string) fs.FS {
	tree, err := fs.Sub(files, dir)
	if err != nil { // impossible: the folder is embedded
		panic(err)
	}
	return tree
}
