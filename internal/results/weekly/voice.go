package weekly

import (
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (c counted) steps() Table {
	t := Table{
		ID: "escalations", Title: Words{"Segnalazioni, dal primo segno al Sindaco", "The ladder, from the first sign to the Mayor"},
		Columns: []Column{
			{ID: "opened", Title: Words{"aperte", "opened"}},
			{ID: "answered", Title: Words{"con risposta", "answered"}},
			{ID: "explained", Title: Words{"spiegate", "explained"}},
			{ID: "remedied", Title: Words{"rimediate", "remedied"}},
			{ID: "decision_changed", Title: Words{"decisione cambiata", "decision changed"}},
			{ID: "not_upheld", Title: Words{"non accolte", "not upheld"}},
			{ID: "median_days", Title: Words{"giorni (mediana)", "days (median)"}, Unit: "d"},
		},
	}
	titles := map[town.EscalationStep]Words{
		town.StepSignal: {"segnalazione", "signal"}, town.StepHelpPoint: {"Help Point", "Help Point"},
		town.StepSectorHead: {"responsabile di settore", "sector head"}, town.StepMayor: {"Sindaco e Assessori", "Sindaco e Assessori"},
	}
	for _, step := range []town.EscalationStep{town.StepSignal, town.StepHelpPoint, town.StepSectorHead, town.StepMayor} {
		of := func(k tally.Key) bool { s, _ := tally.ParseStepDetail(k.Detail); return s == step }
		var parts []int64
		for _, outcome := range []town.EscalationOutcome{town.OutcomeExplained, town.OutcomeRemedied, town.OutcomeDecisionChanged, town.OutcomeNotUpheld} {
			detail := tally.StepDetail(step, string(outcome))
			parts = append(parts, c.sum(tally.StepAnswered, func(k tally.Key) bool { return k.Detail == detail }))
		}
		cells, total := published(parts)
		row := append([]*float64{alone(c.sum(tally.StepOpened, of)), total}, cells...)
		t.Rows = append(t.Rows, Row{ID: string(step), Title: titles[step], Cells: append(row, c.spread(tally.StepAnswered, of).reached(50))})
	}
	return t
}

// overruled tells by office only how many answers changed what it had decided, and only
// where they are no few: a zero would help to find, from the table of steps, who the few
// belong to. The smallest is left out as well where all would be told, for the same reason.
func (c counted) overruled(names Names) Table {
	t := Table{
		ID: "overruled", Title: Words{"Decisioni cambiate dopo una segnalazione", "Decisions changed after an escalation"},
		Columns: []Column{{ID: "decision_changed", Title: Words{"decisioni cambiate", "decisions changed"}}},
	}
	offices := c.met(office, tally.StepAnswered)
	parts := make([]int64, len(offices))
	for i, id := range offices {
		parts[i] = c.sum(tally.StepAnswered, func(k tally.Key) bool {
			_, what := tally.ParseStepDetail(k.Detail)
			return k.OfficeID == id && what == string(town.OutcomeDecisionChanged)
		})
	}
	leftOut := len(parts) > 0 && slices.Min(parts) < SmallestCount
	for i, id := range offices {
		row := Row{ID: id, Title: named(names.Offices, id), Cells: []*float64{nil}}
		if parts[i] >= SmallestCount && (leftOut || parts[i] > slices.Min(parts)) {
			row.Cells[0] = number(float64(parts[i]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (c counted) satisfaction() Table {
	t := Table{
		ID: "satisfaction", Title: Words{"Soddisfazione per livello di accesso", "Satisfaction by access level"},
		Note: Words{
			"Voti da 1 a 5. La partecipazione è la quota di contatti, soste e gradini, che hanno ricevuto un voto.",
			"Scores from 1 to 5. Participation is the share of contacts, stops and steps, that were rated.",
		},
		Columns: []Column{
			{ID: "words", Title: Words{"voti", "scores"}},
			{ID: "mean", Title: Words{"media", "mean"}, Unit: scoreUnit},
			{ID: "participation", Title: Words{"partecipazione", "participation"}, Unit: "%"},
		}, Chart: "mean",
	}
	titles := []Words{
		{"Punto Informazioni", "information point"},
		{"Sportello Polifunzionale", "counters"},
		{"uffici", "offices"},
		{"Help Point", "Help Point"},
		{"Sindaco e Assessori", "Sindaco e Assessori"},
	}
	for level := town.LevelInfoPoint; level <= town.LevelMayor; level++ {
		of := func(k tally.Key) bool { return k.Level == level }
		scores := c.spread(tally.Word, of)
		rated := c.sum(tally.Word, func(k tally.Key) bool { return of(k) && k.Detail != tally.OfPractice })
		var share *float64
		if contacts := c.sum(tally.Contact, of); contacts >= SmallestCount && rated >= SmallestCount {
			share = number(min(100, 100*float64(rated)/float64(contacts)))
		}
		t.Rows = append(t.Rows, Row{ID: fmt.Sprint(int(level)), Title: titles[level-1], Cells: []*float64{alone(scores.Times()), scores.mean(), share}})
	}
	return t
}

func (c counted) causes() Table {
	t := Table{
		ID: "causes", Title: Words{"Perché", "Why"},
		Columns: []Column{{ID: "words", Title: Words{"voti", "scores"}}}, Chart: "words",
	}
	titles := map[town.FeedbackCause]Words{
		town.CauseWaiting: {"attesa", "waiting"}, town.CauseClarity: {"chiarezza", "clarity"}, town.CauseDocuments: {"documenti", "documents"},
		town.CauseCourtesy: {"cortesia", "courtesy"}, town.CauseOutcome: {"esito", "outcome"},
		town.CauseQuick: {"rapidità", "quick"}, town.CauseClear: {"indicazioni chiare", "clear"}, town.CauseHelpful: {"accoglienza", "helpful"},
		town.CauseResolved: {"risolto", "resolved"}, town.CauseOther: {"altro", "other"},
	}
	for _, cause := range []town.FeedbackCause{
		town.CauseWaiting, town.CauseClarity, town.CauseDocuments, town.CauseCourtesy, town.CauseOutcome,
		town.CauseQuick, town.CauseClear, town.CauseHelpful, town.CauseResolved, town.CauseOther,
	} {
		n := c.sum(tally.WordCause, func(k tally.Key) bool { return k.Detail == string(cause) })
		t.Rows = append(t.Rows, Row{ID: string(cause), Title: titles[cause], Cells: []*float64{alone(n)}})
	}
	return t
}
