package casework_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// attachment is a content for the first paper of a case, in that state.
func attachment(who string, file *ent.CaseFile, paper *ent.CaseDocument, state town.ContentState) casework.Attachment {
	k := key()
	return casework.Attachment{
		Once:   store.Once{Actor: who, Mutation: "attachDocument", Key: k, Input: k},
		CaseID: file.ID, DocumentID: paper.ID, MediaType: "application/pdf", Size: 7, SHA256: "aa", Name: "a.pdf",
		State: state, Scanner: "clamd", Object: "content/" + k, Key: []byte("key"),
		Beside: func(context.Context, *store.Tx, string) error { return nil },
	}
}

func (h *house) papers(t *testing.T, caseID string) []*ent.CaseDocument {
	t.Helper()
	papers, err := h.DocumentsOfCases(h.system(), []string{caseID})
	if err != nil || len(papers[caseID]) == 0 {
		t.Fatalf("papers: %v, %v", papers, err)
	}
	return papers[caseID]
}

// TestAttach: a content that comes in is a version, marks its paper as received, and goes
// on with a term that waited for it.
func TestAttach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		file := h.file(t, "accesso-atti-edilizi", nil)
		paper := h.papers(t, file.ID)[0]
		for _, who := range []string{anna, mayor, headTaxes} {
			if _, err := h.Attach(h.as(t, who), attachment(who, file, paper, town.ContentClean)); town.CodeOf(err) != town.NotFound {
				t.Errorf("%s attaches: %v", who, err)
			}
		}
		if _, err := h.Attach(h.as(t, auditor), attachment(auditor, file, paper, town.ContentClean)); town.CodeOf(err) != town.NotAllowed {
			t.Errorf("the auditor attaches: %v", err)
		}
		twice := attachment(mario, file, paper, town.ContentClean)
		for range 2 {
			if _, err := h.Attach(h.as(t, mario), twice); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Attach(h.as(t, officer), attachment(officer, file, paper, town.ContentClean)); err != nil {
			t.Fatal(err)
		}
		versions, err := h.VersionsOfDocuments(h.as(t, mario), []string{paper.ID})
		if err != nil || len(versions[paper.ID]) != 2 || versions[paper.ID][0].Number != 2 || versions[paper.ID][1].UploadedBy != mario {
			t.Fatalf("versions: %v, %v", versions, err)
		}
		if now := h.papers(t, file.ID)[0]; now.State != town.DocumentReceived || now.ReceivedAt == nil {
			t.Errorf("the paper is %s", now.State)
		}
		names, err := h.VersionNames(h.as(t, auditor), versions[paper.ID])
		if err != nil || len(names) != 0 {
			t.Errorf("who may not read personal data reads the names: %v, %v", names, err)
		}
	})
}

// TestScanned: what the scanner refuses later is missing again; nobody is told twice.
func TestScanned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		file := h.file(t, "accesso-atti-edilizi", nil)
		paper := h.papers(t, file.ID)[0]
		for _, tt := range []struct {
			found string
			state town.ContentState
			paper town.DocumentState
		}{
			{"Eicar", town.ContentRefused, town.DocumentRequired},
			{"", town.ContentClean, town.DocumentReceived},
			{"Eicar", town.ContentRefused, town.DocumentReceived}, // there is another one
		} {
			if _, err := h.Attach(h.as(t, mario), attachment(mario, file, paper, town.ContentQuarantined)); err != nil {
				t.Fatal(err)
			}
			waits, err := h.store.Reader().DocumentVersion.Query().Where(documentversion.StateEQ(town.ContentQuarantined)).Only(h.system())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := h.Scanned(context.Background(), waits.ID, casework.ScanVerdict{Scanner: "clamd", Found: tt.found}); err != nil {
					t.Fatal(err)
				}
			}
			after, err := h.store.Reader().DocumentVersion.Get(h.system(), waits.ID)
			if err != nil || after.State != tt.state || after.ScannedAt == nil {
				t.Errorf("%q: %v, %v", tt.found, after, err)
			}
			if now := h.papers(t, file.ID)[0]; now.State != tt.paper {
				t.Errorf("%q: the paper is %s, want %s", tt.found, now.State, tt.paper)
			}
		}
		lines, err := h.Timeline(h.as(t, mario), file.ID, town.PageArgs{})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]int{}
		for _, l := range lines.Items {
			told[l.Kind]++
		}
		if told["document_attached"] != 3 || told["document_refused"] != 2 {
			t.Errorf("told: %v", told)
		}
	})
}

