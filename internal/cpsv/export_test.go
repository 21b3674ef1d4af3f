package cpsv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"github.com/spazio-in-comune/sportello/internal/cpsv"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

const (
	ontology = "https://w3id.org/italia/onto/"
	service  = ontology + "CPSV/Service"
)

func day() town.Date { return town.Date{Year: 2026, Month: 11, Day: 23} }

func shared(t *testing.T) *sdk.Town {
	t.Helper()
	loaded, err := towndata.Load()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func compile(t *testing.T, def *sdk.Definition) *sdk.Service {
	t.Helper()
	s, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// house are the offers of all departments of the house.
func house(t *testing.T) []cpsv.Offer {
	t.Helper()
	var offers []cpsv.Offer
	for _, b := range plugins.All() {
		department, err := b.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		offers = append(offers, cpsv.Offer{Service: compile(t, described.Definition), Updated: day()})
	}
	return offers
}

// offline refuses to fetch anything.
type offline struct{}

func (offline) LoadDocument(u string) (*ld.RemoteDocument, error) {
	return nil, errors.New("the export needs " + u)
}

// node is a node of the graph after flattening: full IRIs, one object for each node.
type node map[string]any

// values are those of a property: references by their @id, literals by their @value.
func (n node) values(property string) []string {
	list, _ := n[property].([]any)
	var out []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case map[string]any:
			if id, ok := v["@id"].(string); ok {
				out = append(out, id)
			} else if value, ok := v["@value"].(string); ok {
				out = append(out, value)
			}
		}
	}
	return out
}

