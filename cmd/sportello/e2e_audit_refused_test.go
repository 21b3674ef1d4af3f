package main

import (
	"context"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// openedCase opens personal data of a case; followOpened again with each event.
const (
	openedCase   = `query($id: ID!) { case(id: $id) { id answers applicant { givenName taxCode } } }`
	followOpened = `subscription S($case: ID!, $after: EventCursor) { update: caseChanged(caseId: $case, after: $after) {
		kind cursor event { type } case { id answers applicant { givenName taxCode } } } }`
)

// TestE2EAuditRefused: while the database takes no entry of the audit nothing is done and
// nothing personal is shown, whichever way it is asked for; then all goes on.
func TestE2EAuditRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		citizen, officer := h.as("citizen"), h.as("officer.tributi-patrimonio")
		filed := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
		id := filed.text("case.id")
		take := variables{"caseId": id, "expectedVersion": filed.number("case.version")}

		mend := h.refuseEntries("")
		h.checkNothingDone(map[string]func() answer{
			"issueTicket": func() answer {
				return attempt(h.as("kiosk"), "issueTicket", "visit { id }", variables{"siteId": site, "officeCode": "sportello"})
			},
			"submitIntake": func() answer {
				return attempt(citizen, "submitIntake", "status case { id }", variables{"practice": practice, "answers": instalments(nil)})
			},
			"takeCaseInCharge": func() answer { return attempt(officer, "takeCaseInCharge", "case { id }", take) },
			"raiseEscalation": func() answer {
				return attempt(citizen, "raiseEscalation", "escalation { id }", variables{"caseId": id, "text": "Nobody answers me at all."})
			},
			"addCaseNote": func() answer {
				return attempt(officer, "addCaseNote", "case { id }", variables{"caseId": id, "text": "He telephoned.", "internal": true})
			},
		})
		mend()

		streams := map[string]*live{"a socket": officer.follow(followOpened, variables{"case": id}, ""), "events": followEvents(officer, id)}
		for _, l := range streams {
			l.snapshot()
		}
		mend = h.refuseEntries("READ")
		checkSilent(t, "a query", officer.try(openedCase, variables{"id": id}))
		checkSilent(t, "a payload", attempt(officer, "takeCaseInCharge", "case { id answers }", take))
		streams["a new socket"] = officer.follow(followOpened, variables{"case": id}, "")
		streams["new events"] = followEvents(officer, id)
		for name, l := range streams {
			checkEnded(t, name, l)
		}
		mend()

		if got := officer.ask(openedCase, variables{"id": id}).text("case.applicant.taxCode"); got != mario()["codice_fiscale"] {
			t.Errorf("afterwards the officer reads the tax code %q", got)
		}
		expect(t, h.command("verify"), 0, "all is as it was written")
	})
}

// attempt makes a mutation, whatever comes of it.
func attempt(c *client, name, selection string, input variables) answer {
	c.t.Helper()
	_, a := c.tryTo(name, selection, input)
	return a
}

func followEvents(c *client, caseID string) *live {
	c.t.Helper()
	l, err := c.tryFollowEvents(followOpened, variables{"case": caseID}, "")
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

// checkSilent: the answer says that it cannot be given now, and nothing else.
func checkSilent(t *testing.T, what string, a answer) {
	t.Helper()
	if a.code() != "UNAVAILABLE" || a.data.v != nil || !strings.Contains(string(a.body), `"data":null`) {
		t.Errorf("%s: status %d, %s", what, a.status, a.body)
	}
	for _, personal := range []string{mario()["codice_fiscale"].(string), mario()["nome"].(string)} {
		if strings.Contains(string(a.body), personal) {
			t.Errorf("%s tells %q: %s", what, personal, a.body)
		}
	}
}

// checkEnded: the subscription ends without another update.
func checkEnded(t *testing.T, what string, l *live) {
	t.Helper()
	if update, more := l.next(); more {
		t.Errorf("%s brings %v", what, update)
	}
	if failed, _ := l.end(); !strings.Contains(failed, "UNAVAILABLE") || strings.Contains(failed, mario()["nome"].(string)) {
		t.Errorf("%s ends with %q", what, failed)
	}
}

// checkNothingDone: each mutation fails as a whole, and not one business fact is added.
func (h *house) checkNothingDone(mutations map[string]func() answer) {
	h.t.Helper()
	before := h.countRows("events", "audit_entries", "visits", "case_files", "escalations", "legs", "mandates", "persons", "idempotencies")
	for name, mutate := range mutations {
		a := mutate()
		if len(a.errors) == 0 || a.data.v != nil {
			h.t.Errorf("%s without its entry: status %d, %s", name, a.status, a.body)
		}
	}
	for table, n := range h.countRows("events", "audit_entries", "visits", "case_files", "escalations", "legs", "mandates", "persons", "idempotencies") {
		if n != before[table] {
			h.t.Errorf("%d rows of %s, then %d, though no entry could be written", before[table], table, n)
		}
	}
}

func (h *house) countRows(tables ...string) map[string]int {
	h.t.Helper()
	s, err := store.OpenReader(h.t.Context(), store.Config{DSN: h.dsn(), Dir: h.data, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	counts := map[string]int{}
	for _, table := range tables {
		n := 0
		if err := s.ReadDB().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
			h.t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// refuseEntries makes the database refuse entries of the kind, all without one, until
// mend is called.
func (h *house) refuseEntries(kind string) (mend func()) {
	h.t.Helper()
	trigger := "CREATE TRIGGER refuse BEFORE INSERT ON audit_entries WHEN INSTR(NEW.body, CAST(char(10) || 'kind " + kind + "' AS BLOB)) > 0 BEGIN SELECT RAISE(ABORT, 'refused'); END"
	if h.dsn() != "" {
		trigger = "CREATE TRIGGER refuse BEFORE INSERT ON audit_entries FOR EACH ROW IF INSTR(NEW.body, CONCAT(CHAR(10), 'kind " + kind + "')) > 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF"
	}
	h.statement(trigger)
	return func() {
		h.t.Helper()
		h.statement("DROP TRIGGER refuse")
	}
}

// statement runs a statement beside the server.
func (h *house) statement(text string, args ...any) {
	h.t.Helper()
	s, err := store.OpenBeside(h.t.Context(), store.Config{DSN: h.dsn(), Dir: h.data})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.InTx(h.t.Context(), "a test's statement", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}
