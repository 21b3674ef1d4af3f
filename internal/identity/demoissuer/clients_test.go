package demoissuer

import (
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// TestProgramsAreOfThisMachine: a code goes to this machine only, however an address is
// dressed up.
func TestProgramsAreOfThisMachine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:9/back":                   true,
		"http://localhost:54321/a/b":                true,
		"http://127.0.0.1:8080/":                    true,
		"http://127.0.0.1:9@elsewhere.example/back": false,
		"http://127.0.0.1:9.elsewhere.example/back": false,
		"http://127.0.0.1:x/y@elsewhere.example/":   false,
		"http://127.0.0.1:@elsewhere.example/back":  false,
		"https://127.0.0.1.elsewhere.example/back":  false,
	} {
		got := op.ValidateAuthReqRedirectURI(clients("http://127.0.0.1:1")[WebClient], address, oidc.ResponseTypeCode) == nil
		if got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}
