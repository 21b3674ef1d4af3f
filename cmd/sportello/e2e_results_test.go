package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestE2EResults: what happens in a town hall becomes figures, which a replay of its log
// gives again; a figure that somebody changed is found.
func TestE2EResults(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		t.Run("a number", func(t *testing.T) { testNumber(t, h.in(t)) })
		t.Run("queues as open data", func(t *testing.T) { testQueuesExport(t, h.in(t)) })
		t.Run("a practice", func(t *testing.T) { testIntake(t, h.in(t)) })
		t.Run("the ladder", func(t *testing.T) { testVoice(t, h.in(t)) })
		t.Run("over the API", func(t *testing.T) { testResults(t, h.in(t)) })
		t.Run("replay", func(t *testing.T) { testReplay(t, h.in(t)) })
		t.Run("a week", func(t *testing.T) { testWeek(t, h.in(t)) })
	})
}

func testReplay(t *testing.T, h *house) {
	t.Helper()
	counts := func(figure, detail string) (n int) {
		t.Helper()
		h.beside(func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.QueryContext(ctx, "SELECT COALESCE(SUM(times), 0) FROM daily_figures WHERE figure = ? AND detail LIKE ?", figure, detail)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			rows.Next()
			return rows.Scan(&n)
		})
		return n
	}
	for _, figure := range []string{"practice_filed", "practice_concluded", "visit_opened", "wait", "step_opened", "word"} {
		eventually(t, "something of "+figure, func() bool { return counts(figure, "%") > 0 })
	}
	eventually(t, "the Mayor's answer", func() bool { return counts("step_answered", "E3_MAYOR/%") > 0 })
	expect(t, h.command("verify", "--replay"), 0, "the stored figures are the same")
	if code := h.terminate(); code != 0 {
		t.Fatalf("the server stopped with exit code %d", code)
	}
	expect(t, h.command("verify", "--replay", "--json"), 0, `"findings": []`)
	h.beside(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE daily_figures SET times = times + 1 WHERE figure = 'step_answered' AND detail LIKE 'E3_MAYOR/%'")
		return err
	})
	expect(t, h.command("verify", "--replay"), 1, `step_answered office="tributi-patrimonio"`)
	for projection, change := range map[string]string{
		"legs": "UPDATE legs SET state = 'LEFT' WHERE state = 'COMPLETED'", "cases": "UPDATE case_files SET phase = 'ARCHIVED'",
		"steps": "UPDATE escalations SET state = 'LAPSED' WHERE level = 5", "words": "UPDATE feedbacks SET score = 4 WHERE score < 4",
		"visits": "UPDATE visits SET closed_at = NULL WHERE closed_at IS NOT NULL", "sessions": "UPDATE counter_sessions SET state = 'PAUSED'",
		"clocks": "UPDATE case_clocks SET due_on = '2031-05-05'", "case_terms": "UPDATE case_files SET due_on = '2031-05-05'",
		"step_terms": "UPDATE escalations SET due_on = '2031-05-05'", "step_ratings": "UPDATE escalations SET rating = rating + 1 WHERE rating > 0",
		"reports": "UPDATE step_notes SET answered_at = NULL WHERE answered_at IS NOT NULL",
	} {
		h.beside(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, change)
			return err
		})
		expect(t, h.command("verify", "--replay"), 1, projection+" ")
	}
}

const resultsOf = `query R($filter: ResultsFilter!) { results(filter: $filter) {
	total { practices { officeCode filed } waits { officeCode calls } satisfaction { level given } escalations { step officeCode answered } overruled { officeCode answered } visits { opened } terms { practiceCode setTerm { amount unit } concluded } words { by value given } }
	periods { from visits { opened } } } }`

