package catalogue

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// outside is a host with a folder of plug-ins in which this test binary lies.
type outside struct {
	*Catalogue
	t      *testing.T
	memory *testMemory
	sum    string
	open   atomic.Pointer[map[string]int] // pinned cases by hash
	folder string
}

func newOutside(t *testing.T, memory *testMemory, bundled ...Registration) *outside {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{t: t, memory: memory, folder: t.TempDir()}
	copyFile(t, self, filepath.Join(o.folder, "outsider"), 0o555)
	if o.sum, err = Checksum(self); err != nil {
		t.Fatal(err)
	}
	o.Catalogue = o.host(bundled...)
	return o
}

// host starts one more host on the same memory and folder.
func (o *outside) host(bundled ...Registration) *Catalogue {
	o.t.Helper()
	c, err := New(o.t.Context(), Config{
		Plugins: bundled, Memory: o.memory, Clock: town.SystemClock{}, LookEvery: 20 * time.Millisecond,
		Logger: slog.New(slog.NewJSONHandler(io.Discard, nil)), PluginFolder: o.folder,
		SocketFolder: filepath.Join(o.t.TempDir(), "run"), Limits: Limits{Review: time.Second, Start: 2 * time.Second},
		OpenCases: func(context.Context, []string) (map[string]int, error) {
			if pinned := o.open.Load(); pinned != nil {
				return *pinned, nil
			}
			return nil, nil
		},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			o.t.Error(err)
		}
	})
	if err := c.Settled(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	return c
}

// version is a registration of "one" in that version; serve is what its process is told.
func (o *outside) version(version, serve string) Registration {
	return Registration{Name: "one", Version: version, Command: "outsider", Args: []string{"plugin", "serve", serve}, SHA256: o.sum}
}

func (o *outside) pin(counts map[string]int) { o.open.Store(&counts) }

// standings are those of a department by version.
func (o *outside) standings() map[string]Standing {
	o.t.Helper()
	rows, err := o.memory.Instances(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	got := map[string]Standing{}
	for _, row := range rows {
		if row.Name == "one" {
			got[row.Version] = row.Standing
		}
	}
	return got
}

func (o *outside) wantStandings(want map[string]Standing) {
	o.t.Helper()
	eventually(o.t, 5*time.Second, "the versions stand as they should", func() bool { return cmp.Equal(want, o.standings()) })
}

// offers waits until new intakes go to a version, and gives its definition's hash.
func (o *outside) offers(c *Catalogue, version string) string {
	o.t.Helper()
	var hash string
	eventually(o.t, 5*time.Second, version+" is offered", func() bool {
		s, ok := c.Service("one")
		if ok {
			hash = s.Hash
		}
		return ok && s.Definition().Version == version
	})
	return hash
}

// answers is the version that reviews an intake with that definition.
func (o *outside) answers(hash string) string {
	o.t.Helper()
	review, err := o.Review(o.t.Context(), "one", hash, requestOf("version"))
	if err != nil {
		o.t.Fatal(err)
	}
	return review.Computed[0].Value
}

func (o *outside) do(f func(*Ledger) (*Instance, error)) { o.t.Helper(); changed(o.t, o.memory, f) }

func TestVersionsSideBySide(t *testing.T) {
	o := newOutside(t, newTestMemory())
	register(t, o.memory, o.version("1.0.0", "one@1.0.0"))
	first := o.offers(o.Catalogue, "1.0.0")
	replica := o.host()
	o.pin(map[string]int{first: 1})

	register(t, o.memory, o.version("2.0.0", "one@2.0.0"))
	second := o.offers(o.Catalogue, "2.0.0")
	o.offers(replica, "2.0.0")
	o.wantStandings(map[string]Standing{"1.0.0": Kept, "2.0.0": Current})
	for hash, want := range map[string]string{first: "1.0.0", second: "2.0.0", "": "2.0.0"} {
		if got := o.answers(hash); got != want {
			t.Errorf("definition %.8q is reviewed by %s, want %s", hash, got, want)
		}
		if hash != "" && !o.Serves(hash) {
			t.Errorf("%s is not served", want)
		}
	}

	register(t, o.memory, o.version("3.0.0", "one@3.0.0"))
	o.offers(o.Catalogue, "3.0.0")
	if got := o.answers(first); got != "1.0.0" { // a case is pinned to it
		t.Errorf("the pinned case is reviewed by %s", got)
	}
	o.pin(nil)
	o.wantStandings(map[string]Standing{"1.0.0": Retired, "2.0.0": Kept, "3.0.0": Current})
	eventually(t, 5*time.Second, "the retired version has no process", func() bool { return children(t, "one@1.0.0") == 0 })
	if o.Serves(first) {
		t.Error("a retired version takes requests")
	}
	if _, err := o.ByHash(t.Context(), first); err != nil {
		t.Errorf("the definition of the retired version: %v", err)
	}
	_, err := o.Review(t.Context(), "one", first, requestOf("version"))
	wantUnavailable(t, err, DetailNotRunning)
}

func TestAVersionThatNeverIsReadyChangesNothing(t *testing.T) {
	for name, bad := range map[string]Registration{
		"exits":                  {Name: "one", Version: "2.0.0", Args: []string{"plugin", "serve", "exit-at-start"}},
		"describes another":      {Name: "one", Version: "2.0.0", Args: []string{"plugin", "serve", "two@2.0.0"}},
		"describes an old one":   {Name: "one", Version: "2.0.0", Args: []string{"plugin", "serve", "one@1.5.0"}},
		"is not what was hashed": {Name: "one", Version: "2.0.0", Args: []string{"plugin", "serve", "one@2.0.0"}, SHA256: strings.Repeat("ab", 32)},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOutside(t, newTestMemory())
			register(t, o.memory, o.version("1.0.0", "one@1.0.0"))
			first := o.offers(o.Catalogue, "1.0.0")
			bad.Command = "outsider"
			if bad.SHA256 == "" {
				bad.SHA256 = o.sum
			}
			register(t, o.memory, bad)
			eventually(t, 5*time.Second, "its failure is told", func() bool {
				for _, i := range o.Plugins() {
					if i.Standing == Next && i.Failures > 0 && i.LastError != "" {
						return true
					}
				}
				return false
			})
			if got := o.answers(""); got != "1.0.0" || !o.Serves(first) {
				t.Errorf("new intakes go to %s", got)
			}
			o.do(func(l *Ledger) (*Instance, error) { return l.RollBack("one", "", "test") })
			o.wantStandings(map[string]Standing{"1.0.0": Current, "2.0.0": Retired})
		})
	}
}

