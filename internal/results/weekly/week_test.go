package weekly_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/results/weekly"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func TestParseWeek(t *testing.T) {
	t.Parallel()
	for week, want := range map[string]string{
		"2026-W47": "2026-11-16 2026-11-22", "2026-W01": "2025-12-29 2026-01-04", "2026-W53": "2026-12-28 2027-01-03", "2027-W01": "2027-01-04 2027-01-10",
	} {
		from, to, err := weekly.ParseWeek(week)
		if got := from.String() + " " + to.String(); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", week, got, err, want)
		}
	}
	for _, bad := range []string{"", "2026", "2026-47", "2026-W00", "2027-W53", "2026-W5", "2026-W47x"} {
		if from, _, err := weekly.ParseWeek(bad); err == nil {
			t.Errorf("%q is the week of %s", bad, from)
		}
	}
}

// week is one of every table, with small counts and large ones.
func week(t *testing.T) *weekly.Report {
	t.Helper()
	day := calc.Date{Year: 2026, Month: time.November, Day: 18}
	counts := tally.Counts{
		{Day: day.AddDays(-7), Figure: tally.Filed, ServiceID: "anagrafe"}: 1000, // of another week
	}
	add := func(n int64, f tally.Figure, office, service string, level town.Level, detail string, measure int) {
		counts[tally.Key{Day: day, Figure: f, OfficeID: office, ServiceID: service, Level: level, Detail: detail, Measure: measure}] += n
	}
	add(40, tally.Filed, "sportello", "anagrafe", 0, "", 0)
	add(3, tally.Filed, "tributi", "tributi", 0, "", 0)
	add(20, tally.Concluded, "sportello", "anagrafe", 0, "DECIDED_GRANTED", 0)
	add(2, tally.Concluded, "sportello", "anagrafe", 0, "DECIDED_REFUSED", 0)
	add(9, tally.Concluded, "sportello", "anagrafe", 0, "FULFILLED", 0)
	add(10, tally.ConclusionDays, "sportello", "anagrafe", 0, tally.Kept, 2)
	add(12, tally.ConclusionDays, "sportello", "anagrafe", 0, tally.Kept, 10)
	add(9, tally.ConclusionDays, "sportello", "anagrafe", 0, tally.NoTerm, 0)
	add(6, tally.VisitClosed, "info-point", "", town.LevelInfoPoint, "INFO_ONLY", 1)
	add(30, tally.VisitClosed, "sportello", "anagrafe", town.LevelCounter, "SERVED", 2)
	add(8, tally.VisitClosed, "sportello", "anagrafe", town.LevelCounter, "INCOMPLETE_DOCS", 1)
	add(6, tally.Wait, "sportello", "anagrafe", town.LevelCounter, "P3", 120)
	add(4, tally.Wait, "sportello", "anagrafe", town.LevelCounter, "P1", 600)
	add(5, tally.Promise, "sportello", "anagrafe", town.LevelCounter, tally.PromiseDetail("P3", tally.Kept), 0)
	add(5, tally.Promise, "sportello", "anagrafe", town.LevelCounter, tally.PromiseDetail("P3", tally.Late), 0)
	add(9, tally.Promise, "tributi", "tributi", town.LevelOffice, tally.PromiseDetail("P1", tally.Kept), 0)
	add(3, tally.Promise, "tributi", "tributi", town.LevelOffice, tally.PromiseDetail("P1", tally.Late), 0)
	add(4, tally.Wait, "tributi", "tributi", town.LevelOffice, "P3", 60)
	add(11, tally.StepOpened, "tributi", "tributi", town.LevelHelpPoint, "E1_HELP_POINT/DELAY", 0)
	add(6, tally.StepAnswered, "tributi", "tributi", town.LevelHelpPoint, "E1_HELP_POINT/DECISION_CHANGED", 3)
	add(5, tally.StepAnswered, "sportello", "anagrafe", town.LevelHelpPoint, "E1_HELP_POINT/EXPLAINED", 5)
	add(50, tally.Contact, "sportello", "anagrafe", town.LevelCounter, tally.OfStop, 0)
	add(5, tally.Word, "sportello", "anagrafe", town.LevelCounter, tally.OfStop, 4)
	add(5, tally.Word, "sportello", "anagrafe", town.LevelCounter, tally.OfStop, 1)
	add(4, tally.Word, "tributi", "tributi", town.LevelOffice, tally.OfPractice, 1)
	add(7, tally.WordCause, "sportello", "anagrafe", town.LevelCounter, "WAITING", 0)
	add(2, tally.WordCause, "sportello", "anagrafe", town.LevelCounter, "CLARITY", 0)
	residence := tally.Key{Day: day, Figure: tally.ConclusionDays, OfficeID: "sportello", ServiceID: "anagrafe", PracticeID: "residenza", Detail: tally.Kept}
	for days, n := range map[int]int64{2: 12, 12: 4} {
		residence.Measure = days
		counts[residence] = n
	}
	report, err := weekly.New("2026-W47", counts, weekly.Names{
		Services:  map[string]weekly.Words{"anagrafe": {IT: "Anagrafe", EN: "Registry"}},
		Practices: map[string]weekly.Practice{"residenza": {Title: weekly.Words{IT: "Residenza", EN: "Residence"}, Amount: 45, Unit: sdk.CalendarDays}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// figures are the lines of the CSV by table, row and figure.
func figures(t *testing.T, r *weekly.Report) map[string]string {
	t.Helper()
	text, err := r.CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, l := range lines[1:] {
		all[l[1]+" "+l[2]+" "+l[5]] = l[7]
	}
	return all
}

func TestFiguresOfAWeek(t *testing.T) {
	t.Parallel()
	got := figures(t, week(t))
	for figure, want := range map[string]string{
		"practices anagrafe filed": "40", "practices tributi filed": "", "practices anagrafe granted": "20",
		"practices anagrafe refused": "", "practices anagrafe on_the_spot": "", "practices anagrafe partial": "0",
		"terms anagrafe concluded": "47", "terms anagrafe kept": "38", "terms anagrafe late": "0", "terms anagrafe no_term": "9",
		"terms anagrafe median_days": "2", "terms anagrafe p80_days": "10",
		"visits all closed": "44", "visits all solved_at_info_point": "6", "visits all solved_elsewhere": "30", "visits all not_solved": "8",
		"waits sportello called": "10", "waits sportello median_minutes": "2", "waits sportello p90_minutes": "10", "waits sportello within_promise": "50",
		"waits tributi called": "", "waits tributi median_minutes": "", "waits tributi p90_minutes": "", "waits tributi within_promise": "",
		"waits_by_service anagrafe median_minutes": "2", "waits_by_class P3 median_minutes": "2", "waits_by_class P3 within_promise": "50",
		"waits_by_class P1 within_promise": "", "waits_by_class P0 median_minutes": "",
		"terms_by_practice residenza set_days": "45", "terms_by_practice residenza set_working_days": "", "terms_by_practice residenza mean_days": "4.5",
		"terms_by_practice residenza in_time": "100", "terms_by_practice residenza median_days": "2",
		"escalations E1_HELP_POINT opened": "11", "escalations E1_HELP_POINT answered": "11", "escalations E1_HELP_POINT decision_changed": "6",
		"escalations E1_HELP_POINT median_days": "3",
		"overruled tributi decision_changed":    "6", "overruled sportello decision_changed": "",
		"satisfaction 2 words": "10", "satisfaction 2 mean": "2.5", "satisfaction 2 participation": "20",
		"satisfaction 3 words": "", "satisfaction 3 mean": "", "satisfaction 3 participation": "",
		"causes WAITING words": "7", "causes CLARITY words": "", "causes OUTCOME words": "0",
	} {
		if value, ok := got[figure]; !ok || value != want {
			t.Errorf("%s is %q, want %q", figure, value, want)
		}
	}
}

// No count from 1 to 4 leaves the house, in any format.
func TestNoSmallCountLeaves(t *testing.T) {
	t.Parallel()
	r := week(t)
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			for i, cell := range row.Cells {
				if table.Columns[i].Unit == "" && cell != nil && *cell > 0 && *cell < weekly.SmallestCount {
					t.Errorf("%s %s %s is %v", table.ID, row.ID, table.Columns[i].ID, *cell)
				}
			}
		}
	}
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var read weekly.Report
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	for i := range r.Tables {
		r.Tables[i].Chart = "" // of the page alone
	}
	if diff := cmp.Diff(*r, read); diff != "" {
		t.Errorf("the JSON reads as (-want +got):\n%s", diff)
	}
}

// The page has every table in both languages, draws charts and loads nothing.
func TestPage(t *testing.T) {
	t.Parallel()
	r := week(t)
	text, err := r.Page()
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, table := range r.Tables {
		if !strings.Contains(page, table.Title.IT) || !strings.Contains(page, table.Title.EN) {
			t.Errorf("the page lacks %v", table.Title)
		}
	}
	if n := strings.Count(page, "<svg "); n != 7 {
		t.Errorf("%d charts, want 7", n)
	}
	for _, foreign := range []string{"http:", "https:", "<script", "ZgotmplZ"} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page has %q", foreign)
		}
	}
}

func TestAnEmptyWeekHasAPage(t *testing.T) {
	t.Parallel()
	r, err := weekly.New("2026-W47", tally.Counts{}, weekly.Names{})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.Page(); err != nil || !strings.Contains(string(text), "Nessun dato") {
		t.Errorf("%v: %s", err, text)
	}
}