// testResults asks for the figures: each head for their own office, the Mayor for all,
// nobody else; and follows them while something happens.
func testResults(t *testing.T, h *house) {
	t.Helper()
	today := town.Today(time.Now())
	days := variables{"from": today.AddDays(-1).String(), "to": today.AddDays(1).String(), "by": "DAY"}
	ask := func(name string, more variables) answer {
		t.Helper()
		filter := maps.Clone(days)
		maps.Copy(filter, more)
		return h.as(name).try(resultsOf, variables{"filter": filter})
	}
	offices := func(total tree) map[string]bool {
		met := map[string]bool{}
		for _, list := range []string{"practices", "waits", "escalations", "overruled"} {
			for _, row := range total.list(list) {
				met[row.text("officeCode")] = true
			}
		}
		return met
	}
	eventually(t, "the Mayor's figures", func() bool {
		total := ask("mayor", nil).data.at("results.total")
		return offices(total)["sportello"] && offices(total)["tributi-patrimonio"] && len(total.list("satisfaction")) > 0
	})
	all := ask("mayor", nil).data.at("results")
	if n := len(all.list("periods")); n != 3 {
		t.Errorf("%d days of 3", n)
	}
	if own := offices(ask("head.sportello", nil).data.at("results.total")); !own["sportello"] || own["tributi-patrimonio"] {
		t.Errorf("the head of sportello sees %v", own)
	}
	for _, refused := range []answer{
		ask("operator1", nil), ask("citizen", nil), ask("admin", nil), ask("head.sportello", variables{"office": "tributi-patrimonio"}),
	} {
		if refused.code() != "FORBIDDEN" {
			t.Errorf("somebody else is answered %s: %s", refused.code(), refused.body)
		}
	}
	for _, bad := range []variables{{"to": "2020-01-01"}, {"from": "2020-01-01"}} {
		if code := ask("mayor", bad).code(); code != "BAD_USER_INPUT" {
			t.Errorf("%v is answered %s", bad, code)
		}
	}

	screen := h.as("helppoint").follow(`subscription S($filter: ResultsFilter!, $after: EventCursor) { update: resultsChanged(filter: $filter, after: $after) {
		kind cursor results { total { visits { opened } } } } }`, variables{"filter": variables{"from": today.String(), "to": today.AddDays(1).String()}}, "")
	before := screen.snapshot().number("results.total.visits.opened")
	h.as("kiosk").must("issueTicket", "visit { id }", variables{"siteId": site, "serviceCode": "anagrafe"})
	screen.until("one visit more", func(u tree) bool { return u.number("results.total.visits.opened") > before })
	quiet := h.as("operator1").try(`{ publicResults(week: "`+fmt.Sprintf("%d-W%02d", today.Year+1, 1)+`") { week } }`, nil)
	if quiet.code() != "BAD_USER_INPUT" {
		t.Errorf("a week that is not over is told: %s", quiet.body)
	}
	if tables := h.public().ask(`{ publicResults(week: "2020-W02") { tables { id title { it en } columns { id unit } rows { id cells } } } }`, nil).list("publicResults.tables"); len(tables) < 8 {
		t.Errorf("%d tables", len(tables))
	}
}

// testQueuesExport writes the queues of this moment in each format, beside the server, with
// a number that was just given.
func testQueuesExport(t *testing.T, h *house) {
	t.Helper()
	label := h.as("kiosk").must("issueTicket", "visit { label }", variables{"siteId": site, "serviceCode": "anagrafe"}).text("visit.label")
	folder := t.TempDir()
	for format, file := range map[string]string{"fiware": "queues.jsonld", "json": "queues.json", "csv": "queues.csv"} {
		expect(t, h.command("export", "queues", "--format", format, "--out", folder), 0, "")
		text, err := os.ReadFile(filepath.Join(folder, file))
		must(t, err)
		if !strings.Contains(string(text), label) || !strings.Contains(string(text), "sportello/"+label[:1]) {
			t.Errorf("%s does not tell of %s:\n%s", file, label, text)
		}
	}
	expect(t, h.command("export", "queues"), 0, "urn:ngsi-ld:QueueMonitor:")
	expect(t, h.command("export", "queues", "--format", "xml"), 2, "want fiware, json or csv")
}

// beside works on the house's database past the server.
func (h *house) beside(unit store.Unit) {
	h.t.Helper()
	s, err := store.OpenBeside(h.t.Context(), store.Config{DSN: h.dsn(), Dir: h.data})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.InTx(h.t.Context(), "past the server", unit); err != nil {
		h.t.Fatal(err)
	}
}

// testWeek publishes a week that is over: the figures that the house has made, of which a
// small count is left out.
func testWeek(t *testing.T, h *house) {
	t.Helper()
	h.beside(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE daily_figures SET day = '2026-01-07', times = 40 * times WHERE figure = 'wait'")
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE daily_figures SET day = '2026-01-07', times = 1 WHERE figure = 'word_cause'")
		}
		return err
	})
	folder := t.TempDir()
	for _, format := range []string{"html", "csv", "json"} {
		expect(t, h.command("export", "results", "--week", "2026-W02", "--format", format, "--out", folder), 0, "")
	}
	read := func(format string) string {
		text, err := os.ReadFile(filepath.Join(folder, "results-2026-W02."+format))
		must(t, err)
		return string(text)
	}
	table := read("csv")
	if !strings.Contains(table, "2026-W02,causes,WAITING,attesa,waiting,words,,\r\n") {
		t.Errorf("a small count is not left out:\n%s", table)
	}
	if row := regexp.MustCompile(`2026-W02,waits,sportello,[^,]+,[^,]+,called,,\d+\r\n`); !row.MatchString(table) {
		t.Errorf("nothing of waits:\n%s", table)
	}
	if page := read("html"); !strings.Contains(page, "<svg ") {
		t.Errorf("no chart:\n%s", page)
	}
	expect(t, h.command("export", "results", "--week", "2999-W01"), 2, "is not over")
	expect(t, h.command("export", "results", "--week", "W1"), 2, "is no week")
}
