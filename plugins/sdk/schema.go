package sdk

import (
	"encoding/json"
	"fmt"
)

// In gives the text in a language, "it" or "en"; Italian for any other.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.IT
}

// schema is the part of JSON Schema 2020-12 that a form needs.
type schema struct {
	Schema               string             `json:"$schema,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Const                string             `json:"const,omitempty"`
	Type                 any                `json:"type,omitempty"`
	Format               string             `json:"format,omitempty"`
	Pattern              string             `json:"pattern,omitempty"`
	Minimum              json.Number        `json:"minimum,omitempty"`
	Maximum              json.Number        `json:"maximum,omitempty"`
	MinLength            json.Number        `json:"minLength,omitempty"`
	MaxLength            json.Number        `json:"maxLength,omitempty"`
	MinItems             json.Number        `json:"minItems,omitempty"`
	MaxItems             json.Number        `json:"maxItems,omitempty"`
	UniqueItems          bool               `json:"uniqueItems,omitempty"`
	OneOf                []schema           `json:"oneOf,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
}

// The shapes of the types that are texts of a fixed form.
const (
	patternMoney   = `^-?[0-9]+(\.[0-9]{1,2})?$`
	patternDecimal = `^-?[0-9]+(\.[0-9]+)?$`
	patternTime    = `^([01][0-9]|2[0-3]):[0-5][0-9]$`
	patternTaxCode = `^([A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|[0-9]{11})$`
	patternVAT     = `^[0-9]{11}$`
	patternIBAN    = `^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,40}$`
	patternTown    = `^[A-Z][0-9]{3}$`
	patternCountry = `^[A-Z]{2}$`
	patternPhone   = `^\+?[0-9][0-9 ]{4,17}$`
	patternEmail   = `^[^@\s]+@[^@\s]+\.[^@\s]+$`
)

// JSONSchema derives a JSON Schema 2020-12 from the form, for front ends: types,
// limits, shapes, codes with their labels, and the fields that are always
// compulsory. Conditions between fields are in [CompiledPractice.UISchema]; the
// word on an answer stays with [CompiledPractice.Check]. The same form gives the
// same bytes.
func (p *CompiledPractice) JSONSchema(lang string) (json.RawMessage, error) {
	closed := false
	root := schema{
		Schema: "https://json-schema.org/draft/2020-12/schema",
		Title:  p.def.Title.In(lang), Type: "object",
		Properties: map[string]*schema{}, AdditionalProperties: &closed,
	}
	for i := range p.fields {
		f := &p.fields[i]
		property := fieldSchema(f.Field, lang)
		root.Properties[f.Name] = &property
		if f.Required == RequiredAlways {
			root.Required = append(root.Required, f.Name)
		}
	}
	raw, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", p.def.ID, err)
	}
	return raw, nil
}

func fieldSchema(f *Field, lang string) schema {
	s := schema{Title: f.Label.In(lang), Description: f.Note.In(lang)}
	switch f.Type.kind() {
	case kindNumber:
		numberSchema(&s, f)
	case kindBool:
		s.Type = "boolean"
	case kindDate:
		s.Type, s.Format = "string", "date"
	case kindTime:
		s.Type, s.Pattern = "string", patternTime
	case kindList:
		listSchema(&s, f, lang)
	default:
		textSchema(&s, f, lang)
	}
	return s
}

func numberSchema(s *schema, f *Field) {
	s.Minimum, s.Maximum = json.Number(f.Min), json.Number(f.Max)
	switch f.Type {
	case TypeInt:
		s.Type = "integer"
	case TypeMoney: // limits of a text cannot be told: the check has them
		s.Type, s.Pattern, s.Minimum, s.Maximum = "string", patternMoney, "", ""
	default:
		s.Type, s.Pattern = []string{"number", "string"}, patternDecimal
	}
}

func listSchema(s *schema, f *Field, lang string) {
	s.Type, s.MinItems, s.MaxItems = "array", json.Number(f.Min), json.Number(f.Max)
	s.Items = &schema{Type: "string"}
	switch f.Type {
	case TypeMultiEnum:
		s.UniqueItems = true
		s.Items.OneOf = choices(f.Enum, lang)
	case TypeList:
		closed := false
		s.Items = &schema{Type: "object", Properties: map[string]*schema{}, AdditionalProperties: &closed}
		for _, key := range f.Item {
			s.Items.Properties[key] = &schema{}
		}
	}
	if f.Required == RequiredAlways && s.MinItems == "" && f.Type != TypeList {
		s.MinItems = "1"
	}
}

func textSchema(s *schema, f *Field, lang string) {
	s.Type, s.MinLength, s.MaxLength = "string", json.Number(f.Min), json.Number(f.Max)
	if f.Required == RequiredAlways && s.MinLength == "" {
		s.MinLength = "1"
	}
	if f.Type == TypeEnum {
		s.OneOf = choices(f.Enum, lang)
	}
	s.Pattern = shapeOf(f.Type)
	if f.Pattern != "" {
		s.Pattern = "^(?:" + f.Pattern + ")$"
	}
}

func shapeOf(t FieldType) string {
	switch t {
	case TypeTaxCode:
		return patternTaxCode
	case TypeVAT:
		return patternVAT
	case TypeIBAN:
		return patternIBAN
	case TypeTown:
		return patternTown
	case TypeCountry:
		return patternCountry
	case TypePhone:
		return patternPhone
	case TypeEmail:
		return patternEmail
	default:
		return ""
	}
}

func choices(enum []Choice, lang string) []schema {
	all := make([]schema, len(enum))
	for i, choice := range enum {
		all[i] = schema{Const: choice.Code, Title: choice.Label.In(lang)}
	}
	return all
}

// layout is a UI schema in the manner of JSON Forms: groups of controls in the
// order of the form.
type layout struct {
	Type     string   `json:"type"`
	Label    string   `json:"label,omitempty"`
	Scope    string   `json:"scope,omitempty"`
	Elements []layout `json:"elements,omitempty"`
	Options  *options `json:"options,omitempty"`
}

// options of a control: what kind of value it takes, and the condition that
// shows it, in the language of the rules.
type options struct {
	Type     FieldType `json:"type"`
	Required Required  `json:"required"`
	When     string    `json:"when,omitempty"`
	Check    string    `json:"check,omitempty"`
}

// UISchema derives the layout of the form for front ends: a group for the
// applicant, one for each included group, one for the practice itself.
func (p *CompiledPractice) UISchema(lang string) (json.RawMessage, error) {
	root := layout{Type: "VerticalLayout"}
	for _, id := range append([]string{Applicant}, p.def.Form.Include...) {
		group := p.groups[id]
		root.Elements = append(root.Elements, controls(group.Title.In(lang), group.Fields, lang))
	}
	root.Elements = append(root.Elements, controls(p.def.Title.In(lang), p.def.Form.Fields, lang))
	raw, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write the layout of %s: %w", p.def.ID, err)
	}
	return raw, nil
}

func controls(label string, fields []Field, lang string) layout {
	group := layout{Type: "Group", Label: label}
	for _, f := range fields {
		group.Elements = append(group.Elements, layout{
			Type: "Control", Label: f.Label.In(lang), Scope: "#/properties/" + f.Name,
			Options: &options{f.Type, f.Required, f.When, f.Check},
		})
	}
	return group
}
