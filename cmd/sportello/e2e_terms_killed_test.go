package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	bigtown "github.com/spazio-in-comune/sportello/internal/casework/crowd"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream/natstest"
)

const (
	// passedTerms is how many terms have passed while no server ran.
	passedTerms = 10_000
	// midnights is how often servers are killed while they handle them.
	midnights = 3
	// untilMidnight is what two servers need to start, so that both wait for it.
	untilMidnight = 3 * time.Second
	// ofTheCrowd is the beginning of the ids of its cases, which no case of the town has.
	ofTheCrowd = "case_00000000000000"
)

// TestE2ETermsPassOnce: ten thousand terms pass at one midnight. The servers, two but on
// SQLite, are killed again and again in the middle of them, and once only one of the two: each
// term has its one effect, in its case, in the log, in the alerts and in the figures.
func TestE2ETermsPassOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		p := newPassing(t, db)
		moments := rand.New(rand.NewPCG(6, uint64(len(db.Name))))
		middle := 0
		for i := range midnights {
			if p.midnight(i, moments) {
				middle++
			}
		}
		// The machine may be so fast, or so busy, that a kill comes after the last term.
		if middle < 2 {
			t.Fatalf("%d kills came in the middle of %d terms, want 2 at least", middle, passedTerms)
		}
		p.start()
		eventually(t, "every term was handled, and is in the figures", func() bool {
			return p.count(factsOfTerms) >= passedTerms && p.count(figuresOfTerms) >= passedTerms
		})
		p.oneEffectEach()
		p.oneAlertEach()
	})
}

// passing is a town of which many terms have passed.
type passing struct {
	t     testing.TB
	homes []*house
	read  *sql.DB
	upTo  int // where the log ended at the last kill
}

// newPassing makes the town, whose servers are away, and the terms.
func newPassing(t testing.TB, db dbtest.DB) *passing {
	t.Helper()
	flags := []string{"--demo"}
	if db.Name != dbtest.SQLite {
		flags = append(flags, "--nats", natstest.New(t).URL())
	}
	first := emptyHouse(t, db, flags...)
	p := &passing{t: t, homes: []*house{first}}
	if db.Name != dbtest.SQLite {
		flags = append(slices.Clone(flags), "--key-file", filepath.Join(first.data, "keys", "kek.json"))
		p.homes = append(p.homes, emptyHouse(t, db, flags...))
	}
	first.start() // which makes the schema and the town
	first.kill()
	p.read = first.reader()
	p.fill()
	return p
}

