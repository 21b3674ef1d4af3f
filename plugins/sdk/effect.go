package sdk

// Effect is what a rule does to an intake. The zero value does nothing. How the
// effects of several rules join is the business of [Merge].
type Effect struct {
	// To is a destination; the first rule wins.
	To string `json:"to,omitempty" yaml:"to"`
	// Priority is P0 to P3; the lowest number wins.
	Priority string `json:"priority,omitempty" yaml:"priority"`
	// Appointment is "required" or "recommended"; required wins.
	Appointment string `json:"appointment,omitempty" yaml:"appointment"`
	// SlotMinutes to reserve; the largest wins.
	SlotMinutes int `json:"slotMinutes,omitempty" yaml:"slot_minutes"`
	// SlotMax caps the minutes after the maximum; the smallest wins.
	SlotMax int `json:"slotMax,omitempty" yaml:"slot_max"`
	// ExtraDocuments are ids of documents to ask.
	ExtraDocuments []string `json:"extraDocuments,omitempty" yaml:"extra_documents"`
	// Block stops the intake with this reason. A person may override it with a
	// note.
	Block *Text `json:"block,omitempty" yaml:"block"`
	// HomeVisit plans a visit.
	HomeVisit bool `json:"homeVisit,omitempty" yaml:"home_visit"`
	// Fee is the code of a fee line to apply.
	Fee string `json:"fee,omitempty" yaml:"fee"`
	// Hint is a text for the operator.
	Hint *Text `json:"hint,omitempty" yaml:"hint"`
	// Notify is who is told: a service id, a destination id, or words.
	Notify string `json:"notify,omitempty" yaml:"notify"`
	// Set is "key=value" on the practice; "key=@field" copies an answer.
	Set string `json:"set,omitempty" yaml:"set"`
	// Silence overrides the meaning of silence; the first rule wins.
	Silence string `json:"silence,omitempty" yaml:"silence"`
	// Deadline is the term itself: "N working days", "N calendar days" or "N
	// months".
	Deadline string `json:"deadline,omitempty" yaml:"deadline"`
	// DeadlineWords are words about the term that are only shown; the clock stays.
	// The first rule that speaks of the term, by either key, wins.
	DeadlineWords *Text `json:"deadlineWords,omitempty" yaml:"deadline_words"`
}
