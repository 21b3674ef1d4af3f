package weekly

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// outcomes are how the office, or silence, concludes a practice.
func outcomes() []town.Phase {
	return []town.Phase{
		town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDecidedRefused, town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseFulfilled,
	}
}

func (c counted) practices(names Names) Table {
	t := Table{
		ID: "practices", Title: Words{"Pratiche per servizio ed esito", "Practices by service and outcome"},
		Columns: []Column{
			{ID: "filed", Title: Words{"presentate", "filed"}},
			{ID: "granted", Title: Words{"accolte", "granted"}},
			{ID: "partial", Title: Words{"accolte in parte", "granted in part"}},
			{ID: "refused", Title: Words{"respinte", "refused"}},
			{ID: "deemed_granted", Title: Words{"accolte per silenzio", "granted by silence"}},
			{ID: "deemed_refused", Title: Words{"respinte per silenzio", "refused by silence"}},
			{ID: "on_the_spot", Title: Words{"concluse allo sportello", "done at the counter"}},
			{ID: "withdrawn", Title: Words{"ritirate", "withdrawn"}},
		}, Chart: "filed",
	}
	for _, id := range c.met(service, tally.Filed, tally.Concluded) {
		of := func(k tally.Key) bool { return k.ServiceID == id }
		ended := func(p town.Phase) int64 {
			return c.sum(tally.Concluded, func(k tally.Key) bool { return of(k) && k.Detail == string(p) })
		}
		var parts []int64
		for _, p := range outcomes() {
			parts = append(parts, ended(p))
		}
		cells, _ := published(parts) // their total stands in the table of terms
		row := Row{ID: id, Title: named(names.Services, id), Cells: append([]*float64{alone(c.sum(tally.Filed, of))}, cells...)}
		row.Cells = append(row.Cells, alone(ended(town.PhaseWithdrawn)))
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (c counted) terms(names Names) Table {
	t := Table{
		ID: "terms", Title: Words{"Tempi effettivi di conclusione", "Actual times of conclusion"},
		Note: Words{
			"Giorni dalla presentazione alla conclusione, accanto al rispetto del termine (art. 2, c. 4-bis, L. 241/1990).",
			"Days from filing to conclusion, beside whether the term was kept (art. 2 c. 4-bis L. 241/1990).",
		},
		Columns: []Column{
			{ID: "concluded", Title: Words{"concluse", "concluded"}},
			{ID: "kept", Title: Words{"nel termine", "in time"}},
			{ID: "late", Title: Words{"oltre il termine", "late"}},
			{ID: "no_term", Title: Words{"senza termine", "without a term"}},
			{ID: "median_days", Title: Words{"giorni (mediana)", "days (median)"}, Unit: "d"},
			{ID: "p80_days", Title: Words{"giorni (80%)", "days (80%)"}, Unit: "d"},
		}, Chart: "median_days",
	}
	for _, id := range c.met(service, tally.ConclusionDays) {
		of := func(k tally.Key) bool { return k.ServiceID == id }
		how := func(detail string) int64 {
			return c.sum(tally.ConclusionDays, func(k tally.Key) bool { return of(k) && k.Detail == detail })
		}
		var ended []int64
		for _, p := range outcomes() {
			ended = append(ended, c.sum(tally.Concluded, func(k tally.Key) bool { return of(k) && k.Detail == string(p) }))
		}
		cells, total := published([]int64{how(tally.Kept), how(tally.Late), how(tally.NoTerm)})
		if _, all := Hidden(ended); all { // the total would tell the one outcome
			total = nil
		}
		days := c.spread(tally.ConclusionDays, of)
		row := append([]*float64{total}, cells...)
		t.Rows = append(t.Rows, Row{ID: id, Title: named(names.Services, id), Cells: append(row, days.reached(50), days.reached(80))})
	}
	return t
}

// termsByPractice tells of each practice how long it took beside the term set for it,
// without counts: those of the services are published, and one could be found by another.
func (c counted) termsByPractice(names Names) Table {
	t := Table{
		ID: "terms_by_practice", Title: Words{"Tempi effettivi e termini per procedimento", "Actual times and terms by practice"},
		Note: Words{
			"Tempo medio di conclusione accanto al termine previsto (art. 2, c. 4-bis, L. 241/1990).",
			"Average time to conclude beside the term set (art. 2 c. 4-bis L. 241/1990).",
		},
		Columns: []Column{
			{ID: "set_days", Title: Words{"termine (giorni)", "term set (days)"}, Unit: "d"},
			{ID: "set_working_days", Title: Words{"termine (giorni lavorativi)", "term set (working days)"}, Unit: "d"},
			{ID: "set_months", Title: Words{"termine (mesi)", "term set (months)"}, Unit: "mo"},
			{ID: "mean_days", Title: Words{"giorni (media)", "days (average)"}, Unit: "d"},
			{ID: "median_days", Title: Words{"giorni (mediana)", "days (median)"}, Unit: "d"},
			{ID: "in_time", Title: Words{"nel termine", "in time"}, Unit: "%"},
		},
	}
	for _, id := range c.met(func(k tally.Key) string { return k.PracticeID }, tally.ConclusionDays) {
		of := func(k tally.Key) bool { return k.PracticeID == id }
		how := func(detail string) int64 {
			return c.sum(tally.ConclusionDays, func(k tally.Key) bool { return of(k) && k.Detail == detail })
		}
		set, days := names.Practices[id], c.spread(tally.ConclusionDays, of)
		title := set.Title
		if title == (Words{}) {
			title = Words{id, id}
		}
		t.Rows = append(t.Rows, Row{ID: id, Title: title, Cells: []*float64{
			set.in(sdk.CalendarDays), set.in(sdk.WorkingDays), set.in(sdk.Months),
			days.mean(), days.reached(50), share(how(tally.Kept), how(tally.Late)),
		}})
	}
	return t
}