// reader reads the database beside the server until the test ends.
func (h *house) reader() *sql.DB {
	h.t.Helper()
	s, err := store.OpenReader(h.t.Context(), store.Config{DSN: h.dsn(), Dir: h.data, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return s.ReadDB()
}

// fill writes the cases and their terms: when they pass, for a half the office is late, for a
// third silence grants, for a sixth it confirms. Nobody was assigned any case.
func (p *passing) fill() {
	p.t.Helper()
	pool, first := p.read, p.homes[0]
	if first.db.Name == dbtest.SQLite { // its readers cannot write
		var err error
		if pool, err = sql.Open("sqlite", "file:"+filepath.Join(first.data, "sportello.db")+"?_pragma=busy_timeout(60000)"); err != nil {
			p.t.Fatal(err)
		}
		defer func() { _ = pool.Close() }()
	}
	if err := bigtown.Fill(p.t.Context(), pool, first.db.Dialect, passedTerms); err != nil {
		p.t.Fatal(err)
	}
	first.beside(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE case_files SET phase = 'TRIAGE', flags = '[]', responsible_id = '' WHERE id LIKE '"+ofTheCrowd+"%'")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE case_clocks SET state = 'RUNNING', unit = 'calendar_days', due_on = '2026-01-20', due_at = NULL,
			starts_from = CASE WHEN cast(substr(id, -6) AS SIGNED) % 5 = 1 THEN 'request' ELSE 'refusal' END,
			on_expiry = CASE WHEN cast(substr(id, -6) AS SIGNED) % 6 < 3 THEN 'none' WHEN cast(substr(id, -6) AS SIGNED) % 6 < 5 THEN 'granted' ELSE 'confirmed' END
			WHERE case_id LIKE '`+ofTheCrowd+`%'`)
		return err
	})
}

// Counts of what followed from the terms.
const (
	factsOfTerms   = "SELECT count(*) FROM events WHERE type = 'clock.expired' AND case_id LIKE '" + ofTheCrowd + "%'"
	figuresOfTerms = "SELECT coalesce(sum(times), 0) FROM daily_figures WHERE figure = 'term_passed' AND practice_id = 'cambio-residenza' AND (service_id LIKE '%-a' OR service_id LIKE '%-b')"
)

func (p *passing) count(query string) (n int) {
	p.t.Helper()
	if err := p.read.QueryRowContext(p.t.Context(), query).Scan(&n); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// start starts whoever does not run, side by side.
func (p *passing) start() {
	p.t.Helper()
	var starting sync.WaitGroup
	for _, h := range p.homes {
		if !h.lives() {
			starting.Go(h.start)
		}
	}
	starting.Wait()
	if p.t.Failed() {
		p.t.FailNow()
	}
}

// midnight puts the terms that are left to a moment at which all servers run, waits until they
// are being handled, and kills one server and soon after the other, but the last time. It
// reports whether terms were left at the first kill.
func (p *passing) midnight(turn int, moments *rand.Rand) bool {
	p.t.Helper()
	before := p.count(factsOfTerms)
	at := time.Now().UTC()
	if len(p.homes) > 1 {
		at = at.Add(untilMidnight)
	}
	p.homes[0].statement("UPDATE case_clocks SET due_at = ? WHERE state = 'RUNNING' AND case_id LIKE '"+ofTheCrowd+"%'", at)
	p.start()
	await(p.t, "terms are handled", func() bool { return p.count(factsOfTerms) > before })
	pause := func() { time.Sleep(time.Duration(moments.IntN(150)) * time.Millisecond) }
	pause()
	victim := turn % len(p.homes)
	p.homes[victim].kill()
	after := p.count(factsOfTerms)
	p.upTo = p.count("SELECT coalesce(max(seq), 0) FROM events")
	p.t.Logf("%s: %d of %d terms before, %d at the kill", p.homes[0].db.Name, before, passedTerms, after)
	for i, other := range p.homes {
		if i != victim && turn < midnights-1 {
			pause()
			other.kill()
		}
	}
	return after < passedTerms
}

// lives reports whether the server was started, and has not ended.
func (h *house) lives() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cmd == nil {
		return false
	}
	select {
	case <-h.ended:
		return false
	default:
		return true
	}
}

// oneEffectEach counts what followed.
func (p *passing) oneEffectEach() {
	p.t.Helper()
	of := func(table, where string) string {
		return fmt.Sprintf("SELECT count(*) FROM %s WHERE %s AND case_id LIKE '%s%%'", table, where, ofTheCrowd)
	}
	each := func(table, where string) string {
		return fmt.Sprintf("SELECT count(DISTINCT case_id) FROM %s WHERE %s AND case_id LIKE '%s%%'", table, where, ofTheCrowd)
	}
	inCases := "SELECT count(*) FROM case_files WHERE id LIKE '" + ofTheCrowd + "%' AND "
	for what, query := range map[string]string{
		"clocks that passed, once":         of("case_clocks", "state = 'EXPIRED' AND version = 2"),
		"lines of history":                 of("case_entries", "kind = 'clock_expired' AND ordinal = 3"),
		"lines of history, of each case":   each("case_entries", "kind = 'clock_expired'"),
		"facts":                            factsOfTerms,
		"facts, of each case":              each("events", "type = 'clock.expired'"),
		"times in the figures":             figuresOfTerms,
		"cases changed once":               inCases + "version = 2",
		"cases of which something follows": inCases + "(phase = 'DEEMED_GRANTED' OR cast(flags AS CHAR) LIKE '%overdue%' OR substatus <> '')",
	} {
		if got := p.count(query); got != passedTerms {
			p.t.Errorf("%s: %d, want %d", what, got, passedTerms)
		}
	}
	granted := p.count(of("case_clocks", "on_expiry = 'granted'"))
	if got := p.count(inCases + "phase = 'DEEMED_GRANTED'"); got != granted || granted == 0 {
		p.t.Errorf("granted by silence: %d, want %d", got, granted)
	}
}

// oneAlertEach: the mayor's office is told of each term that passed before the last kill, once,
// but of those of citizens. It is told of one after the other, in the order of the log: for all
// ten thousand a test would take too long.
func (p *passing) oneAlertEach() {
	p.t.Helper()
	eventually(p.t, "the alerts have come to where the log was at the last kill", func() bool {
		return p.count("SELECT coalesce(max(seq), 0) FROM consumer_offsets WHERE id = 'alerts.causes'") >= p.upTo
	})
	passed := fmt.Sprintf("SELECT e.case_id FROM events e JOIN case_clocks c ON c.case_id = e.case_id WHERE e.type = 'clock.expired' AND e.seq <= %d AND c.starts_from = 'request' AND e.case_id LIKE '%s%%'", p.upTo, ofTheCrowd)
	want := p.count("SELECT count(*) FROM (" + passed + ") AS passed")
	if want == 0 {
		p.t.Error("nobody had to be told")
	}
	for what, from := range map[string]string{
		"alerts":          "alerts WHERE kind = 'TERM_BROKEN'",
		"facts of alerts": "events WHERE type = 'alert.raised' AND cast(data AS CHAR) LIKE '%TERM_BROKEN%'",
	} {
		for of, selected := range map[string]string{"": "count(*)", ", of each case": "count(DISTINCT case_id)"} {
			if got := p.count("SELECT " + selected + " FROM " + from + " AND case_id IN (" + passed + ")"); got != want {
				p.t.Errorf("%s%s: %d, want %d", what, of, got, want)
			}
		}
	}
	p.t.Logf("%s: %d alerts, one each", p.homes[0].db.Name, want)
}
