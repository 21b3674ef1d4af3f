package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// errExited says that a process ended by itself.
var errExited = errors.New("the process has ended")

// department supervises the process of one registered version: it starts it, has it
// describe itself, watches it, and starts it anew when it is gone.
type department struct {
	reg    Registration
	launch launcher
	memory Memory
	clock  town.Clock
	logger *slog.Logger
	output io.Writer // takes what the process writes
	limits Limits
	town   *sdk.Town
	// present takes down what the process says of itself, before it is ready.
	present func(ctx context.Context, d *department, is Introduction) error
	// ready is told when the process has become ready.
	ready   func(*department)
	end     context.CancelFunc // of run
	leaving atomic.Bool        // it is being ended for good
	taken   atomic.Bool        // another process stands for its version by now
	lost    atomic.Int64       // failed starts and lost processes so far

	mu        sync.Mutex // guards all below
	row       Instance   // as it was last read; its state is in what follows
	machine   machine
	nextStart time.Time          // while backing off or disabled by the breaker
	endTurn   context.CancelFunc // of the present life or wait
	life      *life              // nil while no process serves
	service   *Service           // nil until a definition is known
	process   processInfo        // of the present or the last process
	lastError string             // of the last failure
	changed   chan struct{}      // closed and replaced at every change
	settled   chan struct{}      // closed once the first start has ended either way
}

// life is one process from ready to its end.
type life struct {
	process process
	hash    string     // of the definition that it serves
	faults  chan error // failed calls; the supervisor judges them
}

// run supervises until ctx ends.
func (d *department) run(ctx context.Context) {
	for ctx.Err() == nil {
		d.takeTurn(ctx)
	}
	d.settle()
	d.update(func() { d.machine.state = Stopped })
	d.save(context.WithoutCancel(ctx))
}

// takeTurn is one life and the wait after it, or the rest of a disabled department. It
// ends early when somebody asks for something else.
func (d *department) takeTurn(ctx context.Context) {
	turn, end := context.WithCancel(ctx)
	defer end()
	var disabled bool
	d.update(func() {
		d.endTurn, disabled = end, d.row.Disabled != ""
		if disabled {
			d.machine = machine{state: Disabled}
			d.nextStart, d.lastError = time.Time{}, ""
		}
	})
	if disabled {
		d.settle()
		d.save(turn)
		<-turn.Done()
		return
	}
	wait := d.live(turn)
	if turn.Err() == nil {
		d.save(turn)
		pause(turn, wait)
	}
}

// obey takes down what is registered now, and gives the standing before. Who was
// disabled, enabled or asked for a new process begins anew.
func (d *department) obey(row Instance) Standing {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.row
	d.row = row
	if before.Disabled != row.Disabled || before.Restarts != row.Restarts {
		d.machine = machine{state: d.machine.state}
		if d.endTurn != nil {
			d.endTurn()
		}
	}
	return before.Standing
}

// live is one life of the process; it returns how long to wait before the next.
func (d *department) live(ctx context.Context) time.Duration {
	d.update(func() { d.machine.start() })
	d.save(ctx)
	process, err := d.launch.launch(ctx, d.reg, d.output)
	if err != nil {
		return d.failed(ctx, err)
	}
	l := &life{process: process, faults: make(chan error, 16)}
	err = d.introduce(ctx, l)
	if err == nil {
		err = d.watch(ctx, l)
	}
	wait := d.failed(ctx, err) // callers learn it before the process is cleared away
	if err := process.stop(ctx.Err() != nil); err != nil {
		d.logger.Error("department not ended", "error", err)
	}
	return wait
}

// introduce has the process describe itself, remembers the definition and opens
// the department for reviews.
func (d *department) introduce(ctx context.Context, l *life) error {
	answer, err := l.process.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return err
	}
	service, body, err := d.read(answer.Definition)
	if err != nil {
		return err
	}
	if err := d.remember(ctx, l, service, body); err != nil {
		return err
	}
	l.hash = service.Hash
	d.update(func() {
		d.machine.ready(time.Now())
		d.life, d.service, d.process, d.lastError = l, service, l.process.info(), ""
	})
	d.ready(d)
	d.settle()
	d.save(ctx)
	d.logger.Info("department ready", "definition", service.Hash)
	return nil
}

// maxVersion is what the memory has room for, in bytes.
const maxVersion = 64

// read refuses a definition of another service or version, or a faulty one.
func (d *department) read(def *sdk.Definition) (*Service, []byte, error) {
	if def.Service != d.reg.Name {
		return nil, nil, fmt.Errorf("the process describes the service %q, registered is %q", def.Service, d.reg.Name)
	}
	if d.reg.Version != "" && def.Version != d.reg.Version {
		return nil, nil, fmt.Errorf("the process describes version %q, registered is %q", def.Version, d.reg.Version)
	}
	if len(def.Version) > maxVersion {
		return nil, nil, fmt.Errorf("the version is longer than %d bytes", maxVersion)
	}
	return publish(def, d.town)
}

