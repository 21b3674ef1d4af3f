package clocks_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		clock  clocks.Clock
		ledger []clocks.Entry
		want   sdk.Text
	}{
		"checks of a residence": {
			days(45),
			[]clocks.Entry{start("2026-12-24")},
			sdk.Text{
				IT: "Il termine parte da giovedì 24 dicembre 2026 e dura 45 giorni; il primo giorno non si conta. L'ultimo giorno sarebbe domenica 7 febbraio 2027, che è festivo: la scadenza si sposta a lunedì 8 febbraio 2027.",
				EN: "The term runs from Thursday 24 December 2026 and lasts 45 days; the first day does not count. The last day would be Sunday 7 February 2027, which is a holiday: the term ends on Monday 8 February 2027.",
			},
		},
		"suspended": {
			days(30),
			[]clocks.Entry{start("2026-11-23"), at(town.ClockSuspend, "2026-12-03", clocks.ArticleFacts), at(town.ClockResume, "2026-12-15")},
			sdk.Text{
				IT: "Il termine parte da lunedì 23 novembre 2026 e dura 30 giorni; il primo giorno non si conta. Da giovedì 3 dicembre 2026 il termine è sospeso (L. 241/1990 art. 2 c. 7): tempo trascorso 10 giorni, tempo rimasto 20 giorni. La sospensione finisce al più tardi sabato 2 gennaio 2027. Da martedì 15 dicembre 2026 il termine riprende, con 20 giorni a disposizione. La scadenza è lunedì 4 gennaio 2027.",
				EN: "The term runs from Monday 23 November 2026 and lasts 30 days; the first day does not count. From Thursday 3 December 2026 the term is suspended (L. 241/1990 art. 2 c. 7): 10 days used, 20 days left. The suspension ends on Saturday 2 January 2027 at the latest. From Tuesday 15 December 2026 the term goes on, with 20 days left. The term ends on Monday 4 January 2027.",
			},
		},
		"in hours": {
			clocks.Clock{Amount: 24, Unit: clocks.Hours},
			[]clocks.Entry{{Effect: town.ClockStart, OnDay: day("2026-11-23"), At: time.Date(2026, 11, 23, 8, 30, 0, 0, time.UTC)}},
			sdk.Text{
				IT: "Il termine parte da lunedì 23 novembre 2026 e dura 24 ore. La scadenza è martedì 24 novembre 2026 alle 09:30.",
				EN: "The term runs from Monday 23 November 2026 and lasts 24 hours. The term ends on Tuesday 24 November 2026 at 09:30.",
			},
		},
		"not started": {
			working(1), nil,
			sdk.Text{IT: "Il termine di 1 giorno lavorativo non è ancora iniziato.", EN: "The term of 1 working day has not started yet."},
		},
		"stopped": {
			working(2),
			[]clocks.Entry{start("2026-12-24"), at(town.ClockStop, "2026-12-28")},
			sdk.Text{
				IT: "Il termine parte da giovedì 24 dicembre 2026 e dura 2 giorni lavorativi; il primo giorno non si conta. Il termine è cessato lunedì 28 dicembre 2026. La scadenza era martedì 29 dicembre 2026.",
				EN: "The term runs from Thursday 24 December 2026 and lasts 2 working days; the first day does not count. The clock stopped on Monday 28 December 2026. The term would have ended on Tuesday 29 December 2026.",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clocks.Explain(tt.clock, tt.ledger, peschiera())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
		})
	}
}
