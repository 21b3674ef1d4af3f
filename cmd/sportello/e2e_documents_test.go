package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EDocuments: files come in over real connections, also when the server dies in the
// middle; who may not have them gets nothing; forms are begun, and filed with a receipt.
func TestE2EDocuments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		testDrafts(t, h)
		filed := file(h.as("operator1"))
		testNotesApart(t, h, filed.text("id"))
		testReceipt(t, h, filed)
		folder := folderDepot(filepath.Join(h.data, "documents"))
		testFiles(t, h, folder, filed.text("id"))
		testVerifyFilings(t, h, folder)
	})
}

// raw is a request under /documents/ with the client's token; body may be nil.
func (c *client) raw(method, path string, body io.Reader, headers ...string) answer {
	c.t.Helper()
	a, err := c.sendRaw(method, path, body, headers...)
	if err != nil {
		c.t.Fatalf("%s: %s %s: %v", c.name, method, path, err)
	}
	return a
}

func (c *client) sendRaw(method, path string, body io.Reader, headers ...string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.h.address()+path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return c.do(req)
}

// begin asks to send a file and gives the path at which it comes in.
func (c *client) begin(caseID, document, name string, size int) string {
	c.t.Helper()
	a := c.raw(http.MethodPost, "/documents/uploads/", nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", metadata(caseID, document, name))
	if a.status != http.StatusCreated {
		c.t.Fatalf("%s may not send %s: %d %s", c.name, name, a.status, a.body)
	}
	_, id, _ := strings.Cut(a.header.Get("Location"), "/documents/uploads/")
	return "/documents/uploads/" + id
}

func metadata(caseID, document, name string) string {
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return "case " + code(caseID) + ",document " + code(document) + ",filename " + code(name)
}

// append sends the content from the offset on.
func (c *client) append(path string, offset int, content io.Reader) answer {
	c.t.Helper()
	return c.raw(http.MethodPatch, path, content, "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
}

// offset is how far the file has come.
func (c *client) offset(path string) int {
	c.t.Helper()
	a := c.raw(http.MethodHead, path, nil)
	n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
	if err != nil {
		c.t.Fatalf("%s: HEAD %s: %d, offset %q", c.name, path, a.status, a.header.Get("Upload-Offset"))
	}
	return n
}

// attach makes a file that came in whole a version and gives the paper.
func (c *client) attach(path, document string) tree {
	c.t.Helper()
	got := c.must("attachDocument", "case { documents { id state versions { id number state mediaType size sha256 name url uploadedBy { id } } } }",
		variables{"uploadId": path[strings.LastIndex(path, "/")+1:]})
	for _, d := range got.list("case.documents") {
		if d.text("id") == document {
			return d
		}
	}
	c.t.Fatalf("the paper is gone: %v", got)
	return tree{}
}

// pdf is a document of that many bytes.
func pdf(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.Read(content)
	copy(content, "%PDF-1.7\n")
	copy(content[size-6:], "%%EOF\n")
	return content
}

// halting gives its bytes and then waits until it is let go.
type halting struct {
	io.Reader
	done <-chan struct{}
}

func (r halting) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		<-r.done
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func testFiles(t *testing.T, h *house, kept depot, caseID string) {
	t.Helper()
	citizen, other, public := h.as("citizen"), h.as("citizen2"), h.public()
	paper := citizen.ask(`query($id: ID!) { case(id: $id) { documents { id state } } }`, variables{"id": caseID}).text("case.documents.0.id")
	content := pdf(3<<20 + 17)
	path := citizen.begin(caseID, paper, "../../carta d'identità.exe", len(content))

	for name, a := range map[string]answer{
		"another citizen's upload":   other.raw(http.MethodHead, path, nil),
		"another citizen begins one": other.raw(http.MethodPost, "/documents/uploads/", nil, "Upload-Length", "9", "Upload-Metadata", metadata(caseID, paper, "x")),
	} {
		if a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := public.raw(http.MethodPost, "/documents/uploads/", nil, "Upload-Length", "9", "Upload-Metadata", metadata(caseID, paper, "x")); a.status != http.StatusUnauthorized {
		t.Errorf("the public sends a file: %d", a.status)
	}
	if a := citizen.raw(http.MethodPost, "/documents/uploads/", nil, "Upload-Length", "9", "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("a page of another site sends a file: %d", a.status)
	}
	if a := citizen.raw(http.MethodPost, "/documents/uploads/", nil, "Upload-Length", strconv.Itoa(30<<20), "Upload-Metadata", metadata(caseID, paper, "x")); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large a file: %d", a.status)
	}
	if code := citizen.refused("attachDocument", variables{"uploadId": path[len("/documents/uploads/"):]}); code != "PRECONDITION_FAILED" {
		t.Errorf("a file that is not there yet is attached: %s", code)
	}

	// The server dies in the middle of it.
	done, sent := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sent)
		body := halting{bytes.NewReader(content[:2<<20+100]), done}
		_, _ = citizen.sendRaw(http.MethodPatch, path, body, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	}()
	parts := "upload/" + path[strings.LastIndex(path, "/")+1:] + "."
	eventually(t, "most of it has come in", func() bool { return len(kept.names(t, parts)) >= 3 })
	h.kill()
	close(done)
	<-sent
	h.start()
	at := citizen.offset(path)
	if at < 1<<20 || at > 2<<20+100 {
		t.Errorf("%d bytes outlived the server's death", at)
	}
	if a := citizen.append(path, at, bytes.NewReader(content[at:])); a.status != http.StatusNoContent {
		t.Fatalf("the rest: %d %s", a.status, a.body)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	attached := citizen.attach(path, paper)
	first := attached.at("versions.0")
	if attached.text("state") != "RECEIVED" || first.text("sha256") != hash || first.text("state") != "CLEAN" || first.text("mediaType") != "application/pdf" ||
		first.text("name") != "carta d'identità.exe.pdf" || first.number("size") != len(content) {
		t.Errorf("attached: %v", attached)
	}
	if again := citizen.attach(path, paper); len(again.list("versions")) != 1 {
		t.Errorf("attached twice: %v", again)
	}
	testDownloads(t, h, first.text("url"), content)
	testSealed(t, kept, content[4096:4160])

	// A new version leaves the one before as it was; a page is no paper.
	second := citizen.begin(caseID, paper, "nota.txt", len("città"))
	citizen.append(second, 0, strings.NewReader("città"))
	both := citizen.attach(second, paper).list("versions")
	if len(both) != 2 || both[0].number("number") != 2 || both[0].text("mediaType") != "text/plain" || both[1].text("sha256") != hash {
		t.Errorf("a second version: %v", both)
	}
	page := "<html><script>alert(1)</script>"
	third := citizen.begin(caseID, paper, "pagina.txt", len(page))
	citizen.append(third, 0, strings.NewReader(page))
	if code := citizen.refused("attachDocument", variables{"uploadId": third[len("/documents/uploads/"):]}); code != "INVALID" {
		t.Errorf("a page is taken for a paper: %s", code)
	}
	fourth := citizen.begin(caseID, paper, "nota.txt", 5)
	if a := citizen.raw(http.MethodDelete, fourth, nil); a.status != http.StatusNoContent {
		t.Errorf("a file is called back: %d %s", a.status, a.body)
	}
	if a := citizen.raw(http.MethodHead, fourth, nil); a.status != http.StatusNotFound {
		t.Errorf("a file that was called back: %d", a.status)
	}
}

// testVerifyFilings: whoever changes a document, or what was filed, is found out.
func testVerifyFilings(t *testing.T, h *house, kept depot, flags ...string) {
	t.Helper()
	verify := append([]string{"verify", "--filings"}, flags...)
	if got := h.command(verify...); got.code != 0 || !strings.Contains(got.out, "as they came in") {
		t.Errorf("as it was: %+v", got)
	}
	found := kept.names(t, "content/")
	if len(found) == 0 {
		t.Fatal("no content lies there")
	}
	content := kept.read(t, found[0])
	content[len(content)/2] ^= 1
	kept.write(t, found[0], content)
	if got := h.command(verify...); got.code != 1 || !strings.Contains(got.out, "docv_") {
		t.Errorf("a document was changed: %+v", got)
	}
}

// testSealed: nothing lies in clear, neither the text nor what kind of file it is.
func testSealed(t *testing.T, kept depot, text []byte) {
	t.Helper()
	found := kept.names(t, "")
	if len(found) == 0 {
		t.Fatal("nothing lies there")
	}
	for _, name := range found {
		if content := kept.read(t, name); bytes.Contains(content, text) || bytes.Contains(content, []byte("%PDF")) {
			t.Errorf("%s lies in clear", name)
		}
	}
}

func testDownloads(t *testing.T, h *house, path string, content []byte) {
	t.Helper()
	citizen := h.as("citizen")
	whole := citizen.raw(http.MethodGet, path, nil)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, content) {
		t.Fatalf("the whole document: %d, %d bytes", whole.status, len(whole.body))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := whole.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename") {
		t.Errorf("a browser would show it: %q", got)
	}
	part := citizen.raw(http.MethodGet, path, nil, "Range", "bytes=1000000-1000099")
	if part.status != http.StatusPartialContent || !bytes.Equal(part.body, content[1000000:1000100]) {
		t.Errorf("a range: %d, %d bytes", part.status, len(part.body))
	}
	if head := citizen.raw(http.MethodHead, path, nil); head.status != http.StatusOK || head.header.Get("Content-Length") != strconv.Itoa(len(content)) || len(head.body) != 0 {
		t.Errorf("a look at it: %d, %q", head.status, head.header.Get("Content-Length"))
	}
	if a := h.as("officer.tributi-patrimonio").raw(http.MethodGet, path, nil); a.status != http.StatusOK {
		t.Errorf("the office does not get it: %d", a.status)
	}
	for name, want := range map[string]int{"citizen2": http.StatusNotFound, "mayor": http.StatusNotFound, "officer.stato-civile": http.StatusNotFound, "auditor": http.StatusNotFound} {
		if a := h.as(name).raw(http.MethodGet, path, nil); a.status != want || len(a.body) > 40 {
			t.Errorf("%s: %d %.80s, want %d", name, a.status, a.body, want)
		}
	}
	if a := h.public().raw(http.MethodGet, path, nil); a.status != http.StatusUnauthorized {
		t.Errorf("the public: %d", a.status)
	}
	ticket := citizen.must("createSocketTicket", "ticket", variables{}).text("ticket")
	for i, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		if a := h.public().raw(http.MethodGet, path+"?ticket="+ticket, nil); a.status != want {
			t.Errorf("a link of one use, use %d: %d", i+1, a.status)
		}
	}
	id := path[strings.LastIndex(path, "/")+1:]
	reads := 0
	for _, e := range h.auditEntries() {
		if e.Action != "download of a document" {
			continue
		}
		for _, o := range e.Objects {
			if o.ID == id {
				reads++
			}
		}
	}
	if reads != 5 { // whole, range, look, office, link
		t.Errorf("the audit has %d readings, want 5", reads)
	}
}

