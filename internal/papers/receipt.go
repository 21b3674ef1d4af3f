package papers

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

//go:embed receipt.html
var receiptPage string

//go:embed receipt.css
var receiptStyle string

// receiptWords are the words of the page.
type receiptWords struct {
	Title, Language, Protocol, Subject, Filed, Registered, Hash, Office, Responsible sdk.Text
	Term, DueOn, Inertia, Documents, Missing, Given, NoDocuments, Follow, Law        sdk.Text
}

func wordsOfReceipts() receiptWords {
	return receiptWords{
		Title:       sdk.Text{IT: "Ricevuta di presentazione", EN: "Receipt of your request"},
		Language:    sdk.Text{IT: "Lingua", EN: "Language"},
		Protocol:    sdk.Text{IT: "Protocollo n.", EN: "Protocol no."},
		Subject:     sdk.Text{IT: "Oggetto", EN: "Subject"},
		Filed:       sdk.Text{IT: "Presentata il", EN: "Filed on"},
		Registered:  sdk.Text{IT: "Protocollata il", EN: "Registered on"},
		Hash:        sdk.Text{IT: "Impronta di ciò che è stato presentato (SHA-256)", EN: "Fingerprint of what was filed (SHA-256)"},
		Office:      sdk.Text{IT: "Ufficio competente", EN: "Office in charge"},
		Responsible: sdk.Text{IT: "Responsabile del procedimento", EN: "Responsible officer"},
		Term:        sdk.Text{IT: "Entro quando il Comune risponde", EN: "By when the town answers"},
		DueOn:       sdk.Text{IT: "Ultimo giorno utile:", EN: "Last day:"},
		Inertia:     sdk.Text{IT: "Se il Comune non risponde", EN: "If the town does not answer"},
		Documents:   sdk.Text{IT: "Documenti", EN: "Documents"},
		Missing:     sdk.Text{IT: "da consegnare", EN: "still missing"},
		Given:       sdk.Text{IT: "consegnato", EN: "received"},
		NoDocuments: sdk.Text{IT: "Nessun documento richiesto.", EN: "No documents needed."},
		Follow:      sdk.Text{IT: "Come seguire la pratica", EN: "How to follow the case"},
		Law: sdk.Text{
			IT: "Ricevuta ai sensi dell'art. 18-bis della L. 241/1990; vale come comunicazione di avvio del procedimento (artt. 7 e 8).",
			EN: "Receipt under art. 18-bis of Law 241/1990; it counts as the notice that the proceeding has begun (art. 7 and 8).",
		},
	}
}

// receipt serves the page of a receipt, in Italian or, with ?lang=en, in English.
func (p *Papers) receipt(w http.ResponseWriter, r *http.Request) {
	receipt, err := p.cases.Receipt(r.Context(), r.PathValue("case"))
	if err != nil {
		p.failed(w, r, r.PathValue("case"), err)
		return
	}
	page, err := renderReceipt(receipt, r.URL.Query().Get("lang") == "en")
	if err == nil {
		err = p.reads(r.Context(), "receipt")
	}
	if err != nil {
		p.failed(w, r, receipt.CaseID, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash()+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
}

// styleHash lets a browser take the page's own style and nothing else.
func styleHash() string {
	sum := sha256.Sum256([]byte(receiptStyle))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func renderReceipt(receipt *casework.Receipt, english bool) ([]byte, error) {
	view := struct {
		R                                 *casework.Receipt
		Words                             receiptWords
		Lang, Other, OtherLang, OtherName string
		Style                             template.CSS
	}{
		R: receipt, Words: wordsOfReceipts(), Lang: "it", Other: receipt.URL + "?lang=en", OtherLang: "en", OtherName: "English",
		Style: template.CSS(receiptStyle), //nolint:gosec // our own
	}
	say := func(t sdk.Text) string { return t.IT }
	if english {
		view.Lang, view.Other, view.OtherLang, view.OtherName = "en", receipt.URL, "it", "Italiano"
		say = func(t sdk.Text) string { return t.EN }
	}
	page, err := template.New("receipt").Funcs(template.FuncMap{
		"say":     say,
		"moment":  func(t time.Time) string { return t.In(town.Rome()).Format("02/01/2006 15:04:05") },
		"machine": func(t time.Time) string { return t.In(town.Rome()).Format(time.RFC3339) },
		"day":     func(d *town.Date) string { return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year) },
	}).Parse(receiptPage)
	if err != nil {
		return nil, fmt.Errorf("read the page of a receipt: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	return out.Bytes(), nil
}

// Receipts is what the page needs of casework.
type Receipts interface {
	// Receipt is that of a case, for who may read its personal data; else NOT_FOUND.
	Receipt(ctx context.Context, caseID string) (*casework.Receipt, error)
}
