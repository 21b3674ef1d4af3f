package access

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Levels say how surely a citizen must be known for what. They are immutable.
type Levels struct {
	acts      map[Act]town.Assurance
	services  map[string]town.Assurance
	practices map[string]town.Assurance
}

// levelled are the acts that may need a level: what a citizen reads of their own cases,
// and filing.
var levelled = []Act{CaseRead, CaseReadPersonal, CaseFileOwn}

// NewLevels reads the file of the levels, and refuses what cannot be meant. That its
// services and practices exist is for whoever knows the catalogue to say.
func NewLevels(text string) (*Levels, error) {
	l := &Levels{acts: map[Act]town.Assurance{}, services: map[string]town.Assurance{}, practices: map[string]town.Assurance{}}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment, reader.TrimLeadingSpace, reader.FieldsPerRecord = '#', true, 3
	for {
		line, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("levels of assurance: %w", err)
		}
		if err := l.add(line[0], strings.TrimSpace(line[1]), town.Assurance(strings.TrimSpace(line[2]))); err != nil {
			return nil, err
		}
	}
	for _, act := range levelled {
		if l.acts[act] == "" {
			return nil, fmt.Errorf("levels of assurance: no line says what %s needs", act)
		}
	}
	return l, nil
}

func (l *Levels) add(kind, name string, level town.Assurance) error {
	if !slices.Contains([]town.Assurance{town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh}, level) {
		return fmt.Errorf("levels of assurance: %s %s needs %q: want L1, L2 or L3", kind, name, level)
	}
	table := map[string]map[string]town.Assurance{"service": l.services, "practice": l.practices}[kind]
	switch {
	case kind == "act" && !slices.Contains(levelled, Act(name)):
		return fmt.Errorf("levels of assurance: the act %q takes no level: only %v do", name, levelled)
	case kind == "act" && l.acts[Act(name)] != "" || table[name] != "":
		return fmt.Errorf("levels of assurance: %s %s stands there twice", kind, name)
	case kind == "act":
		l.acts[Act(name)] = level
	case table != nil && name != "":
		table[name] = level
	default:
		return fmt.Errorf("levels of assurance: want act, service or practice and its name, not %q %q", kind, name)
	}
	return nil
}

// ToFile is the level that a citizen needs to file the request of the practice, whose
// department asks for the given level (empty: for none).
func (l *Levels) ToFile(service, practice string, asked town.Assurance) town.Assurance {
	if l == nil {
		return ""
	}
	if level, named := l.practices[practice]; named {
		return level
	}
	if asked == "" {
		asked = l.acts[CaseFileOwn]
	}
	return max(asked, l.services[service])
}

// Named are the services and the practices that have a line of their own.
func (l *Levels) Named() (services, practices []string) {
	for name := range l.services {
		services = append(services, name)
	}
	for name := range l.practices {
		practices = append(practices, name)
	}
	slices.Sort(services)
	slices.Sort(practices)
	return services, practices
}

// Levels are how surely a citizen must be known for what.
func (a *Authority) Levels() *Levels { return a.policy.levels }

// LevelToFile is the level that the viewer lacks to file the request of the practice for
// which the department asks for the given level; empty if they may. Only who acts as a
// citizen needs one.
func (v *Viewer) LevelToFile(service, practice string, asked town.Assurance) town.Assurance {
	if v == nil || !v.Scope.Holds(town.RoleCitizen) {
		return ""
	}
	if level := v.Scope.levels.ToFile(service, practice, asked); !v.Assurance.Reaches(level) {
		return level
	}
	return ""
}

// sure reports whether a citizen is known surely enough for the act on what is theirs.
// Others need no level.
func (v *Viewer) sure(act Act) bool {
	if v.Scope.levels == nil || !v.Scope.Holds(town.RoleCitizen) {
		return true
	}
	return v.Assurance.Reaches(v.Scope.levels.acts[act])
}

// RequireSure is nil if the viewer is known surely enough for what is their own, by the
// level that the act needs; else FORBIDDEN. That it is their own is for the caller to know.
func (v *Viewer) RequireSure(act Act) error {
	if v.sure(act) {
		return nil
	}
	return town.Errorf(town.Forbidden, "Sign in with a higher level to read this.", "Per leggere questi dati accedere con un livello più alto.")
}
