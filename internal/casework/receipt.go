package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Receipt is what a person is given when a request is filed (art. 18-bis L. 241/1990); it
// is the notice that the proceeding has begun, too (art. 8).
type Receipt struct {
	// URL is the page to print, under the address of the town.
	URL string
	// Body is the administration that answers.
	Body     string
	CaseID   string
	Protocol string
	// FiledAt is when the request came in, RegisteredAt when it got its number.
	FiledAt, RegisteredAt time.Time
	// ContentHash is the SHA-256 of what was filed.
	ContentHash string
	// Subject is the practice, Office who deals with it.
	Subject, Office sdk.Text
	// Responsible is who is responsible: a name, or who it is until somebody is named.
	Responsible sdk.Text
	// DueOn is the last day; nil where it is done on the spot.
	DueOn *town.Date
	// Term explains that day, Silence what happens if it passes without an answer, and
	// Remedies what one may do then.
	Term, Silence, Remedies sdk.Text
	// Documents are the papers, in order.
	Documents []ReceiptDocument
	// Follow is where the case is followed.
	Follow sdk.Text
}

// ReceiptDocument is a paper on a receipt.
type ReceiptDocument struct {
	Label sdk.Text
	// Missing says that the paper is still waited for.
	Missing bool
	// SHA256 are those of the contents that came in, the last one first.
	SHA256 []string
}

// ReceiptPath begins the addresses of the pages of receipts; the id of the case ends them.
const ReceiptPath = "/documents/receipts/"

// Receipt is the receipt of a case for who may read its personal data: the applicant, who
// acts for them, and the office. NOT_FOUND for everybody else.
func (c *Cases) Receipt(ctx context.Context, caseID string) (*Receipt, error) {
	file, err := c.Case(ctx, caseID)
	if err != nil {
		return nil, err
	}
	r, err := c.ReceiptOf(ctx, file)
	if err == nil && r == nil {
		return nil, town.ErrNotFound()
	}
	return r, err
}

// ReceiptOf is the receipt of a case that was read; nil for who may not read its personal
// data.
func (c *Cases) ReceiptOf(ctx context.Context, file *ent.CaseFile) (*Receipt, error) {
	if !c.MayReadPersonal(ctx, file) {
		return nil, nil
	}
	offer, err := c.pinned(ctx, file.DefinitionHash, file.PracticeID)
	if err != nil {
		return nil, err
	}
	office, err := c.store.Reader().Office.Get(ctx, file.OfficeID)
	if err != nil {
		return nil, fmt.Errorf("read office %s: %w", file.OfficeID, err)
	}
	r := &Receipt{
		URL: ReceiptPath + file.ID, Body: c.town.Municipality.Name, CaseID: file.ID, Protocol: file.Protocol,
		FiledAt: file.FiledAt, RegisteredAt: file.RegisteredAt, ContentHash: file.ContentHash,
		Subject: offer.Practice.Definition().Title, Office: sdk.Text{IT: office.TitleIt, EN: office.TitleEn},
		Silence: silenceInWords(file.Silence), Remedies: remedies(file.Silence), Follow: following(file.Protocol),
	}
	if !file.DueOn.IsZero() {
		r.DueOn = &file.DueOn
	}
	explained, err := c.DueExplained(ctx, []string{file.ID})
	if err != nil {
		return nil, err
	}
	r.Term = explained[file.ID]
	if r.Responsible, err = c.responsibleInWords(ctx, file); err != nil {
		return nil, err
	}
	r.Documents, err = c.receiptDocuments(ctx, file.ID)
	return r, err
}

// responsibleInWords names the responsible officer, whom the law has named to the parties
// (art. 5 and 8); until somebody is, it is the head of the office (art. 5 c. 2).
func (c *Cases) responsibleInWords(ctx context.Context, file *ent.CaseFile) (sdk.Text, error) {
	head := sdk.Text{
		IT: "Chi dirige l'ufficio, finché non assegna la pratica (art. 5 c. 2 L. 241/1990).",
		EN: "Whoever heads the office, until the case is assigned (art. 5 par. 2 L. 241/1990).",
	}
	if file.ResponsibleID == "" {
		return head, nil
	}
	row, err := c.store.Reader().Person.Get(ctx, file.ResponsibleID)
	if ent.IsNotFound(err) || err == nil && row.Label == "" {
		return sdk.Text{IT: "Un incaricato dell'ufficio, indicato alla persona interessata.", EN: "An officer of the office, named to the interested person."}, nil
	}
	if err != nil {
		return sdk.Text{}, fmt.Errorf("read the responsible officer: %w", err)
	}
	return sdk.Text{IT: row.Label, EN: row.Label}, nil
}

