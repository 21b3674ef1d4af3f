package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

var noEnd time.Time

func list(words []string) string { return "[" + strings.Join(words, " ") + "]" }

func (h *house) count(t testing.TB, table string) (n int) {
	t.Helper()
	if err := h.ReadDB().QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func auditor() *access.Viewer {
	return &access.Viewer{
		ID: "per_auditor", Kind: access.KindPerson,
		Scope: access.NewScope(1, noEnd, []access.HeldRole{{Role: town.RoleAuditor, Office: "*"}}, map[access.Act]access.OfficeSet{access.AuditRead: {All: true}}),
	}
}

func person(id string) context.Context {
	return access.With(context.Background(), &access.Viewer{ID: id, Kind: access.KindPerson, Scope: &access.Scope{}})
}

// read opens something of a citizen as the operator, as a room would, with a reason.
func (h *house) read(t testing.TB, object, subject, reason string) {
	t.Helper()
	ctx := access.With(t.Context(), operator())
	access.Asker(ctx).Used(access.PersonRead, "")
	access.NoteRead(ctx, access.Read{Object: object, Subject: subject, Field: "case_files.answers"})
	if reason != "" {
		access.NoteReason(ctx, reason)
	}
	if err := h.audit.Reads(ctx, "case"); err != nil {
		t.Fatal(err)
	}
}

// TestReads: one entry for all that was opened, and the person concerned finds it.
func TestReads(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		ctx := access.With(t.Context(), operator())
		if err := h.audit.Reads(ctx, "cases"); err != nil || h.count(t, "audit_entries") != 0 {
			t.Errorf("nothing was opened: %v", err)
		}
		h.read(t, "case_1", "per_1", "A complaint of the citizen.")
		h.read(t, "case_2", "per_2", "")
		var body []byte
		if err := h.ReadDB().QueryRow("SELECT body FROM audit_entries ORDER BY id LIMIT 1").Scan(&body); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "complaint") {
			t.Errorf("the reason stands in clear: %s", body)
		}
		page, err := h.audit.Accesses(person("per_1"), town.PageArgs{}, "")
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("the citizen sees %v, %v", page.Items, err)
		}
		got := page.Items[0]
		if got.Reason == nil || *got.Reason != "A complaint of the citizen." || got.ByYou || got.Kind != chain.Read || got.Action != "case" ||
			list(got.Opened) != "[case_files.answers]" || list(got.Objects) != "[case_1]" {
			t.Errorf("the citizen sees %+v", got)
		}
		if _, err := h.audit.Accesses(person("per_2"), town.PageArgs{}, "per_1"); town.CodeOf(err) != town.NotFound {
			t.Errorf("another citizen gets %v", err)
		}
		asked := access.With(t.Context(), auditor())
		if page, err = h.audit.Accesses(asked, town.PageArgs{}, "per_1"); err != nil || len(page.Items) != 1 {
			t.Errorf("an auditor sees %v, %v", page.Items, err)
		}
		if noted := access.TakeReads(asked); len(noted.Reads) < 1 {
			t.Error("that an auditor looked is not noted")
		}
	})
}

// TestNoAnswerWithoutItsEntry: a database that takes no entries.
func TestNoAnswerWithoutItsEntry(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		h.exec(t, "DROP TABLE audit_subjects")
		ctx := access.With(t.Context(), operator())
		access.NoteRead(ctx, access.Read{Object: "case_1", Subject: "per_1", Field: "case_files.answers"})
		if err := h.audit.Reads(ctx, "case"); town.CodeOf(err) != town.Unavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	})
}

