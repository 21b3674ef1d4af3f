package papers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// AttachDocumentInput makes a file that came in a version of its paper.
type AttachDocumentInput struct {
	IdempotencyKey string
	// UploadID names the file, as the address at which it came in ends.
	UploadID string
}

// Attach makes a file that has come in whole the next version of the paper that it was
// sent for, and gives the case. The file is looked at first: what it is, and what the
// scanner finds. Attaching one twice has one effect.
//
// Errors: NOT_FOUND for a file that is not one's own or took too long;
// PRECONDITION_FAILED before it has come in whole; INVALID, with the detail media_type or
// harmful, for what is not taken: the file is then removed.
func (p *Papers) Attach(ctx context.Context, in AttachDocumentInput) (*ent.CaseFile, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	row, err := p.mine(ctx, in.UploadID)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, town.Errorf(town.Invalid, "There is no such file on its way.", "Non esiste un file in arrivo con questo codice.").At("input", "uploadId")
	}
	if err != nil {
		return nil, err
	}
	if row.VersionID != "" {
		return p.theCase(ctx, row.CaseID)
	}
	if row.Received != row.Size {
		return nil, town.Errorf(town.PreconditionFailed, "The file has not come in whole yet.", "Il file non è ancora arrivato per intero.").At("input", "uploadId")
	}
	a, err := p.prepare(ctx, row)
	if err != nil {
		return nil, err
	}
	a.Once = store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "attachDocument", Key: in.IdempotencyKey, Input: in}
	a.Beside = func(ctx context.Context, tx *store.Tx, versionID string) error {
		return used(ctx, tx, row.ID, versionID)
	}
	file, err := p.cases.Attach(ctx, *a)
	if err != nil {
		return nil, err
	}
	if err := p.blobs.removeAll(ctx, partsOf(row.ID)); err != nil { // the sweep does it later
		p.log.WarnContext(ctx, "parts of an attached document stay for a while", "error", err)
	}
	return file, nil
}

func (p *Papers) theCase(ctx context.Context, id string) (*ent.CaseFile, error) {
	file, err := p.store.Reader().CaseFile.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	return file, nil
}

// used notes what a file became. Whoever comes second finds it used.
func used(ctx context.Context, tx *store.Tx, uploadID, versionID string) error {
	n, err := tx.DocumentUpload.Update().Where(documentupload.ID(uploadID), documentupload.VersionID("")).SetVersionID(versionID).Save(ctx)
	if err != nil {
		return fmt.Errorf("note what a file became: %w", err)
	}
	if n == 0 {
		return town.Errorf(town.Conflict, "This file was attached just now.", "Il file è stato appena allegato.").At("input", "uploadId")
	}
	return nil
}

// contentName is where a content lies. It is named after the file on its way: doing it
// again overwrites what was left half-done.
func contentName(uploadID string) string { return "content/" + uploadID }

// prepare looks at a file and keeps it, outside of any transaction.
func (p *Papers) prepare(ctx context.Context, row *ent.DocumentUpload) (*casework.Attachment, error) {
	release, err := p.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	content, err := p.whole(ctx, row)
	if err != nil {
		return nil, err
	}
	a := &casework.Attachment{
		CaseID: row.CaseID, DocumentID: row.DocumentID, Size: row.Size, Object: contentName(row.ID), Key: vault.NewContentKey(), Scanner: p.scanner.Name(),
	}
	sum := sha256.Sum256(content)
	a.SHA256 = hex.EncodeToString(sum[:])
	if err := p.look(ctx, row, content, a); err != nil {
		return nil, err
	}
	err = p.blobs.put(ctx, a.Object, func(w io.Writer) error { return vault.SealContent(w, a.Key, a.Object, content) })
	if err != nil {
		return nil, err
	}
	return a, nil
}

// look says what a file is, and what the scanner thinks of it. What is not taken is
// removed.
func (p *Papers) look(ctx context.Context, row *ent.DocumentUpload, content []byte, a *casework.Attachment) error {
	k, ok := kindOf(content)
	if !ok {
		return p.turnAway(ctx, row, "media_type", "This kind of file is not taken: send a PDF, a JPEG or PNG picture, a plain text, or one of them signed (.p7m).",
			"Questo tipo di file non è accettato: inviare un PDF, un'immagine JPEG o PNG, un testo semplice, oppure uno di questi firmato (.p7m).")
	}
	given, err := p.vault.Open(access.System(ctx, "documents.attach"), uploadNameAt(row.ID), row.Name)
	if err != nil {
		return err
	}
	a.MediaType, a.Name, a.State = k.mediaType, safeName(string(given), k), town.ContentClean
	found, err := p.scanner.Scan(ctx, bytes.NewReader(content))
	switch {
	case err != nil:
		p.log.WarnContext(ctx, "a document waits for the scanner", "scanner", p.scanner.Name(), "error", err)
		a.State = town.ContentQuarantined
		return nil
	case found != "":
		p.log.WarnContext(ctx, "the scanner refused a document", "scanner", p.scanner.Name(), "found", found, "case", row.CaseID)
		return p.turnAway(ctx, row, "harmful", "The scanner found something harmful in this file: it was not taken.",
			"Il controllo ha trovato un contenuto dannoso nel file, che non è stato accettato.")
	default:
		return nil
	}
}

// turnAway removes a file that is not taken and says why.
func (p *Papers) turnAway(ctx context.Context, row *ent.DocumentUpload, detail, en, it string) error {
	if err := p.forgetUpload(ctx, row); err != nil {
		return err
	}
	e := town.Errorf(town.Invalid, en, it).At("input", "uploadId")
	e.Detail = detail
	return e
}
