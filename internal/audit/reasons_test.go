package audit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const courtOrder = "By order of the court, no. 12."

// act does something about a person for a reason, as a room would.
func (h *house) act(t *testing.T, personID string, more func(context.Context, *store.Tx) error) {
	t.Helper()
	ctx := access.With(t.Context(), operator())
	access.Begin(ctx, "placeLegalHold")
	access.NoteReason(ctx, courtOrder)
	err := h.InTx(ctx, "hold", func(ctx context.Context, tx *store.Tx) error {
		about := fact
		about.Parties = []string{personID}
		tx.Emit(about)
		return more(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// reasonOf is why the newest entry about the person was made.
func (h *house) reasonOf(ctx context.Context, t *testing.T, personID string) *string {
	t.Helper()
	page, err := h.audit.Accesses(ctx, town.PageArgs{First: size(1)}, personID)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("who acted about %s: %v, %v", personID, page.Items, err)
	}
	return page.Items[0].Reason
}

// TestReasonOfWrite: why something was done stands in the effect's own entry, sealed;
// auditors read it, until the person concerned is forgotten. Why they were forgotten can be
// read ever after.
func TestReasonOfWrite(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		nothing := func(context.Context, *store.Tx) error { return nil }
		forget := func(ctx context.Context, tx *store.Tx) error { return h.vault.Destroy(ctx, tx, "per_1") }
		h.act(t, "per_1", nothing)
		dpo := access.With(t.Context(), auditor())
		if got := h.reasonOf(dpo, t, "per_1"); got == nil || *got != courtOrder {
			t.Errorf("an auditor reads the reason %v", got)
		}
		if got := h.reasonOf(person("per_1"), t, "per_1"); got != nil {
			t.Errorf("the person reads the office's internal word %q", *got)
		}
		h.checkSealed(t)
		h.act(t, "per_1", forget)
		if got := h.reasonOf(dpo, t, "per_1"); got == nil || *got != courtOrder {
			t.Errorf("why the person was forgotten: %v", got)
		}
		h.act(t, "per_1", nothing)
		all, err := h.audit.Entries(dpo, town.PageArgs{}, audit.Filter{SubjectID: &fact.Parties[0]})
		if err != nil || len(all.Items) != 0 {
			t.Errorf("of another person there is %v, %v", all.Items, err)
		}
		subject := "per_1"
		all, err = h.audit.Entries(dpo, town.PageArgs{}, audit.Filter{SubjectID: &subject})
		if err != nil || len(all.Items) != 3 {
			t.Fatalf("of the person there is %v, %v", all.Items, err)
		}
		if first := all.Items[2]; first.Reason != nil {
			t.Errorf("what was sealed for the person before they were forgotten reads %q", *first.Reason)
		}
		h.linked(t)
		if report := h.verify(t); len(report.Findings) > 0 {
			t.Errorf("the chain with its reasons: %v", report.Findings)
		}
	})
}

// checkSealed looks into the stored entries.
func (h *house) checkSealed(t *testing.T) {
	t.Helper()
	rows, err := h.ReadDB().Query("SELECT body FROM audit_entries")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	said := false
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		said = said || bytes.Contains(body, []byte("\nreason "))
		if strings.Contains(string(body), "court") {
			t.Errorf("the reason stands in clear: %s", body)
		}
	}
	if err := rows.Err(); err != nil || !said {
		t.Errorf("no entry says why: %v", err)
	}
}

// TestNoReasonInClear: a reason that nobody can seal yet fails the unit.
func TestNoReasonInClear(t *testing.T) {
	t.Parallel()
	ctx := access.With(t.Context(), operator())
	access.NoteReason(ctx, courtOrder)
	if e, err := scribe(t).Unit(ctx, store.Written{What: "a unit", Events: []town.Event{fact}}); err == nil {
		t.Errorf("without a vault the entry is %+v", e)
	}
}
