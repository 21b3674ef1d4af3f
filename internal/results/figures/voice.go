package figures

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (t table) steps() []Steps {
	all := []Steps{}
	for _, g := range t.groups(func(k tally.Key) row {
		step, _ := tally.ParseStepDetail(k.Detail)
		return row{a: string(step), b: k.OfficeID, n: int(k.Level)}
	}, tally.StepOffered, tally.StepOpened, tally.StepAnswered, tally.StepEnded) {
		step := town.EscalationStep(g.a)
		outcome := func(o town.EscalationOutcome) int {
			return g.detail(tally.StepAnswered, tally.StepDetail(step, string(o)))
		}
		ended := func(s town.EscalationState) int { return g.detail(tally.StepEnded, tally.StepDetail(step, string(s))) }
		all = append(all, Steps{
			Step: step, Level: town.Level(g.n), OfficeCode: g.b,
			Offered: g.all(tally.StepOffered), Opened: g.all(tally.StepOpened), Answered: g.all(tally.StepAnswered),
			Explained: outcome(town.OutcomeExplained), Remedied: outcome(town.OutcomeRemedied),
			DecisionChanged: outcome(town.OutcomeDecisionChanged), NotUpheld: outcome(town.OutcomeNotUpheld),
			Accepted: ended(town.EscalationAccepted), PassedUp: ended(town.EscalationPassedUp),
			Lapsed: ended(town.EscalationLapsed), Declined: ended(town.EscalationDeclined),
			MedianDays: median(g.Spread(tally.StepAnswered, anything)),
		})
	}
	return all
}

func (t table) overruled() []Overruled {
	all := []Overruled{}
	for _, g := range t.groups(func(k tally.Key) row { return row{a: k.OfficeID} }, tally.StepAnswered) {
		outcome := func(o town.EscalationOutcome) int {
			return int(g.Sum(tally.StepAnswered, func(k tally.Key) bool {
				_, what := tally.ParseStepDetail(k.Detail)
				return what == string(o)
			}))
		}
		all = append(all, Overruled{
			OfficeCode: g.a, Answered: g.all(tally.StepAnswered),
			DecisionChanged: outcome(town.OutcomeDecisionChanged), Remedied: outcome(town.OutcomeRemedied),
		})
	}
	return all
}

// highestScore is the best that one can say.
const highestScore = 5

func (t table) satisfaction() []Satisfaction {
	all := []Satisfaction{}
	for _, g := range t.groups(func(k tally.Key) row { return row{n: int(k.Level), a: k.ServiceID} }, tally.Contact, tally.Word) {
		scores := g.Spread(tally.Word, anything)
		s := Satisfaction{
			Level: town.Level(g.n), ServiceCode: g.a, Given: g.all(tally.Word), Scores: make([]int, highestScore), Mean: mean(scores),
			Contacts: g.all(tally.Contact), Rated: g.all(tally.Word) - g.detail(tally.Word, tally.OfPractice),
		}
		for i := range s.Scores {
			s.Scores[i] = int(scores[i+1])
		}
		s.Participation = part(s.Rated, s.Contacts)
		all = append(all, s)
	}
	return all
}

func (t table) words() []Words {
	all := []Words{}
	for _, by := range []struct {
		by     By
		figure tally.Figure
	}{
		{ByCause, tally.WordCause},
		{ByPhase, tally.WordPhase},
		{ByChannel, tally.WordChannel},
		{ByGivenBy, tally.WordGivenBy},
		{ByOutcome, tally.WordOutcome},
	} {
		for _, g := range t.groups(func(k tally.Key) row { return row{a: k.Detail} }, by.figure) {
			w := Words{By: by.by, Value: g.a, Given: g.all(by.figure)}
			if by.by != ByCause {
				w.Mean = mean(g.Spread(by.figure, anything))
			}
			all = append(all, w)
		}
	}
	return all
}
