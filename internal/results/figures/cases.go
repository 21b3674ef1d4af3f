package figures

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func ofPractice(k tally.Key) row { return row{a: k.OfficeID, b: k.ServiceID, c: k.PracticeID} }

func (t table) practices() []Practice {
	all := []Practice{}
	for _, g := range t.groups(ofPractice, tally.Filed, tally.Concluded) {
		ended := func(p town.Phase) int { return g.detail(tally.Concluded, string(p)) }
		all = append(all, Practice{
			OfficeCode: g.a, ServiceCode: g.b, PracticeCode: g.c, Filed: g.all(tally.Filed),
			Granted: ended(town.PhaseDecidedGranted), Partial: ended(town.PhaseDecidedPartial), Refused: ended(town.PhaseDecidedRefused),
			DeemedGranted: ended(town.PhaseDeemedGranted), DeemedRefused: ended(town.PhaseDeemedRefused), OnTheSpot: ended(town.PhaseFulfilled),
			Withdrawn: ended(town.PhaseWithdrawn), Inadmissible: ended(town.PhaseInadmissible),
		})
	}
	return all
}

func (t table) terms(set SetTerms) []Terms {
	all := []Terms{}
	for _, g := range t.groups(ofPractice, tally.ConclusionDays, tally.TermPassed) {
		days := g.Spread(tally.ConclusionDays, anything)
		r := Terms{
			OfficeCode: g.a, ServiceCode: g.b, PracticeCode: g.c, Concluded: g.all(tally.ConclusionDays),
			InTime: g.detail(tally.ConclusionDays, tally.Kept), Late: g.detail(tally.ConclusionDays, tally.Late),
			WithoutTerm: g.detail(tally.ConclusionDays, tally.NoTerm), AverageDays: mean(days), MedianDays: median(days),
			Silences: g.detail(tally.TermPassed, tally.DeemedGranted) + g.detail(tally.TermPassed, tally.DeemedRefused),
		}
		r.Passed = g.all(tally.TermPassed) - r.Silences
		r.InTimeShare = part(r.InTime, r.InTime+r.Late)
		if term, ok := set[g.c]; ok && term.Amount > 0 {
			r.SetTerm = &term
		}
		all = append(all, r)
	}
	return all
}
