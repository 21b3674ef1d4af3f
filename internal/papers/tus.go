package papers

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	expslog "golang.org/x/exp/slog"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// UploadsPath is where files come in.
const UploadsPath = "/documents/uploads/"

// The names of what a sender says of a file, in Upload-Metadata.
const (
	metaCase     = "case"
	metaDocument = "document"
	metaName     = "filename"
)

// newUploads speaks the tus protocol, version 1.0, with its extensions creation and
// termination. Who sends is known by then; what they may is asked at every request.
func newUploads(p *Papers) (http.Handler, error) {
	composer := handler.NewStoreComposer()
	parts := tusStore{p}
	composer.UseCore(parts)
	composer.UseTerminater(parts)
	composer.UseLocker(memorylocker.New())
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: UploadsPath, MaxSize: MaxSize,
		DisableDownload: true, DisableConcatenation: true,
		// Pages of other sites send nothing here; see the server's middleware.
		Cors: &handler.CorsConfig{Disable: true},
		// Its log repeats what senders say.
		Logger: expslog.New(expslog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	return http.StripPrefix(UploadsPath, tus), nil
}

// tusStore is the store of the protocol: it keeps what comes in sealed, part by part.
type tusStore struct{ papers *Papers }

// NewUpload implements handler.DataStore.
func (s tusStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	row, err := s.papers.begin(ctx, sending{
		caseID: info.MetaData[metaCase], documentID: info.MetaData[metaDocument], name: info.MetaData[metaName], size: info.Size,
	})
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	return &tusUpload{papers: s.papers, store: s, row: row}, nil
}

// GetUpload implements handler.DataStore.
func (s tusStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	row, err := s.papers.mine(ctx, id)
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	return &tusUpload{papers: s.papers, store: s, row: row}, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (tusStore) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*tusUpload) //nolint:forcetypeassert // it comes from this store
}

// tusUpload is one file on its way.
type tusUpload struct {
	papers *Papers
	store  tusStore
	row    *ent.DocumentUpload
}

// WriteChunk implements handler.Upload.
func (u *tusUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := u.papers.receive(ctx, u.row, offset, src)
	return n, u.store.refusal(ctx, err)
}

// GetInfo implements handler.Upload. What a sender said of the file is not repeated.
func (u *tusUpload) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: u.row.ID, Size: u.row.Size, Offset: u.row.Received}, nil
}

// GetReader implements handler.Upload: what is on its way is not handed out.
func (*tusUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}

// FinishUpload implements handler.Upload: attachDocument is what makes it a document.
func (*tusUpload) FinishUpload(context.Context) error { return nil }

// Terminate implements handler.TerminatableUpload.
func (u *tusUpload) Terminate(ctx context.Context) error {
	if u.row.VersionID != "" {
		return handler.ErrNotFound
	}
	return u.store.refusal(ctx, u.papers.forgetUpload(ctx, u.row))
}

// refusal is an error in the protocol's terms; what is a fault is logged, and not told.
func (s tusStore) refusal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var own *town.Error
	if !errors.As(err, &own) {
		level, status := slog.LevelError, http.StatusInternalServerError
		if store.IsUnavailable(err) {
			level, status = slog.LevelWarn, http.StatusServiceUnavailable
		}
		s.papers.log.Log(ctx, level, "a document could not come in", "error", err)
		return handler.NewError("ERR_FAULT", "the document could not come in; try again", status)
	}
	return handler.NewError("ERR_"+string(own.Code), own.Message, statusOf(own.Code))
}

func statusOf(code town.Code) int {
	switch code {
	case town.NotFound:
		return http.StatusNotFound
	case town.Unauthenticated:
		return http.StatusUnauthorized
	case town.Forbidden, town.NotAllowed:
		return http.StatusForbidden
	case town.RateLimited:
		return http.StatusTooManyRequests
	case town.Conflict, town.PreconditionFailed:
		return http.StatusConflict
	case town.Unavailable:
		return http.StatusServiceUnavailable
	case town.Internal:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// signedIn lets nobody in who has not signed in.
func signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := access.From(r.Context()); err != nil {
			refuse(w, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
