package signin

import (
	"net/url"
	"strings"
)

// maxDestination bounds the address to come back to, in bytes.
const maxDestination = 1000

// destination is a page of this town, or its front page: whoever writes a link to sign in
// must not send people elsewhere afterwards.
func destination(wanted string) string {
	u, err := url.Parse(wanted)
	if err != nil || len(wanted) > maxDestination || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(wanted, "/") || strings.HasPrefix(wanted, "//") || strings.ContainsFunc(wanted, hidden) {
		return "/"
	}
	return wanted
}

// hidden tells what browsers leave out or turn round in an address.
func hidden(r rune) bool { return r <= ' ' || r == '\\' || r > '~' }

// short cuts what somebody else wrote for the log.
func short(text string) string { return text[:min(len(text), 60)] }
