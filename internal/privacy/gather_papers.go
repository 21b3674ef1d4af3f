package privacy

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/ent/citizennotice"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
)

// versions adds to the papers of the cases what came in for them.
func (g gathering) versions(o *opening, files []*ent.CaseFile) error {
	ids, papers := make([]string, len(files)), map[string]*DocumentData{}
	for i, file := range files {
		ids[i] = file.ID
		for k, d := range file.Edges.Documents {
			papers[d.ID] = &g.into.Cases[i].Documents[k]
		}
	}
	rows, err := g.p.store.Reader().DocumentVersion.Query().Where(documentversion.CaseIDIn(ids...)).
		Order(ent.Asc(documentversion.FieldDocumentID, documentversion.FieldNumber)).All(g.house)
	if err != nil {
		return fmt.Errorf("read what came in for the cases: %w", err)
	}
	count := map[string]int{}
	for _, row := range rows {
		paper, ok := papers[row.DocumentID]
		if !ok {
			continue
		}
		paper.Versions = append(paper.Versions, VersionData{
			ID: row.ID, Number: row.Number, MediaType: row.MediaType, Size: row.Size, SHA256: row.Sha256, At: row.UploadedAt,
		})
		at := count[row.DocumentID]
		count[row.DocumentID]++
		o.add(documentversion.Table, documentversion.FieldName, row.ID, row.Name, func(plain []byte) error {
			paper.Versions[at].Name = string(plain)
			return nil
		})
	}
	return nil
}

func (g gathering) drafts() error {
	rows, err := g.p.store.Reader().IntakeDraft.Query().Where(intakedraft.AccountID(g.person.ID)).Order(ent.Asc(intakedraft.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the forms that were begun: %w", err)
	}
	var o opening
	g.into.Drafts = make([]DraftData, len(rows))
	for i, row := range rows {
		g.into.Drafts[i] = DraftData{Practice: row.PracticeID, UpdatedAt: row.UpdatedAt}
		o.add(intakedraft.Table, intakedraft.FieldAnswers, row.ID, row.Answers, func(plain []byte) error {
			g.into.Drafts[i].Answers = plain
			return nil
		})
	}
	return g.open(&o)
}

func (g gathering) mailboxes() error {
	rows, err := g.p.store.Reader().AlertEndpoint.Query().Where(alertendpoint.PersonID(g.person.ID)).Order(ent.Asc(alertendpoint.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the mailboxes of the person: %w", err)
	}
	var o opening
	g.into.Mailboxes = make([]MailboxData, len(rows))
	for i, row := range rows {
		g.into.Mailboxes[i] = MailboxData{Since: row.CreatedAt, EndedAt: row.DisabledAt}
		o.add(alertendpoint.Table, alertendpoint.FieldAddress, row.ID, row.Address, into(&g.into.Mailboxes[i].Address))
	}
	return g.open(&o)
}

func (g gathering) contact() error {
	row, err := g.p.store.Reader().ContactChoice.Get(g.house, g.person.ID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read how the person is told: %w", err)
	}
	told, err := g.p.store.Reader().CitizenNotice.Query().Where(citizennotice.PersonID(row.ID)).Order(ent.Asc(citizennotice.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read what the person was told: %w", err)
	}
	contact := &ContactData{Channel: row.Channel, Since: row.UpdatedAt, Messages: make([]MessageData, len(told))}
	for i, m := range told {
		contact.Messages[i] = MessageData{At: m.CreatedAt, Fact: m.Fact, SentAt: m.SentAt}
	}
	g.into.Contact = contact
	var o opening
	o.add(contactchoice.Table, contactchoice.FieldAddress, row.ID, row.Address, into(&contact.Address))
	return g.open(&o)
}
