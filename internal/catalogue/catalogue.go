package catalogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Config is what the host needs.
type Config struct {
	// Plugins came with the platform, in the order in which services are shown. All
	// others are registered in the memory.
	Plugins []Registration
	Memory  Memory
	Clock   town.Clock
	Logger  *slog.Logger
	// SocketFolder is the folder of the sockets. It belongs to this host alone and
	// is emptied at the start.
	SocketFolder string
	// PluginFolder is the one folder from which plug-ins of others are started. It
	// must be no symbolic link, and neither it nor a plug-in in it may be changed
	// by anybody but this user and root. Empty refuses all plug-ins of others; the
	// departments of the house stand beside the platform's executable.
	PluginFolder string
	// Town is what the definitions may refer to; nil leaves that unchecked.
	Town *sdk.Town
	// OpenCases counts the open cases that are pinned to each of these definitions;
	// nil counts none.
	OpenCases func(ctx context.Context, hashes []string) (map[string]int, error)
	// LookEvery is how often to look whether another process has changed the
	// registrations; a second.
	LookEvery time.Duration
	Limits    Limits
}

// Catalogue is the running host. Its methods may be called at the same time.
type Catalogue struct {
	memory    Memory
	bundled   []Registration // what came with the platform
	plugins   string         // folder of the others
	openCases func(ctx context.Context, hashes []string) (map[string]int, error)
	lookEvery time.Duration
	logger    *slog.Logger
	make      func(Instance, Registration) *department
	limits    Limits

	own     *own
	lock    *os.File // on the folder of the sockets, held until the end
	spawner *spawner
	unblock chan struct{} // closed at the end: no log writer waits any more
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	closed  sync.Once
	nudged  chan struct{} // there may be something new in the memory

	turn  sync.Mutex // one look at the registrations, or change of them, after the other
	stamp int64      // of the registrations as they were last read; guarded by turn

	mu     sync.RWMutex        // guards all below
	lines  []*line             // in the order in which services are shown
	byHash map[string]*Service // every definition that was read so far

	days sync.Map // on which definitions came in, by hash
}

// New checks what came with the platform, loads what is registered and what the
// departments published before, and starts all of them at once. It does not wait for
// them: see [Catalogue.Settled].
func New(ctx context.Context, cfg Config) (*Catalogue, error) {
	if err := checkAll(cfg.Plugins); err != nil {
		return nil, err
	}
	folder, lock, err := prepareFolder(cfg.SocketFolder)
	if err != nil {
		return nil, err
	}
	limits := cfg.Limits.withDefaults()
	c := &Catalogue{
		memory: cfg.Memory, bundled: cfg.Plugins, plugins: cfg.PluginFolder, openCases: cfg.OpenCases,
		lookEvery: cmp.Or(cfg.LookEvery, time.Second), logger: cfg.Logger, limits: limits,
		own: &own{}, lock: lock, spawner: newSpawner(), unblock: make(chan struct{}),
		nudged: make(chan struct{}, 1), byHash: map[string]*Service{},
	}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	leftovers(folder, limits.Stop)
	launch := &pluginLauncher{
		own: c.own, spawner: c.spawner, census: &census{root: folder}, folder: folder,
		plugins: cfg.PluginFolder, limits: limits,
	}
	c.make = func(row Instance, reg Registration) *department {
		return &department{
			row: row, reg: reg, launch: launch, memory: cfg.Memory, clock: cfg.Clock, limits: limits, town: cfg.Town,
			logger: cfg.Logger.With("department", reg.Name, "version", row.Version), output: newLogs(cfg.Logger, reg.Name, c.unblock),
			changed: make(chan struct{}), settled: make(chan struct{}), machine: machine{state: Starting},
			present: c.present, ready: c.offerAnew,
		}
	}
	if err := c.open(ctx); err != nil {
		c.shut()
		return nil, err
	}
	c.running.Go(c.watch)
	return c, nil
}

func checkAll(regs []Registration) error {
	seen := map[string]bool{}
	for _, reg := range regs {
		if err := reg.check(); err != nil {
			return err
		}
		if seen[reg.Name] {
			return fmt.Errorf("plug-in %s is registered twice", reg.Name)
		}
		seen[reg.Name] = true
	}
	return nil
}

