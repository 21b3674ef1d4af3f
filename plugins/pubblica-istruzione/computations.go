package istruzione

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// fees are those of the service that the form is about.
func fees(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	switch in.Practice().Definition().ID {
	case "mensa-scolastica":
		siblings, _ := in.Int("fratelli_iscritti")
		return tariff.Canteen().ComputeForChildren(in, figures, siblings+1)
	case "asilo-nido":
		month := sdk.Text{IT: "Retta del nido, un mese", EN: "Nursery, one month"}
		return tariff.ISEEFee{Name: "nido", Label: month}.Compute(in, figures)
	case "trasporto-scolastico":
		return busFee(in, figures)
	default:
		return activityFees(in, figures)
	}
}

// busFee is the yearly fee of the school bus. A pupil with a disability does not
// take it: the social service gives a transport of its own.
func busFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if in.Bool("alunno_disabile") {
		return nil, nil
	}
	year := sdk.Text{IT: "Scuolabus, un anno scolastico", EN: "School bus, one school year"}
	return tariff.ISEEFee{Name: "scuolabus", Label: year}.Compute(in, figures)
}

// activityFees are the fees of the activities chosen, each for its period; the
// code of an activity begins the names of its figures.
func activityFees(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	var results []sdk.Computed
	for _, activity := range []tariff.ISEEFee{
		{Name: "pre_scuola", Label: sdk.Text{IT: "Pre scuola, un mese", EN: "Before school, one month"}},
		{Name: "post_scuola", Label: sdk.Text{IT: "Post scuola, un mese", EN: "After school, one month"}},
		{Name: "centro_estivo", Label: sdk.Text{IT: "Centro estivo, una settimana", EN: "Summer camp, one week"}},
		{Name: "spazio_compiti", Label: sdk.Text{IT: "Spazio compiti, un mese", EN: "Homework club, one month"}},
	} {
		if !in.Has("attivita", activity.Name) {
			continue
		}
		fee, err := activity.Compute(in, figures)
		if err != nil {
			return nil, err
		}
		results = append(results, fee...)
	}
	return results, nil
}

// rankingDay is the last day for the ranking of the nursery, counted from the
// close of the call; without a call there is no term.
func rankingDay(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if _, open := figures["nido.bando.chiusura"]; !open {
		return nil, nil
	}
	closing, err := figures.Date("nido.bando.chiusura")
	if err != nil {
		return nil, err
	}
	term := in.Practice().Definition().Deadline
	last := in.Calendar().LastUsefulDay(closing, term.Amount, calc.Unit(term.Unit))
	label := sdk.Text{IT: "Ultimo giorno per la graduatoria", EN: "Last day for the ranking"}
	return []sdk.Computed{sdk.ComputedDate(label, last, fmt.Sprintf("%s + %d %s", closing, term.Amount, term.Unit))}, nil
}