func testDrafts(t *testing.T, h *house) {
	t.Helper()
	citizen := h.as("citizen")
	const fields = "draft { id version current misfits { field code } answers savedAt }"
	begun := variables{"practice": practice, "answers": map[string]any{"nome": "Mario"}}
	draft := citizen.must("saveIntakeDraft", fields, begun).at("draft")
	change := variables{"practice": practice, "answers": instalments(nil), "draftId": draft.text("id"), "expectedVersion": draft.number("version")}
	changed := citizen.must("saveIntakeDraft", fields, change).at("draft")
	if changed.text("id") != draft.text("id") || !changed.is("current") || changed.text("answers.cognome") != "Rossi" {
		t.Errorf("changed: %v", changed)
	}
	change = variables{"practice": practice, "answers": map[string]any{}, "draftId": draft.text("id"), "expectedVersion": draft.number("version")}
	if code := citizen.refused("saveIntakeDraft", change); code != "CONFLICT" {
		t.Errorf("changed elsewhere: %s", code)
	}
	for name, want := range map[string]int{"citizen": 1, "citizen2": 0, "mayor": 0} {
		if got := len(h.as(name).ask(`{ myDrafts { id } }`, nil).list("myDrafts")); got != want {
			t.Errorf("%s has %d drafts, want %d", name, got, want)
		}
	}
	if code := h.as("citizen2").refused("saveIntakeDraft", variables{"practice": practice, "answers": map[string]any{}, "draftId": draft.text("id")}); code != "INVALID" {
		t.Errorf("another citizen's draft: %s", code)
	}
	dossier := citizen.ask(`{ personalData { json html } }`, nil)
	if len(dossier.list("personalData.json.drafts")) != 1 || !strings.Contains(dossier.text("personalData.html"), practice) {
		t.Errorf("the dossier has no draft")
	}
	if got := submit(citizen, variables{"practice": practice, "answers": instalments(nil), "draftId": draft.text("id")}); got.text("status") != "ACCEPTED" {
		t.Fatalf("filed: %v", got)
	}
	spare := citizen.must("saveIntakeDraft", fields, variables{"practice": practice, "answers": map[string]any{}}).text("draft.id")
	citizen.must("deleteIntakeDraft", "draft { id }", variables{"draftId": spare})
	if left := citizen.ask(`{ myDrafts { id } }`, nil).list("myDrafts"); len(left) != 0 {
		t.Errorf("drafts left: %v", left)
	}
}

