package catalogue

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

func TestBackOffDoublesAndTheBreakerOpens(t *testing.T) {
	now := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
	var m machine
	var waits []time.Duration
	var states []State
	for range 7 {
		m.start()
		wait := m.fail(now, 0.5)
		waits, states = append(waits, wait), append(states, m.state)
		now = now.Add(wait)
	}
	wantWaits := []time.Duration{
		500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, time.Minute, time.Minute, time.Minute,
	}
	if diff := cmp.Diff(wantWaits, waits); diff != "" {
		t.Error(diff)
	}
	wantStates := []State{BackingOff, BackingOff, BackingOff, BackingOff, Disabled, Disabled, Disabled}
	if diff := cmp.Diff(wantStates, states); diff != "" {
		t.Error(diff)
	}
	m.start()
	m.ready(now)
	if m.fail(now.Add(breakerWindow), 0.5); m.state != BackingOff {
		t.Errorf("after ten good minutes: %s", m.state)
	}
}

func TestSlowLossesOpenTheBreakerToo(t *testing.T) {
	now := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
	var m machine
	for range breakerLosses {
		m.start()
		m.ready(now)
		now = now.Add(2 * time.Minute)
		m.fail(now, 0.5)
	}
	if m.state != Disabled {
		t.Errorf("lost every two minutes: %s", m.state)
	}
}

func TestGoodServiceIsForgiving(t *testing.T) {
	now := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
	m := machine{failures: 4}
	m.start()
	m.ready(now)
	if wait := m.fail(now.Add(59*time.Second), 0.5); wait != 8*time.Second {
		t.Errorf("after a short service: %v", wait)
	}
	m.start()
	m.ready(now.Add(2 * time.Minute))
	if wait := m.fail(now.Add(3*time.Minute), 0.5); wait != 500*time.Millisecond {
		t.Errorf("after a long service: %v", wait)
	}
}

func TestJitterStaysWithinATenth(t *testing.T) {
	for jitter, want := range map[float64]time.Duration{0: 450 * time.Millisecond, 1: 550 * time.Millisecond} {
		var m machine
		if wait := m.fail(time.Time{}, jitter); wait.Round(time.Millisecond) != want {
			t.Errorf("jitter %v: %v, want %v", jitter, wait, want)
		}
	}
	m := machine{failures: 1000}
	if wait := m.fail(time.Time{}, 0.5); wait != longestWait {
		t.Errorf("the longest wait is %v", wait)
	}
}

func TestThirdBadCheckKills(t *testing.T) {
	var m machine
	m.ready(time.Time{})
	kills := []bool{m.checked(false), m.checked(false), m.checked(true), m.checked(false), m.checked(false), m.checked(false)}
	if diff := cmp.Diff([]bool{false, false, false, false, false, true}, kills); diff != "" {
		t.Error(diff)
	}
}

func TestFailedCallDegradesUntilAQuietCheck(t *testing.T) {
	var m machine
	m.ready(time.Time{})
	m.callFailed()
	var states []State
	for range 2 {
		states = append(states, m.state)
		m.checked(true)
	}
	if diff := cmp.Diff([]State{Degraded, Degraded, Ready}, append(states, m.state)); diff != "" {
		t.Error(diff)
	}
}

// fakeLauncher starts fakes, or fails.
type fakeLauncher struct {
	err    error
	starts []time.Duration // since the first call of launch
	first  time.Time
	next   func() *fakeProcess
}

func (l *fakeLauncher) launch(context.Context, Registration, io.Writer) (process, error) {
	if l.first.IsZero() {
		l.first = time.Now()
	}
	l.starts = append(l.starts, time.Since(l.first))
	if l.err != nil {
		return nil, l.err
	}
	return l.next(), nil
}

type fakeProcess struct {
	sdk.Department
	gone    chan struct{}
	healthy error
	review  func(context.Context) (*sdk.ReviewResponse, error)
	stopped bool
}

func (p *fakeProcess) Review(ctx context.Context, _ sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return p.review(ctx)
}
func (p *fakeProcess) health(context.Context) error { return p.healthy }
func (p *fakeProcess) exited() <-chan struct{}      { return p.gone }
func (p *fakeProcess) info() processInfo            { return processInfo{pid: 1} }
func (p *fakeProcess) why() error                   { return errExited }
func (p *fakeProcess) stop(bool) error              { p.stopped = true; return nil }

func newFake() *fakeProcess {
	return &fakeProcess{Department: testDepartment{name: "one"}, gone: make(chan struct{})}
}

