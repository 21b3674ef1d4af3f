package catalogue

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// sweepEvery is how many looks there are to one for versions that nothing needs.
const sweepEvery = 10

// watch keeps the host to what is registered, whoever changes it: this process, the
// command line, another server on the same database.
func (c *Catalogue) watch() {
	ticker := time.NewTicker(c.lookEvery)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-c.ctx.Done():
			return
		case <-c.nudged:
		case <-ticker.C:
		}
		err := c.lookIfChanged(c.ctx)
		if err == nil && n%sweepEvery == 0 {
			err = c.sweep(c.ctx)
		}
		if err != nil && c.ctx.Err() == nil {
			c.logger.Warn("the registered departments could not be read", "error", err)
		}
	}
}

// nudge makes the host look at once.
func (c *Catalogue) nudge() {
	select {
	case c.nudged <- struct{}{}:
	default:
	}
}

func (c *Catalogue) lookIfChanged(ctx context.Context) error {
	stamp, err := c.memory.Stamp(ctx)
	if err != nil {
		return err
	}
	c.turn.Lock()
	changed := stamp != c.stamp
	c.turn.Unlock()
	if changed {
		return c.look(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.lines { // the version before may have stopped serving
		l.offer()
	}
	return nil
}

// look reads the registrations and starts, stops and tells versions accordingly.
func (c *Catalogue) look(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	stamp, err := c.memory.Stamp(ctx) // first: what changes from now on is read again
	if err != nil {
		return err
	}
	rows, err := c.memory.Instances(ctx)
	if err != nil {
		return fmt.Errorf("read the registered departments: %w", err)
	}
	taken := map[string]bool{} // names whose current version is from outside
	for _, row := range rows {
		if row.Standing == Current && !row.Bundled {
			taken[row.Name] = true
		}
	}
	slices.SortStableFunc(rows, func(a, b Instance) int { return a.RegisteredAt.Compare(b.RegisteredAt) })
	for _, row := range rows {
		reg, here := c.registration(row)
		if !here || !wanted(row, taken[row.Name], rows) {
			c.settle(row, reg, nil, false)
			continue
		}
		c.settle(row, reg, c.published(ctx, row), true)
	}
	c.mu.Lock()
	for _, l := range c.lines {
		l.offer()
	}
	c.mu.Unlock()
	c.stamp = stamp
	return nil
}

// wanted reports whether this host runs the version. What came with it runs on even
// where a server with another platform has put its own in its place.
func wanted(row Instance, outside bool, rows []Instance) bool {
	if row.Standing.runs() {
		return true
	}
	lives := slices.ContainsFunc(rows, func(i Instance) bool { return i.Name == row.Name && i.Bundled && i.Standing.runs() })
	return row.Bundled && !outside && !lives
}

// registration is what to start for a row, and whether it can be started here.
func (c *Catalogue) registration(row Instance) (Registration, bool) {
	if row.Bundled {
		i := slices.IndexFunc(c.bundled, func(r Registration) bool { return r.Name == row.Name })
		if i < 0 {
			return Registration{}, false
		}
		return c.bundled[i], true
	}
	reg := Registration{
		Name: row.Name, Version: row.Version, Command: row.Command, Args: row.Args, SHA256: row.SHA256, PlainSocket: row.PlainSocket,
	}
	if !filepath.IsAbs(reg.Command) {
		folder, err := filepath.Abs(c.plugins)
		if err != nil {
			return reg, false
		}
		reg.Command = filepath.Join(folder, reg.Command)
	}
	return reg, true
}

// published is what a version published before, nil if there is nothing to go on with.
func (c *Catalogue) published(ctx context.Context, row Instance) *Service {
	if row.DefinitionHash == "" {
		return nil
	}
	service, err := c.ByHash(ctx, row.DefinitionHash)
	if err != nil {
		c.logger.Warn("the last definition cannot be used", "department", row.Name, "version", row.Version, "error", err)
		return nil
	}
	return service
}

// settle starts, tells or ends one version.
func (c *Catalogue) settle(row Instance, reg Registration, service *Service, wanted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.line(row.Name)
	var d *department
	if l != nil {
		d = l.version(row.ID)
	}
	if d != nil && (!wanted || !d.reg.same(reg)) {
		c.leave(l, d)
		d = nil
	}
	switch {
	case !wanted:
	case d != nil:
		if before := d.obey(row); before == Kept && row.Standing == Current {
			l.offered = d // somebody wants it back: at once
		}
	default:
		c.begin(c.lineOf(row.Name), row, reg, service)
	}
}

// begin starts a version. The caller holds the lock.
func (c *Catalogue) begin(l *line, row Instance, reg Registration, service *Service) {
	d := c.make(row, reg)
	d.service = service
	alone, stop := context.WithCancel(c.ctx)
	d.end = stop
	for _, before := range l.versions {
		if before.id() == row.ID { // it is leaving
			before.taken.Store(true)
		}
	}
	l.versions = append(l.versions, d)
	c.running.Go(func() { d.run(alone) })
}

// leave ends a version. Whoever has just read its form may still file: it is asked as
// long as a review may take. The caller holds the lock.
func (c *Catalogue) leave(l *line, d *department) {
	d.leaving.Store(true)
	c.running.Go(func() {
		pause(c.ctx, c.limits.Review)
		c.mu.Lock()
		l.remove(d)
		c.mu.Unlock()
		d.end()
	})
}

// present takes down what a process says of itself, if that is new.
func (c *Catalogue) present(ctx context.Context, d *department, is Introduction) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if d.knownAs(is) {
		return nil
	}
	if d.leaving.Load() {
		return errNotRegistered(d.id())
	}
	var row Instance
	err := c.memory.Change(ctx, "a department presents itself", func(l *Ledger) error {
		i, err := l.Introduce(d.id(), is)
		if err != nil {
			return err
		}
		row = *i
		return nil
	})
	if err == nil {
		d.obey(row)
	}
	return err
}

// sweep retires the kept versions to which no open case is pinned any more.
func (c *Catalogue) sweep(ctx context.Context) error {
	back := map[string]bool{} // versions to roll back to
	var kept []Instance
	for _, d := range c.departments() {
		switch row := d.instance(); row.Standing {
		case Current:
			back[row.Previous] = true
		case Kept:
			kept = append(kept, row)
		case Next, Retired:
		}
	}
	kept = slices.DeleteFunc(kept, func(i Instance) bool { return back[i.ID] })
	if len(kept) == 0 {
		return nil
	}
	pinned, err := c.OpenCases(ctx, hashesOf(kept))
	if err != nil {
		return err
	}
	for _, row := range kept {
		if pinned[row.DefinitionHash] > 0 {
			continue
		}
		err := c.memory.Change(ctx, "retire a version", func(l *Ledger) error {
			l.Retire(row.ID)
			return nil
		})
		if err != nil {
			return err
		}
		c.nudge()
	}
	return nil
}

func hashesOf(rows []Instance) []string {
	var hashes []string
	for _, row := range rows {
		if row.DefinitionHash != "" {
			hashes = append(hashes, row.DefinitionHash)
		}
	}
	return hashes
}

// OpenCases counts the open cases that are pinned to each of these definitions.
func (c *Catalogue) OpenCases(ctx context.Context, hashes []string) (map[string]int, error) {
	if c.openCases == nil || len(hashes) == 0 {
		return map[string]int{}, nil
	}
	return c.openCases(ctx, hashes)
}
