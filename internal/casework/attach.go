package casework

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// maxVersions bounds how often a paper may be brought anew.
const maxVersions = 50

// Attachment is a content that came in for a paper of a case, kept and looked at.
type Attachment struct {
	town.Private

	// Once makes a repeat have one effect.
	Once store.Once
	// CaseID and DocumentID name the paper.
	CaseID, DocumentID string
	// MediaType, Size and SHA256 are of the content, Name is what the file is called.
	MediaType string
	Size      int64
	SHA256    string
	Name      string
	// State is clean, or quarantined where the scanner could not look; Scanner names it.
	State   town.ContentState
	Scanner string
	// Object is the name of the content in the store, Key what opens it there.
	Object string
	Key    []byte
	// Beside is written in the same transaction, with the id of the version.
	Beside func(ctx context.Context, tx *store.Tx, versionID string) error
}

// PaperFor gives a paper of a case, with the case, to which whoever asks may add a
// content now: the applicant and who acts for them, and who handles cases or takes them
// in at a counter in its office, while it is open.
//
// Errors: NOT_FOUND for what whoever asks does not see; NOT_ALLOWED; PRECONDITION_FAILED
// once the case has ended, or the paper is no longer needed.
func (c *Cases) PaperFor(ctx context.Context, caseID, documentID string) (*ent.CaseFile, *ent.CaseDocument, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, nil, err
	}
	file, err := c.Case(ctx, caseID)
	if err != nil {
		return nil, nil, err
	}
	paper, err := c.store.Reader().CaseDocument.Query().Where(casedocument.ID(documentID), casedocument.CaseID(caseID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the paper %s: %w", documentID, err)
	}
	return file, paper, mayAttach(v, file, paper)
}

// mayAttach says why nothing may be added to the paper; nil if it may.
func mayAttach(v *access.Viewer, file *ent.CaseFile, paper *ent.CaseDocument) error {
	facts := factsOf(v, file, nil, false)
	facts.Papers = true                                                      // this one, of which below
	facts.Can = func(a access.Act) bool { return v.Allow(a, file.OfficeID) } // what it is done by is on record
	if err := life.Try(town.ActionAttach, facts); err != nil {
		return err
	}
	if paper.State == town.DocumentWaived {
		return town.Errorf(town.PreconditionFailed, "This document is no longer needed.", "Questo documento non serve più.")
	}
	return nil
}

// Attach adds a content to a paper of a case, as its next version, and says so on the
// case. A paper that was waited for has come in with it: with the last one that was asked
// for the examination goes on, and so does a suspended term.
func (c *Cases) Attach(ctx context.Context, in Attachment) (*ent.CaseFile, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	seen, _, err := c.PaperFor(ctx, in.CaseID, in.DocumentID)
	if err != nil {
		return nil, err
	}
	_, _, err = c.store.Once(ctx, in.Once, func(ctx context.Context, tx *store.Tx) (string, error) {
		h, err := c.held(ctx, tx, v, in.CaseID)
		if err != nil {
			return "", err
		}
		paper := paperIn(h.documents, in.DocumentID)
		if paper == nil {
			return "", town.ErrNotFound()
		}
		if err := mayAttach(v, h.file, paper); err != nil {
			return "", err
		}
		return in.CaseID, c.attach(ctx, h, paper, in)
	})
	if err != nil {
		return nil, err
	}
	return c.after(ctx, in.CaseID, seen)
}

// held takes the case's row until the end of the unit, for what no row of the table says.
func (c *Cases) held(ctx context.Context, tx *store.Tx, v *access.Viewer, caseID string) (*hand, error) {
	file, err := tx.CaseFile.Get(ctx, caseID)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	k, err := c.kindOf(ctx, file)
	if err != nil {
		return nil, err
	}
	h, err := c.lift(ctx, tx, v, deed{caseID: caseID}, k)
	if err != nil {
		return nil, err
	}
	return h, tx.CaseFile.UpdateOneID(caseID).AddVersion(1).Exec(ctx)
}

