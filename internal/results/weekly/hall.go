package weekly

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (c counted) visits() Table {
	all, once := c.sum(tally.VisitClosed, anything), c.sum(tally.VisitClosed, tally.Solved)
	info := c.sum(tally.VisitClosed, tally.SolvedAtInfoPoint)
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

// waits tells how many were called by office alone. By service and by class there are
// shares and times only: of two tables of counts each would give away what the other hides.
func (c counted) waits(names Names) Table {
	t := Table{
		ID: "waits", Title: Words{"Attese per ufficio", "Waits by office"},
		Note: Words{
			"Dall'ingresso in coda alla prima chiamata. La promessa è il tempo detto al momento del numero, che quattro persone su cinque non superano.",
			"From joining the queue to the first call. The promise is the time told with the number, which four of five people do not exceed.",
		},
		Columns: append([]Column{{ID: "called", Title: Words{"chiamate", "calls"}}}, waitColumns()...), Chart: "median_minutes",
	}
	for _, id := range c.met(office, tally.Wait) {
		of := func(k tally.Key) bool { return k.OfficeID == id }
		cells := append([]*float64{alone(c.sum(tally.Wait, of))}, c.waited(of, of)...)
		t.Rows = append(t.Rows, Row{ID: id, Title: named(names.Offices, id), Cells: cells})
	}
	return t
}

func (c counted) waitsByService(names Names) Table {
	t := Table{
		ID: "waits_by_service", Title: Words{"Attese per servizio", "Waits by service"}, Columns: waitColumns(), Chart: "median_minutes",
	}
	for _, id := range c.met(service, tally.Wait) {
		of := func(k tally.Key) bool { return k.ServiceID == id }
		t.Rows = append(t.Rows, Row{ID: id, Title: named(names.Services, id), Cells: c.waited(of, of)})
	}
	return t
}

func (c counted) waitsByClass() Table {
	t := Table{
		ID: "waits_by_class", Title: Words{"Attese per classe di priorità", "Waits by priority class"}, Columns: waitColumns(), Chart: "median_minutes",
	}
	for _, class := range []struct {
		id    town.Priority
		title Words
	}{
		{town.P0, Words{"in giornata", "same day"}},
		{town.P1, Words{"persone tutelate", "protected"}},
		{town.P2, Words{"prenotate o urgenti", "booked or urgent"}},
		{town.P3, Words{"ordinarie", "ordinary"}},
	} {
		cells := c.waited(
			func(k tally.Key) bool { return k.Detail == string(class.id) },
			func(k tally.Key) bool { of, _ := tally.ParsePromiseDetail(k.Detail); return of == string(class.id) },
		)
		t.Rows = append(t.Rows, Row{ID: string(class.id), Title: class.title, Cells: cells})
	}
	return t
}

func waitColumns() []Column {
	return []Column{
		{ID: "median_minutes", Title: Words{"minuti (mediana)", "minutes (median)"}, Unit: "min"},
		{ID: "p90_minutes", Title: Words{"minuti (90%)", "minutes (90%)"}, Unit: "min"},
		{ID: "within_promise", Title: Words{"entro la promessa", "within the promise"}, Unit: "%"},
	}
}

// waited are the times of the waits that hold, and the share of their promises kept.
func (c counted) waited(holds, promised func(k tally.Key) bool) []*float64 {
	waits := c.spread(tally.Wait, holds)
	how := func(want string) int64 {
		return c.sum(tally.Promise, func(k tally.Key) bool {
			_, how := tally.ParsePromiseDetail(k.Detail)
			return how == want && promised(k)
		})
	}
	return []*float64{minutes(waits.reached(50)), minutes(waits.reached(90)), share(how(tally.Kept), how(tally.Late))}
}
