// Package httpd is the server's outside: listener, middleware, health, metrics,
// and where the API and the pages are mounted. It knows no business.
package httpd
