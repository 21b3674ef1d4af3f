// Package crowd fills a migrated database with as many cases as a large town has
// after years, for tests and benchmarks of what is read from them. It writes in
// bulk, below every rule of the house.
package crowd

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The offices of the crowd, beside the busy ones.
const (
	// Small has one case in 2,000.
	Small = "piccolo"
	// Closed has the oldest tenth of the cases, and none since.
	Closed = "soppresso"
	// Social has only confidential cases.
	Social = "segretariato-sociale"
)

// The people of the crowd. Citizens are per_c0, per_c1, and so on.
const (
	// Operator filed a tenth of all cases.
	Operator = "per_crowd_operator"
	// Officer is responsible for six in a hundred, all of the office sportello.
	Officer = "per_crowd_officer"
)

// Offices are the fifteen offices that handle cases.
func Offices() []string {
	return append(busy(), Social, Small, Closed)
}

func busy() []string {
	return []string{
		"sportello", "tributi-patrimonio", "stato-civile", "sportello-messi", "back-office-tecnico", "polizia-locale",
		"ambiente", "cultura", "istruzione", "commercio", "lavori-pubblici", "anagrafe",
	}
}

// Citizen is the id of a citizen of the crowd: of each, five cases.
func Citizen(n int) string { return fmt.Sprintf("per_c%d", n) }

// CaseID is the id of the nth case, from 0, the oldest.
func CaseID(n int) string { return fmt.Sprintf("case_%026d", n) }

// Services are the services of an office.
func Services(office string) []string { return []string{office + "-a", office + "-b"} }

// chunk is how many cases one statement writes.
const chunk = 10_000

// casesOfCitizen is how many cases a citizen has.
const casesOfCitizen = 5

// firstDay is when the oldest case was filed; the newest came ten years later.
var firstDay = time.Date(2016, 11, 1, 8, 0, 0, 0, time.UTC)

const tenYears = 10 * 365 * 24 * time.Hour

// Fill writes n cases, a multiple of 10,000, each with two lines of history and a
// term; one in twenty was handed over, one in a hundred went up the ladder. The
// indexes are taken away meanwhile.
func Fill(ctx context.Context, db *sql.DB, dialect string, n int) error {
	if n%chunk != 0 {
		return fmt.Errorf("fill a database: %d is no multiple of %d", n, chunk)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("fill a database: %w", err)
	}
	defer func() { _ = conn.Close() }()
	f := &filler{ctx: ctx, conn: conn, sqlite: dialect != "mysql", n: n}
	f.lift()
	for from := 0; from < n; from += chunk {
		f.write(from)
	}
	f.restore()
	return f.err
}

// filler keeps the first error.
type filler struct {
	ctx     context.Context
	conn    *sql.Conn
	sqlite  bool
	n       int
	indexes []string // statements that make them again
	err     error
}

func (f *filler) exec(statement string) {
	if f.err != nil {
		return
	}
	if _, err := f.conn.ExecContext(f.ctx, statement); err != nil {
		f.err = fmt.Errorf("fill a database: %.120s: %w", statement, err)
	}
}

func (f *filler) texts(query string, args ...any) (list []string) {
	if f.err != nil {
		return nil
	}
	rows, err := f.conn.QueryContext(f.ctx, query, args...)
	if err != nil {
		f.err = fmt.Errorf("fill a database: %w", err)
		return nil
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if f.err = rows.Scan(&text); f.err != nil {
			return nil
		}
		list = append(list, text)
	}
	f.err = rows.Err()
	return list
}

// numbers are the cases of a chunk, i, in order: 0 to 9,999 and the first.
const numbers = `WITH d(n) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
	UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
	numbers(i) AS (SELECT %d + a.n * 1000 + b.n * 100 + c.n * 10 + e.n FROM d a, d b, d c, d e) `

// id is the id that a number makes, in the database's words.
func id(prefix, number string) string {
	return fmt.Sprintf("concat('%s_', substr(concat('00000000000000000000000000', %s), -26))", prefix, number)
}

// mixed is a number below m that follows no pattern: of the case and the salt.
func mixed(salt, m int) string {
	return fmt.Sprintf("((i * 48271 + %d) * 16807 %% 2147483647 %% 1000003 %% %d)", salt*7919, m)
}

// pick is one of the values, by the number.
func pick(number string, values ...string) string {
	var b strings.Builder
	b.WriteString("CASE " + number)
	for i, v := range values {
		fmt.Fprintf(&b, " WHEN %d THEN '%s'", i, v)
	}
	return b.String() + " END"
}

func (f *filler) write(from int) {
	day := firstDay.Add(time.Duration(float64(tenYears) * float64(from) / float64(f.n)))
	with := fmt.Sprintf(numbers, from)
	f.exec("BEGIN")
	f.insert("case_files", with, f.caseColumns(from, day))
	f.insert("case_entries", with, f.entryColumns(day, 1, "filed"))
	f.insert("case_entries", with, f.entryColumns(day, 2, "note"))
	f.insert("case_clocks", with, f.clockColumns(day))
	f.insert("former_offices", with, map[string]string{
		"id": id("fo", "i"), "case_id": id("case", "i"), "office_id": pick(mixed(6, 12), busy()...), "since": f.moment(day),
	}, mixed(7, 20)+" = 0")
	f.insert("escalations", with, f.stepColumns(day), mixed(8, 100)+" = 0")
	f.exec("COMMIT")
}

