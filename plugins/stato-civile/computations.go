package statocivile

import (
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// terms are the last days of the clocks, each from its own event: a birth, the
// service of a decree, the request. For a death it is the hour before which
// nobody is buried.
func terms(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if died, ok := momentOfDeath(in); ok {
		return burial(died, figures)
	}
	return sdk.Deadlines(in, figures)
}

func momentOfDeath(in *sdk.Intake) (time.Time, bool) {
	day, hasDay := in.Date("decesso_data_ora")
	minutes, hasTime := in.Lookup("decesso_ora").(expr.TimeOfDay)
	if !hasDay || !hasTime {
		return time.Time{}, false
	}
	return calc.Local(day, int(minutes)/60, int(minutes)%60, calc.Rome()), true
}

// burial is the end of the observation of the body, in elapsed hours.
func burial(died time.Time, figures sdk.Parameters) ([]sdk.Computed, error) {
	f := figures.Figures()
	hours := f.Whole("morte.osservazione.ore")
	if err := f.Err(); err != nil {
		return nil, err
	}
	const local = "2006-01-02 15:04"
	from := died.Add(time.Duration(hours) * time.Hour)
	label := sdk.Text{IT: "Seppellimento o cremazione non prima del", EN: "Burial or cremation not before"}
	working := fmt.Sprintf("%s + %d h", died.Format(local), hours)
	return []sdk.Computed{sdk.ComputedText(label, from.Format(local), working)}, nil
}

// stamps is the stamp duty of what is asked: one for each act on the banns, one
// for a cremation or a transport.
func stamps(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	count := 0
	switch residence, _ := in.Text("residenza_entrambi"); residence {
	case "entrambi_qui":
		count = 1
	case "uno_qui":
		count = 2 // the town of the other posts the banns too
	}
	switch wish, _ := in.Text("destinazione_salma"); wish {
	case "cremazione", "trasporto_altro_comune", "trasporto_estero":
		count = 1
	}
	if count == 0 {
		return nil, nil
	}
	each, err := figures.Decimal("bollo.marca")
	if err != nil {
		return nil, err
	}
	label := sdk.Text{IT: "Imposta di bollo in tutto", EN: "Stamp duty in all"}
	working := fmt.Sprintf("%d × %s", count, each.StringFixed(2))
	return []sdk.Computed{sdk.ComputedMoney(label, calc.StampDigital(each, count), working)}, nil
}
