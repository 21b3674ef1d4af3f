package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testOrientation is the information point and what the catalogue shows outwards:
// anybody may ask and read the cards; the figures to confirm are for administrators.
func testOrientation(t *testing.T, h *house) {
	public := h.public()
	const question = `query($q: String!, $first: Int) { orientation(query: $q, first: $first) {
		practice { code title { en } summary { it } keywords { it en } } service { code state }
		office { code } place { it en } level documents { code label { it } condition { en } detail { en } }
		cost { en } time { en } online minLoa nextStep { it en } score matched { word found where points } } }`
	hits := public.ask(question, variables{"q": "ho perso la tessera eletorale"}).list("orientation")
	if len(hits) == 0 || hits[0].text("practice.code") != "tessera-elettorale" {
		t.Fatalf("asked for the electoral card: %v", hits)
	}
	first := hits[0]
	if first.text("service.code") != "anagrafe" || first.text("office.code") != "sportello" || first.text("place.en") == "" ||
		first.text("nextStep.en") == "" || len(first.list("matched")) == 0 || !first.is("online") || first.text("minLoa") != "L2" {
		t.Errorf("the answer is not whole: %v", first)
	}
	if hits := public.ask(question, variables{"q": "pizza margherita"}).list("orientation"); len(hits) != 0 {
		t.Errorf("nonsense finds %v", hits)
	}
	if hits := public.ask(question, variables{"q": "certificato", "first": 2}).list("orientation"); len(hits) != 2 {
		t.Errorf("asked for 2, got %d", len(hits))
	}
	testCard(t, public)
	testFigures(t, h)
	testExport(t, h)
}

// testCard reads a service card whole.
func testCard(t *testing.T, public *client) {
	t.Helper()
	card := public.ask(`{ practice(code: "accesso-documentale") { card {
		category { code title { en } themes } status statusReason { it } needs { code label { it } condition { it } detail { it } }
		costs { code label { it } condition { it } detail { it } } maxTerm { amount unit } milestones { code detail { it } }
		silence { it } office { code } place { it } contacts { email pec phone web toVerify } series online minLoa
		constraints { it } linked { code card { status } } topics { it } legalBasis updated
		sections { name heading { it } text { it en } compulsory } } } }`, nil).at("practice.card")
	if card.text("status") != "active" || card.text("office.code") == "" || card.text("updated") == "" || !strings.Contains(card.text("silence.it"), "respinta") {
		t.Errorf("card: %v", card)
	}
	compulsory := 0
	for _, s := range card.list("sections") {
		if s.text("text.it") == "" || s.text("text.en") == "" {
			t.Errorf("section %s is empty", s.text("name"))
		}
		if s.is("compulsory") {
			compulsory++
		}
	}
	if compulsory != 14 { // the reason of the status is the fifteenth, where there is one
		t.Errorf("%d compulsory sections", compulsory)
	}
}

// testFigures: who may see the departments' processes sees the figures.
func testFigures(t *testing.T, h *house) {
	t.Helper()
	const query = `query($service: String, $toVerify: Boolean) {
		figures(service: $service, toVerify: $toVerify) { service practice name label { it } value from to source toVerify } }`
	admin := h.as("admin")
	all := admin.ask(query, nil).list("figures")
	own := admin.ask(query, variables{"service": "isee", "toVerify": true}).list("figures")
	if len(own) == 0 || len(own) >= len(all) {
		t.Errorf("%d figures, of which %d of isee are to confirm", len(all), len(own))
	}
	for _, f := range own {
		if f.text("service") != "isee" || !f.is("toVerify") || f.text("source") == "" || f.text("value") == "" {
			t.Errorf("figure %v", f)
		}
	}
	const words = `{ practice(code: "carta-identita-elettronica") { toVerify { it en } } }`
	if got := admin.ask(words, nil).list("practice.toVerify"); len(got) == 0 || got[0].text("en") == "" {
		t.Errorf("what the town has to confirm: %v", got)
	}
	for _, query := range []string{query, words} {
		for who, want := range map[*client]string{h.public(): "UNAUTHENTICATED", h.as("operator1"): "FORBIDDEN", h.as("citizen"): "FORBIDDEN"} {
			got, err := who.send(query, nil)
			if err != nil || got.code() != want || strings.Contains(string(got.body), "delibera") {
				t.Errorf("%s: %v %s", who.name, err, got.body)
			}
		}
	}
}

// testExport writes the catalogue that this server publishes.
func testExport(t *testing.T, h *house) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "catalogue.jsonld")
	check(t, "export", h.command("export", "catalogue", "--out", out), 0, `^$`, `^$`)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		Graph []struct {
			Type     string `json:"@type"`
			Modified string `json:"modified"`
		} `json:"@graph"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	services := 0
	for _, node := range written.Graph {
		if node.Type == "cpsv:Service" {
			services++
			if node.Modified == "" {
				t.Error("a service does not say since when it is so")
			}
		}
	}
	offered := 0
	for _, s := range h.public().ask(`{ services { practices { code } } }`, nil).list("services") {
		offered += len(s.list("practices"))
	}
	if services != offered || services == 0 {
		t.Errorf("%d services for %d practices", services, offered)
	}
	check(t, "export of what is bundled", command(t, "export", "catalogue"), 0, `"@graph"`, `^$`)
	check(t, "export to nowhere", command(t, "export", "catalogue", "--out", filepath.Join(t.TempDir(), "no", "file")), 1, `^$`, `write .*no/file`)
}
