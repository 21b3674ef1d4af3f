package weekly

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// solved are the outcomes of a last stop after which nobody has to come back.
func solved(k tally.Key) bool {
	return k.Detail == string(town.OutcomeServed) || k.Detail == string(town.OutcomeInfoOnly)
}

func atTheInfoPoint(k tally.Key) bool {
	return solved(k) && k.Level == town.LevelInfoPoint && k.Measure == 1
}

func (c counted) visits() Table {
	all, once := c.sum(tally.VisitClosed, anything), c.sum(tally.VisitClosed, solved)
	info := c.sum(tally.VisitClosed, atTheInfoPoint)
	cells, total := published([]int64{info, once - info, all - once})
	row := Row{ID: "all", Title: Words{"tutte", "all"}, Cells: []*float64{total, cells[0], cells[1], cells[2]}}
	return Table{
		ID: "visits", Title: Words{"Visite risolte in una volta", "Visits solved at once"},
		Note: Words{
			"Visite concluse con qualcuno che ha ricevuto la persona.", "Visits at which somebody was received.",
		},
		Columns: []Column{
			{ID: "closed", Title: Words{"visite", "visits"}},
			{ID: "solved_at_info_point", Title: Words{"risolte al Punto Informazioni", "solved at the information point"}},
			{ID: "solved_elsewhere", Title: Words{"risolte oltre", "solved beyond"}},
			{ID: "not_solved", Title: Words{"non risolte", "not solved"}},
		},
		Rows: []Row{row},
	}
}

func (c counted) waits(names Names) Table {
	t := Table{
		ID: "waits", Title: Words{"Attese per ufficio", "Waits by office"},
		Note: Words{"Dall'ingresso in coda alla prima chiamata.", "From joining the queue to the first call."},
		Columns: []Column{
			{ID: "called", Title: Words{"chiamate", "calls"}},
			{ID: "median_minutes", Title: Words{"minuti (mediana)", "minutes (median)"}, Unit: "min"},
			{ID: "p80_minutes", Title: Words{"minuti (80%)", "minutes (80%)"}, Unit: "min"},
		}, Chart: "median_minutes",
	}
	for _, id := range c.met(office, tally.Wait) {
		waits := c.spread(tally.Wait, func(k tally.Key) bool { return k.OfficeID == id })
		t.Rows = append(t.Rows, Row{ID: id, Title: named(names.Offices, id), Cells: []*float64{
			alone(waits.times()), minutes(waits.reached(50)), minutes(waits.reached(80)),
		}})
	}
	return t
}