// remember keeps the definition before anybody can be pinned to it, and takes down the
// version. A database that is away is waited for: the process is not to blame. The
// error is a refusal: the letter of another department, for instance.
func (d *department) remember(ctx context.Context, l *life, service *Service, body []byte) error {
	for {
		err := d.keep(ctx, l, service, body)
		if err == nil || town.IsUserError(err) {
			return err
		}
		d.logger.Warn("the definition could not be kept", "error", err)
		select {
		case <-l.process.exited():
			return l.process.why()
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (d *department) keep(ctx context.Context, l *life, service *Service, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, d.limits.Remember)
	defer cancel()
	def := service.Definition()
	err := d.memory.SaveDefinition(ctx, StoredDefinition{
		Hash: service.Hash, Service: def.Service, Version: def.Version, Body: body, CreatedAt: d.clock.Now(),
	})
	if err != nil {
		return err
	}
	return d.present(ctx, d, introduce(service, l.process.info().sum))
}

// knownAs reports whether all that a process says of itself is registered already.
func (d *department) knownAs(is Introduction) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.row
	return r.Standing.serves() && r.Version == is.Version && r.SHA256 == is.SHA256 && r.DefinitionHash == is.DefinitionHash &&
		r.Series == is.Series && slices.Equal(r.Practices, is.Practices)
}

// watch returns why the process must end or has ended.
func (d *department) watch(ctx context.Context, l *life) error {
	ticker := time.NewTicker(d.limits.HealthEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.process.exited():
			return l.process.why()
		case fault := <-l.faults:
			if hung(fault) {
				return fault
			}
			d.change(ctx, func() { d.machine.callFailed(); d.lastError = clip(fault) })
		case <-ticker.C:
			if err := d.checkHealth(ctx, l); err != nil {
				return err
			}
		}
	}
}

// checkHealth returns an error when the process must be killed.
func (d *department) checkHealth(ctx context.Context, l *life) error {
	limited, cancel := context.WithTimeout(ctx, d.limits.Health)
	defer cancel()
	err := l.process.health(limited)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	kill := false
	d.change(ctx, func() {
		kill = d.machine.checked(err == nil)
		if err != nil {
			d.lastError = clip(err)
		}
	})
	if kill {
		return fmt.Errorf("the process is ill: %w", err)
	}
	return nil
}

// failed closes the department for reviews and says when it is tried again.
func (d *department) failed(ctx context.Context, err error) time.Duration {
	defer d.settle()
	if ctx.Err() != nil {
		d.update(func() { d.life = nil })
		return 0
	}
	d.lost.Add(1)
	var wait time.Duration
	var state State
	d.update(func() {
		now := time.Now()
		wait = d.machine.fail(now, rand.Float64())
		d.life, d.nextStart, d.lastError, state = nil, now.Add(wait), clip(err), d.machine.state
	})
	d.logger.Warn("department lost", "state", string(state), "nextStart", wait, "error", clip(err))
	return wait
}

// change updates and, where that changed the state, keeps it.
func (d *department) change(ctx context.Context, f func()) {
	var before, after State
	d.update(func() {
		before = d.machine.state
		f()
		after = d.machine.state
	})
	if before != after {
		d.save(ctx)
	}
}

// update changes what the lock guards and wakes everyone who waits for a change.
func (d *department) update(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	close(d.changed)
	d.changed = make(chan struct{})
}

// settle notes the end of the first start.
func (d *department) settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.settled:
	default:
		close(d.settled)
	}
}

// save keeps the present state, unless that is another's by now. Supervision goes on
// without it.
func (d *department) save(ctx context.Context) {
	if d.taken.Load() {
		return
	}
	limited, cancel := context.WithTimeout(ctx, d.limits.Remember)
	defer cancel()
	if err := d.memory.SaveState(limited, d.instance()); err != nil && ctx.Err() == nil {
		d.logger.Warn("the state of the department could not be kept", "error", err)
	}
}

// instance is what the host knows now.
func (d *department) instance() Instance {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.row
	i.State, i.Failures, i.LastError, i.UpdatedAt = d.machine.state, d.machine.failures, d.lastError, d.clock.Now()
	i.PID, i.NextStart, i.Lost = 0, time.Time{}, d.lost.Load()
	if d.life != nil {
		i.PID = d.process.pid
	} else if i.State == BackingOff || i.State == Disabled {
		i.NextStart = d.nextStart
	}
	return i
}

func (d *department) id() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.row.ID
}

func (d *department) standing() Standing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.row.Standing
}

func (d *department) state() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.machine.state
}

// current is the definition that it published last, nil before the first time.
func (d *department) current() *Service {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.service
}

// publishes reports whether it serves the definition, or did when it last ran.
func (d *department) publishes(hash string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.service != nil && d.service.Hash == hash
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
