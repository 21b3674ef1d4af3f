package sdk

import (
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// Service is a definition ready to work: every condition parsed, every
// reference resolved. It is immutable and safe for concurrent use; compile once
// and keep it beside the stored definition.
type Service struct {
	def       *Definition
	practices map[string]*CompiledPractice
}

// CompiledPractice is one practice type ready to check forms and to decide.
type CompiledPractice struct {
	def        *Practice
	service    *Definition
	route      string
	groups     map[string]FieldGroup
	fields     []field
	index      map[string]int
	documents  []*expr.Expr
	fees       []*expr.Expr
	milestones []*expr.Expr
	starts     []*expr.Expr
	rules      []compiledRule
	// papers are the documents that an effect may ask, by id: those of the form,
	// then the common ones.
	papers map[string]Document
	// figures are the dated figures of the definition.
	figures figureTable
	*vocabulary
}

// vocabulary are the names that the platform gives to every condition.
type vocabulary struct {
	sets    map[string]expr.Value
	ambient map[string]*field
}

func newVocabulary() *vocabulary { return &vocabulary{setValues(), ambientFields()} }

// has reports ambient names, sets and the clock.
func (v *vocabulary) has(name string) bool {
	return v.ambient[name] != nil || derivedName(name) || v.sets[name] != nil || name == "today" || name == "now"
}

// Compile checks a definition and makes it ready. The town says which
// destinations and which practice types of other services exist; with a nil
// town these references are not checked, as is right for a stored definition,
// which was checked when it came in. Every fault found is joined in the error,
// each with its practice and its rule.
func Compile(def *Definition, town *Town) (*Service, error) {
	return compile(def, town, func(id string) string { return "practice " + id })
}

// Validate is [Compile] for who wants only the faults.
func (d *Definition) Validate(town *Town) error {
	_, err := Compile(d, town)
	return err
}

func compile(def *Definition, town *Town, where func(practice string) string) (*Service, error) {
	s := &Service{def: def, practices: make(map[string]*CompiledPractice, len(def.Practices))}
	faults := []error{checkCard(def, town)}
	refs := references{def: def, town: town}
	words, figures := newVocabulary(), tableOf(def.Parameters)
	for i := range def.Practices {
		practice := &def.Practices[i]
		compiled, err := compilePractice(def, practice, refs, words, figures)
		if s.practices[practice.ID] != nil {
			err = errors.Join(err, errors.New("repeated practice id"))
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", where(practice.ID), err))
		}
		s.practices[practice.ID] = compiled
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("service %s: %w", def.Service, err)
	}
	return s, nil
}

// Definition is the data that the service was compiled from.
func (s *Service) Definition() *Definition { return s.def }

// Practice gives a practice type by id.
func (s *Service) Practice(id string) (*CompiledPractice, bool) {
	p, ok := s.practices[id]
	return p, ok
}

// Definition is the data that the practice was compiled from.
func (p *CompiledPractice) Definition() *Practice { return p.def }

// Fields are the fields of the form in order: the applicant, the included
// groups, the own fields.
func (p *CompiledPractice) Fields() []Field {
	fields := make([]Field, len(p.fields))
	for i := range p.fields {
		fields[i] = *p.fields[i].Field
	}
	return fields
}

func (p *CompiledPractice) hasField(names ...string) bool {
	for _, name := range names {
		if _, ok := p.index[name]; !ok {
			return false
		}
	}
	return true
}

func (p *CompiledPractice) label(name string) Text {
	if i, ok := p.index[name]; ok {
		return p.fields[i].Label
	}
	return Text{name, name}
}

func compilePractice(def *Definition, practice *Practice, refs references, words *vocabulary, figures figureTable) (*CompiledPractice, error) {
	p := &CompiledPractice{
		def:        practice,
		service:    def,
		route:      def.DefaultRoute,
		groups:     def.FieldGroups,
		index:      map[string]int{},
		papers:     papersOf(def, practice),
		figures:    figures,
		vocabulary: words,
	}
	faults := []error{checkPracticeCard(practice, refs.town != nil), p.compileForm(def)}
	conditions := func(what, id, when string) *expr.Expr {
		e, err := p.condition(when)
		if err == nil && refs.town != nil {
			err = p.checkCapacity(e)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s %s: %w", what, id, err))
		}
		return e
	}
	for _, d := range practice.Form.Documents {
		p.documents = append(p.documents, conditions("document", d.ID, d.When))
	}
	for _, f := range practice.Fees {
		p.fees = append(p.fees, conditions("fee", f.Code, f.When))
	}
	for _, m := range practice.Milestones {
		p.milestones = append(p.milestones, conditions("milestone", m.ID, m.When))
	}
	for i := range practice.Starts {
		s := &practice.Starts[i]
		p.starts = append(p.starts, conditions("start", s.Event, s.When))
		faults = append(faults, p.checkStart(s))
	}
	for i := range practice.Rules {
		rule := &practice.Rules[i]
		p.rules = append(p.rules, compiledRule{rule, conditions("rule", rule.ID, rule.When)})
		faults = append(faults, refs.checkRule(p, rule))
	}
	faults = append(faults, repeated("rule", practice.Rules, func(r Rule) string { return r.ID }))
	return p, errors.Join(faults...)
}

// compileForm reads the fields in order; the condition of a field sees only the
// fields above it and the sets.
func (p *CompiledPractice) compileForm(def *Definition) error {
	defs, err := formFields(def, p.def)
	faults := []error{err, checkDocuments(p.def.Form.Documents)}
	p.fields = make([]field, 0, len(defs))
	for _, d := range defs {
		f, err := compileField(d)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, name := range f.when.Names() {
			if _, above := p.index[name]; !above && p.sets[name] == nil {
				faults = append(faults, fmt.Errorf("field %s: its when names %q, which is no field above it", d.Name, name))
			}
		}
		if len(f.when.Figures()) > 0 {
			faults = append(faults, fmt.Errorf("field %s: its when reads a figure: it may read fields and sets only", d.Name))
		}
		if _, taken := p.index[d.Name]; taken || p.vocabulary.has(d.Name) {
			faults = append(faults, fmt.Errorf("field %s: the name is taken", d.Name))
		}
		p.index[d.Name] = len(p.fields)
		p.fields = append(p.fields, f)
	}
	for i := range p.fields {
		faults = append(faults, p.checkOthers(&p.fields[i]))
	}
	return errors.Join(faults...)
}

// checkOthers verifies the fields that "after" and "not before" name.
func (p *CompiledPractice) checkOthers(f *field) error {
	for _, c := range f.checks {
		if c.other == "" {
			continue
		}
		i, ok := p.index[c.other]
		if !ok || p.fields[i].Type != f.Type {
			return fmt.Errorf("field %s: check %q: no %s %q in the form", f.Name, c.name, f.Type, c.other)
		}
	}
	return nil
}

// condition parses a when and verifies its names and its figures.
func (p *CompiledPractice) condition(when string) (*expr.Expr, error) {
	e, err := expr.Parse(when)
	if err != nil {
		return nil, err
	}
	for _, name := range e.Names() {
		if _, ok := p.index[name]; !ok && !p.vocabulary.has(name) {
			return nil, fmt.Errorf("when names %q, which is neither a field nor known to the platform", name)
		}
	}
	for _, name := range e.Figures() {
		if len(p.figures[name]) == 0 {
			return nil, fmt.Errorf("when reads figure('%s'), which is no parameter of the definition", name)
		}
	}
	return e, nil
}

// formFields are the fields of a practice in order.
func formFields(def *Definition, practice *Practice) ([]*Field, error) {
	var fields []*Field
	var faults []error
	for _, id := range append([]string{Applicant}, practice.Form.Include...) {
		group, ok := def.FieldGroups[id]
		if !ok {
			faults = append(faults, fmt.Errorf("unknown field group %q", id))
		}
		for i := range group.Fields {
			fields = append(fields, &group.Fields[i])
		}
	}
	for i := range practice.Form.Fields {
		fields = append(fields, &practice.Form.Fields[i])
	}
	if len(fields) > maxFields {
		faults = append(faults, fmt.Errorf("%d fields: at most %d", len(fields), maxFields))
	}
	return fields, errors.Join(faults...)
}

// papersOf are the documents that an effect may name. The form's own label
// stands before the common one.
func papersOf(def *Definition, practice *Practice) map[string]Document {
	papers := map[string]Document{}
	for _, d := range def.CommonDocuments {
		papers[d.ID] = d
	}
	for _, d := range practice.Form.Documents {
		papers[d.ID] = d
	}
	return papers
}
