package town

import "time"

// Candidate is a leg that could have been called, as it stood at that moment.
type Candidate struct {
	LegID    string    `json:"legId"`
	Label    string    `json:"label"`
	Priority Priority  `json:"priority"`
	SeniorAt time.Time `json:"seniorAt"`
	// Aged marks a leg over the age cap, which goes before every class but P0.
	Aged bool `json:"aged,omitempty"`
	// Rank is the place in the order, from 1.
	Rank int `json:"rank"`
}

// FieldProblemRecord is a problem of an answer as it is kept: where and which,
// never the value.
type FieldProblemRecord struct {
	Path string `json:"path"`
	Code string `json:"code"`
}

// StoredUserError is a business refusal as it is kept for a repeated request.
type StoredUserError struct {
	Code      Code     `json:"code"`
	Message   string   `json:"message"`
	MessageIT string   `json:"messageIt"`
	Path      []string `json:"path,omitempty"`
	Detail    string   `json:"detail,omitempty"`
}
