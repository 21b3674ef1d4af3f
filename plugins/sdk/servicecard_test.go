package sdk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Conditions are read by citizens, in the words of the form.
func TestConditionWords(t *testing.T) {
	t.Parallel()
	reason := own("motivo", sdk.TypeEnum, func(f *sdk.Field) {
		f.Label = sdk.Text{IT: "Motivo", EN: "Reason"}
		f.Enum = []sdk.Choice{
			{Code: "furto", Label: sdk.Text{IT: "Furto", EN: "Theft"}},
			{Code: "perdita", Label: sdk.Text{IT: "Smarrimento", EN: "Loss"}},
			{Code: "altro", Label: sdk.Text{IT: "Altro", EN: "Other"}},
		}
	})
	several := reason
	several.Name, several.Type = "motivi", sdk.TypeMultiEnum
	p := compiled(t, definition(reason, several, own("minore", sdk.TypeBool), own("figli", sdk.TypeInt), own("dal", sdk.TypeDate)))
	tests := map[string]sdk.Text{
		"":                                  {},
		"True":                              {},
		"minore":                            {IT: "«minore»: sì", EN: "“minore”: yes"},
		"not minore":                        {IT: "«minore»: no", EN: "“minore”: no"},
		"minore == False":                   {IT: "«minore»: no", EN: "“minore”: no"},
		"not (minore == False)":             {IT: "«minore»: sì", EN: "“minore”: yes"},
		"resident == False":                 {IT: "non risiede nel Comune", EN: "does not live in the town"},
		"motivo == 'furto'":                 {IT: "«Motivo» è Furto", EN: "“Reason” is Theft"},
		"motivo in ['furto','altro']":       {IT: "«Motivo» è Furto o Altro", EN: "“Reason” is Theft or Other"},
		"not (motivo in ['furto'])":         {IT: "«Motivo» non è Furto", EN: "“Reason” is not Theft"},
		"'furto' in motivi":                 {IT: "«Motivo» comprende Furto", EN: "“Reason” includes Theft"},
		"any_in(motivi,['furto','altro'])":  {IT: "«Motivo» comprende Furto o Altro", EN: "“Reason” includes Theft or Other"},
		"motivo == None":                    {IT: "«Motivo» manca", EN: "“Reason” is missing"},
		"figli >= 2 and minore":             {IT: "«figli» è almeno 2 e «minore»: sì", EN: "“figli” is at least 2 and “minore”: yes"},
		"minore or figli < 1":               {IT: "«minore»: sì oppure «figli» è meno di 1", EN: "“minore”: yes or “figli” is less than 1"},
		"age(data_nascita) >= 70":           {IT: "l'età è almeno 70", EN: "the age is at least 70"},
		"days_past_days(dal, 20) > 0":       {IT: "sono passati più di 20 giorni da «dal»", EN: "more than 20 days from “dal” have passed"},
		"days_past_months(dal, 1) <= 0":     {IT: "entro 1 mese da «dal»", EN: "within 1 month from “dal”"},
		"year(today) - figli > 100":         {IT: "in alcuni casi", EN: "in some cases"},
		"minore and queue_wait_minutes > 5": {IT: "in alcuni casi", EN: "in some cases"},
	}
	for when, want := range tests {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, p.ConditionWords(when, day("2026-11-23"))); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
		})
	}
}

func cardOf(t *testing.T, def *sdk.Definition, around sdk.CardContext) *sdk.ServiceCard {
	t.Helper()
	service, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	card, ok := service.Card("pratica", around)
	if !ok {
		t.Fatal("no card")
	}
	return card
}

func sectionOf(card *sdk.ServiceCard, name string) string {
	for _, s := range card.Sections {
		if s.Name == name {
			return s.Text.EN
		}
	}
	return ""
}

