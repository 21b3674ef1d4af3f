// Package rule says when the mayor's office is told, and what becomes of it: thresholds
// read from a table of the town, what is beyond one and for how long, what may be done
// with an alert, and when a message that did not arrive is sent again. It is pure.
package rule

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The words of the table: for all, for nothing, and for what is not told at all.
const (
	anything = "*"
	none     = "-"
	off      = "off"
)

// Line is one line of the table, of one kind of alert.
type Line struct {
	// Number is where it stands in the file, from 1.
	Number int
	Kind   town.AlertKind
	// Level 0, and Service and Office "*", stand for all.
	Level           town.Level
	Service, Office string
	// Off lines tell nothing.
	Off bool
	// Threshold is from where on it is too much, Back where it is over again: minutes, a
	// mean score, or by how much that fell.
	Threshold, Back float64
	// Lead is how long before a term passes one is told.
	Lead time.Duration
	// Window is how long a measure must hold, or over how long scores are counted.
	Window time.Duration
	// Least is how many scores a mean needs.
	Least int
}

// Table is the whole file.
type Table struct{ lines []Line }

// columns are what a line holds.
const columns = 8

// kinds are what the file calls the kinds of alerts.
func kinds() map[string]town.AlertKind {
	return map[string]town.AlertKind{
		"escalation": town.AlertEscalation, "term-near": town.AlertTermNear, "term-broken": town.AlertTermBroken, "wait": town.AlertWaitLong,
		"department": town.AlertDepartmentDown, "satisfaction": town.AlertSatisfactionLow, "falling": town.AlertSatisfactionFalling,
	}
}

// Read reads the table and tells all that is wrong in it, line by line.
func Read(text string) (*Table, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	t := &Table{}
	var wrong []error
	for header := true; ; header = false {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, errors.Join(wrong...)
		}
		if err != nil {
			return nil, fmt.Errorf("read the thresholds of alerts: %w", err)
		}
		if header {
			continue
		}
		number, _ := r.FieldPos(0)
		line, err := readLine(number, fields)
		if err == nil && slices.ContainsFunc(t.lines, line.same) {
			err = errors.New("there is a line for the same already")
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("alerts, line %d: %w", number, err))
			continue
		}
		t.lines = append(t.lines, line)
	}
}

func (l Line) same(other Line) bool {
	return l.Kind == other.Kind && l.Level == other.Level && l.Service == other.Service && l.Office == other.Office
}

func readLine(number int, f []string) (Line, error) {
	l := Line{Number: number}
	if len(f) != columns {
		return l, fmt.Errorf("%d columns, want %d", len(f), columns)
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	kind, known := kinds()[f[0]]
	if !known {
		return l, fmt.Errorf("%q is no kind of alert", f[0])
	}
	l.Kind, l.Service, l.Office = kind, f[2], f[3]
	if l.Service == "" || l.Office == "" {
		return l, errors.New("service and office want a code or *")
	}
	if f[1] != anything {
		level, err := strconv.Atoi(f[1])
		if err != nil || level < int(town.LevelInfoPoint) || level > int(town.LevelMayor) {
			return l, fmt.Errorf("%q is no level: want 1 to 5, or *", f[1])
		}
		l.Level = town.Level(level)
	}
	if f[4] == off {
		l.Off = true
		return l, nil
	}
	return l, l.measures(f[4], f[5], f[6], f[7])
}

// The bounds of what a line may say, so that a slip of the keyboard is told.
const (
	maxLeadDays   = 90
	maxMinutes    = 24 * 60
	maxWindowDays = 366
	lowestScore   = 1
	highestScore  = 5
)

// measures reads the figures that the kind has, and refuses those that it has not.
func (l *Line) measures(threshold, back, window, least string) error {
	r := reader{}
	switch l.Kind {
	case town.AlertTermNear:
		l.Lead = time.Duration(r.number("threshold", threshold, 0, maxLeadDays) * float64(24*time.Hour))
		r.none(back, window, least)
	case town.AlertWaitLong:
		l.Threshold, l.Back = r.number("threshold", threshold, 1, maxMinutes), r.number("back", back, 0, maxMinutes)
		l.Window = minutes(r.number("window", window, 0, maxMinutes))
		r.check(l.Back <= l.Threshold, "back must not be above threshold")
		r.none(least)
	case town.AlertDepartmentDown:
		l.Threshold, l.Back = 1, 0
		l.Window = minutes(r.number("window", window, 0, maxMinutes))
		r.none(threshold, back, least)
	case town.AlertSatisfactionLow:
		l.Threshold, l.Back = r.number("threshold", threshold, lowestScore, highestScore), r.number("back", back, lowestScore, highestScore)
		r.check(l.Back >= l.Threshold, "back must not be below threshold")
		l.scores(&r, window, least)
	case town.AlertSatisfactionFalling:
		l.Threshold, l.Back = r.number("threshold", threshold, 0, highestScore-lowestScore), r.number("back", back, 0, highestScore-lowestScore)
		r.check(l.Back <= l.Threshold && l.Threshold > 0, "threshold must be above 0, and back not above it")
		l.scores(&r, window, least)
	default:
		r.none(threshold, back, window, least)
	}
	return r.err
}

func (l *Line) scores(r *reader, window, least string) {
	l.Window = time.Duration(r.number("window", window, 1, maxWindowDays)) * 24 * time.Hour
	l.Least = int(r.number("least", least, 1, 1e6))
}

func minutes(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }

// reader keeps the first thing that is wrong in a line.
type reader struct{ err error }

func (r *reader) check(ok bool, what string) {
	if !ok && r.err == nil {
		r.err = errors.New(what)
	}
}

func (r *reader) number(what, text string, from, to float64) float64 {
	n, err := strconv.ParseFloat(text, 64)
	r.check(err == nil && n >= from && n <= to, fmt.Sprintf("%s is %q: want a number from %g to %g", what, text, from, to))
	return n
}

func (r *reader) none(texts ...string) {
	for _, text := range texts {
		r.check(text == none, fmt.Sprintf("%q: this kind has no such figure, want %s", text, none))
	}
}

// For is the line that holds for what is about the level, service and office: the most
// precise one, office before service before level. False where nothing is told.
func (t *Table) For(kind town.AlertKind, level town.Level, service, office string) (Line, bool) {
	best, found := Line{}, false
	for _, l := range t.lines {
		if l.Kind != kind || l.Level != 0 && l.Level != level || l.Service != anything && l.Service != service || l.Office != anything && l.Office != office {
			continue
		}
		if !found || l.precision() > best.precision() {
			best, found = l, true
		}
	}
	return best, found && !best.Off
}

func (l Line) precision() int {
	points := 0
	for weight, said := range map[int]bool{4: l.Office != anything, 2: l.Service != anything, 1: l.Level != 0} {
		if said {
			points += weight
		}
	}
	return points
}

// LongestLead is the longest time before which a term is told; zero where none is.
func (t *Table) LongestLead() time.Duration {
	var longest time.Duration
	for _, l := range t.lines {
		longest = max(longest, l.Lead)
	}
	return longest
}

// Windows are the times over which scores are counted, shortest first.
func (t *Table) Windows(kind town.AlertKind) []time.Duration {
	var all []time.Duration
	for _, l := range t.lines {
		if l.Kind == kind && !l.Off {
			all = append(all, l.Window)
		}
	}
	slices.SortFunc(all, cmp.Compare[time.Duration])
	return slices.Compact(all)
}
