package catalogue

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Ledger is all registrations, while one change is made to them. Its methods are the
// rules of what may become of a version: pure, on rows in memory. They return errors
// that a person can mend (town.Error).
type Ledger struct {
	now time.Time
	// letters are the series of the sites and what they stand for.
	letters map[string]string
	rows    []*Instance
	changed map[string]bool // ids of rows to write
	created map[string]bool // those of them that are new
	removed []string
	events  []town.Event
}

func newLedger(rows []Instance, letters map[string]string, now time.Time) *Ledger {
	l := &Ledger{now: now, letters: letters, changed: map[string]bool{}, created: map[string]bool{}}
	for _, row := range rows {
		l.rows = append(l.rows, &row)
	}
	return l
}

// Introduction is what a process says of itself at its start.
type Introduction struct {
	Version, SHA256, DefinitionHash, Series string
	Practices                               []string
}

// find gives the row that fits, nil if there is none.
func (l *Ledger) find(fits func(*Instance) bool) *Instance {
	if i := slices.IndexFunc(l.rows, fits); i >= 0 {
		return l.rows[i]
	}
	return nil
}

func (l *Ledger) byID(id string) *Instance {
	return l.find(func(i *Instance) bool { return i.ID == id })
}

func (l *Ledger) version(name, version string) *Instance {
	return l.find(func(i *Instance) bool { return i.Name == name && i.Version == version })
}

func (l *Ledger) standing(name string, s Standing) *Instance {
	return l.find(func(i *Instance) bool { return i.Name == name && i.Standing == s })
}

// of are all versions of a department.
func (l *Ledger) of(name string) []*Instance {
	var all []*Instance
	for _, i := range l.rows {
		if i.Name == name {
			all = append(all, i)
		}
	}
	return all
}

func (l *Ledger) touch(i *Instance) { l.changed[i.ID] = true }

func (l *Ledger) tell(kind town.EventType, i *Instance, actor string) {
	l.events = append(l.events, town.Event{
		Type: kind, ServiceID: i.Name, Actor: actor,
		Data: map[string]string{town.DataPlugin: i.ID, "version": i.Version, "standing": string(i.Standing)},
	})
}

// add makes the row of a new version.
func (l *Ledger) add(reg Registration, standing Standing, by string) *Instance {
	i := &Instance{
		ID: town.NewID(town.PrefixPlugin, l.now), Name: reg.Name, Version: reg.Version, SHA256: reg.SHA256,
		Command: reg.Command, Args: reg.Args, PlainSocket: reg.PlainSocket, Bundled: reg.Bundled,
		Standing: standing, RegisteredAt: l.now, RegisteredBy: by, State: Starting, UpdatedAt: l.now,
	}
	for _, other := range l.of(reg.Name) {
		i.Disabled = other.Disabled
	}
	if i.Disabled != "" || standing == Retired {
		i.State = Stopped
	}
	l.rows = append(l.rows, i)
	l.created[i.ID] = true
	l.touch(i)
	return i
}

// actorCatalogue is who makes the changes that follow by themselves.
const actorCatalogue = "system:" + systemName

// Furnish registers what came with the platform, once. A department that somebody has
// registered from outside under the same name keeps the place.
func (l *Ledger) Furnish(regs []Registration) {
	known := map[string]bool{}
	for _, reg := range regs {
		known[reg.Name] = true
		row := l.bundled(reg.Name)
		if row == nil {
			standing := Current
			if l.standing(reg.Name, Current) != nil {
				standing = Retired
			}
			row = l.add(reg, standing, actorCatalogue)
			l.tell(town.EventPluginRegistered, row, actorCatalogue)
			continue
		}
		if row.Command != reg.Command || !slices.Equal(row.Args, reg.Args) {
			row.Command, row.Args = reg.Command, reg.Args
			l.touch(row)
		}
		if row.Standing == Retired && l.standing(reg.Name, Current) == nil { // it is back in the platform
			row.Standing = Current
			l.touch(row)
		}
	}
	for _, row := range l.rows {
		if row.Bundled && row.Standing.runs() && !known[row.Name] {
			l.retire(row)
		}
	}
}

// bundled is the row of a department that came with the platform: the newest. The others
// tell of the versions of earlier platforms.
func (l *Ledger) bundled(name string) *Instance {
	var newest *Instance
	for _, i := range l.of(name) {
		if i.Bundled && (newest == nil || i.RegisteredAt.After(newest.RegisteredAt)) {
			newest = i
		}
	}
	return newest
}

