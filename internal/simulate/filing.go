package simulate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
)

// clerk is who files a request, and for which practice of the week.
type clerk struct {
	who     actor
	legID   string // at the desk
	citizen bool   // files for oneself
	outcome *outcome
	opinion opinion
}

// byPost is where requests by post and certified mail are filed.
const byPost = "officer." + counterOffice

// file is a request that comes without a visit.
func (w *week) file(f *filing) {
	w.tally.arrived++
	c := clerk{outcome: w.tally.expectOutcome(f.stop.practice), who: w.person(byPost), opinion: f.opinion}
	if f.citizen >= 0 {
		c.who, c.citizen = w.person(citizens()[f.citizen]), true
	}
	if f.stop.faulty {
		w.fileFaulty(c, &f.stop)
		w.after(4*time.Minute, func() { w.fileRight(c, &f.stop) })
		return
	}
	w.fileRight(c, &f.stop)
}

// fileFaulty files a form with one fault, which must be named.
func (w *week) fileFaulty(c clerk, s *stop) {
	person, rng := w.applicant(c, s, w.suiting(c, s))
	answers, fault := w.forms[s.practice.Code].Faulty(rng, w.now, person)
	if c.citizen && fault.Path == "codice_fiscale" { // then it would not be theirs
		return
	}
	got, err := w.submit(c, s, answers, "")
	if err != nil {
		w.fault("a faulty %s of %s: %v", s.practice.Code, c.who.name, err)
		return
	}
	named := slices.ContainsFunc(got.UserErrors, func(e userError) bool {
		return e.Detail == fault.Code && slices.Equal(e.Path, []string{"input", "answers", fault.Path})
	})
	if got.Status != statusProblems || !named {
		w.fault("a %s with the fault %s at %s came back as %s with %v", s.practice.Code, fault.Code, fault.Path, got.Status, got.UserErrors)
	}
}

// The statuses of an intake.
const (
	statusAccepted = "ACCEPTED"
	statusBlocked  = "BLOCKED"
	statusProblems = "PROBLEMS"
	// asAnother is our word for a request that the rules took for another practice,
	// whether it became a case of that one or wants its form first.
	asAnother = "TURNED"
)

// fileRight files a form without a fault. What becomes of it is the rules' to say.
func (w *week) fileRight(c clerk, s *stop) {
	person, rng := w.applicant(c, s, w.suiting(c, s))
	answers := w.forms[s.practice.Code].Valid(rng, w.now, person)
	got, err := w.submit(c, s, answers, "")
	if err != nil {
		w.fault("%s of %s: %v", s.practice.Code, c.who.name, err)
		return
	}
	if got.Status == statusBlocked && s.override && !c.citizen && c.legID != "" {
		again, err := w.submit(c, s, answers, "Verificato con il responsabile: si procede.")
		if err != nil {
			w.fault("override of %s by %s: %v", s.practice.Code, c.who.name, err)
			return
		}
		if again.Status != "" { // not every office may go past every block
			got = again
		}
	}
	w.settle(c, s, got)
}

func (w *week) submit(c clerk, s *stop, answers fill.Answers, override string) (*submitPayload, error) {
	input := variables{"idempotencyKey": w.key(), "practice": s.practice.Code, "answers": answers}
	if c.legID != "" {
		input["legId"] = c.legID
	}
	if override != "" {
		input["overrideNote"] = override
	}
	var got submitPayload
	if err := w.field(c.who, submitIntake, variables{"input": input}, &got); err != nil {
		return nil, err
	}
	w.tally.intake(&got)
	if fault := named(&got); fault != "" {
		w.fault("intake of %s by %s: %s", s.practice.Code, c.who.name, fault)
	}
	return &got, nil
}

// named says what is wrong with the answer to an intake: it is a case, or refused
// by named rules, or sent back with named problems.
func named(got *submitPayload) string {
	switch got.Status {
	case statusAccepted:
		if got.Case == nil || got.Case.Protocol == "" || len(got.UserErrors) > 0 {
			return "accepted without a case"
		}
	case statusBlocked:
		if got.Decision == nil || len(got.Decision.Blocks) == 0 {
			return "blocked without a reason"
		}
		for _, b := range got.Decision.Blocks {
			if b.RuleID == "" || b.Words.It == "" {
				return "blocked by a rule without name or words"
			}
		}
	case statusProblems, "": // "" is refused before it was looked at
		if len(got.UserErrors) == 0 {
			return "refused without a problem"
		}
		for _, e := range got.UserErrors {
			if e.Code == "" || e.Message == "" || len(e.Path) == 0 {
				return fmt.Sprintf("a problem without name: %v", e)
			}
		}
	default:
		return "unknown status " + got.Status
	}
	return ""
}

// settle goes on with what became of a request.
func (w *week) settle(c clerk, s *stop, got *submitPayload) {
	switch got.Status {
	case statusBlocked:
		c.outcome.answered(statusBlocked)
	case statusProblems, "":
		c.outcome.answered(statusProblems)
		if slices.ContainsFunc(got.UserErrors, otherForm) {
			c.outcome.answered(asAnother)
		} else if slices.ContainsFunc(got.UserErrors, formFault) {
			w.fault("right answers for %s came back: %v", s.practice.Code, got.UserErrors)
		}
	case statusAccepted:
		c.outcome.isCase = true
		c.outcome.answered(statusAccepted)
		if got.Case.Practice.Code != s.practice.Code {
			c.outcome.answered(asAnother)
		}
		w.begin(c, s, got.Case)
		if got.LinkedCase != nil {
			w.beginLinked(got.LinkedCase.ID, got.LinkedCase.Office.Code, c, s)
		}
	}
}

// otherForm reports that the rules took the request for another practice, which
// has a form of its own.
func otherForm(e userError) bool { return strings.HasPrefix(e.Detail, "practice=") }

// formFault reports problems that the form itself names; a department's own have
// its name before a slash.
func formFault(e userError) bool {
	return e.Code == "FIELD_PROBLEM" && !strings.Contains(e.Detail, "/")
}
