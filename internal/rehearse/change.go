package rehearse

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Change is one request that the new version decides otherwise, and why.
type Change struct {
	Request  string `json:"request"`
	Practice string `json:"practice"`
	// Rules are those that fire now, no longer, or with another effect: the why.
	Rules []RuleChange `json:"rules,omitempty"`
	// Fields are the points of the decision that change.
	Fields []FieldChange `json:"fields,omitempty"`
}

// RuleChange is a rule that works otherwise.
type RuleChange struct {
	ID string `json:"id"`
	// How is "fires now", "fires no longer" or "is another rule".
	How   string   `json:"how"`
	Words sdk.Text `json:"words"`
}

// FieldChange is one point of a decision. What depends on a person's answers is
// not told; Old and New are empty then.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// compare finds what differs in two outcomes of a request.
func compare(r Request, was, is outcome) (Change, bool) {
	c := Change{Request: r.Name, Practice: r.Practice}
	c.note("outcome", was.kind(), is.kind())
	c.note("problems", strings.Join(was.problems, ", "), strings.Join(is.problems, ", "))
	if was.decision != nil && is.decision != nil {
		c.Rules = rulesBetween(was.decision.Fired, is.decision.Fired)
		before, after := pointsOf(*was.decision), pointsOf(*is.decision)
		for i := range before {
			c.compare(r, before[i], after[i])
		}
	}
	return c, len(c.Rules)+len(c.Fields) > 0
}

func (o outcome) kind() string {
	switch {
	case o.decision != nil:
		return "a decision"
	case len(o.problems) > 0:
		return "problems"
	}
	return o.nothing
}

func (c *Change) note(field, was, is string) {
	if was != is {
		c.Fields = append(c.Fields, FieldChange{field, was, is})
	}
}

// compare notes one point of a decision.
func (c *Change) compare(r Request, was, is point) {
	switch {
	case was.exact == is.exact:
	case was.personal && r.Personal:
		c.Fields = append(c.Fields, FieldChange{Field: was.name})
	case was.shown == is.shown:
		c.note(was.name, was.shown, is.shown+" (with other words)")
	default:
		c.note(was.name, was.shown, is.shown)
	}
}

// rulesBetween are the rules that make the difference, in the order in which they
// stand.
func rulesBetween(was, is []sdk.Fired) []RuleChange {
	var changes []RuleChange
	find := func(in []sdk.Fired, id string) (sdk.Fired, bool) {
		i := slices.IndexFunc(in, func(f sdk.Fired) bool { return f.RuleID == id })
		if i < 0 {
			return sdk.Fired{}, false
		}
		return in[i], true
	}
	for _, f := range was {
		if _, ok := find(is, f.RuleID); !ok {
			changes = append(changes, RuleChange{f.RuleID, "fires no longer", f.Words})
		}
	}
	for _, f := range is {
		old, ok := find(was, f.RuleID)
		switch {
		case !ok:
			changes = append(changes, RuleChange{f.RuleID, "fires now", f.Words})
		case exactly(old) != exactly(f):
			changes = append(changes, RuleChange{f.RuleID, "is another rule", f.Words})
		}
	}
	return changes
}

// point is one point of a decision, as a person reads it and exactly.
type point struct {
	name, shown, exact string
	// personal points may hold answers.
	personal bool
}

// pointsOf are the points of a decision, always the same in the same order.
func pointsOf(d sdk.Decision) []point {
	say := func(name, shown string, value any) point {
		return point{name: name, shown: shown, exact: exactly(value)}
	}
	own := func(name, shown string, value any) point {
		return point{name: name, shown: shown, exact: exactly(value), personal: true}
	}
	ruleOf := func(a sdk.Advice) string { return strings.TrimSpace(a.RuleID + " " + a.To) }
	return []point{
		say("destination", d.To, d.To),
		say("alternatives", joined(d.Alternatives, ruleOf), d.Alternatives),
		say("blocked by", joined(d.Blocks, ruleOf), d.Blocks),
		say("priority", d.Priority, d.Priority),
		say("appointment", d.Appointment, d.Appointment),
		say("slot", fmt.Sprintf("%d minutes", d.SlotMinutes), d.SlotMinutes),
		say("home visit", fmt.Sprint(d.HomeVisit), d.HomeVisit),
		say("documents", joined(d.Documents, func(p sdk.Document) string { return p.ID }), d.Documents),
		say("extra documents", joined(d.ExtraDocuments, func(p sdk.Document) string { return p.ID }), d.ExtraDocuments),
		say("fees", joined(d.Fees, func(f sdk.Fee) string { return strings.TrimSpace(f.Code + " " + f.AmountEUR) }), d.Fees),
		say("term", strings.TrimSpace(fmt.Sprintf("%d %s from %s %s", d.Deadline.Amount, d.Deadline.Unit, d.Deadline.From, d.DeadlineWords.EN)), []any{d.Deadline, d.DeadlineWords}),
		say("milestones", joined(d.Milestones, func(m sdk.Milestone) string { return fmt.Sprintf("%s %d %s", m.ID, m.Amount, m.Unit) }), d.Milestones),
		say("silence", d.Silence, d.Silence),
		say("hints", joined(d.Hints, func(t sdk.Text) string { return t.EN }), d.Hints),
		say("tells", strings.Join(d.Notify, ", "), d.Notify),
		own("set", exactly(d.Set), d.Set),
		own("computed", joined(d.Computed, func(v sdk.Computed) string { return v.Name + " " + v.Value }), d.Computed),
	}
}

func joined[T any](items []T, name func(T) string) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	return strings.Join(names, ", ")
}

// exactly is a value as text that differs if the value does; no list is an empty
// one.
func exactly(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if text := string(raw); text != "null" && text != "[]" && text != "{}" {
		return text
	}
	return ""
}
