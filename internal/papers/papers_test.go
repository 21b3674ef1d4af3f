package papers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/papers"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func (*scanner) Name() string { return "test" }

func (s *scanner) Scan(_ context.Context, content io.Reader) (string, error) {
	text, err := io.ReadAll(content)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	switch {
	case err != nil || s.away:
		return "", errors.Join(err, errors.New("away"))
	case bytes.Contains(text, []byte(eicar)):
		return "Eicar", nil
	default:
		return "", nil
	}
}

func (s *scanner) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// reply is an answer whose body was read.
type reply struct {
	StatusCode int
	Header     http.Header
}

// call makes a request as rossi and gives status, headers and body.
func (h *house) call(method, path string, body io.Reader, headers ...string) (reply, []byte) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Who", "rossi")
	req.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header}, text
}

func (h *house) begin(size int) (reply, string) {
	h.t.Helper()
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	resp, _ := h.call(http.MethodPost, papers.UploadsPath, nil, "Upload-Length", strconv.Itoa(size),
		"Upload-Metadata", "case "+code("case_1")+",document "+code("doc_1")+",filename "+code("nota.txt"))
	return resp, resp.Header.Get("Location")[strings.LastIndex(resp.Header.Get("Location"), "/")+1:]
}

// send sends a text whole and gives the id of the upload.
func (h *house) send(text string) string {
	h.t.Helper()
	resp, id := h.begin(len(text))
	if resp.StatusCode != http.StatusCreated {
		h.t.Fatalf("begin: %d", resp.StatusCode)
	}
	resp, body := h.call(http.MethodPatch, papers.UploadsPath+id, strings.NewReader(text), "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	if resp.StatusCode != http.StatusNoContent {
		h.t.Fatalf("send: %d %s", resp.StatusCode, body)
	}
	return id
}

func (h *house) attach(id string) error {
	_, err := h.Attach(h.as(h.t.Context(), "rossi"), papers.AttachDocumentInput{IdempotencyKey: id, UploadID: id})
	return err
}

func (h *house) versions() []*ent.DocumentVersion {
	h.t.Helper()
	rows, err := h.store.Reader().DocumentVersion.Query().All(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

func (h *house) sweep() {
	h.t.Helper()
	if _, err := h.Sweep(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

// files are those in the folder of documents.
func (h *house) files() []string {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(h.folder, "*", "*"))
	if err != nil {
		h.t.Fatal(err)
	}
	return found
}

// TestResume: what came in before a process ended is there for the next one.
func TestResume(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		text := strings.Repeat("città ", 150_000)
		_, id := h.begin(len(text))
		patch := func(offset int, part string) reply {
			resp, _ := h.call(http.MethodPatch, papers.UploadsPath+id, strings.NewReader(part), "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
			return resp
		}
		if resp := patch(0, text[:700_001]); resp.Header.Get("Upload-Offset") != "700001" {
			t.Fatalf("the first part: %d, offset %s", resp.StatusCode, resp.Header.Get("Upload-Offset"))
		}
		h.open()
		if resp := patch(5, text[5:]); resp.StatusCode != http.StatusConflict {
			t.Errorf("another offset: %d", resp.StatusCode)
		}
		if resp, _ := h.call(http.MethodHead, papers.UploadsPath+id, nil); resp.Header.Get("Upload-Offset") != "700001" {
			t.Errorf("after a start: %s", resp.Header.Get("Upload-Offset"))
		}
		if err := h.attach(id); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("half a file is attached: %v", err)
		}
		if resp := patch(700_001, text[700_001:]); resp.StatusCode != http.StatusNoContent {
			t.Errorf("the rest: %d", resp.StatusCode)
		}
		if err := h.attach(id); err != nil {
			t.Fatal(err)
		}
		v := h.versions()[0]
		resp, body := h.call(http.MethodGet, papers.Path(v.ID), nil)
		if resp.StatusCode != http.StatusOK || string(body) != text {
			t.Errorf("it comes out otherwise: %d, %d bytes", resp.StatusCode, len(body))
		}
		if left := h.files(); len(left) != 1 {
			t.Errorf("left in the folder: %v", left)
		}
		if len(h.read) != 1 {
			t.Errorf("put on record: %v", h.read)
		}
	})
}

// TestScanner: what does harm is not taken; what could not be scanned waits, and is not
// handed out before.
func TestScanner(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.send(eicar)
		if err := h.attach(id); town.CodeOf(err) != town.Invalid || len(h.versions()) != 0 {
			t.Errorf("taken: %v", err)
		}
		if left := h.files(); len(left) != 0 {
			t.Errorf("a harmful file is kept: %v", left)
		}
		h.scanner.set(true)
		for _, text := range []string{"innocuo", eicar} {
			if err := h.attach(h.send(text)); err != nil {
				t.Fatal(err)
			}
		}
		h.sweep()
		for _, v := range h.versions() {
			if resp, body := h.call(http.MethodGet, papers.Path(v.ID), nil); v.State != town.ContentQuarantined || resp.StatusCode != http.StatusConflict || len(body) > 20 {
				t.Errorf("while the scanner is away: %s, %d %.20s", v.State, resp.StatusCode, body)
			}
		}
		h.scanner.set(false)
		h.sweep()
		want := map[int64]int{int64(len("innocuo")): http.StatusOK, int64(len(eicar)): http.StatusGone}
		for _, v := range h.versions() {
			if resp, _ := h.call(http.MethodGet, papers.Path(v.ID), nil); resp.StatusCode != want[v.Size] || v.Scanner != "test" {
				t.Errorf("once it is back: %s, %d", v.State, resp.StatusCode)
			}
		}
		looks := h.scanner.looks
		h.sweep()
		if h.scanner.looks != looks {
			t.Error("what was scanned is scanned again")
		}
	})
}