// TestListsOfTheAudit reads lists in pages, forward and backward, by every filter.
func TestListsOfTheAudit(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, h *house) {
		const n = 23
		start := h.clock.Now()
		h.appendEntries(t, n)
		ctx := access.With(t.Context(), auditor())
		at := func(after time.Duration) *time.Time { m := start.Add(after); return &m }
		text := func(s string) *string { return &s }
		kind := func(k chain.Kind) *chain.Kind { return &k }
		for name, f := range map[string]audit.Filter{
			"all":                   {},
			"an actor":              {ActorID: text("per_operator1")},
			"a person":              {SubjectID: text("per_citizen3")},
			"from":                  {From: at(time.Millisecond)},
			"to":                    {To: at(time.Millisecond)},
			"an actor within":       {ActorID: text("per_operator1"), From: at(time.Millisecond), To: at(4 * time.Millisecond)},
			"a person and an actor": {SubjectID: text("per_citizen3"), ActorID: text("per_operator0")},
			"reads of a person":     {SubjectID: text("per_citizen3"), Kind: kind(chain.Read)},
			"writes of a person":    {SubjectID: text("per_citizen3"), Kind: kind(chain.Write)},
			"a thing of a person":   {SubjectID: text("per_citizen3"), ObjectID: text("case_000007")},
		} {
			whole, err := h.audit.Entries(ctx, town.PageArgs{First: size(100)}, f)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want := ids(whole.Items)
			if len(want) == 0 && name != "writes of a person" || len(want) == n && name != "all" {
				t.Errorf("%s gives %d entries", name, len(want))
			}
			if diff := cmp.Diff(want, h.pages(ctx, t, f, false)); diff != "" {
				t.Errorf("%s, forward (-whole +pages):\n%s", name, diff)
			}
			if diff := cmp.Diff(want, h.pages(ctx, t, f, true)); diff != "" {
				t.Errorf("%s, backward (-whole +pages):\n%s", name, diff)
			}
		}
		if _, err := h.audit.Entries(ctx, town.PageArgs{}, audit.Filter{Kind: kind(chain.Read)}); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("a kind alone has no index, and gives %v", err)
		}
		if _, err := h.audit.Entries(access.With(t.Context(), operator()), town.PageArgs{}, audit.Filter{}); town.CodeOf(err) != town.Forbidden {
			t.Errorf("an operator gets %v", err)
		}
		person, err := h.audit.Entries(ctx, town.PageArgs{First: size(1)}, audit.Filter{SubjectID: text("per_citizen3")})
		if err != nil {
			t.Fatal(err)
		}
		cursor := town.Cursor(person.Items[0].Position())
		if _, err := h.audit.Entries(ctx, town.PageArgs{After: &cursor}, audit.Filter{}); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("a cursor of another list gives %v", err)
		}
	})
}

func size(n int) *int { return &n }

func ids(items []*audit.Entry) []string {
	all := []string{}
	for _, e := range items {
		all = append(all, e.ID)
	}
	return all
}

// pages reads a list three at a time.
func (h *house) pages(ctx context.Context, t *testing.T, f audit.Filter, backward bool) []string {
	t.Helper()
	all := []string{}
	args := town.PageArgs{First: size(3)}
	if backward {
		args = town.PageArgs{Last: size(3)}
	}
	for {
		page, err := h.audit.Entries(ctx, args, f)
		if err != nil {
			t.Fatal(err)
		}
		more := page.HasNext
		if backward {
			all, more = append(ids(page.Items), all...), page.HasPrevious
		} else {
			all = append(all, ids(page.Items)...)
		}
		if !more {
			return all
		}
		first, last := town.Cursor(page.Items[0].Position()), town.Cursor(page.Items[len(page.Items)-1].Position())
		if backward {
			args.Before = &first
		} else {
			args.After = &last
		}
	}
}

// TestOneChainOfManyWriters: writers at the same time, some of which fail, and reads
// between: one chain without a gap.
func TestOneChainOfManyWriters(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		const writers, times = 8, 15
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				ctx := access.With(context.Background(), operator())
				for i := range times {
					err := h.InTx(ctx, "write", func(_ context.Context, tx *store.Tx) error {
						tx.Emit(fact)
						if i%5 == 4 {
							return town.Errorf(town.Conflict, "No.", "No.")
						}
						return nil
					})
					if (err != nil) != (i%5 == 4) {
						t.Errorf("write: %v", err)
					}
					h.read(t, fmt.Sprintf("case_%d_%d", w, i), "per_1", "")
				}
			})
		}
		all.Wait()
		h.linked(t)
		report := h.verify(t)
		if want := int64(writers * times * 9 / 5); len(report.Findings) > 0 || report.Entries != want || report.Last != want {
			t.Errorf("%d entries up to %d, want %d; found %v", report.Entries, report.Last, want, report.Findings)
		}
		if got := h.Audited(); got != report.Entries {
			t.Errorf("%d entries were counted, %d are there", got, report.Entries)
		}
	})
}

// TestOwnAccessesNeedALevel: whoever signed in with a password only does not read who
// opened their file, and why.
func TestOwnAccessesNeedALevel(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		authority, err := access.NewAuthority(t.Context(), h.Store)
		if err != nil {
			t.Fatal(err)
		}
		for level, want := range map[town.Assurance]bool{"": false, town.AssuranceLow: false, town.AssuranceSubstantial: true} {
			v, err := authority.Enter(access.Viewer{ID: "per_1", Assurance: level})
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.audit.Accesses(access.With(t.Context(), v), town.PageArgs{}, "")
			if got := err == nil; got != want || err != nil && town.CodeOf(err) != town.Forbidden {
				t.Errorf("at %q: %v", level, err)
			}
		}
	})
}