func (c *Cases) receiptDocuments(ctx context.Context, caseID string) ([]ReceiptDocument, error) {
	papers, err := c.DocumentsOfCases(ctx, []string{caseID})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(papers[caseID]))
	for i, d := range papers[caseID] {
		ids[i] = d.ID
	}
	versions, err := c.VersionsOfDocuments(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]ReceiptDocument, 0, len(ids))
	for _, d := range papers[caseID] {
		if d.State == town.DocumentWaived {
			continue
		}
		paper := ReceiptDocument{Label: sdk.Text{IT: d.LabelIt, EN: d.LabelEn}, Missing: d.State != town.DocumentReceived}
		for _, v := range versions[d.ID] {
			if v.State != town.ContentRefused {
				paper.SHA256 = append(paper.SHA256, v.Sha256)
			}
		}
		list = append(list, paper)
	}
	return list, nil
}

// silenceInWords says what it means if the term passes without an answer.
func silenceInWords(silence string) sdk.Text {
	switch silence {
	case "consent":
		return sdk.Text{
			IT: "Se il termine passa senza risposta, la richiesta si intende accolta (art. 20 L. 241/1990). Se ne può chiedere l'attestazione.",
			EN: "If the term passes without an answer, the request counts as granted (art. 20 L. 241/1990). You may ask for it in writing.",
		}
	case "refusal":
		return sdk.Text{
			IT: "Se il termine passa senza risposta, la richiesta si intende respinta, e si può ricorrere.",
			EN: "If the term passes without an answer, the request counts as refused, and you may appeal.",
		}
	default:
		return sdk.Text{
			IT: "Se il termine passa senza risposta, il Comune è inadempiente: ecco che cosa si può fare.",
			EN: "If the term passes without an answer, the town is in default: this is what you can do.",
		}
	}
}

// remedies are what one may do then (art. 8 c. 2 lett. c-bis): against inertia there is the
// substitute power, against what silence has decided there is not.
func remedies(silence string) sdk.Text {
	switch silence {
	case "consent":
		return sdk.Text{
			IT: "Per ogni dubbio ci si può rivolgere all'Help Point.",
			EN: "If in doubt, turn to the Help Point.",
		}
	case "refusal":
		return sdk.Text{
			IT: "Ci si può rivolgere all'Help Point e chiedere il riesame. Il rifiuto si impugna davanti al TAR: entro 30 giorni per l'accesso ai documenti " +
				"(art. 25 L. 241/1990, art. 116 c.p.a.), entro 60 negli altri casi (art. 29 c.p.a.).",
			EN: "You may turn to the Help Point and ask for a review. The refusal is appealed before the administrative court (TAR): within 30 days for access " +
				"to documents (art. 25 L. 241/1990, art. 116 c.p.a.), within 60 otherwise (art. 29 c.p.a.).",
		}
	}
	return sdk.Text{
		IT: "Ci si può rivolgere all'Help Point, e chiedere al titolare del potere sostitutivo di concludere entro la metà del termine " +
			"(art. 2 commi 9-bis e 9-ter L. 241/1990). Se il Comune non ne ha nominato uno, è il dirigente generale; in mancanza chi dirige l'ufficio, " +
			"o il funzionario di livello più elevato. Contro il silenzio si può ricorrere al TAR, entro un anno dalla scadenza (artt. 31 e 117 c.p.a.).",
		EN: "You may turn to the Help Point, and ask the holder of the substitute power to conclude within half the term " +
			"(art. 2 par. 9-bis and 9-ter L. 241/1990). Where the town has named none, it is the general director; failing that whoever heads the office, " +
			"or the official of the highest rank. Against silence you may appeal to the administrative court (TAR) within a year of the last day (art. 31 and 117 c.p.a.).",
	}
}

func following(protocol string) sdk.Text {
	return sdk.Text{
		IT: "Per seguire la pratica: area personale con SPID o CIE, oppure allo sportello con il numero di protocollo " + protocol + ".",
		EN: "To follow the case: your personal area with SPID or CIE, or at the counter with the protocol number " + protocol + ".",
	}
}
