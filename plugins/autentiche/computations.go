package autentiche

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// stampDuty is due for every sheet of the act or of the copies; zero where the
// practice charges no stamp.
func stampDuty(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	perSheet, err := figures.Decimal("bollo.foglio")
	if err != nil {
		return nil, err
	}
	pages, documents := size(in)
	sheets := sheetsOf(pages, documents)
	if !in.Charges("bollo") {
		sheets = decimal.Zero
	}
	working := fmt.Sprintf("%d pp, %d doc → %s × %s", pages, documents, sheets, perSheet.StringFixed(2))
	label := sdk.Text{IT: "Imposta di bollo in tutto", EN: "Stamp duty in all"}
	return []sdk.Computed{sdk.ComputedMoney(label, perSheet.Mul(sheets), working)}, nil
}

// size is how many pages are authenticated and in how many documents; the
// declaration of a sale is one page.
func size(in *sdk.Intake) (pages, documents int) {
	if pages, ok := in.Int("pagine_totali"); ok {
		documents, _ := in.Int("numero_documenti")
		return pages, documents
	}
	if pages, ok := in.Int("pagine"); ok {
		return pages, 1
	}
	return 1, 1
}

// sheetsOf is the number of stamped sheets. Each document is an act of its own,
// which begins on a sheet of its own (DPR 642/1972 artt. 5 and 13).
func sheetsOf(pages, documents int) decimal.Decimal {
	one := decimal.NewFromInt(1)
	return decimal.Max(calc.StampOnPaper(one, pages), calc.StampDigital(one, documents))
}

// registration is the last day on which the buyer registers a sale authenticated
// today (D.Lgs. 285/1992 art. 94); the desk itself answers on the spot.
func registration(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	f := figures.Figures()
	days := f.Whole("trascrizione.giorni")
	if err := f.Err(); err != nil {
		return nil, err
	}
	last := in.Calendar().LastUsefulDay(in.Today(), days, calc.CalendarDays)
	label := sdk.Text{IT: "Chi compra registra il passaggio entro il", EN: "The buyer registers the sale by"}
	working := fmt.Sprintf("%s + %d %s", in.Today(), days, calc.CalendarDays)
	return []sdk.Computed{sdk.ComputedDate(label, last, working)}, nil
}
