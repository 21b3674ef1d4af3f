package sdk

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Start says which fields of a form give the day of an event (see [ClockStarts]), so that the
// clocks which count from it start with the request. Of several for one event the first that
// holds counts.
type Start struct {
	Event string `json:"event" yaml:"event"`
	// Day is a field of type date; Time one of type time, which only terms in hours need.
	Day  string `json:"day" yaml:"day"`
	Time string `json:"time,omitempty" yaml:"time"`
	// When makes it count only if it holds.
	When string `json:"when,omitempty" yaml:"when"`
}

// checkStart refuses an event that nobody knows or that the request itself is, and fields of
// another kind.
func (p *CompiledPractice) checkStart(s *Start) error {
	var faults []error
	if _, known := ClockStarts()[s.Event]; !known || StartsWithRequest(s.Event) {
		faults = append(faults, fmt.Errorf("starts: %q is no event that a form could date", s.Event))
	}
	is := func(name string, t FieldType) bool {
		i, known := p.index[name]
		return known && p.fields[i].Type == t
	}
	if !is(s.Day, TypeDate) {
		faults = append(faults, fmt.Errorf("starts %s: %q is no field with a date", s.Event, s.Day))
	}
	if s.Time != "" && !is(s.Time, TypeTime) {
		faults = append(faults, fmt.Errorf("starts %s: %q is no field with a time", s.Event, s.Time))
	}
	return errors.Join(faults...)
}

// Started says on which day and at which moment an event was: the request itself is now, of
// others the form may ask the day. Where it asks no time the moment is the beginning of the
// day. False where that is not known, or still to come.
func (in *Intake) Started(event string) (calc.Date, time.Time, bool) {
	if StartsWithRequest(event) {
		return in.today, in.now, true
	}
	p := in.practice
	at := slices.IndexFunc(p.def.Starts, func(s Start) bool { return s.Event == event })
	for i := at; i >= 0 && i < len(p.def.Starts); i++ {
		s := p.def.Starts[i]
		day, answered := in.Date(s.Day)
		if s.Event != event || !p.starts[i].True(in) || !answered {
			continue
		}
		minutes, told := in.Lookup(s.Time).(expr.TimeOfDay)
		if s.Time != "" && !told { // a term in hours would end too early
			return day, time.Time{}, false
		}
		moment := calc.Local(day, int(minutes)/60, int(minutes)%60, calc.Rome())
		return day, moment, !moment.After(in.now)
	}
	return calc.Date{}, time.Time{}, false
}
