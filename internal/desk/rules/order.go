package rules

import (
	"cmp"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Waiter is a leg that waits, as far as the order is concerned.
type Waiter struct {
	LegID    string
	Label    string
	Priority town.Priority
	// SeniorAt is the arrival of the visit, plus any penalty.
	SeniorAt time.Time
	// Service and Practice say how long the person will take; they do not order.
	Service, Practice string
}

// AgeCap is how long somebody may wait before being called ahead of every class
// but P0, from a civil date on.
type AgeCap struct {
	From    town.Date
	Minutes int
	// Source says who decided it.
	Source string
}

// DefaultAgeCaps is the house's own age cap.
func DefaultAgeCaps() []AgeCap {
	return []AgeCap{{From: town.Date{Year: 2026, Month: 1, Day: 1}, Minutes: 45, Source: "Service charter of the front office"}}
}

// AgeCapOn gives the cap in force on a day; zero means that there is none.
func AgeCapOn(caps []AgeCap, day town.Date) time.Duration {
	var inForce AgeCap
	for _, c := range caps {
		if !c.From.After(day) && (inForce.Minutes == 0 || c.From.After(inForce.From)) {
			inForce = c
		}
	}
	return time.Duration(inForce.Minutes) * time.Minute
}

// Policy is the order of a moment.
type Policy struct {
	Now time.Time
	// AgeCap of zero means that nobody ages.
	AgeCap time.Duration
}

// Aged reports whether the waiter is over the age cap.
func (p Policy) Aged(w Waiter) bool {
	return p.AgeCap > 0 && p.Now.Sub(w.SeniorAt) > p.AgeCap
}

// Compare orders two waiters: P0 first, then who is over the age cap, then by
// class; equals by seniority, then by number. It is total: two different waiters
// are never equal.
func (p Policy) Compare(a, b Waiter) int {
	return cmp.Or(
		cmp.Compare(p.band(a), p.band(b)),
		bySeniority(a, b),
	)
}

// band is 0 for P0, 1 for who is aged, then the classes.
func (p Policy) band(w Waiter) int {
	switch {
	case w.Priority == town.P0:
		return 0
	case p.Aged(w):
		return 1
	case w.Priority == town.P1:
		return 2
	case w.Priority == town.P2:
		return 3
	default:
		return 4
	}
}

func bySeniority(a, b Waiter) int {
	return cmp.Or(a.SeniorAt.Compare(b.SeniorAt), cmp.Compare(a.Label, b.Label), cmp.Compare(a.LegID, b.LegID))
}

// Sort puts the waiters into the order in which they will be called.
func (p Policy) Sort(waiters []Waiter) { slices.SortFunc(waiters, p.Compare) }

// The rules that can win a call.
const (
	RuleAged      = "aged"      // over the age cap
	RuleClass     = "class"     // a class that goes first
	RuleSeniority = "seniority" // the first to arrive
	RuleChosen    = "chosen"    // called back by the operator after being parked
)

// MaxCandidates bounds what is kept of a call.
const MaxCandidates = 20

// Choice is a call: the candidates in the order of the moment, the first being
// the one to call, and the rule that made it the first.
type Choice struct {
	Order []Waiter
	Rule  string
}

// Choose orders those who could be called. The order is empty if nobody waits.
func (p Policy) Choose(waiters []Waiter) Choice {
	order := slices.Clone(waiters)
	p.Sort(order)
	return Choice{Order: order, Rule: p.rule(order)}
}

// Without gives the choice that is left when the first has just been called by
// another counter.
func (p Policy) Without(c Choice) Choice {
	order := c.Order[1:]
	return Choice{Order: order, Rule: p.rule(order)}
}

// rule says what put the winner first: a plain line would have done the same
// (seniority), or the classes alone (class), or only its age did (aged).
func (p Policy) rule(order []Waiter) string {
	if len(order) == 0 {
		return ""
	}
	winner := order[0].LegID
	classes := Policy{Now: p.Now}
	switch {
	case slices.MinFunc(order, classes.Compare).LegID != winner:
		return RuleAged
	case slices.MinFunc(order, bySeniority).LegID != winner:
		return RuleClass
	default:
		return RuleSeniority
	}
}

// Candidates is what is kept of the choice.
func (p Policy) Candidates(c Choice) []town.Candidate {
	kept := make([]town.Candidate, min(len(c.Order), MaxCandidates))
	for i := range kept {
		w := c.Order[i]
		kept[i] = town.Candidate{
			LegID: w.LegID, Label: w.Label, Priority: w.Priority, SeniorAt: w.SeniorAt, Aged: p.Aged(w), Rank: i + 1,
		}
	}
	return kept
}
