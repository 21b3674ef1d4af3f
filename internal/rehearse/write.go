package rehearse

import (
	"fmt"
	"io"
	"strings"
)

// shownRequests is how many requests with the same change are named.
const shownRequests = 5

// Write prints a comparison for a person. Requests with the same change stand
// together.
func (c *Comparison) Write(w io.Writer) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	say("%s: %s → %s", c.Old.Service, c.Old.Version, c.New.Version)
	if c.SameVersion() {
		say("warning: two different definitions under one version; raise the version of the new one")
	}
	say("replayed %d requests: %d would be decided otherwise, %d could not be reviewed", c.Replayed, len(c.Changes), c.Broken)
	for _, id := range c.Appear {
		say("appears   %s", id)
	}
	for _, id := range c.Vanish {
		say("vanishes  %s", id)
	}
	for _, g := range c.Gone {
		what := "field " + g.Field
		if g.Code != "" {
			what = fmt.Sprintf("code %s of %s", g.Code, g.Field)
		}
		say("gone      %s: %s, in %d of the replayed answers", g.Practice, what, g.Requests)
	}
	for _, same := range alike(c.Changes) {
		say("\n%d × %s", len(same), same[0].Practice)
		say("  %s", namesOf(same))
		same[0].write(say)
	}
	if !c.Differs() {
		say("nothing would change")
	}
}

func (c *Change) write(say func(string, ...any)) {
	for _, r := range c.Rules {
		say("  %-16s %s: %s", r.How, r.ID, r.Words.EN)
	}
	for _, f := range c.Fields {
		if f.Old == "" && f.New == "" {
			say("  %-16s another value", f.Field)
			continue
		}
		say("  %-16s %s → %s", f.Field, orNone(f.Old), orNone(f.New))
	}
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// alike puts the changes together that differ in their request alone, in the order
// of the first of each.
func alike(changes []Change) [][]Change {
	at := map[string]int{}
	var groups [][]Change
	for _, c := range changes {
		bare := c
		bare.Request = ""
		key := exactly(bare)
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

func namesOf(same []Change) string {
	var names []string
	for _, c := range same[:min(len(same), shownRequests)] {
		names = append(names, c.Request)
	}
	text := strings.Join(names, "; ")
	if more := len(same) - len(names); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}
