package clocks

import "github.com/spazio-in-comune/sportello/internal/town"

// Request is what asking the applicant for something does to a term, by its legal
// ground: what happens on the day of the request, and what on that of the answer.
type Request struct {
	// Article is the rule of law; empty where the term goes on.
	Article string
	// Asked and Answered are entries of the ledger; empty where there is none.
	Asked, Answered town.ClockEffect
}

// OfGround is what a request with that ground does; false for an unknown one. Papers that
// the applicant must produce never suspend the term under art. 2 c. 7, which is for facts
// that no administration holds or can obtain.
func OfGround(g town.Ground) (Request, bool) {
	switch g {
	case town.GroundNone:
		return Request{}, true
	case town.GroundFacts:
		return Request{Article: ArticleFacts, Asked: town.ClockSuspend, Answered: town.ClockResume}, true
	case town.GroundIrregular:
		return Request{Article: ArticleIrregular, Asked: town.ClockSuspend, Answered: town.ClockShiftStart}, true
	case town.GroundAccess:
		return Request{Article: ArticleIncomplete, Asked: town.ClockSuspend, Answered: town.ClockRestart}, true
	case town.GroundInterruption:
		return Request{Article: ArticleInterruption, Asked: town.ClockSuspend, Answered: town.ClockRestart}, true
	default:
		return Request{}, false
	}
}

// HalfOf is the term of whoever concludes in place of an office that let its own pass:
// half of it, a part of a unit counting as a whole one (art. 2 c. 9-ter).
func HalfOf(c Clock) Clock {
	c.Amount = (c.Amount + 1) / 2
	c.Wait = false
	return c
}
