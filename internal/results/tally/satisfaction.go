package tally

import "github.com/spazio-in-comune/sportello/internal/town"

// The figures of satisfaction, by office, service and level.
const (
	// Contact counts contacts that could be rated and may be in the rate of participation;
	// the detail is what it was: [OfStop] or [OfStep].
	Contact Figure = "contact"
	// Word counts the citizens' words; the measure is the score from 1 to 5, the detail
	// what was rated: [OfStop], [OfStep] or [OfPractice].
	Word Figure = "word"
	// WordCause counts the causes that were named with a word.
	WordCause Figure = "word_cause"
	// WordPhase, WordChannel, WordGivenBy and WordOutcome count the same words again, each
	// by one thing that the detail says: the phase of the case or step, the channel of the
	// contact, how the word came in, and the outcome of the contact. The measure is the score.
	WordPhase   Figure = "word_phase"
	WordChannel Figure = "word_channel"
	WordGivenBy Figure = "word_given_by"
	WordOutcome Figure = "word_outcome"
)

// What may be rated.
const (
	OfStop     = "STOP"     // a stop of a visit at which somebody was received
	OfStep     = "STEP"     // a step of the ladder that was answered
	OfPractice = "PRACTICE" // a practice, at any time
)

func satisfaction(e town.Event) []Key {
	switch e.Type {
	case town.EventLegCompleted, town.EventLegTransferred:
		return []Key{about(Contact, e, OfStop)}
	case town.EventEscalationAnswer:
		key := about(Contact, e, OfStep)
		key.OfficeID = e.Data[town.DataOwnerOffice]
		return []Key{key}
	case town.EventFeedbackGiven:
		return word(e)
	default:
		return nil
	}
}

func word(e town.Event) []Key {
	score, ok := number(e, town.DataScore)
	if !ok {
		return nil
	}
	key := about(Word, e, rated(e))
	key.Measure = score
	keys := []Key{key}
	if cause := e.Data[town.DataCause]; cause != "" {
		keys = append(keys, about(WordCause, e, cause))
	}
	for _, by := range []struct {
		figure Figure
		data   string
	}{
		{WordPhase, town.DataPhase}, {WordChannel, town.DataChannel}, {WordGivenBy, town.DataGivenBy}, {WordOutcome, town.DataOutcome},
	} {
		if detail := e.Data[by.data]; detail != "" {
			key := about(by.figure, e, detail)
			key.Measure = score
			keys = append(keys, key)
		}
	}
	return keys
}

func rated(e town.Event) string {
	switch {
	case e.EscalationID != "":
		return OfStep
	case e.LegID != "" && e.CaseID == "":
		return OfStop
	default:
		return OfPractice
	}
}
