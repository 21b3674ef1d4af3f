package rules

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Guard names a condition of the table.
type Guard string

// The guards.
const (
	SessionOpen         Guard = "session_open"
	SkillFits           Guard = "skill_fits"
	SessionFree         Guard = "session_free"
	RecallGap           Guard = "recall_gap"
	CalledEnough        Guard = "called_enough"
	WithinReinstatement Guard = "within_reinstatement"
	ReasonGiven         Guard = "reason_given"
	OutcomeGiven        Guard = "outcome_given"
)

// The bounds that the guards keep.
const (
	// MinRecallGap is the least time between two calls of the same person.
	MinRecallGap = 20 * time.Second
	// EnoughCalls and EnoughTime are when somebody counts as not having come.
	EnoughCalls = 3
	EnoughTime  = 2 * time.Minute
	// ReinstatementWindow is how long a no-show may come back, and
	// ReinstatementPenalty the seniority it costs.
	ReinstatementWindow  = 15 * time.Minute
	ReinstatementPenalty = 10 * time.Minute
	// MaxReason bounds a reason, in characters.
	MaxReason = 500
)

// Facts are what the guards look at. Only those that the action needs must be set.
type Facts struct {
	Now time.Time
	// CallCount, CalledAt and LastCalledAt are of the current stretch of calls.
	CallCount    int
	CalledAt     time.Time
	LastCalledAt time.Time
	// EndedAt is when the leg ended.
	EndedAt time.Time
	// The session is open, not paused; its counter does the service; nobody is
	// called or served there.
	SessionOpen, SkillFits, SessionFree bool
	Reason                              string
	Outcome                             town.LegOutcome
}

// Check is nil if all guards of the transition hold, else a refusal that says
// what to do; its Detail is the guard.
func (t Transition) Check(f Facts) error {
	for _, g := range t.Guards {
		if err := g.check(f); err != nil {
			err.Detail = string(g)
			return err
		}
	}
	return nil
}

// Known reports whether the guard is one of ours.
func (g Guard) Known() bool {
	switch g {
	case SessionOpen, SkillFits, SessionFree, RecallGap, CalledEnough, WithinReinstatement, ReasonGiven, OutcomeGiven:
		return true
	default:
		return false
	}
}

func (g Guard) check(f Facts) *town.Error {
	switch g {
	case SessionOpen:
		return unless(f.SessionOpen, "The counter is paused or closed. Resume it first.", "Lo sportello è in pausa o chiuso. Riaprirlo prima.")
	case SkillFits:
		return unless(f.SkillFits, "This counter does not do that service.", "Questo sportello non svolge il servizio richiesto.")
	case SessionFree:
		return unless(f.SessionFree, "Somebody is already at this counter. Finish with them first.", "C'è già una persona a questo sportello. Concludere prima con lei.")
	case RecallGap:
		return unless(f.Now.Sub(f.LastCalledAt) >= MinRecallGap, "The last call was less than 20 seconds ago.", "L'ultima chiamata è di meno di 20 secondi fa.")
	case CalledEnough:
		return unless(f.CallCount >= EnoughCalls || f.Now.Sub(f.CalledAt) >= EnoughTime, "Call three times, or wait two minutes, before saying that nobody came.", "Prima di segnare l'assenza chiamare tre volte o attendere due minuti.")
	case WithinReinstatement:
		return unless(f.Now.Sub(f.EndedAt) <= ReinstatementWindow, "More than 15 minutes have gone by. A new number is needed.", "Sono passati più di 15 minuti. Occorre un nuovo numero.")
	case ReasonGiven:
		return checkReason(f.Reason)
	case OutcomeGiven:
		return checkOutcome(f.Outcome)
	default:
		return town.Errorf(town.Internal, "Unknown guard "+string(g)+".", "Condizione sconosciuta.")
	}
}

func unless(holds bool, en, it string) *town.Error {
	if holds {
		return nil
	}
	return town.Errorf(town.PreconditionFailed, en, it)
}

func checkReason(reason string) *town.Error {
	if strings.TrimSpace(reason) == "" {
		return town.Errorf(town.Required, "Say why.", "Indicare il motivo.").At("input", "note")
	}
	return CheckNote(reason)
}

// CheckNote is nil unless a note is longer than MaxReason characters.
func CheckNote(note string) *town.Error {
	if utf8.RuneCountInString(note) > MaxReason {
		return town.Errorf(town.Invalid, "At most 500 characters.", "Al massimo 500 caratteri.").At("input", "note")
	}
	return nil
}

func checkOutcome(outcome town.LegOutcome) *town.Error {
	switch outcome {
	case town.OutcomeServed, town.OutcomeInfoOnly, town.OutcomeNotCompetent, town.OutcomeIncompleteDocs:
		return nil
	default:
		return town.Errorf(town.Invalid, "This is not an outcome of a leg.", "L'esito indicato non è ammesso.").At("input", "outcome")
	}
}
