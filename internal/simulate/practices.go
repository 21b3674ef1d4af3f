package simulate

import (
	"fmt"
	"math"
)

// practiceRows are the practices of a week: all of them, by service, and by type,
// in the order of the catalogue given.
func practiceRows(catalogue []Practice, scale float64, outcomes []*outcome) (total PracticeRow, services, types []PracticeRow) {
	total.Outcomes = map[string]int{}
	byType, byService := map[string]*PracticeRow{}, map[string]*PracticeRow{}
	var typeOrder, serviceOrder []*PracticeRow
	for _, p := range catalogue {
		service := byService[p.Service]
		if service == nil {
			service = &PracticeRow{Service: p.Service, Outcomes: map[string]int{}}
			byService[p.Service], serviceOrder = service, append(serviceOrder, service)
		}
		row := &PracticeRow{Service: p.Service, Practice: p.Code, Outcomes: map[string]int{}}
		byType[p.Code], typeOrder = row, append(typeOrder, row)
		for _, r := range []*PracticeRow{row, service, &total} {
			r.Volume = rounded(r.Volume + float64(p.Weekly)*scale)
		}
	}
	for _, o := range outcomes {
		for _, row := range []*PracticeRow{byType[o.practice.Code], byService[o.practice.Service], &total} {
			row.count(o)
		}
	}
	for _, row := range serviceOrder {
		services = append(services, *row)
	}
	for _, row := range typeOrder {
		types = append(types, *row)
	}
	return total, services, types
}

func (r *PracticeRow) count(o *outcome) {
	r.Planned++
	r.Outcomes[o.state]++
	if o.answer != "" {
		r.Filed++
	}
	switch o.answer {
	case statusAccepted:
		r.Accepted++
	case statusBlocked:
		r.Blocked++
	case asAnother:
		r.Turned++
	case statusProblems:
		r.Problems++
	}
	if o.state == stateFulfilled {
		r.Fulfilled++
	}
}

// seldom is how often a practice type must be asked for to expect one to be
// accepted.
const seldom = 3

func neverAccepted(types []PracticeRow) []string {
	never := []string{}
	for _, row := range types {
		if row.Planned >= seldom && row.Accepted == 0 {
			never = append(never, row.Practice)
		}
	}
	return never
}

// checkPractices wants the week to have had what its profile says, in all and of
// each type, and every form that was filed to have been answered.
func checkPractices(total PracticeRow, types []PracticeRow) []string {
	var faults []string
	if want := int(math.Round(total.Volume)); total.Planned != want {
		faults = append(faults, fmt.Sprintf("the week had %d practices, its profile has %d", total.Planned, want))
	}
	for _, row := range types {
		if math.Abs(float64(row.Planned)-row.Volume) >= 1 {
			faults = append(faults, fmt.Sprintf("%s was asked for %d times, its volume is %g", row.Practice, row.Planned, row.Volume))
		}
		if answered := row.Accepted + row.Blocked + row.Turned + row.Problems; answered != row.Filed {
			faults = append(faults, fmt.Sprintf("%s was filed %d times and answered %d times", row.Practice, row.Filed, answered))
		}
	}
	return faults
}

// peopleRow counts who came, from what the plan has and the tickets told.
func (w *week) peopleRow() PeopleRow {
	var row PeopleRow
	for _, p := range w.tally.present {
		if len(p.visit.stops) == 0 {
			row.InfoOnly++
			continue
		}
		row.Tickets++
		if len(p.visit.stops) == 2 {
			row.TwoPractices++
		}
		switch p.leg.State {
		case "COMPLETED":
			row.Served++
		case "NO_SHOW":
			row.NotThere++
		case "LEFT":
			row.Left++
		default:
			row.SentHome++
		}
	}
	for _, f := range w.plan.filings {
		if f.citizen >= 0 {
			row.Online++
		} else {
			row.ByPost++
		}
	}
	return row
}
