package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// accesses is what a person asks about their own file.
const accesses = `query($id: ID) { fileAccesses(first: 20, personId: $id) { edges { node {
	kind action actorKind actor byYou opened cases { id } offices { code } reason } } } }`

// TestE2EAudit: a citizen files, an officer reads it and works on it, the citizen sees
// who did; the chain is verified beside the running server, and what was changed behind
// its back is found.
func TestE2EAudit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		citizen, officer := h.as("citizen"), h.as("officer.tributi-patrimonio")
		filed := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
		id := filed.text("case.id")
		officer.ask(`query($id: ID!) { case(id: $id) { answers applicant { givenName } } }`, variables{"id": id})
		officer.must("takeCaseInCharge", caseFields, variables{"caseId": id, "expectedVersion": filed.number("case.version")})

		own := citizen.ask(accesses, nil).list("fileAccesses.edges")
		checkAccess(t, own, id, "WRITE", "submitIntake", true)
		checkAccess(t, own, id, "READ", "case", false)
		checkAccess(t, own, id, "WRITE", "takeCaseInCharge", false)
		me := citizen.ask(`{ viewer { id } }`, nil).text("viewer.id")
		stranger := h.as("citizen2")
		for _, other := range []string{me, "per_00000000000000000000000000"} {
			if got := stranger.try(accesses, variables{"id": other}); got.code() != "NOT_FOUND" {
				t.Errorf("another citizen asks about %s and gets %s", other, got.body)
			}
		}
		if text := stranger.ask(accesses, nil).String(); strings.Contains(text, id) {
			t.Errorf("another citizen's own accesses name the case: %s", text)
		}
		checkAuditor(t, h, me)
		checkEffectsAndEntries(t, h)
		h.checkAudited()
		h.done = nil // what comes now takes entries out
		testVerify(t, h)
	})
}

// checkAccess looks for one access to the case.
func checkAccess(t *testing.T, list []tree, id, kind, action string, byYou bool) {
	t.Helper()
	for _, edge := range list {
		a := edge.at("node")
		if a.text("kind") != kind || a.text("action") != action || a.is("byYou") != byYou || !slices.Contains(texts(a.list("cases"), "id"), id) {
			continue
		}
		if named := a.text("actor") != ""; named == byYou {
			t.Errorf("%s by %q", action, a.text("actor"))
		}
		if kind == "READ" && !slices.Contains(a.at("opened").v.([]any), any("case_files.answers")) {
			t.Errorf("opened %v", a.at("opened"))
		}
		return
	}
	t.Errorf("no %s %s (by oneself: %v) of %s among %v", kind, action, byYou, id, list)
}

func checkAuditor(t *testing.T, h *house, citizen string) {
	t.Helper()
	auditor := h.as("auditor")
	entries := auditor.ask(`query($id: ID) { auditEntries(first: 60, filter: {subjectId: $id}) { edges { node {
		id kind actorId action rules subjects objects { id fields } } } } }`, variables{"id": citizen}).list("auditEntries.edges")
	want := map[string]string{"takeCaseInCharge": "officer own case:handle tributi-patrimonio", "case": "officer own case:read_personal tributi-patrimonio"}
	for _, edge := range entries {
		e := edge.at("node")
		rules := fmt.Sprint(e.at("rules").v)
		if rule := want[e.text("action")]; rule != "" && strings.Contains(rules, rule) {
			delete(want, e.text("action"))
		}
	}
	if len(want) > 0 {
		t.Errorf("no entry with these rules: %v, in %v", want, entries)
	}
	eventually(t, "the audit is signed", func() bool {
		return !auditor.ask(`{ auditHead { seq hash message signature } }`, nil).isNull("auditHead")
	})
	if got := h.as("operator1").try(`{ auditEntries { edges { node { id } } } }`, nil); got.code() != "FORBIDDEN" {
		t.Errorf("an operator reads the audit: %s", got.body)
	}
}