// testNotesApart: what the office writes for itself reaches the citizen by no way, and
// what it writes to the citizen can be answered.
func testNotesApart(t *testing.T, h *house, caseID string) {
	t.Helper()
	const inside, outside = "Dubbio sulla firma: verificare", "Le scriviamo per un chiarimento"
	citizen, officer := h.as("citizen"), h.as("officer.tributi-patrimonio")
	seen := citizen.follow(`subscription S($case: ID!, $after: EventCursor) { update: caseChanged(caseId: $case, after: $after) { kind cursor event { type } case { id lastMessage { note } timeline(first: 50) { edges { node { note } } } } } }`, variables{"case": caseID}, "")
	seen.snapshot()
	officer.must("addCaseNote", "", variables{"caseId": caseID, "text": outside, "internal": false})
	officer.must("addCaseNote", "", variables{"caseId": caseID, "text": inside, "internal": true})
	citizen.must("addCaseNote", "", variables{"caseId": caseID, "text": "Ecco il chiarimento", "internal": false})
	if code := citizen.refused("addCaseNote", variables{"caseId": caseID, "text": "x", "internal": true}); code != "INVALID" {
		t.Errorf("a citizen writes an internal note: %s", code)
	}
	ways := map[string]string{}
	ask := `query($id: ID!) { case(id: $id) { lastMessage { note } timeline(first: 50) { edges { node { note } } } receipt { term { it } } } personalData { json html } }`
	ways["the case"] = citizen.ask(ask, variables{"id": caseID}).String()
	ways["the receipt"] = string(citizen.raw(http.MethodGet, "/documents/receipts/"+caseID, nil).body)
	ways["the export"] = h.command("export", "person", citizen.ask(`{ viewer { id } }`, nil).text("viewer.id"), "--as", "auditor", "--reason", "richiesta della persona", "--format", "json").out
	for way, text := range ways {
		if strings.Contains(text, inside) {
			t.Errorf("%s tells the citizen what the office wrote for itself", way)
		}
		if way != "the receipt" && (!strings.Contains(text, outside) || !strings.Contains(text, "Ecco il chiarimento")) {
			t.Errorf("%s lacks the messages: %.300s", way, text)
		}
	}
	own, _, _ := strings.Cut(ask, " personalData")
	if text := officer.ask(own+" }", variables{"id": caseID}).String(); !strings.Contains(text, inside) {
		t.Errorf("the office does not see its own note")
	}
	for range 2 { // the two that are not internal
		if u := seen.event("case.noted"); strings.Contains(u.String(), inside) {
			t.Errorf("the stream tells the citizen: %v", u)
		}
	}
}

