package alerts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// letter says in Italian and in English what a message says in codes.
func (a *Alerts) letter(ctx context.Context, m Message) (post.Letter, error) {
	office := sdk.Text{IT: m.Data.Office, EN: m.Data.Office}
	row, err := a.store.Reader().Office.Get(ctx, m.Data.Office)
	if err != nil && !ent.IsNotFound(err) {
		return post.Letter{}, fmt.Errorf("read the office of a letter: %w", err)
	}
	if row != nil {
		office = sdk.Text{IT: row.TitleIt, EN: row.TitleEn}
	}
	return write(m, office), nil
}

// kindWords are the kinds in words.
func kindWords(kind town.AlertKind) sdk.Text {
	return map[town.AlertKind]sdk.Text{
		town.AlertEscalation:          {IT: "Segnalazione arrivata", EN: "An escalation has arrived"},
		town.AlertTermNear:            {IT: "Termine in scadenza", EN: "A term is about to pass"},
		town.AlertTermBroken:          {IT: "Termine scaduto", EN: "A term has passed"},
		town.AlertWaitLong:            {IT: "Attesa lunga", EN: "A long wait"},
		town.AlertDepartmentDown:      {IT: "Servizio non raggiungibile", EN: "A department is down"},
		town.AlertSatisfactionLow:     {IT: "Soddisfazione bassa", EN: "Satisfaction is low"},
		town.AlertSatisfactionFalling: {IT: "Soddisfazione in calo", EN: "Satisfaction is falling"},
	}[kind]
}

// factWords are the facts about an alert in words.
func factWords(fact town.EventType) sdk.Text {
	return map[town.EventType]sdk.Text{
		town.EventAlertRaised:     {IT: "nuovo avviso", EN: "new alert"},
		town.EventAlertTaken:      {IT: "preso in carico", EN: "acknowledged"},
		town.EventAlertSnoozed:    {IT: "rinviato", EN: "snoozed"},
		town.EventAlertWoken:      {IT: "di nuovo aperto dopo il rinvio", EN: "open again after being snoozed"},
		town.EventAlertHandedOver: {IT: "affidato ad altri", EN: "handed over"},
		town.EventAlertResolved:   {IT: "risolto", EN: "resolved"},
	}[fact]
}

func write(m Message, office sdk.Text) post.Letter {
	kind, fact := kindWords(m.Data.Kind), factWords(m.Type)
	at := m.Timestamp.In(town.Rome()).Format(time.RFC3339)
	var it, en []string
	line := func(labelIT, labelEN, valueIT, valueEN string) {
		if valueIT != "" {
			it, en = append(it, labelIT+": "+valueIT), append(en, labelEN+": "+valueEN)
		}
	}
	line("Fatto", "Fact", fact.IT, fact.EN)
	line("Ufficio", "Office", office.IT, office.EN)
	line("Servizio", "Service", m.Data.Service, m.Data.Service)
	if m.Data.Level != 0 {
		line("Livello", "Level", fmt.Sprint(m.Data.Level), fmt.Sprint(m.Data.Level))
	}
	line("Riferimento", "Reference", m.Data.Reference, m.Data.Reference)
	line("Scadenza", "Due on", m.Data.DueOn, m.Data.DueOn)
	if m.Data.Value != nil && m.Data.Threshold != nil {
		measure := fmt.Sprintf("%.1f (%g)", *m.Data.Value, *m.Data.Threshold)
		line("Misura (soglia)", "Measure (threshold)", measure, measure)
	}
	line("Momento", "Moment", at, at)
	line("Avviso", "Alert", m.Data.AlertID, m.Data.AlertID)
	return post.Letter{
		Subject: fmt.Sprintf("%s (%s) · %s (%s)", kind.IT, fact.IT, kind.EN, fact.EN),
		Text:    kind.IT + "\n\n" + strings.Join(it, "\n") + "\n\n— English —\n\n" + kind.EN + "\n\n" + strings.Join(en, "\n") + "\n",
	}
}
