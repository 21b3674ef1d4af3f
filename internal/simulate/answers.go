package simulate

import (
	"slices"
	"time"
)

// What the operations answer, as far as the simulator reads it.

type coded struct{ Code string }

type legAnswer struct {
	ID, State, Label                       string
	Version, CallCount                     int
	QueuedAt, CalledAt, StartedAt, EndedAt time.Time
	Office                                 coded
	Visit                                  struct {
		ID, Label string
		Version   int
	}
}

type legPayload struct {
	UserErrors refusals
	Leg        *legAnswer
}

type visitAnswer struct {
	ID, Label, Day string
	Version        int
	ArrivedAt      time.Time
	Legs           []struct {
		ID, State string
		Version   int
		Office    coded
	}
}

type sessionPayload struct {
	UserErrors refusals
	Session    *struct {
		ID, State string
		Version   int
	}
}

type caseAnswer struct {
	ID, Protocol, Phase string
	Version             int
	Office              struct {
		Code     string
		External bool
	}
	Practice coded
	Flags    []string
	// DueOn is the last useful day; empty where there is none now.
	DueOn            string
	Documents        []struct{ Code, State string }
	AvailableActions []struct {
		Action  string
		Allowed bool
	}
}

// may reports whether whoever asked may take the action now.
func (c *caseAnswer) may(action string) bool {
	for _, a := range c.AvailableActions {
		if a.Action == action {
			return a.Allowed
		}
	}
	return false
}

// has reports a flag of the case.
func (c *caseAnswer) has(flag string) bool { return slices.Contains(c.Flags, flag) }

// missing are the codes of the papers not yet received.
func (c *caseAnswer) missing() []string {
	var codes []string
	for _, d := range c.Documents {
		waits := d.State == "REQUIRED" || d.State == "REQUESTED"
		if waits && !slices.Contains(codes, d.Code) { // a rule may ask again for a paper of the form
			codes = append(codes, d.Code)
		}
	}
	return codes
}

type casePayload struct {
	UserErrors refusals
	Case       *caseAnswer
}

type submitPayload struct {
	UserErrors refusals
	Status     string
	Case       *caseAnswer
	LinkedCase *struct {
		ID     string
		Office coded
	}
	Decision *struct {
		To     coded
		Blocks []struct {
			RuleID string
			Words  struct{ It string }
		}
	}
}

type stepAnswer struct {
	ID, LadderID, Step, State, DueOn string
	Level, Version                   int
	OwnerOffice                      coded
	Office                           *coded
}

type stepPayload struct {
	UserErrors refusals
	Escalation *stepAnswer
	Next       *stepAnswer
}

type feedbackPayload struct {
	UserErrors refusals
	Feedback   *struct {
		ID    string
		Level int
	}
	Offer *stepAnswer
}
