package sdk_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func formOfAllTypes() *sdk.Definition {
	return definition(
		own("scelta", sdk.TypeEnum, always, codes("a", "b")),
		own("scelte", sdk.TypeMultiEnum, always, codes("a", "b")),
		own("importo", sdk.TypeMoney, limits("0.01", "")),
		own("quota", sdk.TypeDecimal, limits("0.1", "100")),
		own("copie", sdk.TypeInt, limits("1", "10")),
		own("si", sdk.TypeBool, always),
		own("ora", sdk.TypeTime),
		own("camere", sdk.TypeList, limits("0", "2"), func(f *sdk.Field) { f.Item = []string{"mq"} }),
		own("allegati", sdk.TypeFile, limits("", "2")),
		own("targa", sdk.TypePlate, func(f *sdk.Field) { f.Pattern = "^[A-Z0-9]{4,10}$" }),
		own("comune", sdk.TypeTown), own("stato", sdk.TypeCountry), own("telefono", sdk.TypePhone),
		own("posta", sdk.TypeEmail), own("iban", sdk.TypeIBAN), own("piva", sdk.TypeVAT),
		own("erede", sdk.TypeString, when("scelta == 'a'"), limits("", "20")),
	)
}

func compileSchema(t *testing.T, raw json.RawMessage) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("form.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("form.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// The schema agrees with the check on what one field alone can tell.
func TestJSONSchemaAgreesWithTheCheck(t *testing.T) {
	t.Parallel()
	p := compiled(t, formOfAllTypes())
	raw, err := p.JSONSchema("it")
	if err != nil {
		t.Fatal(err)
	}
	form := compileSchema(t, raw)
	const right = `{"nome": "Ada", "scelta": "b", "scelte": ["a"], "si": false, "importo": "12.50", "quota": "0.5", "copie": 3,
		"ora": "10:00", "camere": [{"mq": 12}], "allegati": ["a.pdf"], "targa": "AB123CD", "comune": "G488", "stato": "IT",
		"telefono": "+39 02 516901", "posta": "a@b.it", "iban": "IT60X0542811101000000123456", "piva": "12345678903",
		"data_nascita": "1980-01-01", "codice_fiscale": "RSSMRA80A01F205X"}`
	tests := map[string]struct {
		name, value string
		want        bool
	}{
		"right":                 {"nome", `"Eva"`, true},
		"too long":              {"nome", `"Elisabetta"`, false},
		"code unknown":          {"scelta", `"c"`, false},
		"code repeated":         {"scelte", `["a", "a"]`, false},
		"no code":               {"scelte", `[]`, false},
		"money as a number":     {"importo", `12.5`, false},
		"money, three decimals": {"importo", `"1.234"`, false},
		"decimal as a number":   {"quota", `0.5`, true},
		"decimal too big":       {"quota", `100.5`, false},
		"int with decimals":     {"copie", `1.5`, false},
		"int too small":         {"copie", `0`, false},
		"bool as text":          {"si", `"no"`, false},
		"time of 25 hours":      {"ora", `"25:00"`, false},
		"list, other key":       {"camere", `[{"piano": 1}]`, false},
		"list, too many":        {"camere", `[{}, {}, {}]`, false},
		"files, too many":       {"allegati", `["a", "b", "c"]`, false},
		"plate":                 {"targa", `"ab"`, false},
		"town":                  {"comune", `"Milano"`, false},
		"country":               {"stato", `"Italia"`, false},
		"phone":                 {"telefono", `"x"`, false},
		"e-mail":                {"posta", `"a@b"`, false},
		"IBAN":                  {"iban", `"x"`, false},
		"VAT":                   {"piva", `"1"`, false},
		"tax code":              {"codice_fiscale", `"x"`, false},
		"date":                  {"data_nascita", `"2026-02-30"`, false},
		"unknown field":         {"colore", `"blu"`, false},
		"compulsory":            {"si", ``, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := map[string]json.RawMessage{}
			if err := json.Unmarshal([]byte(right), &given); err != nil {
				t.Fatal(err)
			}
			if given[tt.name] = json.RawMessage(tt.value); tt.value == "" {
				delete(given, tt.name)
			}
			_, problems := p.Check(given, monday())
			if (len(problems) == 0) != tt.want {
				t.Errorf("the check says %v", lines(problems))
			}
			raw, err := json.Marshal(given)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if err := form.Validate(doc); (err == nil) != tt.want {
				t.Errorf("the schema says %v", err)
			}
		})
	}
}

func TestSchemasAreDeterministicAndInBothLanguages(t *testing.T) {
	t.Parallel()
	def := formOfAllTypes()
	practiceOf(def).Form.Fields[0].Label = sdk.Text{IT: "Scelta", EN: "Choice"}
	p := compiled(t, def)
	for what, derive := range map[string]func(string) (json.RawMessage, error){"schema": p.JSONSchema, "layout": p.UISchema} {
		it, err := derive("it")
		if err != nil {
			t.Fatal(err)
		}
		again, err := derive("it")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(it, again) {
			t.Errorf("the %s changes", what)
		}
		en, err := derive("en")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(it), `"Scelta"`) || !strings.Contains(string(en), `"Choice"`) {
			t.Errorf("the %s is not in both languages", what)
		}
	}
}

// The layout has the controls in the order of the form, with their conditions.
func TestUISchema(t *testing.T) {
	t.Parallel()
	def := definition(own("per_altri", sdk.TypeBool, always), own("titolo", sdk.TypeString, when("per_altri")))
	raw, err := compiled(t, def).UISchema("it")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"VerticalLayout","elements":[` +
		`{"type":"Group","label":"Richiedente","elements":[` +
		`{"type":"Control","label":"nome","scope":"#/properties/nome","options":{"type":"string","required":"false"}},` +
		`{"type":"Control","label":"codice_fiscale","scope":"#/properties/codice_fiscale","options":{"type":"codice_fiscale","required":"false","check":"check character incl. omocodia; birth date must agree"}},` +
		`{"type":"Control","label":"data_nascita","scope":"#/properties/data_nascita","options":{"type":"date","required":"false","check":"not in the future; age \u003c= 120"}}]},` +
		`{"type":"Group","label":"Pratica","elements":[` +
		`{"type":"Control","label":"per_altri","scope":"#/properties/per_altri","options":{"type":"bool","required":"true"}},` +
		`{"type":"Control","label":"titolo","scope":"#/properties/titolo","options":{"type":"string","required":"conditional","when":"per_altri"}}]}]}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("layout (-want +got):\n%s", diff)
	}
}
