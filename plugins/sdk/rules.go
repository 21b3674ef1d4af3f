package sdk

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

type compiledRule struct {
	*Rule
	when *expr.Expr
}

// Fire gives the practice's own rules that hold, in order.
func (p *CompiledPractice) Fire(in *Intake) []Fired { return fire(p.rules, in) }

// GlobalRules are the rules of every practice, ready to fire.
type GlobalRules struct{ rules []compiledRule }

// Fire gives the rules of the town that hold for the intake, in order. A rule
// may name a field that this form does not have: it is missing.
func (g *GlobalRules) Fire(in *Intake) []Fired { return fire(g.rules, in) }

func fire(rules []compiledRule, in *Intake) []Fired {
	var fired []Fired
	for _, rule := range rules {
		if rule.when.True(in) {
			fired = append(fired, Fired{rule.ID, rule.Words, rule.Effect, rule.LegalBasis})
		}
	}
	return fired
}

// CompileGlobal makes the global rules of a town ready and refuses what is
// wrong in them. They may name the fields of the town's groups, ambient names,
// sets, today and now, and ask for the common documents.
func CompileGlobal(town *Town) (*GlobalRules, error) {
	// The groups of the town stand for "any form".
	form := &CompiledPractice{def: &Practice{}, index: map[string]int{}, vocabulary: newVocabulary()}
	for _, group := range town.FieldGroups {
		for _, f := range group.Fields {
			form.index[f.Name] = 0
		}
	}
	form.papers = papersOf(&Definition{CommonDocuments: town.CommonDocuments}, form.def)
	refs := references{def: &Definition{}, town: town, global: true}
	g := &GlobalRules{}
	faults := []error{repeated("rule", town.GlobalRules, func(r Rule) string { return r.ID })}
	for i := range town.GlobalRules {
		rule := &town.GlobalRules[i]
		when, err := form.condition(rule.When)
		if err != nil {
			faults = append(faults, fmt.Errorf("rule %s: %w", rule.ID, err))
		}
		g.rules = append(g.rules, compiledRule{rule, when})
		faults = append(faults, refs.checkRule(form, rule))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("global rules: %w", err)
	}
	return g, nil
}

// references knows what the effects of a definition may refer to.
type references struct {
	def    *Definition
	town   *Town
	global bool
}

// CheckFired verifies rules that came over the wire from a department: one with
// an effect that does not exist comes from a broken department. A nil town
// leaves the destinations unchecked.
func (s *Service) CheckFired(practice string, fired []Fired, town *Town) error {
	p, ok := s.practices[practice]
	if !ok {
		return fmt.Errorf("service %s has no practice %q", s.def.Service, practice)
	}
	refs := references{def: s.def, town: town}
	var faults []error
	for _, f := range fired {
		if err := refs.checkEffect(p, f.Effect); err != nil {
			faults = append(faults, fmt.Errorf("rule %s: %w", f.RuleID, err))
		}
	}
	return errors.Join(faults...)
}

func (r references) checkRule(p *CompiledPractice, rule *Rule) error {
	prefix := p.def.ID + "/"
	if r.global {
		prefix = "global/"
	}
	var idErr error
	if rest, ok := strings.CutPrefix(rule.ID, prefix); !ok || !validID(rest) {
		idErr = fmt.Errorf("want an id that starts with %q", prefix)
	}
	err := errors.Join(idErr, needText("words", rule.Words), r.checkEffect(p, rule.Effect), r.checkDeadline(rule.Effect))
	if err != nil {
		return fmt.Errorf("rule %s: %w", rule.ID, err)
	}
	return nil
}

func (r references) checkEffect(p *CompiledPractice, e Effect) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if e.To != "" && r.town != nil && !r.town.hasDestination(e.To) {
		fault("unknown destination %q", e.To)
	}
	if !oneOf(e.Priority, "", "P0", "P1", "P2", "P3") {
		fault("unknown priority %q", e.Priority)
	}
	if !oneOf(e.Appointment, "", AppointmentRequired, AppointmentRecommended) {
		fault("unknown appointment %q", e.Appointment)
	}
	if e.Silence != "" && !validSilence(e.Silence) {
		fault("unknown silence %q", e.Silence)
	}
	if e.SlotMinutes < 0 || e.SlotMax < 0 {
		fault("minutes below zero")
	}
	for _, id := range e.ExtraDocuments {
		if _, ok := p.papers[id]; !ok {
			fault("unknown document %q", id)
		}
	}
	if e.Fee != "" && !hasFee(p.def.Fees, e.Fee) {
		fault("unknown fee %q", e.Fee)
	}
	if e.Block != nil {
		faults = append(faults, needText("block", *e.Block))
	}
	if e.Hint != nil {
		faults = append(faults, needText("hint", *e.Hint))
	}
	if e.DeadlineWords != nil {
		faults = append(faults, needText("deadline_words", *e.DeadlineWords))
	}
	return errors.Join(append(faults, r.checkSet(p, e.Set))...)
}

// checkDeadline refuses words in the place of a term. A definition that was kept
// may have them.
func (r references) checkDeadline(e Effect) error {
	if _, _, ok := ParseDeadline(e.Deadline); e.Deadline != "" && !ok && r.town != nil {
		return fmt.Errorf("deadline %q: want N working days, N calendar days or N months; words are deadline_words", e.Deadline)
	}
	return nil
}

// checkSet verifies "key=value": "@name" is a field of the form, and the
// practice it leads to exists and does not lead on.
func (r references) checkSet(p *CompiledPractice, set string) error {
	if set == "" {
		return nil
	}
	key, value, ok := strings.Cut(set, "=")
	if !ok || !validName(key) || value == "" {
		return fmt.Errorf("set %q: want key=value", set)
	}
	if name, ok := strings.CutPrefix(value, "@"); ok {
		if !p.hasField(name) {
			return fmt.Errorf("set %q: the form has no field %q", set, name)
		}
		return nil
	}
	if key != setPractice && key != setLinkedPractice {
		return nil
	}
	for i := range r.def.Practices {
		if target := &r.def.Practices[i]; target.ID == value {
			if key == setPractice && leadsOn(target) {
				return fmt.Errorf("set %q: that practice leads to another one", set)
			}
			return nil
		}
	}
	if r.town != nil && !r.town.hasPractice(value) {
		return fmt.Errorf("set %q: unknown practice", set)
	}
	return nil
}

// The keys of a set effect that lead to another practice.
const (
	setPractice       = "practice"
	setLinkedPractice = "linked_practice"
)

func leadsOn(p *Practice) bool {
	for i := range p.Rules {
		if strings.HasPrefix(p.Rules[i].Effect.Set, setPractice+"=") {
			return true
		}
	}
	return false
}

func hasFee(fees []Fee, code string) bool {
	for i := range fees {
		if fees[i].Code == code {
			return true
		}
	}
	return false
}