// Register makes a version the next one of its department. One that is known already
// is taken up again; known is what it says of itself, where it was asked.
func (l *Ledger) Register(reg Registration, known *Introduction, by string) (*Instance, error) {
	if known != nil {
		if err := l.clash(reg.Name, *known); err != nil {
			return nil, err
		}
	}
	reg.SHA256 = strings.ToLower(reg.SHA256) // either way of writing is the same file
	row := l.version(reg.Name, reg.Version)
	if row != nil && row.Bundled {
		return nil, errBundledVersion(row)
	}
	same := row != nil && row.SHA256 == reg.SHA256 && slices.Equal(row.Args, reg.Args) && row.PlainSocket == reg.PlainSocket
	switch {
	case row == nil:
		row = l.add(reg, Next, by)
	case same && row.Standing == Current:
		return row, nil
	case same && row.Standing == Kept:
		l.promote(row)
		l.tell(town.EventPluginCurrent, row, by)
		return row, nil
	case !same && row.Standing.serves():
		return nil, errVersionTaken(row)
	default:
		row.SHA256, row.Command, row.Args, row.PlainSocket = reg.SHA256, reg.Command, reg.Args, reg.PlainSocket
		row.Standing, row.RegisteredAt, row.RegisteredBy, row.LastError, row.Failures = Next, l.now, by, "", 0
		l.touch(row)
	}
	for _, other := range l.of(reg.Name) {
		if other != row && other.Standing == Next {
			l.retire(other)
		}
	}
	l.tell(town.EventPluginRegistered, row, by)
	return row, nil
}

// Introduce takes down what the process of a version says of itself. The next version
// becomes current; a new version of what came with the platform takes the place of the
// old one, of which a retired row tells. A process of a file that has been replaced under
// its version no longer speaks for it.
func (l *Ledger) Introduce(id string, is Introduction) (*Instance, error) {
	row := l.byID(id)
	if row == nil || row.Bundled && row != l.bundled(row.Name) || !row.Bundled && (!row.Standing.runs() || row.SHA256 != is.SHA256) {
		return nil, errNotRegistered(id)
	}
	if row.Standing == Next || row.DefinitionHash != is.DefinitionHash {
		if err := l.clash(row.Name, is); err != nil {
			return nil, err
		}
	}
	if row.Bundled && row.Version != is.Version {
		if err := l.renew(row, is.Version); err != nil {
			return nil, err
		}
	}
	row.SHA256, row.DefinitionHash, row.Series, row.Practices = is.SHA256, is.DefinitionHash, is.Series, is.Practices
	l.touch(row)
	if row.Standing == Next {
		l.promote(row)
		l.tell(town.EventPluginCurrent, row, actorCatalogue)
	}
	return row, nil
}

// renew gives the row of a bundled department the version of the new platform.
func (l *Ledger) renew(row *Instance, version string) error {
	if taken := l.version(row.Name, version); taken != nil {
		if !taken.Bundled {
			return errVersionTaken(taken)
		}
		l.removed = append(l.removed, taken.ID) // of an earlier platform that is back
		l.rows = slices.DeleteFunc(l.rows, func(i *Instance) bool { return i == taken })
	}
	if row.Version == "" {
		row.Version = version
		return nil
	}
	old := *row
	old.ID, old.Standing, old.Previous, old.State = town.NewID(town.PrefixPlugin, l.now), Retired, "", Stopped
	l.rows = append(l.rows, &old)
	l.created[old.ID] = true
	l.touch(&old)
	row.Version, row.RegisteredAt = version, l.now
	l.tell(town.EventPluginRetired, &old, actorCatalogue)
	l.tell(town.EventPluginRegistered, row, actorCatalogue)
	return nil
}

// promote makes a version current. The one before is kept to roll back to.
func (l *Ledger) promote(row *Instance) {
	if before := l.standing(row.Name, Current); before != nil && before != row {
		before.Standing = Kept
		row.Previous = before.ID
		l.touch(before)
	}
	row.Standing = Current
	l.touch(row)
}

// clash refuses practices and a series that belong to another department or place.
func (l *Ledger) clash(name string, is Introduction) error {
	for _, other := range l.rows {
		if other.Name == name || !other.Standing.serves() {
			continue
		}
		if is.Series != "" && other.Series == is.Series {
			return errSeriesTaken(is.Series, other.Name)
		}
		for _, p := range is.Practices {
			if slices.Contains(other.Practices, p) {
				return errPracticeTaken(p, other.Name)
			}
		}
	}
	if place := l.letters[is.Series]; place != "" && place != name {
		return errSeriesTaken(is.Series, place)
	}
	return nil
}

