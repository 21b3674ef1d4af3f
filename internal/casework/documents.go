package casework

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// maxAsked bounds how many papers one request may name, maxGround the characters of
// its ground.
const (
	maxAsked  = 30
	maxGround = 300
)

// groundPapers is why a term is suspended, in the ledger.
const groundPapers = "Documenti chiesti al richiedente"

// RequestDocuments asks the applicant for papers. What that does to the term depends on
// the legal ground alone; what the law does not allow is refused with the article.
func (c *Cases) RequestDocuments(ctx context.Context, in RequestDocumentsInput) (*ent.CaseFile, error) {
	ground, err := words("ground", in.Ground, 1)
	if err == nil && utf8.RuneCountInString(ground) > maxGround {
		err = town.Errorf(town.Invalid, "At most 300 characters.", "Al massimo 300 caratteri.").At("input", "ground")
	}
	if err == nil && (len(in.Documents) == 0 || len(in.Documents) > maxAsked) {
		err = town.Errorf(town.Invalid, "Name 1 to 30 documents.", "Indicare da 1 a 30 documenti.").At("input", "documents")
	}
	return c.act(ctx, deed{
		mutation: "requestDocuments", action: town.ActionRequestDocuments, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		for _, code := range in.Documents {
			if err := c.askDocument(ctx, h, code, ground); err != nil {
				return err
			}
		}
		flags, moved, err := c.openIntegration(ctx, h, in, ground)
		if err != nil {
			return err
		}
		next := life.Next(town.ActionRequestDocuments, h.facts)
		if err := h.change(ctx, next, func(u *ent.CaseFileUpdateOne) { u.SetFlags(flags) }); err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseDocsAsked, line{kind: "documents_requested", to: next, note: ground, data: moved}, moved)
	})
}

// askDocument asks for a paper of the case, or for one of the common ones.
func (c *Cases) askDocument(ctx context.Context, h *hand, code, ground string) error {
	for _, d := range h.documents {
		if d.DocumentID != code {
			continue
		}
		sealed, err := c.vault.SealText(ctx, h.tx, h.file.ApplicantID, groundAt(d.ID), ground)
		if err != nil {
			return err
		}
		err = d.Update().SetState(town.DocumentRequested).SetAskedBy(h.viewer.ID).SetAskedAt(h.tx.Now).
			ClearReceivedAt().SetGround(sealed).Exec(ctx)
		if err != nil {
			return fmt.Errorf("ask for %s: %w", code, err)
		}
		d.State = town.DocumentRequested
		return nil
	}
	at := slices.IndexFunc(c.town.CommonDocuments, func(d sdk.Document) bool { return d.ID == code })
	if at < 0 {
		return town.Errorf(town.Invalid, "Neither the case nor the town knows this document.", "Documento sconosciuto alla pratica e all'ente.").At("input", "documents")
	}
	ordinal := 1
	if n := len(h.documents); n > 0 {
		ordinal = h.documents[n-1].Ordinal + 1
	}
	create := newDocument(h.tx, h.file.ID, ordinal, c.town.CommonDocuments[at], true)
	id, _ := create.Mutation().ID()
	sealed, err := c.vault.SealText(ctx, h.tx, h.file.ApplicantID, groundAt(id), ground)
	if err != nil {
		return err
	}
	doc, err := create.SetState(town.DocumentRequested).SetAskedBy(h.viewer.ID).SetAskedAt(h.tx.Now).SetGround(sealed).Save(ctx)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", code, err)
	}
	h.documents = append(h.documents, doc)
	return nil
}

// ReceiveDocument records a paper that came in. With the last one that was asked
// for the examination goes on, and so does a suspended term.
func (c *Cases) ReceiveDocument(ctx context.Context, in ReceiveDocumentInput) (*ent.CaseFile, error) {
	return c.act(ctx, deed{
		mutation: "receiveDocument", action: town.ActionReceiveDocument, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion,
	}, func(ctx context.Context, h *hand) error {
		waits := func(d *ent.CaseDocument) bool {
			return d.DocumentID == in.Document && (d.State == town.DocumentRequested || d.State == town.DocumentRequired)
		}
		if !slices.ContainsFunc(h.documents, waits) {
			return town.Errorf(town.Invalid, "The case does not wait for this document.", "La pratica non attende questo documento.").At("input", "document")
		}
		for _, d := range h.documents { // a rule may ask again for a paper of the form
			if !waits(d) {
				continue
			}
			if err := d.Update().SetState(town.DocumentReceived).SetReceivedAt(h.tx.Now).Exec(ctx); err != nil {
				return fmt.Errorf("receive %s: %w", in.Document, err)
			}
			d.State = town.DocumentReceived
		}
		next, moved, err := c.received(ctx, h, in.ReceivedOn)
		if err != nil {
			return err
		}
		data := map[string]string{"document": in.Document}
		maps.Copy(data, moved)
		return h.tell(ctx, town.EventCaseDocReceived, line{kind: "document_received", to: next, data: data}, data)
	})
}
