package catalogue

import (
	"os"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// selfAsOutsider registers this test binary as somebody else's plug-in.
func selfAsOutsider(t *testing.T, name string) Registration {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Registration{Name: name, Command: self, Args: []string{"plugin", "serve", name}}
}

func TestRunIsOneProcessWithoutSupervision(t *testing.T) {
	r, err := Run(t.Context(), RunConfig{Registration: selfAsOutsider(t, "one")})
	if err != nil {
		t.Fatal(err)
	}
	described, err := r.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil || described.Definition.Service != "one" {
		t.Errorf("describes %+v, %v", described, err)
	}
	answer, err := r.Review(t.Context(), requestOf("prova"))
	if err != nil || answer.Computed[0].Value != `"Zoë"` {
		t.Errorf("reviews %+v, %v", answer, err)
	}
	if err := r.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if len(r.SHA256()) != 64 || !alive(r.PID()) {
		t.Errorf("process %d with checksum %q", r.PID(), r.SHA256())
	}
	for range 2 {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	}
	<-r.Exited()
	if alive(r.PID()) {
		t.Error("the process lives")
	}
}

func TestRunRefusesAnotherChecksum(t *testing.T) {
	reg := selfAsOutsider(t, "one")
	reg.SHA256 = strings.Repeat("ab", 32)
	if _, err := Run(t.Context(), RunConfig{Registration: reg}); err == nil || !strings.Contains(err.Error(), ErrChecksum.Error()) {
		t.Errorf("got %v", err)
	}
}

func TestRunSaysWhyAStartFailed(t *testing.T) {
	if _, err := Run(t.Context(), RunConfig{Registration: selfAsOutsider(t, "exit-at-start")}); err == nil {
		t.Error("started")
	}
}
