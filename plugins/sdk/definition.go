package sdk

import "github.com/spazio-in-comune/sportello/plugins/sdk/calc"

// Definition is a department as data: its card, its practice types and
// everything that hangs on them. The YAML files of a department decode into it,
// it crosses the wire as JSON, and the platform stores it under the SHA-256 of
// that JSON (see Definition.Hash). The order of every list is part of the
// meaning.
type Definition struct {
	// Service is the stable id, such as "anagrafe".
	Service string `json:"service" yaml:"service"`
	// Version is the semantic version of the department.
	Version string `json:"version" yaml:"version"`
	// Series is the letter of the service's ticket numbers.
	Series string `json:"series" yaml:"series"`
	// Kind is "counter" for the multi-purpose counter, "office" for a
	// specialised office.
	Kind        string `json:"kind" yaml:"kind"`
	Title       Text   `json:"title" yaml:"title"`
	Description Text   `json:"description" yaml:"description"`
	// Category is the category of the national service card (Modello Comuni).
	Category string `json:"category" yaml:"category"`
	// Topics are the subjects (Argomenti) under which the card is filed.
	Topics []Text `json:"topics,omitempty" yaml:"topics"`
	// DefaultRoute is the destination when no rule names one; it is also the
	// declared fallback while the department's process is down.
	DefaultRoute string `json:"defaultRoute" yaml:"default_route"`
	// FieldGroups are the shared groups that the practices include, complete,
	// so that a stored definition needs nothing beside it.
	FieldGroups map[string]FieldGroup `json:"fieldGroups" yaml:"field_groups"`
	// CommonDocuments are documents that a rule may ask for in any practice.
	CommonDocuments []Document `json:"commonDocuments" yaml:"common_documents"`
	Practices       []Practice `json:"practices" yaml:"practices"`
	// Parameters are the dated figures of law and tariff that conditions (see the
	// function figure of package expr) and computations read.
	Parameters []Parameter `json:"parameters,omitempty" yaml:"parameters"`
}

// FieldGroup is a set of fields that several forms share.
type FieldGroup struct {
	Title  Text    `json:"title" yaml:"title"`
	Fields []Field `json:"fields" yaml:"fields"`
}

// Practice is one practice type: a form, what it needs and costs, its terms and
// its rules.
type Practice struct {
	ID    string `json:"id" yaml:"id"`
	Title Text   `json:"title" yaml:"title"`
	// Status says whether the practice can be asked for now; empty is active.
	Status Status `json:"status,omitempty" yaml:"status"`
	// StatusReason is why it cannot; compulsory where the status is not active.
	StatusReason Text `json:"statusReason,omitzero" yaml:"status_reason"`
	// Summary says in one sentence what the practice is for, in the words of
	// who needs it.
	Summary Text `json:"summary,omitzero" yaml:"summary"`
	ForWhom Text `json:"forWhom" yaml:"for_whom"`
	Outcome Text `json:"outcome" yaml:"outcome"`
	// Keywords are what people call it when they do not know its name; the
	// information point searches them.
	Keywords   Keywords    `json:"keywords,omitzero" yaml:"keywords"`
	LegalBasis []string    `json:"legalBasis" yaml:"legal_basis"`
	Archetype  string      `json:"archetype" yaml:"archetype"`
	Form       Form        `json:"form" yaml:"form"`
	Fees       []Fee       `json:"fees" yaml:"fees"`
	Deadline   Term        `json:"deadline" yaml:"deadline"`
	Milestones []Milestone `json:"milestones,omitempty" yaml:"milestones"`
	// Starts are the events whose day the form asks.
	Starts []Start `json:"starts,omitempty" yaml:"starts"`
	// Silence is what silence of the office means: consent, refusal, none,
	// not_applicable.
	Silence      string   `json:"silence" yaml:"silence"`
	Handling     Handling `json:"handling" yaml:"handling"`
	Online       Online   `json:"online" yaml:"online"`
	Computations []string `json:"computations,omitempty" yaml:"computations"`
	Rules        []Rule   `json:"rules" yaml:"rules"`
	// Confidence says how sure the figures are: high, medium, low.
	Confidence string `json:"confidence" yaml:"confidence"`
	// ToVerify lists what the town must confirm; shown to administrators.
	ToVerify []Text `json:"toVerify,omitempty" yaml:"to_verify"`
	// Conditions of service (Condizioni di servizio) that are this practice's own;
	// those of every practice are the town's.
	Conditions Text `json:"conditions,omitzero" yaml:"conditions"`
	Note       Text `json:"note,omitzero" yaml:"note"`
}

