package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Department is one municipal service, seen from the platform.
//
// An implementation never sees RPC, a database or GraphQL: it says what it
// offers and answers one question about one intake. Both methods are called
// from several goroutines at once and must be deterministic: the same request
// gives the same answer, whatever the wall clock or the machine.
//
// A returned error means "the department is broken" and is logged for the
// operator of the platform; anything a citizen or an operator can mend is data
// in the response (see [Problem] and [Block]).
type Department interface {
	// Describe returns the whole service as data: its card, its practice types,
	// their forms, documents, fees, terms and rules. The platform stores it
	// under its content hash and works from the stored copy, so that forms
	// render and cases go on while the department's process is down.
	Describe(ctx context.Context, req DescribeRequest) (*DescribeResponse, error)

	// Review is asked once per intake, after the platform has checked the
	// answers against the form. It says which of the department's own rules
	// fire and what its computations give. The platform merges the result with
	// the rules of the whole town.
	Review(ctx context.Context, req ReviewRequest) (*ReviewResponse, error)
}

// DescribeRequest has no fields yet; it exists so that one may be added.
type DescribeRequest struct{}

// DescribeResponse carries the definition of the department.
type DescribeResponse struct {
	Definition *Definition `json:"definition"`
}

// ReviewRequest is everything a department may know about an intake.
type ReviewRequest struct {
	// Practice is the id of the practice type, such as "cambio-residenza".
	Practice string `json:"practice"`
	// Answers are the visible answers by field name, as JSON values, hidden
	// fields already dropped and texts trimmed.
	Answers map[string]json.RawMessage `json:"answers"`
	// Now is the moment of the decision. Its civil date in Europe/Rome is
	// "today" in every rule. Departments must not read the wall clock.
	Now time.Time `json:"now"`
	// Ambient holds what the platform knows about the person and the queue, by
	// ambient name (see [AmbientNames]); a missing name is not known now.
	Ambient map[string]json.RawMessage `json:"ambient,omitempty"`
	// Calendar has the holidays with which terms are counted.
	Calendar calc.Calendar `json:"calendar"`
	// Parameters are the dated figures in force today (tariffs, thresholds) by
	// name, as the town has set them; a missing one has the value of the
	// department's own definition.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// Format keeps what a person answered out of texts and logs, whatever the verb.
func (r ReviewRequest) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, r.String()) }

// String names the practice and nothing else.
func (r ReviewRequest) String() string { return "a request for " + r.Practice }

// LogValue keeps what a person answered out of logs.
func (r ReviewRequest) LogValue() slog.Value { return slog.StringValue(r.String()) }

// ReviewResponse is the department's answer. Problems and a decision exclude
// each other: with at least one problem the rest is ignored.
type ReviewResponse struct {
	// Problems are faults of the answers that the form cannot express, each
	// with the path of the field to mend.
	Problems []Problem `json:"problems,omitempty"`
	// Fired are the department's own rules that hold, in the order in which
	// the definition lists them.
	Fired []Fired `json:"fired,omitempty"`
	// Computed are the results of the department's computations by name, such
	// as "imu_due", shown to the operator and kept with the case.
	Computed []Computed `json:"computed,omitempty"`
}

// Fired is a rule that holds for an intake. The platform takes words and effect
// from here, so that a rule written in Go counts exactly like one in YAML.
type Fired struct {
	RuleID string `json:"ruleId"`
	Words  Text   `json:"words"`
	Effect Effect `json:"effect"`
	// LegalBasis is the law behind the rule; without it, that of the practice.
	LegalBasis []string `json:"legalBasis,omitempty"`
}

// Computed is one result of a computation.
type Computed struct {
	// Name is the computation, for instance "imu_due".
	Name string `json:"name"`
	// Label says what the value is, for a person.
	Label Text `json:"label"`
	// Value is plain text in the form proper to Kind.
	Value string `json:"value"`
	// Kind is one of money (decimal text, two digits), date (YYYY-MM-DD),
	// number, text.
	Kind string `json:"kind"`
	// Working shows the steps, so that a person can check the figure.
	Working string `json:"working,omitempty"`
}

// Problem is a fault of an answer that the person can mend.
type Problem struct {
	// Path is the field, "codice_fiscale", or a place inside it,
	// "familiari[0].nome". It is empty for the form as a whole.
	Path string `json:"path"`
	// Code is one of the check codes of the form (required, type, enum,
	// duplicate, range, length, pattern, cf, cf_birth_date, check, date_range,
	// unknown_field) or the department's own, prefixed "service-id/".
	Code string `json:"code"`
	// Message tells the person what to do, in both languages.
	Message Text `json:"message"`
}

// Text is a text in the two languages of the town hall.
type Text struct {
	IT string `json:"it"`
	EN string `json:"en"`
}
