package papers

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// partSize is how much of a file is kept at a time while it comes in, in bytes: no more
// than that is lost when a process dies.
const partSize = 512 << 10

// sending is what somebody wants to send.
type sending struct {
	town.Private

	caseID, documentID, name string
	size                     int64
}

// begin makes the row of a file on its way, once it is clear that it may come in.
func (p *Papers) begin(ctx context.Context, in sending) (*ent.DocumentUpload, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	file, paper, err := p.cases.PaperFor(ctx, in.caseID, in.documentID)
	if err != nil {
		return nil, err
	}
	if in.size < 1 {
		return nil, town.Errorf(town.Invalid, "The file is empty.", "Il file è vuoto.")
	}
	access.Begin(ctx, "uploadDocument")
	key := vault.NewContentKey()
	var row *ent.DocumentUpload
	err = p.store.InTx(ctx, "begin to send a document", func(ctx context.Context, tx *store.Tx) (err error) {
		if err := underWay(ctx, tx, v.ID, in.size); err != nil {
			return err
		}
		id := town.NewID(town.PrefixUpload, tx.Now)
		sealedKey, err := p.vault.Seal(ctx, tx, file.ApplicantID, uploadKeyAt(id), key)
		if err != nil {
			return err
		}
		sealedName, err := p.vault.SealText(ctx, tx, file.ApplicantID, uploadNameAt(id), in.name)
		if err != nil {
			return err
		}
		row, err = tx.DocumentUpload.Create().SetID(id).SetCaseID(file.ID).SetDocumentID(paper.ID).
			SetPersonID(v.ID).SetOnBehalfOf(v.OnBehalfOf()).SetSize(in.size).SetName(sealedName).SetContentKey(sealedKey).
			SetCreatedAt(tx.Now).SetExpiresAt(tx.Now.Add(uploadLife)).Save(ctx)
		if err != nil {
			return fmt.Errorf("begin to send a document: %w", err)
		}
		return nil
	})
	return row, err
}

// underWay refuses one file too many of a person.
func underWay(ctx context.Context, tx *store.Tx, personID string, size int64) error {
	rows, err := tx.DocumentUpload.Query().
		Where(documentupload.PersonID(personID), documentupload.VersionID(""), documentupload.ExpiresAtGT(tx.Now)).
		Limit(maxUnderWay).All(access.System(ctx, "count what is under way"))
	if err != nil {
		return fmt.Errorf("count what is under way: %w", err)
	}
	for _, row := range rows {
		size += row.Size
	}
	if len(rows) >= maxUnderWay || size > maxBytesUnderWay {
		return town.Errorf(town.RateLimited, "Too many files are on their way: attach or cancel some first.",
			"Troppi file in corso di invio: prima allegarne o annullarne qualcuno.")
	}
	return nil
}

// mine is a file on its way that whoever asks is sending, to a paper to which they still
// may; NOT_FOUND for every other.
func (p *Papers) mine(ctx context.Context, id string) (*ent.DocumentUpload, error) {
	row, err := p.store.Reader().DocumentUpload.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read what is under way: %w", err)
	}
	if !row.ExpiresAt.After(p.store.Clock().Now()) {
		return nil, town.ErrNotFound()
	}
	if row.VersionID != "" {
		return row, nil
	}
	_, _, err = p.cases.PaperFor(ctx, row.CaseID, row.DocumentID)
	return row, err
}

// partName is where the part of a file lies that begins at the offset.
func partName(id string, offset int64) string { return fmt.Sprintf("%s%012d", partsOf(id), offset) }

// partsOf begins the names of the parts of a file.
func partsOf(id string) string { return "upload/" + id + "." }

// receive keeps what comes in, part by part, and says how much was kept: also when the
// sender goes away in the middle.
func (p *Papers) receive(ctx context.Context, row *ent.DocumentUpload, offset int64, src io.Reader) (int64, error) {
	key, err := p.vault.Open(access.System(ctx, "documents.receive"), uploadKeyAt(row.ID), row.ContentKey)
	if err != nil {
		return 0, err
	}
	var total int64
	part := make([]byte, partSize)
	for {
		n, readErr := io.ReadFull(src, part)
		if n > 0 {
			if err := p.keepPart(ctx, row, key, offset+total, part[:n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if readErr != nil { // the end, or a sender that went away: what came in counts
			return total, nil
		}
	}
}

// keepPart keeps one part and then counts it. Where another process was quicker, its part
// counts.
func (p *Papers) keepPart(ctx context.Context, row *ent.DocumentUpload, key []byte, offset int64, part []byte) error {
	name := partName(row.ID, offset)
	if err := p.blobs.put(ctx, name, func(w io.Writer) error { return vault.SealContent(w, key, name, part) }); err != nil {
		return err
	}
	// How far a file has come is the house's own note: the audit has who began it and who
	// attached it.
	house := access.System(context.Background(), "documents.receive") //nolint:contextcheck // see above
	return p.store.InTx(house, "count a part of a document", func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.DocumentUpload.Update().Where(documentupload.ID(row.ID), documentupload.Received(offset)).
			SetReceived(offset + int64(len(part))).Save(ctx)
		if err != nil {
			return fmt.Errorf("count a part of a document: %w", err)
		}
		if n == 0 {
			return town.Errorf(town.Conflict, "This file comes in twice at the same time.", "Il file sta arrivando due volte insieme.")
		}
		return nil
	})
}

// whole puts a file that came in together again.
func (p *Papers) whole(ctx context.Context, row *ent.DocumentUpload) ([]byte, error) {
	key, err := p.vault.Open(access.System(ctx, "documents.attach"), uploadKeyAt(row.ID), row.ContentKey)
	if err != nil {
		return nil, err
	}
	content := bytes.NewBuffer(make([]byte, 0, row.Size))
	for int64(content.Len()) < row.Size {
		if err := p.appendPart(ctx, content, key, partName(row.ID, int64(content.Len()))); err != nil {
			return nil, err
		}
	}
	if int64(content.Len()) != row.Size {
		return nil, fmt.Errorf("put %s together: %d bytes instead of %d", row.ID, content.Len(), row.Size)
	}
	return content.Bytes(), nil
}

func (p *Papers) appendPart(ctx context.Context, into *bytes.Buffer, key []byte, name string) error {
	part, err := p.blobs.open(ctx, name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	before := into.Len()
	if err := vault.OpenContent(into, part, key, name, partSize); err != nil {
		return err
	}
	if into.Len() == before {
		return fmt.Errorf("open %s: it is empty", name)
	}
	return nil
}

// forgetUpload removes a file on its way, with its parts. What was attached stays.
func (p *Papers) forgetUpload(ctx context.Context, row *ent.DocumentUpload) error {
	if err := p.blobs.removeAll(ctx, partsOf(row.ID)); err != nil {
		return err
	}
	if row.VersionID == "" { // an attachment that failed half-way
		if err := p.blobs.remove(ctx, contentName(row.ID)); err != nil {
			return err
		}
	}
	house := access.System(context.Background(), "documents.forget") //nolint:contextcheck // the house's own work
	return p.store.InTx(house, "forget a document on its way", func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.DocumentUpload.Delete().Where(documentupload.ID(row.ID)).Exec(ctx); err != nil {
			return fmt.Errorf("forget a document on its way: %w", err)
		}
		return nil
	})
}