// RollBack makes an earlier version current again: the one before the present one, or
// the one that is named. A next version that has not become current is withdrawn
// instead. A version that runs is current at once, another once it is ready.
func (l *Ledger) RollBack(name, version, by string) (*Instance, error) {
	now, next := l.standing(name, Current), l.standing(name, Next)
	switch {
	case len(l.of(name)) == 0:
		return nil, errNoDepartment(name)
	case now == nil:
		return nil, errNothingBefore(name)
	case version == "" && next != nil:
		l.retire(next)
		l.tell(town.EventPluginRolledBack, now, by)
		return now, nil
	}
	target := l.byID(now.Previous)
	if version != "" {
		target = l.version(name, version)
	}
	switch {
	case target == nil && version != "":
		return nil, errNoVersion(name, version)
	case target == nil:
		return nil, errNothingBefore(name)
	case target == now:
		return nil, errIsCurrent(target)
	case target.Bundled && target != l.bundled(name):
		return nil, errGone(target)
	}
	if next != nil && next != target {
		l.retire(next)
	}
	if target.Standing == Kept && target.upNow() {
		now.Standing, target.Standing = Kept, Current
		l.touch(now)
	} else {
		target.Standing, target.State = Next, Starting
		target.Restarts++ // at once, whatever kept it from running
	}
	l.touch(target)
	l.tell(town.EventPluginRolledBack, target, by)
	return target, nil
}

// upNow reports whether a version has a process, or waits for an administrator like the
// rest of its department.
func (i *Instance) upNow() bool {
	return i.Disabled != "" || i.State == Starting || i.State == Ready || i.State == Degraded
}

// maxReason bounds the reason why a department is disabled, in characters.
const maxReason = 500

// Disable ends all processes of a department until somebody enables it.
// The reason has words of its own where none are given.
func (l *Ledger) Disable(name, reason, by string) (*Instance, error) {
	reason = oneLine(reason)
	if utf8.RuneCountInString(reason) > maxReason {
		return nil, errLongReason()
	}
	if reason == "" {
		reason = "disabled by an administrator"
	}
	return l.all(name, town.EventPluginDisabled, by, func(i *Instance) { i.Disabled = reason })
}

// oneLine leaves of a text what can be seen: it is printed in tables.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }), " ")
}

// Enable starts a disabled department again.
func (l *Ledger) Enable(name, by string) (*Instance, error) {
	if i := l.face(name); i != nil && i.Disabled == "" {
		return nil, errNotDisabled(name)
	}
	return l.all(name, town.EventPluginEnabled, by, func(i *Instance) { i.Disabled = "" })
}

// Restart gives each running version of a department a new process, at once and
// without regard to earlier failures.
func (l *Ledger) Restart(name, by string) (*Instance, error) {
	if i := l.face(name); i != nil && i.Disabled != "" {
		return nil, errDisabled(name)
	}
	return l.all(name, town.EventPluginRestarted, by, func(i *Instance) { i.Restarts++ })
}

// all changes every version of a department and tells of the one that stands for it.
func (l *Ledger) all(name string, kind town.EventType, by string, change func(*Instance)) (*Instance, error) {
	face := l.face(name)
	if face == nil {
		return nil, errNoDepartment(name)
	}
	for _, i := range l.of(name) {
		change(i)
		l.touch(i)
	}
	l.tell(kind, face, by)
	return face, nil
}

// face is the version that stands for a department: the current one, else the next,
// else the newest.
func (l *Ledger) face(name string) *Instance {
	all := l.of(name)
	if len(all) == 0 {
		return nil
	}
	return slices.MinFunc(all, func(a, b *Instance) int {
		return cmp.Or(cmp.Compare(rank(a.Standing), rank(b.Standing)), b.RegisteredAt.Compare(a.RegisteredAt))
	})
}

func rank(s Standing) int { return slices.Index([]Standing{Current, Next, Kept, Retired}, s) }

// Retire ends a kept version that nothing needs any more. One that is needed again by
// now stays.
func (l *Ledger) Retire(id string) {
	if row := l.byID(id); row != nil && row.Standing == Kept && !l.rollsBackTo(row) {
		l.retire(row)
	}
}

// rollsBackTo reports whether a version is the one to roll back to.
func (l *Ledger) rollsBackTo(row *Instance) bool {
	now := l.standing(row.Name, Current)
	return now != nil && now.Previous == row.ID
}

func (l *Ledger) retire(row *Instance) {
	row.Standing = Retired
	l.touch(row)
	l.tell(town.EventPluginRetired, row, actorCatalogue)
}