func supervised(l launcher, memory Memory) *department {
	return &department{
		reg: Bundled("one"), launch: l, memory: memory, clock: town.SystemClock{},
		logger: slog.New(slog.DiscardHandler), output: io.Discard, limits: Limits{}.withDefaults(),
		changed: make(chan struct{}), settled: make(chan struct{}), machine: machine{state: Starting},
		present: func(context.Context, *department, Introduction) error { return nil }, ready: func(*department) {},
	}
}

// supervise runs a department in a bubble of time until the test ends.
func supervise(t *testing.T, d *department) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func TestSupervisorKeepsItsDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &fakeLauncher{err: errors.New("no such file")}
		d := supervised(l, newTestMemory())
		supervise(t, d)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := len(l.starts); n < 10 || n > 20 {
			t.Errorf("%d starts in ten minutes", n)
		}
		for i := range l.starts {
			inMinute := 0
			for _, s := range l.starts[i:] {
				if s-l.starts[i] < time.Minute {
					inMinute++
				}
			}
			if inMinute > breakerLosses {
				t.Errorf("%d starts in the minute from %v", inMinute, l.starts[i])
			}
		}
	})
}

func TestSupervisorKillsTheIllAndTheHung(t *testing.T) {
	hang := &rpc.Error{Method: "Review", Fault: rpc.Timeout, Cause: errors.New("too slow")}
	tests := map[string]struct {
		process *fakeProcess
		limit   time.Duration
	}{
		"ill": {&fakeProcess{healthy: errors.New("ill")}, 30*time.Second + 100*time.Millisecond},
		"hung": {&fakeProcess{review: func(context.Context) (*sdk.ReviewResponse, error) {
			return nil, hang
		}}, time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := tt.process
				first.Department, first.gone = testDepartment{name: "one"}, make(chan struct{})
				processes := []*fakeProcess{first, newFake()}
				l := &fakeLauncher{next: func() *fakeProcess {
					p := processes[0]
					processes = processes[1:]
					return p
				}}
				memory := newTestMemory()
				d := supervised(l, memory)
				supervise(t, d)
				synctest.Wait()
				if first.review != nil {
					if _, err := d.review(t.Context(), "", sdk.ReviewRequest{}); town.CodeOf(err) != town.PluginUnavailable {
						t.Errorf("got %v", err)
					}
				}
				time.Sleep(tt.limit)
				synctest.Wait()
				if !first.stopped || d.instance().State != BackingOff {
					t.Errorf("stopped %v, %+v", first.stopped, d.instance())
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if d.instance().State != Ready {
					t.Errorf("not started anew: %+v", d.instance())
				}
			})
		})
	}
}

func TestReviewWaitsForARestartButNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newFake()
		processes := []*fakeProcess{first, newFake()}
		processes[1].review = func(context.Context) (*sdk.ReviewResponse, error) { return &sdk.ReviewResponse{}, nil }
		l := &fakeLauncher{}
		l.next = func() *fakeProcess {
			p := processes[0]
			if processes = processes[1:]; len(processes) == 0 {
				l.err = errors.New("no third one")
			}
			return p
		}
		d := supervised(l, newTestMemory())
		supervise(t, d)
		synctest.Wait()
		second := processes[0]
		close(first.gone)
		synctest.Wait()
		start := time.Now()
		if _, err := d.review(t.Context(), "", sdk.ReviewRequest{}); err != nil {
			t.Errorf("after the first crash: %v", err)
		}
		if waited := time.Since(start); waited < 400*time.Millisecond || waited > 600*time.Millisecond {
			t.Errorf("waited %v for the second process", waited)
		}
		close(second.gone)
		synctest.Wait()
		time.Sleep(5 * time.Second) // the third and fourth start have failed
		start = time.Now()
		if _, err := d.review(t.Context(), "", sdk.ReviewRequest{}); town.CodeOf(err) != town.PluginUnavailable {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("the refusal took %v", waited)
		}
	})
}

// forgetful fails its first writes.
type forgetful struct {
	*testMemory
	fails int
}

func (m *forgetful) SaveDefinition(ctx context.Context, def StoredDefinition) error {
	if m.fails > 0 {
		m.fails--
		return errors.New("the database is away")
	}
	return m.testMemory.SaveDefinition(ctx, def)
}

func TestNotReadyBeforeTheDefinitionIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &fakeLauncher{next: newFake}
		d := supervised(l, &forgetful{newTestMemory(), 3})
		supervise(t, d)
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		if d.instance().State != Starting {
			t.Errorf("state %s although nothing is kept", d.instance().State)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if d.instance().State != Ready || len(l.starts) != 1 {
			t.Errorf("state %s after %d starts", d.instance().State, len(l.starts))
		}
	})
}