// languages are those in which a property has a text.
func (n node) languages(property string) []string {
	list, _ := n[property].([]any)
	var out []string
	for _, v := range list {
		if literal, ok := v.(map[string]any); ok && literal["@value"] != "" {
			if language, ok := literal["@language"].(string); ok {
				out = append(out, language)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// read expands and flattens an export with a JSON-LD processor that may fetch nothing.
func read(t *testing.T, raw []byte) map[string]node {
	t.Helper()
	var parsed any
	if err := json.Unmarshal(raw, &parsed); err != nil {
		t.Fatal(err)
	}
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader = offline{}
	flat, err := ld.NewJsonLdProcessor().Flatten(parsed, nil, options)
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]node{}
	for _, n := range flat.([]any) {
		one := node(n.(map[string]any))
		nodes[one["@id"].(string)] = one
	}
	return nodes
}

func export(t *testing.T, offers []cpsv.Offer, known *sdk.Town) []byte {
	t.Helper()
	raw, err := cpsv.Export(offers, known, day())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cardinality is how often a class has a property, and the class of what it points at.
type cardinality struct {
	property string
	min, max int // max 0: any number
	class    string
}

// profile are the restrictions of CPSV-AP_IT 1.1, and of the ontologies that it
// imports, on the classes that the export uses.
func profile() map[string][]cardinality {
	p := func(name string) string { return ontology + name }
	name, identifier := cardinality{p("l0/name"), 1, 0, ""}, cardinality{p("l0/identifier"), 1, 1, ""}
	return map[string][]cardinality{
		service: {
			identifier,
			name,
			{p("l0/description"), 1, 0, ""},
			{p("CPSV/hasAuthenticationMethod"), 1, 0, p("CPSV/Authentication")},
			{p("CPSV/hasChannel"), 1, 0, ""},
			{p("RO/hasRiT"), 1, 0, p("RO/TimeIndexedRole")},
			{p("CPSV/hasServiceStatus"), 0, 1, ""},
			{p("CPSV/hasProcessingTime"), 0, 1, p("CPSV/ServiceProcessingTime")},
			{p("CPSV/hasInput"), 0, 0, p("CPSV/Input")},
			{p("CPSV/producesOutput"), 0, 0, p("CPSV/Output")},
			{p("CPSV/isCompliantWithRule"), 0, 0, p("CPSV/Rule")},
			{p("CPSV/relationService"), 0, 0, service},
			{p("CPSV/isPhysicallyAvailableAt"), 0, 0, p("CLV/Feature")},
			{p("CLV/hasSpatialCoverage"), 0, 0, p("CLV/Feature")},
			{p("SM/hasOnlineContactPoint"), 0, 0, p("SM/OnlineContactPoint")},
		},
		p("CPSV/Authentication"):        {name},
		p("CPSV/OfflineChannel"):        {{p("CPSV/hasChannelType"), 1, 1, p("CPSV/ChannelType")}},
		p("CPSV/WebSiteChannel"):        {{p("CPSV/hasChannelType"), 1, 1, p("CPSV/ChannelType")}},
		p("CPSV/Input"):                 {name},
		p("CPSV/Output"):                {name},
		p("CPSV/FixedCost"):             {{p("MU/value"), 1, 0, ""}},
		p("CPSV/ServiceProcessingTime"): {{p("MU/value"), 1, 0, ""}},
		p("CPSV/Rule"):                  {identifier, name, {p("l0/description"), 1, 0, ""}, {p("CPSV/implementsFF"), 0, 0, p("CPSV/FormalFramework")}},
		p("CPSV/FormalFramework"):       {identifier, name},
		p("RO/TimeIndexedRole"): {
			{p("RO/forEntity"), 1, 0, ""},
			{p("RO/isRoleInTimeOf"), 1, 0, ""},
			{p("RO/withRole"), 1, 1, ""},
			{p("TI/hasTemporalEntity"), 1, 0, p("TI/TimeInstant")},
		},
		p("TI/TimeInstant"):        {{p("TI/date"), 1, 1, ""}},
		p("SM/OnlineContactPoint"): {{p("SM/hasEmail"), 1, 0, p("SM/Email")}},
		p("SM/Email"):              {{p("SM/emailAddress"), 1, 1, ""}, {p("SM/hasEmailType"), 1, 1, ""}, {p("SM/isEmailOf"), 1, 1, p("SM/OnlineContactPoint")}},
		p("SM/WebSite"):            {{p("SM/isWebSiteOf"), 1, 1, p("SM/OnlineContactPoint")}},
	}
}

// conform checks all nodes against the profile and gives how many there are of each
// class.
func conform(t *testing.T, nodes map[string]node) map[string]int {
	t.Helper()
	rules, seen := profile(), map[string]int{}
	for id, n := range nodes {
		for _, class := range n.values("@type") {
			seen[class]++
			for _, c := range rules[class] {
				values := n.values(c.property)
				if len(values) < c.min && len(n.languages(c.property)) < c.min || c.max > 0 && len(values) > c.max {
					t.Errorf("%s has %d of %s", id, len(values), c.property)
				}
				for _, v := range values {
					if c.class != "" && !slices.Contains(nodes[v].values("@type"), c.class) {
						t.Errorf("%s: %s leads to %s, which is no %s", id, c.property, v, c.class)
					}
				}
			}
		}
	}
	return seen
}

// Every practice of the house is a service with all mandatory properties, each as often
// as the profile has it, in both languages.
func TestTheCatalogueConforms(t *testing.T) {
	t.Parallel()
	offers := house(t)
	nodes := read(t, export(t, offers, shared(t)))
	seen := conform(t, nodes)
	practices := 0
	for _, o := range offers {
		practices += len(o.Service.Definition().Practices)
	}
	if seen[service] != practices || practices < 65 {
		t.Errorf("%d services for %d practices", seen[service], practices)
	}
	for class := range profile() {
		if seen[class] == 0 && !strings.HasPrefix(class, ontology+"SM/") {
			t.Errorf("the house has no %s: the rules for it prove nothing", class)
		}
	}
	identifiers := map[string]bool{}
	for id, n := range nodes {
		if u, err := url.Parse(id); err != nil || !u.IsAbs() {
			t.Errorf("%q is no absolute address", id)
		}
		if !slices.Contains(n.values("@type"), service) {
			continue
		}
		identifier := n.values(ontology + "l0/identifier")[0]
		if identifiers[identifier] {
			t.Errorf("two services have the identifier %s", identifier)
		}
		identifiers[identifier] = true
		for _, property := range []string{"l0/name", "l0/description", "CPSV/serviceKeyword"} {
			if got := n.languages(ontology + property); !slices.Equal(got, []string{"en", "it"}) {
				t.Errorf("%s has %s in %v", id, property, got)
			}
		}
		theme := n.values("http://www.w3.org/ns/dcat#theme")
		if len(theme) == 0 || !strings.HasPrefix(theme[0], "http://publications.europa.eu/resource/authority/data-theme/") {
			t.Errorf("%s has the themes %v", id, theme)
		}
	}
}

// Nothing is lost on the way to RDF, and the document says the same each time.
func TestTheExportIsDeterministic(t *testing.T) {
	t.Parallel()
	offers, known := house(t), shared(t)
	first := export(t, offers, known)
	if !bytes.Equal(first, export(t, offers, known)) {
		t.Error("two exports differ")
	}
	if bytes.Contains(first, []byte(".example/")) && bytes.Contains(first, []byte("mailto:")) {
		t.Error("contacts that the town has not confirmed are published")
	}
	var parsed map[string]any
	if err := json.Unmarshal(first, &parsed); err != nil {
		t.Fatal(err)
	}
	context := parsed["@context"].(map[string]any)
	for _, key := range keysOf(parsed["@graph"]) {
		if _, known := context[key]; !known && !strings.HasPrefix(key, "@") && key != "it" && key != "en" {
			t.Errorf("the context does not say what %q means: it would be dropped", key)
		}
	}
}

// keysOf are all keys below a value, each once.
func keysOf(v any) []string {
	var keys []string
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			keys = append(keys, keysOf(element)...)
		}
	case map[string]any:
		for key, value := range v {
			keys = append(append(keys, key), keysOf(value)...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// small is a service with one practice in an office of which everything is known.
func small(change func(*sdk.Practice, *sdk.Destination)) (*sdk.Definition, *sdk.Town) {
	text := func(s string) sdk.Text { return sdk.Text{IT: s, EN: s} }
	office := sdk.Destination{
		ID: "sportello", Level: 2, Label: text("Sportello"), Place: text("Primo piano"),
		Contacts: sdk.Contacts{Email: "a@comune.example", PEC: "b@pec.comune.example", Web: "https://comune.example/sportello"},
	}
	practice := sdk.Practice{
		ID: "pratica", Title: text("Pratica"), Summary: text("Riassunto"), ForWhom: text("tutti"), Outcome: text("esito"),
		Deadline: sdk.Term{Amount: 3, Unit: sdk.Months, From: "protocol"},
		Silence:  "none", Handling: sdk.Handling{TypicalMinutes: 15}, Confidence: "low",
	}
	change(&practice, &office)
	def := &sdk.Definition{
		Service: "prova", Version: "1.0.0", Series: "Z", Kind: "counter", DefaultRoute: "sportello", Category: "Ambiente",
		Title: text("Prova"), Description: text("Descrizione"),
		FieldGroups: map[string]sdk.FieldGroup{sdk.Applicant: {Title: text("Richiedente")}},
		Practices:   []sdk.Practice{practice},
	}
	return def, &sdk.Town{
		Municipality: sdk.Municipality{Name: "Comune", Belfiore: "G488", ISTAT: "015171", Web: "https://comune.example/"},
		Destinations: []sdk.Destination{office},
	}
}

// What is stated follows the data.
func TestWhatIsStated(t *testing.T) {
	t.Parallel()
	const vocabulary = "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/"
	tests := map[string]struct {
		change   func(*sdk.Practice, *sdk.Destination)
		property string
		want     []string
	}{
		"at the counter only": {
			func(*sdk.Practice, *sdk.Destination) {}, ontology + "CPSV/hasAuthenticationMethod",
			[]string{vocabulary + "authentication-type/NONE"},
		},
		"online, level 2": {
			func(p *sdk.Practice, _ *sdk.Destination) { p.Online = sdk.Online{Possible: true, MinLoA: "L2"} },
			ontology + "CPSV/hasAuthenticationMethod",
			[]string{vocabulary + "authentication-type/SPIDL2"},
		},
		"its channels": {
			func(p *sdk.Practice, _ *sdk.Destination) { p.Online = sdk.Online{Possible: true, MinLoA: "L1"} },
			ontology + "CPSV/hasChannel",
			[]string{"https://comune.example/servizi/pratica#sportello", "https://comune.example/servizi/pratica#web"},
		},
		"active": {
			func(*sdk.Practice, *sdk.Destination) {}, ontology + "CPSV/hasServiceStatus", []string{ontology + "CPSV/Active"},
		},
		"not active": {
			func(p *sdk.Practice, _ *sdk.Destination) {
				p.Status, p.StatusReason = sdk.StatusInactive, sdk.Text{IT: "chiuso", EN: "closed"}
			},
			ontology + "CPSV/hasServiceStatus",
			[]string{ontology + "CPSV/NonActive"},
		},
		"under development": {
			func(p *sdk.Practice, _ *sdk.Destination) {
				p.Status, p.StatusReason = sdk.StatusDevelopment, sdk.Text{IT: "presto", EN: "soon"}
			},
			ontology + "CPSV/hasServiceStatus",
			[]string{ontology + "CPSV/UnderDev"},
		},
		"its place": {
			func(*sdk.Practice, *sdk.Destination) {}, ontology + "CPSV/isPhysicallyAvailableAt",
			[]string{"https://comune.example/uffici/sportello#luogo"},
		},
		"confirmed contacts": {
			func(*sdk.Practice, *sdk.Destination) {}, ontology + "SM/hasOnlineContactPoint",
			[]string{"https://comune.example/servizi/pratica#contatto"},
		},
		"contacts to verify": {
			func(_ *sdk.Practice, d *sdk.Destination) { d.Contacts.ToVerify = true }, ontology + "SM/hasOnlineContactPoint", nil,
		},
		"its subject": {
			func(*sdk.Practice, *sdk.Destination) {}, "http://purl.org/dc/terms/subject",
			[]string{vocabulary + "public-services-subject-matters/11"},
		},
		"the day it came in": {
			func(*sdk.Practice, *sdk.Destination) {}, "http://purl.org/dc/terms/modified", []string{"2026-11-23"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def, known := small(tt.change)
			nodes := read(t, export(t, []cpsv.Offer{{Service: compile(t, def), Updated: day()}}, known))
			conform(t, nodes)
			got := nodes["https://comune.example/servizi/pratica"].values(tt.property)
			slices.Sort(got)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s is %q, want %q", tt.property, got, tt.want)
			}
		})
	}
}

// Without its own codes a town has no addresses for its services.
func TestATownWithoutCodes(t *testing.T) {
	t.Parallel()
	if _, err := cpsv.Export(nil, &sdk.Town{}, day()); err == nil || !strings.Contains(err.Error(), "municipality") {
		t.Errorf("the error is %v", err)
	}
}
