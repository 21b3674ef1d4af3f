package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func answerPromises() []promise {
	return []promise{
		{
			group: "answers", name: "a good form is answered", clause: 7,
			contract: "A form that passed its checks is reviewed; an error means that the department itself is broken.",
			mend:     "Give what the person can mend as a problem, and nothing at all for what does not apply.",
			keep:     keepAnswers, needs: true,
		},
		{
			group: "answers", name: "problems can be mended", clause: 6,
			contract: "A problem has the path of a field of the form, a code of the form or \"service/…\", and words in both languages.",
			mend:     "Name the field as the form does; an empty path stands for the form as a whole.",
			keep:     keepProblems, needs: true,
		},
		{
			group: "answers", name: "computed values have the form of their kind", clause: 11,
			contract: "A computed value has a name, a label in both languages, and a value in the form of its kind.",
			mend:     "Use sdk.ComputedMoney and its kin, or write '12.50', '2026-11-23', '3' as their kind asks.",
			keep:     keepComputed, needs: true,
		},
		{
			group: "rules", name: "fired rules are those of the definition", clause: 9,
			contract: "Fired rules are rules of that practice in the definition, with the same words, effect and law, in its order, once each.",
			mend:     "Put the rule into the definition, and take words and effect from there.",
			keep:     keepFired, needs: true,
		},
		{
			group: "rules", name: "a rule fires exactly when its condition holds", clause: 9,
			contract: "A rule with a when fires if that holds for the request, and only then: the platform reads it, too.",
			mend:     "Evaluate the when as package expr does: a missing value makes a comparison false. A rule that code decides has no when.",
			keep:     keepConditions, needs: true,
		},
		{
			group: "merge", name: "answers merge with the rules of the town", clause: 10,
			contract: "Effects refer to destinations, papers, fees and practices that exist; a decision follows from them.",
			mend:     "Use the ids of the definition and of the town's data.",
			keep:     keepMerge, needs: true,
		},
	}
}

// about runs a look over the answers to all good samples.
func (s *suite) about(c *Check, look func(one *sample) []string) {
	for _, one := range s.good() {
		if one.err != nil {
			continue // told by keepAnswers
		}
		faults := look(one)
		if len(faults) == 0 {
			c.Tell("", "")
		}
		for _, fault := range faults {
			c.Tell("reviewed "+one.name, fault)
		}
	}
	if c.Tried == 0 {
		c.Skipped = "no good form was answered: give case files"
	}
}

func keepAnswers(_ context.Context, s *suite, c *Check) {
	for _, one := range s.good() {
		got := ""
		if one.err != nil {
			got = one.err.Error()
		}
		c.Tell("reviewed "+one.name, got)
	}
	if c.Tried == 0 {
		c.Skipped = "no form could be made up that passes its own checks: give case files"
	}
}

func keepProblems(_ context.Context, s *suite, c *Check) {
	s.about(c, func(one *sample) []string { return s.problemFaults(one.request.Practice, one.answer) })
}

func (s *suite) problemFaults(practice string, answer *sdk.ReviewResponse) []string {
	compiled, ok := s.service.Practice(practice)
	if !ok {
		return nil
	}
	var faults []string
	for _, p := range answer.Problems {
		known := p.Path == "" || slices.ContainsFunc(compiled.Fields(), func(f sdk.Field) bool { return f.Name == root(p.Path) })
		own := strings.HasPrefix(p.Code, s.definition.Service+"/") && len(p.Code) > len(s.definition.Service)+1
		switch {
		case !known:
			faults = append(faults, fmt.Sprintf("a problem at %q, which is no field of the form", p.Path))
		case !own && !slices.Contains(formCodes(), p.Code):
			faults = append(faults, fmt.Sprintf("a problem at %q with the code %q", p.Path, p.Code))
		case !both(p.Message):
			faults = append(faults, fmt.Sprintf("a problem at %q without words in both languages", p.Path))
		}
	}
	return faults
}

func formCodes() []string {
	return []string{
		sdk.CodeRequired, sdk.CodeType, sdk.CodeEnum, sdk.CodeDuplicate, sdk.CodeRange, sdk.CodeLength, sdk.CodePattern,
		sdk.CodeTaxCode, sdk.CodeBirthDate, sdk.CodeCheck, sdk.CodeDateRange, sdk.CodeUnknownField,
	}
}

