// Package web has the pages, embedded in the binary: nothing is loaded from
// elsewhere.
package web

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed static explorer vendor
var files embed.FS

// Pages answers the front page and what it loads.
func Pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/vendor/", noCache(http.FileServerFS(files)))
	mux.Handle("/", noCache(http.FileServerFS(sub("static"))))
	return mux
}

// Explorer answers the API explorer. It is for demo towns only.
func Explorer() http.Handler { return noCache(http.FileServerFS(sub("explorer"))) }

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
