package papers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

var (
	errGone    = errors.New("this content was erased")
	errChanged = errors.New("the content is not what came in")
)

// downloadTime bounds how long a client may take for one document.
const downloadTime = 10 * time.Minute

// download hands out a version of a document, whole or in ranges, as a file to be saved.
// What whoever asks may not see is not there. A content that waits for the scanner is 409
// with Retry-After, one that was refused or erased 410.
func (p *Papers) download(w http.ResponseWriter, r *http.Request) {
	version, status := p.toHandOut(r.Context(), r.PathValue("version"))
	if status != http.StatusOK {
		if status == http.StatusConflict {
			w.Header().Set("Retry-After", "60")
		}
		refuse(w, status)
		return
	}
	release, err := p.hold(r.Context())
	if err != nil {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	defer release()
	name, content, err := p.opened(r.Context(), version)
	if err != nil {
		p.failed(w, r, version.ID, err)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime)) // a server without deadlines sets none
	h := w.Header()
	h.Set("Content-Type", version.MediaType)
	h.Set("Content-Disposition", attachment(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+version.Sha256+`"`)
	http.ServeContent(w, r, "", version.UploadedAt, bytes.NewReader(content))
}

// attachment makes a browser save the file under its name.
func attachment(name string) string {
	if value := mime.FormatMediaType("attachment", map[string]string{"filename": name}); value != "" {
		return value
	}
	return "attachment"
}

// toHandOut finds a version that whoever asks may have; the status says why not.
func (p *Papers) toHandOut(ctx context.Context, id string) (*ent.DocumentVersion, int) {
	version, err := p.store.Reader().DocumentVersion.Get(ctx, id)
	if err != nil {
		return nil, p.missing(ctx, err)
	}
	file, err := p.store.Reader().CaseFile.Get(ctx, version.CaseID)
	if err != nil {
		return nil, p.missing(ctx, err)
	}
	v := access.Asker(ctx)
	party := v.StandsFor(file.ApplicantID, file.ServiceID) || v.DidAsSelf(file.SubmittedBy)
	if !v.Allow(access.CaseReadPersonal, file.OfficeID) && (!party || !v.CanAsParty(access.CaseReadPersonal)) {
		return nil, http.StatusNotFound
	}
	switch version.State {
	case town.ContentClean:
		return version, http.StatusOK
	case town.ContentQuarantined:
		return nil, http.StatusConflict
	default:
		return nil, http.StatusGone
	}
}

func (p *Papers) missing(ctx context.Context, err error) int {
	if ent.IsNotFound(err) {
		return http.StatusNotFound
	}
	p.log.WarnContext(ctx, "a document could not be read", "error", err)
	return http.StatusServiceUnavailable
}

// opened opens name and content and puts it on record before they leave.
func (p *Papers) opened(ctx context.Context, version *ent.DocumentVersion) (string, []byte, error) {
	content, err := p.content(ctx, version)
	if err != nil {
		return "", nil, err
	}
	name, err := p.vault.Open(ctx, versionNameAt(version.ID), version.Name)
	if err != nil {
		return "", nil, err
	}
	if err := p.reads(ctx, "download of a document"); err != nil {
		return "", nil, fmt.Errorf("put on record who reads: %w", err)
	}
	return string(name), content, nil
}

func (p *Papers) failed(w http.ResponseWriter, r *http.Request, what string, err error) {
	switch {
	case town.CodeOf(err) == town.NotFound && err != nil:
		refuse(w, http.StatusNotFound)
	case errors.Is(err, errGone), errors.Is(err, vault.ErrErased):
		refuse(w, http.StatusGone)
	case store.IsUnavailable(err), town.CodeOf(err) == town.Unavailable:
		refuse(w, http.StatusServiceUnavailable)
	default:
		p.log.ErrorContext(r.Context(), "a document could not be handed out", "id", what, "error", err)
		refuse(w, http.StatusInternalServerError)
	}
}

// refuse says no without a word that could be about somebody.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}
