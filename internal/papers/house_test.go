package papers_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/papers"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

var opening = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// house is the room on a store of its own. Of casework it has one case of Rossi with one
// paper; who may is Rossi alone.
type house struct {
	*papers.Papers
	t       *testing.T
	store   *store.Store
	vault   *vault.Vault
	clock   *town.ManualClock
	scanner *scanner
	server  *httptest.Server
	folder  string
	read    []string // what was put on record
}

func eachHouse(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) { fn(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db dbtest.DB) *house {
	t.Helper()
	h := &house{t: t, clock: town.NewManualClock(opening), scanner: &scanner{}, folder: filepath.Join(t.TempDir(), "documents")}
	cfg := store.Config{DSN: db.DSN, Clock: h.clock, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	var err error
	if h.store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.vault = vaulttest.New(t, h.store)
	h.fill()
	h.open()
	return h
}

// open opens the room and its door, as a process that starts does.
func (h *house) open() {
	h.t.Helper()
	blobs, err := papers.Folder(h.folder)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Papers = papers.New(papers.Config{
		Store: h.store, Vault: h.vault, Cases: &cases{h}, Blobs: blobs, Logger: slog.New(slog.DiscardHandler), Scanner: h.scanner,
		Reads: func(_ context.Context, action string) error {
			h.read = append(h.read, action)
			return nil
		},
	})
	handler, err := h.Handler(func(context.Context, string) (*access.Viewer, error) { return nil, town.ErrNotFound() })
	if err != nil {
		h.t.Fatal(err)
	}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(h.as(r.Context(), r.Header.Get("Who"))))
	}))
	h.t.Cleanup(func() {
		h.server.Close()
		if err := blobs.Close(); err != nil {
			h.t.Error(err)
		}
	})
}

// as is a context in which the person asks, who sees all rows here: casework decides.
func (h *house) as(ctx context.Context, who string) context.Context {
	if who == "" {
		return access.With(ctx, access.Public())
	}
	v := *access.Asker(access.System(ctx, "test"))
	v.ID, v.Kind = who, access.KindPerson
	return access.With(ctx, &v)
}

func (h *house) system() context.Context { return access.System(context.Background(), "test") }

func (h *house) fill() {
	h.t.Helper()
	err := h.store.InTx(h.system(), "furnish a test", func(ctx context.Context, tx *store.Tx) error {
		err := tx.CaseFile.Create().SetID("case_1").SetProtocol("2026/000001").SetServiceID("s").SetPracticeID("p").SetPluginVersion("1").
			SetOfficeID("o").SetPhase(town.PhaseTriage).SetPriority(town.P3).SetChannel(town.ChannelOnline).SetSilence("none").SetApplicantID("rossi").
			SetFiledAt(tx.Now).SetRegisteredAt(tx.Now).SetDueOn(town.Today(tx.Now)).SetUpdatedAt(tx.Now).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.CaseDocument.Create().SetID("doc_1").SetCaseID("case_1").SetOrdinal(1).SetDocumentID("id").SetLabelIt("d").SetLabelEn("d").
			SetState(town.DocumentRequired).Exec(ctx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// cases stands for casework.
type cases struct{ *house }

func (c *cases) PaperFor(ctx context.Context, caseID, documentID string) (*ent.CaseFile, *ent.CaseDocument, error) {
	if v, err := access.From(ctx); err != nil || v.ID != "rossi" || caseID != "case_1" || documentID != "doc_1" {
		return nil, nil, town.ErrNotFound()
	}
	file, err := c.store.Reader().CaseFile.Get(c.system(), caseID)
	if err != nil {
		return nil, nil, err
	}
	paper, err := c.store.Reader().CaseDocument.Get(c.system(), documentID)
	return file, paper, err
}

func (c *cases) Attach(ctx context.Context, in casework.Attachment) (*ent.CaseFile, error) {
	_, _, err := c.store.Once(ctx, in.Once, func(ctx context.Context, tx *store.Tx) (string, error) {
		id := town.NewID(town.PrefixVersion, tx.Now)
		key, err := c.vault.Seal(ctx, tx, "rossi", vault.Place{Table: "document_versions", Column: "content_key", Row: id}, in.Key)
		if err != nil {
			return "", err
		}
		n, err := tx.DocumentVersion.Query().Count(ctx)
		if err != nil {
			return "", err
		}
		err = tx.DocumentVersion.Create().SetID(id).SetCaseID(in.CaseID).SetDocumentID(in.DocumentID).SetNumber(n + 1).SetState(in.State).
			SetMediaType(in.MediaType).SetSize(in.Size).SetSha256(in.SHA256).SetScanner(in.Scanner).SetContentKey(key).SetObject(in.Object).
			SetUploadedBy("rossi").SetUploadedAt(tx.Now).Exec(ctx)
		if err != nil {
			return "", err
		}
		return id, in.Beside(ctx, tx, id)
	})
	if err != nil {
		return nil, err
	}
	return c.store.Reader().CaseFile.Get(c.system(), in.CaseID)
}

func (c *cases) Scanned(_ context.Context, id string, verdict casework.ScanVerdict) error {
	state := town.ContentClean
	if verdict.Found != "" {
		state = town.ContentRefused
	}
	return c.store.InTx(c.system(), "scanned", func(ctx context.Context, tx *store.Tx) error {
		return tx.DocumentVersion.UpdateOneID(id).SetState(state).SetScanner(verdict.Scanner).Exec(ctx)
	})
}

func (*cases) Receipt(context.Context, string) (*casework.Receipt, error) {
	return nil, town.ErrNotFound()
}

// scanner does as the test says; away, it is not reached.
type scanner struct {
	mu    sync.Mutex
	away  bool
	looks int
}