func (f *filler) insert(table, with string, columns map[string]string, where ...string) {
	var names, values []string
	for name, value := range columns {
		names, values = append(names, "`"+name+"`"), append(values, value)
	}
	statement := fmt.Sprintf("INSERT INTO %s (%s) %s SELECT %s FROM numbers", table, strings.Join(names, ", "), with, strings.Join(values, ", "))
	if len(where) > 0 {
		statement += " WHERE " + strings.Join(where, " AND ")
	}
	f.exec(statement + " ORDER BY i")
}

// moment is a stamp as the dialect keeps it.
func (f *filler) moment(at time.Time) string {
	if f.sqlite {
		return at.Format("'2006-01-02 15:04:05+00:00'")
	}
	return at.Format("'2006-01-02 15:04:05'")
}

func (f *filler) caseColumns(from int, day time.Time) map[string]string {
	office := fmt.Sprintf("CASE WHEN i < %d THEN '%s' WHEN i %% 2000 = 0 THEN '%s' WHEN %s = 0 THEN '%s' ELSE %s END",
		f.n/10, Closed, Small, mixed(1, 25), Social, pick(mixed(1, 25)+" % 12", busy()...))
	phase := "'" + string(town.PhaseArchived) + "'"
	if from >= f.n*9/10 {
		phase = pick(mixed(2, 5), string(town.PhaseTriage), string(town.PhaseInProgress), string(town.PhaseReadyToDecide), string(town.PhaseAwaitingApplicant), string(town.PhaseArchived))
	}
	due := make([]string, 30)
	for i := range due {
		due[i] = day.AddDate(0, 0, 5+i).Format(time.DateOnly)
	}
	blob := "'" + strings.Repeat("abcdefgh", 32) + "'"
	when := f.moment(day)
	return map[string]string{
		"id": id("case", "i"), "protocol": fmt.Sprintf("concat('%d/', i)", day.Year()), "service_id": "concat(" + office + ", " + pick(mixed(3, 2), "-a", "-b") + ")",
		"practice_id": "'cambio-residenza'", "definition_hash": "'hash'", "plugin_version": "'1.0.0'", "office_id": office, "phase": phase,
		"priority": "'P3'", "channel": "'DESK'", "confidential": "CASE WHEN " + office + " = '" + Social + "' THEN 1 WHEN " + mixed(4, 50) + " = 0 THEN 1 ELSE 0 END",
		"applicant_id":   fmt.Sprintf("concat('per_c', (i * 7) %% %d)", max(f.n/casesOfCitizen, 1)),
		"submitted_by":   fmt.Sprintf("CASE WHEN %s = 0 THEN '%s' ELSE concat('per_crowd_o', %s) END", mixed(5, 10), Operator, mixed(5, 50)),
		"responsible_id": fmt.Sprintf("CASE WHEN %s = 'sportello' AND %s < 80 THEN '%s' ELSE concat('per_crowd_r', %s) END", office, mixed(9, 100), Officer, mixed(9, 60)),
		"answers":        blob, "decision": blob, "silence": "'none'", "filed_at": when, "registered_at": when, "due_on": pick(mixed(10, 30), due...), "updated_at": when,
		"flags": "'[]'", "reasons": "''",
	}
}

func (f *filler) entryColumns(day time.Time, ordinal int, kind string) map[string]string {
	return map[string]string{
		"id": id("ent", fmt.Sprintf("i * 10 + %d", ordinal)), "case_id": id("case", "i"), "ordinal": fmt.Sprint(ordinal), "at": f.moment(day), "kind": "'" + kind + "'",
		"note": "'nota'", "internal": "CASE WHEN " + mixed(11, 2) + " = 0 THEN 1 ELSE 0 END", "actor_id": "'" + Operator + "'",
	}
}

func (f *filler) clockColumns(day time.Time) map[string]string {
	return map[string]string{
		"id": id("clk", "i"), "case_id": id("case", "i"), "kind": "'conclusion'", "label_it": "'conclusione'", "label_en": "'conclusion'", "amount": "30",
		"unit": "'days'", "starts_from": "'filing'", "on_expiry": "'none'", "state": "'STOPPED'", "started_on": day.Format("'2006-01-02'"),
		"due_on": day.AddDate(0, 0, 30).Format("'2006-01-02'"),
	}
}

func (f *filler) stepColumns(day time.Time) map[string]string {
	owner := pick(mixed(12, 3), town.OfficeHelpPoint, "sportello", town.OfficeMayor)
	return map[string]string{
		"id": id("esc", "i"), "ladder_id": id("esc", "i"), "step": "'" + string(town.StepHelpPoint) + "'", "level": "4", "kind": "'" + string(town.KindMerits) + "'",
		"state": "'" + string(town.EscalationOpen) + "'", "open_key": id("esc", "i"), "case_id": id("case", "i"), "owner_office": owner,
		"office_id": "'sportello'", "opened_at": f.moment(day), "acknowledge_by": day.Format("'2006-01-02'"), "due_on": day.Format("'2006-01-02'"),
	}
}
