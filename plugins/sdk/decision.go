package sdk

// Decision is what all rules together say about an intake: the department's own
// rules in order, then the rules of the whole town in order, merged.
type Decision struct {
	// To is the destination; Alternatives are the other destinations that rules
	// named, shown with their words.
	To           string   `json:"to"`
	Alternatives []Advice `json:"alternatives,omitempty"`
	Priority     string   `json:"priority"`
	Appointment  string   `json:"appointment,omitempty"`
	SlotMinutes  int      `json:"slotMinutes"`
	// Documents are the needed papers in form order; ExtraDocuments come on top,
	// also where they repeat one.
	Documents      []Document `json:"documents"`
	ExtraDocuments []Document `json:"extraDocuments,omitempty"`
	Fees           []Fee      `json:"fees"`
	// Blocks are all the reasons to stop, each with its rule; empty means go on.
	Blocks    []Advice          `json:"blocks,omitempty"`
	HomeVisit bool              `json:"homeVisit,omitempty"`
	Hints     []Text            `json:"hints,omitempty"`
	Notify    []string          `json:"notify,omitempty"`
	Set       map[string]string `json:"set,omitempty"`
	Silence   string            `json:"silence"`
	Deadline  Term              `json:"deadline"`
	// DeadlineWords are what the rule that won says about the term.
	DeadlineWords Text        `json:"deadlineWords,omitzero"`
	Milestones    []Milestone `json:"milestones,omitempty"`
	// Fired are the rules that hold, in order, for the explanation.
	Fired    []Fired    `json:"fired,omitempty"`
	Computed []Computed `json:"computed,omitempty"`
}

// Advice is a rule's word on a point: which rule, why, and what it says.
type Advice struct {
	RuleID string `json:"ruleId"`
	Words  Text   `json:"words"`
	// Text is the reason of a block; empty for a destination.
	Text Text `json:"text,omitzero"`
	// To is the destination that the rule names, if any.
	To string `json:"to,omitempty"`
	// LegalBasis is the law behind the rule, or behind its practice.
	LegalBasis []string `json:"legalBasis,omitempty"`
}