func TestUpgradeAndRollBackUnderLoad(t *testing.T) {
	o := newOutside(t, newTestMemory())
	register(t, o.memory, o.version("1.0.0", "one@1.0.0"))
	o.offers(o.Catalogue, "1.0.0")
	stop, asked := make(chan struct{}), sync.WaitGroup{}
	var reviews atomic.Int64
	for range 4 {
		asked.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s, ok := o.Service("one")
				if !ok {
					t.Error("the service is not offered")
					return
				}
				answer, err := o.Review(t.Context(), "one", s.Hash, requestOf("version"))
				if err != nil || answer.Computed[0].Value != s.Definition().Version {
					t.Errorf("an intake of %s: %+v, %v", s.Definition().Version, answer, err)
					return
				}
				reviews.Add(1)
			}
		})
	}
	for _, version := range []string{"2.0.0", "3.0.0"} {
		register(t, o.memory, o.version(version, "one@"+version))
		o.offers(o.Catalogue, version)
	}
	start := time.Now()
	o.do(func(l *Ledger) (*Instance, error) { return l.RollBack("one", "", "test") })
	o.offers(o.Catalogue, "2.0.0")
	if took := time.Since(start); took > time.Second {
		t.Errorf("the rollback took %v", took)
	}
	o.do(func(l *Ledger) (*Instance, error) { return l.RollBack("one", "1.0.0", "test") })
	o.offers(o.Catalogue, "1.0.0")
	close(stop)
	asked.Wait()
	if reviews.Load() == 0 {
		t.Error("nobody asked")
	}
}

func TestDisabledUntilEnabled(t *testing.T) {
	memory := newTestMemory()
	o := newOutside(t, memory, Bundled("two"))
	register(t, memory, o.version("1.0.0", "one@1.0.0"))
	first := o.offers(o.Catalogue, "1.0.0")
	o.do(func(l *Ledger) (*Instance, error) { return l.Disable("one", "the tariff is wrong", "test") })
	eventually(t, 5*time.Second, "disabled", inState(o.Catalogue, "one", Disabled))
	eventually(t, 5*time.Second, "its process is gone", func() bool { return children(t, "one@1.0.0") == 0 })
	if s, ok := o.Service("one"); !ok || s.Hash != first || o.State("one") != Disabled {
		t.Errorf("its form is gone: %v", s)
	}
	start := time.Now()
	_, err := o.Review(t.Context(), "one", first, requestOf("version"))
	wantUnavailable(t, err, string(Disabled))
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("the refusal took %v", took)
	}
	value(t, o.Catalogue, "two", "prova")

	again := o.host(Bundled("two")) // a restart of the server
	if i := instance(t, again, "one"); i.State != Disabled || i.Disabled != "the tariff is wrong" {
		t.Errorf("after a restart: %+v", i)
	}
	o.do(func(l *Ledger) (*Instance, error) { return l.Enable("one", "test") })
	eventually(t, 5*time.Second, "enabled", inState(again, "one", Ready))
	eventually(t, 5*time.Second, "enabled", inState(o.Catalogue, "one", Ready))

	before := pidOf(t, o.Catalogue, "one")
	o.do(func(l *Ledger) (*Instance, error) { return l.Restart("one", "test") })
	eventually(t, 5*time.Second, "a new process", func() bool {
		i := instance(t, o.Catalogue, "one")
		return i.State == Ready && i.PID != before && i.Failures == 0
	})
}

// A platform that was upgraded brings a new version of its own departments: it takes
// the place of the old one, whose executable is gone.
func TestUpgradeOfThePlatform(t *testing.T) {
	memory := newTestMemory()
	bundled := func(version string) Registration {
		return Registration{Name: "one", Args: []string{"plugin", "serve", "one@" + version}, Bundled: true}
	}
	o := newOutside(t, memory, bundled("1.0.0"))
	first := o.offers(o.Catalogue, "1.0.0")
	if err := o.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	upgraded := o.host(bundled("1.1.0"))
	o.offers(upgraded, "1.1.0")
	o.wantStandings(map[string]Standing{"1.0.0": Retired, "1.1.0": Current})
	if upgraded.Serves(first) {
		t.Error("the version of the earlier platform takes requests")
	}
	if _, err := upgraded.ByHash(t.Context(), first); err != nil {
		t.Errorf("a case of the earlier platform has lost its definition: %v", err)
	}
	err := memory.Change(t.Context(), "roll back", func(l *Ledger) error {
		_, err := l.RollBack("one", "1.0.0", "test")
		return err
	})
	if town.CodeOf(err) != town.PreconditionFailed {
		t.Errorf("rolled back to an executable that is gone: %v", err)
	}
	if err := upgraded.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.offers(o.host(bundled("1.0.0")), "1.0.0") // and back
	o.wantStandings(map[string]Standing{"1.0.0": Current, "1.1.0": Retired})
}
