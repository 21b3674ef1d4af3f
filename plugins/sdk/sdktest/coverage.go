package sdktest

import "github.com/spazio-in-comune/sportello/plugins/sdk"

// seen tells whether some case applied a line and whether some case left it out.
type seen struct{ applied, left bool }

// coverage is what the cases made of every line, by "practice: kind id".
type coverage map[string]seen

// add marks the lines of a practice after one decision.
func (c coverage) add(p *sdk.Practice, d sdk.Decision) {
	c.mark(p.ID+": rule ", idsOf(p.Rules, ruleID), idsOf(d.Fired, firedID))
	c.mark(p.ID+": document ", idsOf(p.Form.Documents, documentID), idsOf(d.Documents, documentID))
	c.mark(p.ID+": fee ", idsOf(p.Fees, feeCode), idsOf(d.Fees, feeCode))
	c.mark(p.ID+": milestone ", idsOf(p.Milestones, milestoneID), idsOf(d.Milestones, milestoneID))
}

func (c coverage) mark(prefix string, lines, applied []string) {
	hit := map[string]bool{}
	for _, id := range applied {
		hit[id] = true
	}
	for _, id := range lines {
		was := c[prefix+id]
		c[prefix+id] = seen{was.applied || hit[id], was.left || !hit[id]}
	}
}

// gaps are the lines that the cases do not prove: no case applies them, or they
// have a condition and no case leaves them out. An optional document is never
// asked, so there is nothing to prove.
func (c coverage) gaps(def *sdk.Definition) []string {
	var gaps []string
	check := func(line, when string) {
		if !c[line].applied {
			gaps = append(gaps, "no case applies "+line)
		}
		if when != "" && !c[line].left {
			gaps = append(gaps, "no case leaves out "+line)
		}
	}
	for _, p := range def.Practices {
		for _, r := range p.Rules {
			check(p.ID+": rule "+r.ID, r.When)
		}
		for _, d := range p.Form.Documents {
			if d.Required != sdk.RequiredNever {
				check(p.ID+": document "+d.ID, d.When)
			}
		}
		for _, f := range p.Fees {
			check(p.ID+": fee "+f.Code, f.When)
		}
		for _, m := range p.Milestones {
			check(p.ID+": milestone "+m.ID, m.When)
		}
	}
	return gaps
}

func firedID(f sdk.Fired) string         { return f.RuleID }
func ruleID(r sdk.Rule) string           { return r.ID }
func documentID(d sdk.Document) string   { return d.ID }
func feeCode(f sdk.Fee) string           { return f.Code }
func milestoneID(m sdk.Milestone) string { return m.ID }