// checkEffectsAndEntries: each business fact in the log has one entry in the audit, and
// each entry's facts are in the log.
func checkEffectsAndEntries(t *testing.T, h *house) {
	t.Helper()
	s, err := store.OpenReader(t.Context(), store.Config{DSN: h.dsn(), Dir: h.data, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx := access.System(t.Context(), "test")
	told := map[string]int{}
	entries := h.auditEntries()
	for _, e := range entries {
		for _, event := range e.Events {
			told[event]++
		}
	}
	events, err := s.Reader().Event.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	happened := map[string]int{}
	for _, event := range events {
		happened[event.UID]++
	}
	for uid := range told { // written between the two readings
		if happened[uid] == 0 {
			t.Errorf("the audit tells of %s, which is not in the log", uid)
		}
	}
	for uid := range happened {
		if told[uid] > 1 {
			t.Errorf("%s has %d entries", uid, told[uid])
		}
	}
	if len(entries) == 0 || len(told) == 0 {
		t.Error("the audit tells of nothing")
	}
	h.checkAllTold(happened, told)
}

// auditEntries are all entries of the audit.
func (h *house) auditEntries() []chain.Entry {
	h.t.Helper()
	s, err := store.OpenReader(context.WithoutCancel(h.t.Context()), store.Config{DSN: h.dsn(), Dir: h.data, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rows, err := s.Reader().AuditEntry.Query().All(access.System(context.WithoutCancel(h.t.Context()), "test"))
	if err != nil {
		h.t.Fatal(err)
	}
	entries := make([]chain.Entry, len(rows))
	for i, row := range rows {
		if entries[i], err = chain.Decode(row.Body); err != nil {
			h.t.Fatalf("entry %d: %v", row.ID, err)
		}
	}
	return entries
}

// checkAllTold looks at the facts that were in the log before the audit was read.
func (h *house) checkAllTold(happened, told map[string]int) {
	h.t.Helper()
	missing := 0
	for uid := range happened {
		if told[uid] == 0 {
			missing++
		}
	}
	const readBetween = 5 // the demonstration goes on meanwhile
	if missing > readBetween {
		h.t.Errorf("%d of %d facts have no entry in the audit", missing, len(happened))
	}
}

func (h *house) dsn() string {
	if h.db.Dialect == "mysql" {
		return h.db.DSN
	}
	return ""
}

// testVerify verifies beside the server, and again after harm was done.
func testVerify(t *testing.T, h *house) {
	t.Helper()
	expect(t, h.command("verify"), 0, "all is as it was written")
	if code := h.terminate(); code != 0 {
		t.Fatalf("the server stopped with exit code %d", code)
	}
	kept := filepath.Join(t.TempDir(), "kept.jsonl")
	text, err := os.ReadFile(filepath.Join(h.data, headsFile))
	if err != nil || len(text) == 0 {
		t.Fatalf("heads that are kept: %q, %v", text, err)
	}
	if err := os.WriteFile(kept, text, 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, h.command("verify", "--head", kept), 0, "kept elsewhere")
	harm := func(statement string) {
		t.Helper()
		s, err := store.OpenBeside(t.Context(), store.Config{DSN: h.dsn(), Dir: h.data})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		err = s.InTx(t.Context(), "harm", func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	harm("UPDATE audit_entries SET actor_id = 'per_somebody-else' WHERE seq = 3")
	expect(t, h.command("verify"), 1, "entry 3 (aud_")
	harm("DELETE FROM audit_entries WHERE seq >= 4")
	harm("DELETE FROM audit_heads WHERE id >= 4")
	harm("UPDATE sequencers SET last = 3 WHERE id = 'audit'")
	cut := h.command("verify", "--head", kept)
	expect(t, cut, 1, "the end of the audit was cut off")
	if diff := cmp.Diff(true, strings.Contains(cut.out, "entries 4 to ")); diff != "" {
		t.Errorf("where the end was cut: %s", cut.out)
	}
}