func paperIn(documents []*ent.CaseDocument, id string) *ent.CaseDocument {
	for _, d := range documents {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (c *Cases) attach(ctx context.Context, h *hand, paper *ent.CaseDocument, in Attachment) error {
	number, err := nextVersion(ctx, h.tx, paper.ID)
	if err != nil {
		return err
	}
	id := town.NewID(town.PrefixVersion, h.tx.Now)
	name, err := c.vault.SealText(ctx, h.tx, h.file.ApplicantID, versionAt(documentversion.FieldName, id), in.Name)
	if err != nil {
		return err
	}
	key, err := c.vault.Seal(ctx, h.tx, h.file.ApplicantID, versionAt(documentversion.FieldContentKey, id), in.Key)
	if err != nil {
		return err
	}
	create := h.tx.DocumentVersion.Create().SetID(id).SetCaseID(h.file.ID).SetDocumentID(paper.ID).SetNumber(number).
		SetState(in.State).SetMediaType(in.MediaType).SetSize(in.Size).SetSha256(in.SHA256).SetScanner(in.Scanner).
		SetName(name).SetContentKey(key).SetObject(in.Object).
		SetUploadedBy(h.viewer.ID).SetOnBehalfOf(h.viewer.OnBehalfOf()).SetUploadedAt(h.tx.Now)
	if in.State == town.ContentClean {
		create.SetScannedAt(h.tx.Now)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("keep version %d of %s: %w", number, paper.DocumentID, err)
	}
	if err := in.Beside(ctx, h.tx, id); err != nil {
		return err
	}
	next, moved, err := c.cameIn(ctx, h, paper)
	if err != nil {
		return err
	}
	data := map[string]string{"document": paper.DocumentID, "version": strconv.Itoa(number), "sha256": in.SHA256}
	maps.Copy(data, moved)
	return h.tell(ctx, town.EventCaseDocAttached, line{kind: "document_attached", to: next, data: data}, data)
}

func versionAt(column, id string) vault.Place {
	return vault.Place{Table: documentversion.Table, Column: column, Row: id}
}

// nextVersion is the number after the last one. The case's row is held.
func nextVersion(ctx context.Context, tx *store.Tx, documentID string) (int, error) {
	n, err := tx.DocumentVersion.Query().Where(documentversion.DocumentID(documentID)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the versions: %w", err)
	}
	if n >= maxVersions {
		return 0, town.Errorf(town.PreconditionFailed, "This document was brought anew too often.", "Questo documento è stato sostituito troppe volte.")
	}
	return n + 1, nil
}

// cameIn marks a paper that was waited for as received; it gives the phase that follows
// and what the timeline says of the term.
func (c *Cases) cameIn(ctx context.Context, h *hand, paper *ent.CaseDocument) (town.Phase, map[string]string, error) {
	if paper.State != town.DocumentRequested && paper.State != town.DocumentRequired {
		return h.file.Phase, nil, nil
	}
	if err := paper.Update().SetState(town.DocumentReceived).SetReceivedAt(h.tx.Now).Exec(ctx); err != nil {
		return "", nil, fmt.Errorf("receive %s: %w", paper.DocumentID, err)
	}
	paper.State = town.DocumentReceived
	return c.received(ctx, h, nil)
}

// received goes on with the examination, and with a suspended term, once nothing that was
// asked for is missing; the last paper came on the named day, today where none is named. It
// gives the phase that follows and what the timeline says of the term.
func (c *Cases) received(ctx context.Context, h *hand, on *town.Date) (next town.Phase, moved map[string]string, err error) {
	now := factsOf(h.viewer, h.file, h.documents, h.facts.OnTheSpot)
	next = life.Next(town.ActionReceiveDocument, now)
	flags := h.flags
	if now.Requested == 0 {
		if moved, err = c.settleIntegration(ctx, h, on); err != nil {
			return "", nil, err
		}
		flags = notWaiting(h.flags)
	}
	return next, moved, h.change(ctx, next, func(u *ent.CaseFileUpdateOne) { u.SetFlags(flags) })
}

// ScanVerdict is what a scanner said of a content that had waited for it.
type ScanVerdict struct {
	// Scanner names it; Found is what it found, empty for nothing.
	Scanner, Found string
}

// Scanned records the verdict on a content that waits: from then on it is handed out, or
// never. A paper without any other content is missing again. It is the house's own work,
// and does nothing to a content that does not wait any more.
func (c *Cases) Scanned(ctx context.Context, versionID string, verdict ScanVerdict) error {
	ctx = access.System(ctx, "casework.scanned")
	return c.store.InTx(ctx, "scan a document", func(ctx context.Context, tx *store.Tx) error {
		state := town.ContentClean
		if verdict.Found != "" {
			state = town.ContentRefused
		}
		n, err := tx.DocumentVersion.Update().Where(documentversion.ID(versionID), documentversion.StateEQ(town.ContentQuarantined)).
			SetState(state).SetScanner(verdict.Scanner).SetScannedAt(tx.Now).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		version, err := tx.DocumentVersion.Get(ctx, versionID)
		if err != nil {
			return fmt.Errorf("read the version: %w", err)
		}
		v, err := access.From(ctx)
		if err != nil {
			return err
		}
		h, err := c.held(ctx, tx, v, version.CaseID)
		if err != nil {
			return err
		}
		paper := paperIn(h.documents, version.DocumentID)
		if paper == nil {
			return fmt.Errorf("the paper %s of a version is not there", version.DocumentID)
		}
		return c.tellScanned(ctx, h, paper, version)
	})
}

// tellScanned says on the case what a scan came to. A clean content is no news to anybody
// but who waits for it on a screen.
func (c *Cases) tellScanned(ctx context.Context, h *hand, paper *ent.CaseDocument, version *ent.DocumentVersion) error {
	data := map[string]string{"document": paper.DocumentID, "version": strconv.Itoa(version.Number), town.DataState: string(version.State)}
	if version.State == town.ContentClean {
		h.tx.Emit(eventOf(town.EventCaseDocScanned, h.file, h.viewer.ID, with(data, town.DataPhase, string(h.file.Phase))))
		return nil
	}
	others, err := h.tx.DocumentVersion.Query().
		Where(documentversion.DocumentID(paper.ID), documentversion.StateNEQ(town.ContentRefused)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for other versions: %w", err)
	}
	if !others && paper.State == town.DocumentReceived {
		if err := paper.Update().SetState(town.DocumentRequired).ClearReceivedAt().Exec(ctx); err != nil {
			return fmt.Errorf("wait for %s again: %w", paper.DocumentID, err)
		}
	}
	return h.tell(ctx, town.EventCaseDocScanned, line{kind: "document_refused", data: data}, data)
}

// VersionsOfDocuments gives the versions of each paper, the last one first.
func (c *Cases) VersionsOfDocuments(ctx context.Context, documentIDs []string) (map[string][]*ent.DocumentVersion, error) {
	rows, err := c.store.Reader().DocumentVersion.Query().Where(documentversion.DocumentIDIn(documentIDs...)).
		Order(ent.Asc(documentversion.FieldDocumentID), ent.Desc(documentversion.FieldNumber)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the versions of %d papers: %w", len(documentIDs), err)
	}
	return group(rows, func(d *ent.DocumentVersion) string { return d.DocumentID }), nil
}

// VersionsByIDs are versions of papers that the viewer may see, by id.
func (c *Cases) VersionsByIDs(ctx context.Context, ids []string) (map[string]*ent.DocumentVersion, error) {
	rows, err := c.store.Reader().DocumentVersion.Query().Where(documentversion.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d versions: %w", len(ids), err)
	}
	return keyed(rows, func(d *ent.DocumentVersion) string { return d.ID }), nil
}

// VersionNames are what the files of those versions are called whose case's personal data
// the viewer may read, unless they were erased.
func (c *Cases) VersionNames(ctx context.Context, versions []*ent.DocumentVersion) (map[*ent.DocumentVersion]*string, error) {
	ids := make([]string, len(versions))
	for i, v := range versions {
		ids[i] = v.CaseID
	}
	files, err := c.CasesByIDs(ctx, padded(ids))
	if err != nil {
		return nil, err
	}
	var may []*ent.DocumentVersion
	for _, v := range versions {
		if file := files[v.CaseID]; file != nil && c.MayReadPersonal(ctx, file) {
			may = append(may, v)
		}
	}
	return vault.Texts(ctx, c.vault, may, func(v *ent.DocumentVersion) vault.Sealed {
		return vault.Sealed{At: versionAt(documentversion.FieldName, v.ID), Data: v.Name}
	})
}
