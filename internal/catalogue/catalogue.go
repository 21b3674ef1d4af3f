package catalogue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Config is what the host needs.
type Config struct {
	// Plugins are the processes to run, in the order in which services are shown.
	Plugins []Registration
	Memory  Memory
	Clock   town.Clock
	Logger  *slog.Logger
	// SocketFolder is the folder of the sockets. It belongs to this host alone and
	// is emptied at the start.
	SocketFolder string
	// Town is what the definitions may refer to; nil leaves that unchecked.
	Town   *sdk.Town
	Limits Limits
}

// Catalogue is the running host. Its methods may be called at the same time.
type Catalogue struct {
	departments []*department // in the order of the configuration
	byName      map[string]*department
	memory      Memory
	own         *own
	lock        *os.File // on the folder of the sockets, held until the end
	spawner     *spawner
	unblock     chan struct{} // closed at the end: no log writer waits any more
	cancel      context.CancelFunc
	running     sync.WaitGroup
	closed      sync.Once

	mu     sync.Mutex          // guards byHash
	byHash map[string]*Service // every definition that was read so far
}

// New checks the registrations, loads what the departments published before, and
// starts all of them at once. It does not wait for them: see [Catalogue.Settled].
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
		byName: map[string]*department{}, byHash: map[string]*Service{},
		memory: cfg.Memory, own: &own{}, lock: lock, spawner: newSpawner(), unblock: make(chan struct{}),
	}
	launch := &pluginLauncher{own: c.own, spawner: c.spawner, folder: folder, limits: limits}
	for _, reg := range cfg.Plugins {
		d := &department{
			reg: reg, launch: launch, memory: cfg.Memory, clock: cfg.Clock, limits: limits, town: cfg.Town,
			logger: cfg.Logger.With("department", reg.Name), output: newLogs(cfg.Logger, reg.Name, c.unblock),
			changed: make(chan struct{}), settled: make(chan struct{}),
		}
		d.machine.state = Starting
		c.departments = append(c.departments, d)
		c.byName[reg.Name] = d
	}
	if err := c.recall(ctx); err != nil {
		c.spawner.close()
		_ = lock.Close()
		return nil, err
	}
	c.run()
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

// recall gives every department the definition that it last published.
func (c *Catalogue) recall(ctx context.Context) error {
	instances, err := c.memory.Instances(ctx)
	if err != nil {
		return fmt.Errorf("recall the departments: %w", err)
	}
	for _, i := range instances {
		d := c.byName[i.Name]
		if d == nil || i.DefinitionHash == "" {
			continue
		}
		service, err := c.ByHash(ctx, i.DefinitionHash)
		if err != nil {
			d.logger.Warn("the last definition cannot be used", "error", err)
			continue
		}
		d.service = service
	}
	return nil
}

// run starts the supervisors.
func (c *Catalogue) run() {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	for _, d := range c.departments {
		c.running.Go(func() { d.run(ctx) })
	}
}

// Settled returns when each department is ready or has failed its first start.
func (c *Catalogue) Settled(ctx context.Context) error {
	for _, d := range c.departments {
		select {
		case <-d.settled:
		case <-ctx.Done():
			return fmt.Errorf("wait for department %s: %w", d.reg.Name, ctx.Err())
		}
	}
	return nil
}

// Services returns the current definition of each department that ever published
// one, whether its process is up or not.
func (c *Catalogue) Services() []*Service {
	var services []*Service
	for _, d := range c.departments {
		if s := d.current(); s != nil {
			services = append(services, s)
		}
	}
	return services
}

// Service returns the current definition of a service.
func (c *Catalogue) Service(id string) (*Service, bool) {
	d := c.byName[id]
	if d == nil {
		return nil, false
	}
	s := d.current()
	return s, s != nil
}

func (d *department) current() *Service {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.service
}

// ByHash returns a definition to which a case is pinned, or
// [ErrUnknownDefinition].
func (c *Catalogue) ByHash(ctx context.Context, hash string) (*Service, error) {
	c.mu.Lock()
	service := c.byHash[hash]
	c.mu.Unlock()
	if service != nil {
		return service, nil
	}
	stored, err := c.memory.LoadDefinition(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("definition %s: %w", hash, err)
	}
	service, err = reread(stored)
	if err != nil {
		return nil, fmt.Errorf("definition %s: %w", hash, err)
	}
	c.mu.Lock()
	c.byHash[hash] = service
	c.mu.Unlock()
	return service, nil
}

// Review asks a department about one intake. hash is the definition with which
// the answers were checked; empty stands for the running one.
//
// A department that is down, hung, broken or at another version gives a
// town.Error with the code PLUGIN_UNAVAILABLE, within the limits of a review and
// of a restart; its Detail says what is wrong. The caller then goes on with the
// declared fallback. An unknown service gives NOT_FOUND.
func (c *Catalogue) Review(ctx context.Context, service, hash string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	d := c.byName[service]
	if d == nil {
		return nil, town.ErrNotFound()
	}
	return d.review(ctx, hash, req)
}

// Plugins returns what is known of each department's process now.
func (c *Catalogue) Plugins() []Instance {
	instances := make([]Instance, 0, len(c.departments))
	for _, d := range c.departments {
		instances = append(instances, d.instance())
	}
	return instances
}

// State is the state of a service's process; Disabled for an unknown service.
func (c *Catalogue) State(service string) State {
	d := c.byName[service]
	if d == nil {
		return Disabled
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.machine.state
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
