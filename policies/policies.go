// Package policies holds who may do what, as files that a reader who knows the
// town hall but not Go can check: the model, the commented rules, and the truth
// table against which the rules are tested line by line.
package policies

import _ "embed" // the files

// Model is casbin's model: what a request and a rule are made of.
//
//go:embed model.conf
var Model string

// Policy are the rules: role, relation, object, act.
//
//go:embed policy.csv
var Policy string

// Matrix is the truth table. Whatever has no line in it must be denied.
//
//go:embed matrix.csv
var Matrix string

// Retention says how long the data of closed cases are kept, by service and outcome.
//
//go:embed retention.csv
var Retention string

// Assurance says how surely a citizen must be known to read their cases, and to file.
//
//go:embed assurance.csv
var Assurance string

// Alerts says when the mayor's office is told.
//
//go:embed alerts.csv
var Alerts string