// A card says what the typed data say, and follows them when they change.
func TestCardFollowsTheData(t *testing.T) {
	t.Parallel()
	def := definition(own("minore", sdk.TypeBool))
	p := practiceOf(def)
	p.Form.Documents = []sdk.Document{
		{ID: "foto", Label: both("Foto"), Required: sdk.RequiredAlways},
		{ID: "assenso", Label: both("Assenso"), Required: sdk.RequiredConditional, When: "minore"},
		{ID: "delega", Label: both("Delega"), Required: sdk.RequiredNever},
	}
	p.Fees = []sdk.Fee{
		{Code: "diritti", Label: both("Diritti"), AmountEUR: "5.16"},
		{Code: "spese", Label: both("Spese"), Variable: true, Basis: both("a misura"), When: "not minore"},
	}
	p.Online = sdk.Online{Possible: true, MinLoA: "L2"}
	p.Silence = "refusal"
	p.Milestones = []sdk.Milestone{{ID: "avviso", Label: both("Avviso"), Amount: 1, Unit: sdk.WorkingDays, From: "request", OnExpiry: sdk.ExpiryNone}}
	p.Rules = []sdk.Rule{
		{ID: "pratica/r1", Words: both("Solo residenti"), When: "resident == False", Effect: sdk.Effect{Block: &sdk.Text{IT: "no", EN: "no"}}},
		{ID: "pratica/r2", Words: both("Poi"), Effect: sdk.Effect{Set: "linked_practice=altra"}},
	}
	town := &sdk.Town{
		Conditions: both("Leggi prima"),
		Destinations: []sdk.Destination{{
			ID: "sportello", Level: 2, Label: both("Sportello"), Place: both("Primo piano"),
			Contacts: sdk.Contacts{Email: "a@comune.example", ToVerify: true},
		}},
	}
	card := cardOf(t, def, sdk.CardContext{
		Town: town, Updated: "2026-11-23",
		Title: func(id string) (sdk.Text, bool) { return both("Titolo di " + id), id == "altra" },
	})
	want := map[string]string{
		sdk.SectionNeeds:       "Foto\nAssenso, if “minore”: yes\nDelega: optional",
		sdk.SectionCosts:       "Diritti: EUR 5.16\nSpese: variable amount (a misura), if “minore”: no",
		sdk.SectionHowTo:       "It can be done online, with SPID or CIE of level 2. In person, take a number of series Z: Sportello. At the counter 15 minutes are usually enough.",
		sdk.SectionAccess:      "Sportello\nPrimo piano\nIt can be done online, with SPID or CIE of level 2.",
		sdk.SectionContacts:    "E-mail: a@comune.example\nExample contacts, to be confirmed",
		sdk.SectionConstraints: "Solo residenti",
		sdk.SectionLinked:      "Titolo di altra",
		sdk.SectionUpdated:     "2026-11-23",
		sdk.SectionTimes: "Maximum answer time: 30 days (from: protocol registration)\nnota\nAvviso: 1 working day (from: request received)\n" +
			"If the term passes without an answer, the request counts as refused (silence is refusal), and one may appeal.",
	}
	for name, text := range want {
		if diff := cmp.Diff(text, sectionOf(card, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// What this fixture leaves out is named, and nothing else.
	if diff := cmp.Diff([]string{"category", "topics"}, card.Missing()); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

// The reason of a status is a compulsory field of the card, and of the data, where
// the practice is not active.
func TestCardOfAnInactivePractice(t *testing.T) {
	t.Parallel()
	def := definition()
	practiceOf(def).Status = sdk.StatusInactive
	if err := def.Validate(nil); err == nil || !strings.Contains(err.Error(), "reason of the status") {
		t.Errorf("without a reason: %v", err)
	}
	practiceOf(def).StatusReason = both("Bando chiuso")
	card := cardOf(t, def, sdk.CardContext{})
	if got := sectionOf(card, sdk.SectionStatusReason); got != "Bando chiuso" {
		t.Errorf("reason %q", got)
	}
	if card.Sections[3].Name != sdk.SectionStatusReason {
		t.Errorf("after the status stands %q", card.Sections[3].Name)
	}
	practiceOf(def).Status = "asleep"
	if err := def.Validate(nil); err == nil || !strings.Contains(err.Error(), "unknown status") {
		t.Errorf("an unknown status: %v", err)
	}
}

func TestCardOfAnUnknownPractice(t *testing.T) {
	t.Parallel()
	service, err := sdk.Compile(definition(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := service.Card("altra", sdk.CardContext{}); ok {
		t.Error("a practice that is not there has a card")
	}
}

// The vocabulary is the official one: fifteen subjects, numbered in order.
func TestCategories(t *testing.T) {
	t.Parallel()
	all := sdk.Categories()
	if len(all) != 15 || all[0].Code != "1" || all[14].Code != "15" {
		t.Errorf("%d categories", len(all))
	}
	for _, c := range all {
		found, ok := sdk.CategoryOf(c.Title.IT)
		if !ok || found.Code != c.Code || c.Title.EN == "" || len(c.Themes) == 0 {
			t.Errorf("category %s is not whole", c.Code)
		}
	}
}
