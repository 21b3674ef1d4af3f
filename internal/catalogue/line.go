package catalogue

import (
	"cmp"
	"slices"
)

// line is the versions of one department, side by side.
type line struct {
	name     string
	versions []*department // those that run, or should, and those that are leaving
	// offered takes new intakes; nil until a version has become current.
	offered *department
}

func (l *line) service() *Service {
	if l.offered == nil {
		return nil
	}
	return l.offered.current()
}

// serving is the version that published a definition, nil if none of them did.
func (l *line) serving(hash string) *department {
	for _, d := range l.versions {
		if d.publishes(hash) {
			return d
		}
	}
	return nil
}

// version is the one with that id that is not leaving.
func (l *line) version(id string) *department {
	for _, d := range l.versions {
		if d.id() == id && !d.leaving.Load() {
			return d
		}
	}
	return nil
}

// offer settles which version takes new intakes: the current one. A version that has
// just become current takes over when its process is ready here; until then the one
// before goes on as long as it serves.
func (l *line) offer() {
	var now *department
	for _, d := range l.versions {
		if d.standing() == Current && !d.leaving.Load() {
			now = d
		}
	}
	before := l.offered
	switch {
	case now == nil || now == before:
	case before == nil, !slices.Contains(l.versions, before), before.serving() == nil, now.serving() != nil:
		l.offered = now
	}
}

// remove takes a version out that has ended.
func (l *line) remove(d *department) {
	l.versions = slices.DeleteFunc(l.versions, func(v *department) bool { return v == d })
	if l.offered == d {
		l.offered = nil
		l.offer()
	}
}

// line finds a department; nil if there is none. The caller holds the lock.
func (c *Catalogue) line(name string) *line {
	for _, l := range c.lines {
		if l.name == name {
			return l
		}
	}
	return nil
}

// lineOf finds a department or adds it behind the others, those of the house first.
// The caller holds the lock.
func (c *Catalogue) lineOf(name string) *line {
	if l := c.line(name); l != nil {
		return l
	}
	added := &line{name: name}
	c.lines = append(c.lines, added)
	slices.SortStableFunc(c.lines, func(a, b *line) int { return cmp.Compare(c.place(a.name), c.place(b.name)) })
	return added
}

// place is the position among the departments of the house; behind them for others.
func (c *Catalogue) place(name string) int {
	at := slices.IndexFunc(c.bundled, func(r Registration) bool { return r.Name == name })
	if at < 0 {
		return len(c.bundled)
	}
	return at
}

// departments are the versions that run, or should: of each department the current one
// last, as it is the newest most of the time.
func (c *Catalogue) departments() []*department {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var all []*department
	for _, l := range c.lines {
		from := len(all)
		for _, d := range l.versions {
			if !d.leaving.Load() {
				all = append(all, d)
			}
		}
		slices.SortStableFunc(all[from:], func(a, b *department) int {
			return cmp.Compare(rank(b.standing()), rank(a.standing()))
		})
	}
	return all
}

// offerAnew is called when a version has become ready.
func (c *Catalogue) offerAnew(d *department) {
	c.mu.Lock()
	if l := c.line(d.reg.Name); l != nil {
		l.offer()
	}
	c.mu.Unlock()
	c.nudge()
}