// Status is the state of a practice on its service card.
type Status string

// The states of the national service model.
const (
	StatusActive      Status = "active"
	StatusInactive    Status = "inactive"
	StatusDevelopment Status = "under_development"
)

// OrActive is the status with its default.
func (s Status) OrActive() Status {
	if s == "" {
		return StatusActive
	}
	return s
}

// Keywords are short phrases by language.
type Keywords struct {
	IT []string `json:"it,omitempty" yaml:"it"`
	EN []string `json:"en,omitempty" yaml:"en"`
}

// IsZero reports whether there are none.
func (k Keywords) IsZero() bool { return len(k.IT) == 0 && len(k.EN) == 0 }

// Form is what the person fills in: the group "richiedente", the included
// groups in the order given, then the own fields.
type Form struct {
	Include   []string   `json:"include,omitempty" yaml:"include"`
	Fields    []Field    `json:"fields" yaml:"fields"`
	Documents []Document `json:"documents" yaml:"documents"`
}

// Field is one question.
type Field struct {
	Name  string `json:"name" yaml:"name"`
	Label Text   `json:"label" yaml:"label"`
	// Type is one of the value types of the package documentation.
	Type FieldType `json:"type" yaml:"type"`
	// Required is "true", "false" or "conditional".
	Required Required `json:"required" yaml:"required"`
	// When is an expression over the fields above; the field is hidden unless it
	// holds.
	When string `json:"when,omitempty" yaml:"when"`
	// Enum are the codes of an enum or multi_enum with their labels.
	Enum []Choice `json:"enum,omitempty" yaml:"enum"`
	// Min and Max bound the value of numbers, the length of texts, the size of
	// lists; decimal text, so that money stays exact.
	Min string `json:"min,omitempty" yaml:"min"`
	Max string `json:"max,omitempty" yaml:"max"`
	// Pattern must cover the whole text.
	Pattern string `json:"pattern,omitempty" yaml:"pattern"`
	// Check is a list of the named checks of dates and times, joined by ";".
	Check string `json:"check,omitempty" yaml:"check"`
	// Item are the keys of the objects of a list.
	Item []string `json:"item,omitempty" yaml:"item"`
	Note Text     `json:"note,omitzero" yaml:"note"`
}

// FieldType names a type of value.
type FieldType string

// Required says whether a visible field must be filled.
type Required string

// The values of Required.
const (
	RequiredAlways      Required = "true"
	RequiredNever       Required = "false"
	RequiredConditional Required = "conditional"
)

// Choice is one code of an enum.
type Choice struct {
	Code  string `json:"code" yaml:"code"`
	Label Text   `json:"label" yaml:"label"`
}

// Document is a paper to bring or to attach.
type Document struct {
	ID       string   `json:"id" yaml:"id"`
	Label    Text     `json:"label" yaml:"label"`
	Required Required `json:"required,omitempty" yaml:"required"`
	When     string   `json:"when,omitempty" yaml:"when"`
}

// Fee is a line of the tariff.
type Fee struct {
	Code  string `json:"code" yaml:"code"`
	Label Text   `json:"label" yaml:"label"`
	// AmountEUR is decimal text with two digits; empty if Variable.
	AmountEUR string `json:"amountEur,omitempty" yaml:"amount_eur"`
	// Variable marks a local tariff or a formula, told by Basis.
	Variable bool   `json:"variable,omitempty" yaml:"variable"`
	Basis    Text   `json:"basis,omitzero" yaml:"basis"`
	When     string `json:"when,omitempty" yaml:"when"`
	// Exclusive lines are alternatives: only their own When counts.
	Exclusive bool `json:"exclusive,omitempty" yaml:"exclusive"`
	// From and To are civil dates, both inclusive: on any other day the line does
	// not apply. Empty is without limit. A new amount is a line of the same code
	// that begins when the old one ends.
	From string `json:"from,omitempty" yaml:"from"`
	To   string `json:"to,omitempty" yaml:"to"`
	// Source is the law or the act that sets the amount; compulsory for a fixed one
	// above zero.
	Source string `json:"source,omitempty" yaml:"source"`
	// ToVerify is true for an amount that the town must confirm.
	ToVerify bool `json:"toVerify,omitempty" yaml:"to_verify"`
}

