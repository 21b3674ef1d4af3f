package rehearse

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// gone counts the answers that use what the new version has no longer.
type gone struct {
	before, after *side
	requests      map[Gone]int
}

func newGone(before, after *side) *gone {
	return &gone{before, after, map[Gone]int{}}
}

// count looks at the answers of one request.
func (g *gone) count(r Request) {
	was, ok := g.before.service.Practice(r.Practice)
	is, stays := g.after.service.Practice(r.Practice)
	if !ok || !stays {
		return
	}
	fields := map[string]sdk.Field{}
	for _, f := range is.Fields() {
		fields[f.Name] = f
	}
	for _, f := range was.Fields() {
		raw, answered := r.Answers[f.Name]
		if !answered {
			continue
		}
		now, stays := fields[f.Name]
		if !stays {
			g.requests[Gone{Practice: r.Practice, Field: f.Name}]++
			continue
		}
		for _, code := range codesIn(raw) {
			if hasCode(f, code) && !hasCode(now, code) {
				g.requests[Gone{Practice: r.Practice, Field: f.Name, Code: code}]++
			}
		}
	}
}

// codesIn are the codes that an answer to an enum gives; an answer to any other
// field has none that the field knows.
func codesIn(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var several []string
	if json.Unmarshal(raw, &several) == nil {
		return several
	}
	return nil
}

func hasCode(f sdk.Field, code string) bool {
	return slices.ContainsFunc(f.Enum, func(c sdk.Choice) bool { return c.Code == code })
}

// list is in the order of practice, field and code.
func (g *gone) list() []Gone {
	var all []Gone
	for one, requests := range g.requests {
		one.Requests = requests
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Gone) int {
		return cmp.Or(cmp.Compare(a.Practice, b.Practice), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
	})
	return all
}
