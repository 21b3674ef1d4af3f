package catalogue

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestAVersionIsReplacedBeforeItWasReady: who mends a version that never started and
// registers it anew has it running, and told as running, whatever becomes of the process
// before.
func TestAVersionIsReplacedBeforeItWasReady(t *testing.T) {
	o := newOutside(t, newTestMemory())
	register(t, o.memory, o.version("1.0.0", "exit-at-start"))
	eventually(t, 5*time.Second, "its failure is told", func() bool { return len(o.Plugins()) == 1 && o.Plugins()[0].Failures > 0 })
	stops := o.memory.saved("one", Stopped)
	register(t, o.memory, o.version("1.0.0", "one@1.0.0"))
	o.offers(o.Catalogue, "1.0.0")

	time.Sleep(o.limits.Review + 500*time.Millisecond) // the one before has ended by then
	if got := o.memory.saved("one", Stopped); got != stops {
		t.Errorf("%d processes that were replaced were told as stopped", got-stops)
	}
	rows, err := o.memory.Instances(t.Context())
	must(t, err)
	if len(rows) != 1 || rows[0].State != Ready {
		t.Errorf("kept is %+v", rows)
	}
}

// saved counts how often a state was told of a department.
func (m *testMemory) saved(name string, state State) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.states[name] {
		if s == state {
			n++
		}
	}
	return n
}

// TestAnotherFileDoesNotSpeakForAVersion: the process of a file that has been replaced
// is late with its introduction.
func TestAnotherFileDoesNotSpeakForAVersion(t *testing.T) {
	l := newLedger(nil, nil, time.Now())
	reg := Registration{Name: "one", Version: "1.0.0", Command: "one", SHA256: strings.Repeat("AB", 32)}
	row, err := l.Register(reg, nil, "test")
	must(t, err)
	if _, err := l.Introduce(row.ID, Introduction{Version: "1.0.0", SHA256: strings.Repeat("cd", 32)}); !town.IsUserError(err) {
		t.Errorf("the file before was taken: %v", err)
	}
	if _, err := l.Introduce(row.ID, Introduction{Version: "1.0.0", SHA256: strings.Repeat("ab", 32)}); err != nil || row.Standing != Current {
		t.Errorf("the registered file is %s: %v", row.Standing, err)
	}
	reg.SHA256 = strings.ToLower(reg.SHA256)
	if again, err := l.Register(reg, nil, "test"); err != nil || again != row {
		t.Errorf("the same checksum in small letters: %v", err)
	}
}

// TestRollBackToAVersionThatIsDown: new intakes stay with the version that answers until
// the other does, too.
func TestRollBackToAVersionThatIsDown(t *testing.T) {
	for state, want := range map[State]Standing{Ready: Current, Degraded: Current, BackingOff: Next, Disabled: Next} {
		l := newLedger([]Instance{
			{ID: "a", Name: "one", Version: "1.0.0", Standing: Kept, State: state},
			{ID: "b", Name: "one", Version: "2.0.0", Standing: Current, State: Ready, Previous: "a"},
		}, nil, time.Now())
		row, err := l.RollBack("one", "", "test")
		must(t, err)
		if row.ID != "a" || row.Standing != want || (l.byID("b").Standing == Current) != (want == Next) {
			t.Errorf("%s: the version before is %s, the present one %s", state, row.Standing, l.byID("b").Standing)
		}
	}
}

func TestArgumentsAreBounded(t *testing.T) {
	for name, args := range map[string][]string{
		"zero": {"a\x00b"}, "long": {strings.Repeat("x", maxArg+1)}, "many": make([]string, maxArgs+1),
	} {
		reg := Registration{Name: "one", Version: "1.0.0", Command: "/one", SHA256: strings.Repeat("ab", 32), Args: args}
		if err := reg.check(); err == nil || !strings.Contains(err.Error(), "argument") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileThatMayNotBeExecuted(t *testing.T) {
	plugin, sum := pluginFile(t)
	for mode, refused := range map[os.FileMode]bool{0o444: true, 0o555: false} {
		must(t, os.Chmod(plugin, mode))
		exe, err := openPlugin(filepath.Dir(plugin), plugin, sum)
		must(t, err)
		if err := exe.runnable(); town.IsUserError(err) != refused {
			t.Errorf("mode %v: %v", mode, err)
		}
		must(t, exe.file.Close())
	}
}

func TestAReasonIsOneLine(t *testing.T) {
	l := newLedger(nil, nil, time.Now())
	l.Furnish([]Registration{Bundled("one")})
	row, err := l.Disable("one", " the tariff\x00\nis \u202ewrong\t", "test")
	must(t, err)
	if want := "the tariff is wrong"; row.Disabled != want {
		t.Errorf("the reason is %q, want %q", row.Disabled, want)
	}
}