// InForce reports whether the line may apply on the day.
func (f *Fee) InForce(day calc.Date) bool { return inForce(f.From, f.To, day.String()) }

// Term is the term on the card. An Amount of 0 is "on the spot".
type Term struct {
	Amount int      `json:"amount" yaml:"amount"`
	Unit   TermUnit `json:"unit" yaml:"unit"`
	// From is the event that starts the clock (see ClockStarts).
	From string `json:"from" yaml:"from"`
	// Calendar "national" leaves the local holidays out: another body works.
	Calendar string `json:"calendar,omitempty" yaml:"calendar"`
	Note     Text   `json:"note,omitzero" yaml:"note"`
}

// TermUnit is the unit of a term.
type TermUnit string

// The units of a term; hours occur only in milestones.
const (
	Hours        TermUnit = "hours"
	WorkingDays  TermUnit = "working_days"
	CalendarDays TermUnit = "calendar_days"
	Months       TermUnit = "months"
)

// Milestone is one clock of a practice that has several.
type Milestone struct {
	ID     string   `json:"id" yaml:"id"`
	Label  Text     `json:"label" yaml:"label"`
	Amount int      `json:"amount" yaml:"amount"`
	Unit   TermUnit `json:"unit" yaml:"unit"`
	From   string   `json:"from" yaml:"from"`
	// After is the id of an earlier milestone whose end is the event From: this clock starts by
	// itself, on the last day of that one or on the day of the act that ended it before. Empty
	// where nobody but who sees the event can tell its day.
	After    string `json:"after,omitempty" yaml:"after"`
	OnExpiry Expiry `json:"onExpiry" yaml:"on_expiry"`
	// When makes the milestone exist only if it holds.
	When string `json:"when,omitempty" yaml:"when"`
	// Wait means that nothing is due: the act may not come before. No roll.
	Wait bool `json:"wait,omitempty" yaml:"wait"`
	Note Text `json:"note,omitzero" yaml:"note"`
}

// Expiry is what happens when a term passes with no act.
type Expiry string

// The effects of expiry.
const (
	ExpiryNone       Expiry = "none"
	ExpiryGranted    Expiry = "granted"
	ExpiryRefused    Expiry = "refused"
	ExpiryConfirmed  Expiry = "confirmed"
	ExpiryAppealable Expiry = "appealable"
)

// Handling is how the desk works a practice.
type Handling struct {
	TypicalMinutes int  `json:"typicalMinutes" yaml:"typical_minutes"`
	LongMinutes    int  `json:"longMinutes" yaml:"long_minutes"`
	AtOnce         bool `json:"atOnce" yaml:"at_once"`
	BackOffice     bool `json:"backOffice" yaml:"back_office"`
	WeeklyVolume   int  `json:"weeklyVolume" yaml:"weekly_volume"`
}

// Online says whether the citizen may file from home, and with which level of
// assurance (L1, L2, L3).
type Online struct {
	Possible bool   `json:"possible" yaml:"possible"`
	MinLoA   string `json:"minLoa,omitempty" yaml:"min_loa"`
}

// Rule is a routing rule: a condition, its words and its effect.
type Rule struct {
	// ID is "practice-id/rN", or "global/name".
	ID     string `json:"id" yaml:"id"`
	Words  Text   `json:"words" yaml:"words"`
	When   string `json:"when,omitempty" yaml:"when"`
	Effect Effect `json:"effect" yaml:"effect"`
	// LegalBasis is the law behind this rule; without it, that of its practice.
	LegalBasis []string `json:"legalBasis,omitempty" yaml:"legal_basis"`
}

// Parameter is one dated figure of law or tariff.
type Parameter struct {
	Name  string `json:"name" yaml:"name"`
	Value string `json:"value" yaml:"value"`
	// From and To are civil dates, both inclusive; an empty To is "still in force".
	From   string `json:"from" yaml:"from"`
	To     string `json:"to,omitempty" yaml:"to"`
	Source string `json:"source" yaml:"source"`
	// ToVerify is true for a figure that the town must confirm.
	ToVerify bool `json:"toVerify,omitempty" yaml:"to_verify"`
}