func both(t sdk.Text) bool { return strings.TrimSpace(t.IT) != "" && strings.TrimSpace(t.EN) != "" }

func keepComputed(_ context.Context, s *suite, c *Check) {
	s.about(c, func(one *sample) []string { return computedFaults(one.answer) })
}

func computedFaults(answer *sdk.ReviewResponse) []string {
	var faults []string
	for i, v := range answer.Computed {
		switch {
		case v.Name == "":
			faults = append(faults, fmt.Sprintf("computed value %d has no name", i))
		case !both(v.Label):
			faults = append(faults, fmt.Sprintf("the label of %s is not in both languages", v.Name))
		case !hasForm(v):
			faults = append(faults, fmt.Sprintf("%s: %q is no %q", v.Name, shown(v.Value), v.Kind))
		}
	}
	return faults
}

// hasForm reports whether a computed value is written as its kind asks.
func hasForm(v sdk.Computed) bool {
	switch v.Kind {
	case sdk.KindMoney:
		_, cents, _ := strings.Cut(v.Value, ".")
		_, err := decimal.NewFromString(v.Value)
		return err == nil && len(cents) == 2 && !strings.ContainsAny(v.Value, "eE+")
	case sdk.KindNumber:
		_, err := decimal.NewFromString(v.Value)
		return err == nil
	case sdk.KindDate:
		_, err := calc.ParseDate(v.Value)
		return err == nil
	case sdk.KindText:
		return v.Value != ""
	}
	return false
}

func keepFired(_ context.Context, s *suite, c *Check) {
	s.about(c, func(one *sample) []string { return s.firedFaults(one.request.Practice, one.answer) })
}

func (s *suite) firedFaults(practice string, answer *sdk.ReviewResponse) []string {
	compiled, ok := s.service.Practice(practice)
	if !ok {
		return nil
	}
	rules, last := compiled.Definition().Rules, -1
	var faults []string
	for _, f := range answer.Fired {
		at := slices.IndexFunc(rules, func(r sdk.Rule) bool { return r.ID == f.RuleID })
		switch {
		case at < 0:
			faults = append(faults, fmt.Sprintf("rule %q, which the definition of %s does not have", f.RuleID, practice))
			continue
		case at == last:
			faults = append(faults, fmt.Sprintf("rule %s fired twice", f.RuleID))
		case at < last:
			faults = append(faults, fmt.Sprintf("rule %s stands after %s, in the definition before it", f.RuleID, rules[last].ID))
		}
		last = max(last, at)
		want := sdk.Fired{RuleID: f.RuleID, Words: rules[at].Words, Effect: rules[at].Effect, LegalBasis: rules[at].LegalBasis}
		if is, was := asText(f), asText(want); is != was {
			faults = append(faults, fmt.Sprintf("rule %s as %s\nin the definition %s", f.RuleID, is, was))
		}
	}
	return faults
}

func asText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func keepConditions(_ context.Context, s *suite, c *Check) {
	s.about(c, func(one *sample) []string {
		if len(one.answer.Problems) > 0 {
			return nil // nothing is decided
		}
		fired := idsOf(one.answer.Fired, firedID)
		holds := idsOf(one.in.Practice().Fire(one.in), firedID)
		var faults []string
		for _, rule := range one.in.Practice().Definition().Rules {
			is, should := slices.Contains(fired, rule.ID), slices.Contains(holds, rule.ID)
			switch {
			case rule.When == "" || is == should:
			case should:
				faults = append(faults, fmt.Sprintf("rule %s did not fire, though this holds: %s", rule.ID, rule.When))
			default:
				faults = append(faults, fmt.Sprintf("rule %s fired, though this does not hold: %s", rule.ID, rule.When))
			}
		}
		return faults
	})
}

func keepMerge(_ context.Context, s *suite, c *Check) {
	s.about(c, func(one *sample) []string {
		if len(one.answer.Problems) > 0 {
			return nil // nothing is decided
		}
		if err := s.service.CheckFired(one.request.Practice, one.answer.Fired, s.opts.Town); err != nil {
			return []string{err.Error()}
		}
		decision := sdk.Merge(one.in, one.answer.Fired, s.global.Fire(one.in), one.answer.Computed)
		if _, err := json.Marshal(decision); err != nil {
			return []string{err.Error()}
		}
		return nil
	})
}