// open registers what came with the platform and starts all that is registered.
func (c *Catalogue) open(ctx context.Context) error {
	err := c.memory.Change(ctx, "register the departments of the house", func(l *Ledger) error {
		l.Furnish(c.bundled)
		return nil
	})
	if err != nil {
		return err
	}
	return c.look(ctx)
}

// Settled returns when each department that is registered now is ready or has failed
// its first start.
func (c *Catalogue) Settled(ctx context.Context) error {
	for _, d := range c.departments() {
		select {
		case <-d.settled:
		case <-ctx.Done():
			return fmt.Errorf("wait for department %s: %w", d.reg.Name, ctx.Err())
		}
	}
	return nil
}

// Services returns the definition that each department offers now, whether its process
// is up or not.
func (c *Catalogue) Services() []*Service {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var services []*Service
	for _, l := range c.lines {
		if s := l.service(); s != nil {
			services = append(services, s)
		}
	}
	return services
}

// Service returns the definition that a service offers now.
func (c *Catalogue) Service(id string) (*Service, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	l := c.line(id)
	if l == nil {
		return nil, false
	}
	s := l.service()
	return s, s != nil
}

// ByHash returns a definition to which a case is pinned, or
// [ErrUnknownDefinition].
func (c *Catalogue) ByHash(ctx context.Context, hash string) (*Service, error) {
	c.mu.RLock()
	service := c.byHash[hash]
	c.mu.RUnlock()
	if service != nil {
		return service, nil
	}
	service, err := Published(ctx, c.memory, hash)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.byHash[hash] = service
	c.mu.Unlock()
	return service, nil
}

// Published is a definition as it was once published, without any process, or
// [ErrUnknownDefinition].
func Published(ctx context.Context, memory Memory, hash string) (*Service, error) {
	stored, err := memory.LoadDefinition(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("definition %s: %w", hash, err)
	}
	service, err := reread(stored)
	if err != nil {
		return nil, fmt.Errorf("definition %s: %w", hash, err)
	}
	return service, nil
}

// Serves reports whether a version that is current or kept published the definition:
// an intake whose form was fetched from it is taken.
func (c *Catalogue) Serves(hash string) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, l := range c.lines {
		if d := l.serving(hash); d != nil {
			return d.standing().serves()
		}
	}
	return false
}

// Review asks a department about one intake. hash is the definition with which
// the answers were checked, and names the version to ask; empty stands for the one
// that takes new intakes.
//
// A department that is down, hung, broken or no longer runs that version gives a
// town.Error with the code PLUGIN_UNAVAILABLE, within the limits of a review and
// of a restart; its Detail says what is wrong. The caller then goes on with the
// declared fallback. An unknown service gives NOT_FOUND.
func (c *Catalogue) Review(ctx context.Context, service, hash string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	c.mu.RLock()
	l := c.line(service)
	var d *department
	if l != nil {
		d = l.offered
		if hash != "" {
			d = cmp.Or(l.serving(hash), d)
		} else if d == nil && len(l.versions) > 0 {
			d = l.versions[0]
		}
	}
	c.mu.RUnlock()
	switch {
	case l == nil:
		return nil, town.ErrNotFound()
	case d == nil:
		return nil, unavailable(service, DetailNotRunning, fmt.Errorf("no version serves definition %s", hash))
	default:
		return d.review(ctx, hash, req)
	}
}

// Plugins returns what is known now of each version that runs, or should.
func (c *Catalogue) Plugins() []Instance {
	var instances []Instance
	for _, d := range c.departments() {
		instances = append(instances, d.instance())
	}
	return instances
}

// State is the state of the process that takes a service's new intakes; Disabled for
// an unknown service.
func (c *Catalogue) State(service string) State {
	c.mu.RLock()
	defer c.mu.RUnlock()
	l := c.line(service)
	if l == nil || l.offered == nil {
		return Disabled
	}
	return l.offered.state()
}

// Close ends all processes with their descendants and returns when nothing of
// them is left, or with the error of ctx while that is still going on.
func (c *Catalogue) Close(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.closed.Do(c.shut)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.Join(errors.New("departments are still being stopped"), ctx.Err())
	}
}

func (c *Catalogue) shut() {
	close(c.unblock)
	c.cancel()
	c.running.Wait()
	c.spawner.close()
	c.own.close()
	_ = c.lock.Close() // nothing was written to it
}