func testReceipt(t *testing.T, h *house, filed tree) {
	t.Helper()
	citizen, id := h.as("citizen"), filed.text("id")
	receipt := citizen.ask(`query($id: ID!) { case(id: $id) { receipt { url protocol contentHash registeredAt dueOn subject { it en } office { it } responsible { it }
		term { it en } silence { it } remedies { it en } documents { label { it } missing sha256 } follow { it } } } }`, variables{"id": id}).at("case.receipt")
	if receipt.text("protocol") != filed.text("protocol") || len(receipt.text("contentHash")) != 64 || len(receipt.list("documents")) == 0 {
		t.Errorf("receipt: %v", receipt)
	}
	for _, lang := range []string{"it", "en"} {
		page := citizen.raw(http.MethodGet, receipt.text("url")+"?lang="+lang, nil)
		for _, want := range []string{`lang="` + lang + `"`, filed.text("protocol"), receipt.text("contentHash"), "18-bis", "9-bis"} {
			if !strings.Contains(string(page.body), want) {
				t.Errorf("the page in %s lacks %q: %d", lang, want, page.status)
			}
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
			t.Errorf("the page may load: %q", policy)
		}
	}
	for name, want := range map[string]int{"operator1": http.StatusOK, "officer.tributi-patrimonio": http.StatusOK, "citizen2": http.StatusNotFound, "mayor": http.StatusNotFound} {
		if a := h.as(name).raw(http.MethodGet, receipt.text("url"), nil); a.status != want {
			t.Errorf("%s: %d, want %d", name, a.status, want)
		}
	}
}