// TestErasure: without the key a content is gone, and then it is taken out of the folder.
func TestErasure(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, text := range []string{"uno", "due"} {
			if err := h.attach(h.send(text)); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range h.files() {
			if text, err := os.ReadFile(name); err != nil || bytes.Contains(text, []byte("uno")) || bytes.Contains(text, []byte("due")) {
				t.Errorf("%s lies in clear, %v", name, err)
			}
		}
		rows := h.versions()
		err := h.store.InTx(h.system(), "erase", func(ctx context.Context, tx *store.Tx) error {
			return tx.DocumentVersion.UpdateOneID(rows[0].ID).SetContentKey([]byte{}).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		h.sweep()
		if len(h.files()) != 1 || h.versions()[0].RemovedAt == nil || h.versions()[1].RemovedAt != nil {
			t.Errorf("left: %v", h.files())
		}
		err = h.store.InTx(h.system(), "forget", func(ctx context.Context, tx *store.Tx) error { return h.vault.Destroy(ctx, tx, "rossi") })
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range rows {
			if resp, body := h.call(http.MethodGet, papers.Path(v.ID), nil); resp.StatusCode != http.StatusGone || len(body) > 20 {
				t.Errorf("an erased document: %d", resp.StatusCode)
			}
		}
	})
}

// TestLimits: a person has a few files on their way, for a day.
func TestLimits(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		if resp, _ := h.begin(0); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("nothing at all: %d", resp.StatusCode)
		}
		if resp, _ := h.begin(papers.MaxSize + 1); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("too large: %d", resp.StatusCode)
		}
		for n := range 6 {
			want := http.StatusCreated
			if n == 5 { // 100 MiB
				want = http.StatusTooManyRequests
			}
			if resp, _ := h.begin(papers.MaxSize); resp.StatusCode != want {
				t.Errorf("file %d: %d, want %d", n+1, resp.StatusCode, want)
			}
		}
		h.clock.Advance(25 * time.Hour)
		text := "arriva"
		resp, id := h.begin(len(text))
		if resp.StatusCode != http.StatusCreated {
			t.Errorf("the day after: %d", resp.StatusCode)
		}
		h.call(http.MethodPatch, papers.UploadsPath+id, strings.NewReader(text), "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		h.clock.Advance(25 * time.Hour)
		if err := h.attach(id); town.CodeOf(err) != town.Invalid {
			t.Errorf("too late: %v", err)
		}
		h.sweep()
		if n, err := h.store.Reader().DocumentUpload.Query().Count(h.system()); err != nil || n != 0 || len(h.files()) != 0 {
			t.Errorf("left: %d rows, %v, %v", n, h.files(), err)
		}
	})
}

// TestWhoMay: nobody but who sends it knows of a file on its way.
func TestWhoMay(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		id := h.send("uno")
		for who, want := range map[string]int{"bianchi": http.StatusNotFound, "": http.StatusUnauthorized} {
			for _, method := range []string{http.MethodHead, http.MethodPatch, http.MethodDelete} {
				resp, _ := h.call(method, papers.UploadsPath+id, nil, "Who", who, "Upload-Offset", "3", "Content-Type", "application/offset+octet-stream")
				if resp.StatusCode != want {
					t.Errorf("%q %s: %d, want %d", who, method, resp.StatusCode, want)
				}
			}
		}
		if resp, _ := h.call(http.MethodGet, papers.UploadsPath+id, nil); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("what is on its way is handed out: %d", resp.StatusCode)
		}
	})
}