// TestDrafts: a form that was begun is its person's, and the house says what of it a form
// that changed no longer takes.
func TestDrafts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		own, err := h.SaveIntakeDraft(h.as(t, mario), casework.SaveIntakeDraftInput{IdempotencyKey: key(), Practice: "aire", Answers: []byte(`{"nome":"Mario"}`)})
		if err != nil {
			t.Fatal(err)
		}
		desk, err := h.SaveIntakeDraft(h.as(t, operator), casework.SaveIntakeDraftInput{
			IdempotencyKey: key(), Practice: "aire", Answers: form(t, "aire", nil), ApplicantID: ptr(mario),
		})
		if err != nil {
			t.Fatal(err)
		}
		for who, want := range map[string]int{mario: 2, operator: 1, anna: 0, head: 0} {
			drafts, err := h.MyDrafts(h.as(t, who))
			if err != nil || len(drafts) != want {
				t.Errorf("%s has %d drafts, want %d: %v", who, len(drafts), want, err)
			}
		}
		if _, err := h.SaveIntakeDraft(h.as(t, mario), casework.SaveIntakeDraftInput{IdempotencyKey: key(), Practice: "aire", Answers: []byte(`{}`), ApplicantID: ptr(anna)}); town.CodeOf(err) != town.Invalid {
			t.Errorf("a citizen begins a form for somebody else: %v", err)
		}
		own, err = h.SaveIntakeDraft(h.as(t, mario), casework.SaveIntakeDraftInput{
			IdempotencyKey: key(), Practice: "aire", DraftID: &own.ID, ExpectedVersion: &own.Version,
			Answers: []byte(`{"nome":"Mario","codice_fiscale":"X","non_si_chiede_piu":1}`),
		})
		if err != nil || len(own.Misfits) != 0 {
			t.Fatalf("%+v, %v", own, err)
		}
		err = h.store.InTx(h.system(), "age a draft", func(ctx context.Context, tx *store.Tx) error {
			return tx.IntakeDraft.UpdateOneID(own.ID).SetDefinitionHash("older").Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		drafts, err := h.MyDrafts(h.as(t, mario))
		if err != nil || len(drafts) != 2 {
			t.Fatalf("%v, %v", drafts, err)
		}
		for _, d := range drafts {
			if d.Current == (d.ID == own.ID) {
				t.Errorf("%s: current %t", d.ID, d.Current)
			}
			fields := []string{}
			for _, m := range d.Misfits {
				fields = append(fields, m.Path)
			}
			if diff := cmp.Diff(map[bool][]string{true: {}, false: {"non_si_chiede_piu", "codice_fiscale"}}[d.Current], fields); diff != "" {
				t.Errorf("misfits (-want +got):\n%s", diff)
			}
		}
		got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "aire", Answers: form(t, "aire", nil), ApplicantID: ptr(mario), DraftID: ptr(desk.ID),
		})
		if err != nil || got.Status != town.IntakeAccepted {
			t.Fatalf("filed: %+v, %v", got, err)
		}
		if left, err := h.MyDrafts(h.as(t, mario)); err != nil || len(left) != 1 || left[0].ID != own.ID {
			t.Errorf("left: %v, %v", left, err)
		}
		_, err = h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
			IdempotencyKey: key(), Practice: "aire", Answers: form(t, "aire", nil), ApplicantID: ptr(mario), DraftID: ptr(desk.ID),
		})
		if town.CodeOf(err) != town.Invalid {
			t.Errorf("a draft is filed twice: %v", err)
		}
		if err := h.DeleteIntakeDraft(h.as(t, anna), casework.DeleteIntakeDraftInput{IdempotencyKey: key(), DraftID: own.ID}); err != nil {
			t.Fatal(err)
		}
		if left, err := h.MyDrafts(h.as(t, mario)); err != nil || len(left) != 1 {
			t.Errorf("somebody else deleted it: %v, %v", left, err)
		}
	})
}

// TestReceipt: who may read the case's personal data has its receipt.
func TestReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		file := h.file(t, "accesso-atti-edilizi", nil)
		paper := h.papers(t, file.ID)[0]
		if _, err := h.Attach(h.as(t, mario), attachment(mario, file, paper, town.ContentClean)); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{mario, operator, officer} {
			r, err := h.Receipt(h.as(t, who), file.ID)
			if err != nil {
				t.Fatalf("%s: %v", who, err)
			}
			if r.Protocol != file.Protocol || r.ContentHash != file.ContentHash || r.DueOn == nil || *r.DueOn != file.DueOn || len(r.ContentHash) != 64 {
				t.Errorf("%s: %+v", who, r)
			}
			if first := r.Documents[0]; first.Missing || len(first.SHA256) != 1 || first.SHA256[0] != "aa" {
				t.Errorf("%s: the paper that came in: %+v", who, first)
			}
			if r.Term.IT == "" || r.Term.EN == "" || r.Responsible.IT == "" || r.Remedies.EN == "" {
				t.Errorf("%s: words are missing: %+v", who, r)
			}
		}
		for _, who := range []string{anna, mayor, auditor} {
			if _, err := h.Receipt(h.as(t, who), file.ID); town.CodeOf(err) != town.NotFound {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}
