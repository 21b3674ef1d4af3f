package sdk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// One value per type that can be read, and several that cannot or that break a
// limit.
func TestCheckByType(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		field sdk.Field
		value string
		want  string // the codes, joined by a blank; empty for no problem
	}{
		"string":                   {own("x", sdk.TypeString), `"a"`, ""},
		"string, a number":         {own("x", sdk.TypeString), `1`, "type"},
		"string, length in runes":  {own("x", sdk.TypeString, limits("", "5")), `"città"`, ""},
		"string, too long":         {own("x", sdk.TypeString, limits("", "5")), `"cittàà"`, "length"},
		"string, trimmed first":    {own("x", sdk.TypeString, limits("", "5")), `"  città  "`, ""},
		"text, too short":          {own("x", sdk.TypeText, limits("20", "")), `"breve"`, "length"},
		"int":                      {own("x", sdk.TypeInt, limits("1", "3")), `3`, ""},
		"int with point zero":      {own("x", sdk.TypeInt), `3.0`, ""},
		"int with decimals":        {own("x", sdk.TypeInt), `3.5`, "type"},
		"int as text":              {own("x", sdk.TypeInt), `"3"`, "type"},
		"int out of range":         {own("x", sdk.TypeInt, limits("1", "3")), `4`, "range"},
		"int, a huge exponent":     {own("x", sdk.TypeInt), `1e999999999`, "type"},
		"int, too many digits":     {own("x", sdk.TypeInt), strings.Repeat("9", 60), "type"},
		"decimal, number":          {own("x", sdk.TypeDecimal, limits("0.1", "")), `0.1`, ""},
		"decimal, text":            {own("x", sdk.TypeDecimal, limits("0.1", "")), `"0.10"`, ""},
		"decimal, below":           {own("x", sdk.TypeDecimal, limits("0.1", "")), `"0.0999"`, "range"},
		"decimal, words":           {own("x", sdk.TypeDecimal), `"tanto"`, "type"},
		"decimal, exponent text":   {own("x", sdk.TypeDecimal), `"1e3"`, "type"},
		"money":                    {own("x", sdk.TypeMoney, limits("0.01", "")), `"12.50"`, ""},
		"money with one decimal":   {own("x", sdk.TypeMoney), `"12.5"`, ""},
		"money with three":         {own("x", sdk.TypeMoney), `"12.505"`, "type"},
		"money as a number":        {own("x", sdk.TypeMoney), `12.5`, "type"},
		"money, comma":             {own("x", sdk.TypeMoney), `"12,50"`, "type"},
		"money out of range":       {own("x", sdk.TypeMoney, limits("0.01", "")), `"0.00"`, "range"},
		"bool false is an answer":  {own("x", sdk.TypeBool, always), `false`, ""},
		"bool as text":             {own("x", sdk.TypeBool), `"true"`, "type"},
		"date":                     {own("x", sdk.TypeDate), `"2028-02-29"`, ""},
		"date that does not exist": {own("x", sdk.TypeDate), `"2026-02-29"`, "type"},
		"date, Italian form":       {own("x", sdk.TypeDate), `"23/11/2026"`, "type"},
		"time":                     {own("x", sdk.TypeTime), `"23:59"`, ""},
		"time, 24:00":              {own("x", sdk.TypeTime), `"24:00"`, "type"},
		"time with seconds":        {own("x", sdk.TypeTime), `"10:00:00"`, "type"},
		"enum":                     {own("x", sdk.TypeEnum, codes("a", "b")), `"b"`, ""},
		"enum, unknown":            {own("x", sdk.TypeEnum, codes("a", "b")), `"c"`, "enum"},
		"enum, a list":             {own("x", sdk.TypeEnum, codes("a", "b")), `["a"]`, "type"},
		"multi_enum":               {own("x", sdk.TypeMultiEnum, codes("a", "b")), `["b", " a "]`, ""},
		"multi_enum, repeated":     {own("x", sdk.TypeMultiEnum, codes("a", "b")), `["a", "a"]`, "duplicate"},
		"multi_enum, both faults":  {own("x", sdk.TypeMultiEnum, codes("a", "b")), `["c", "c"]`, "enum duplicate"},
		"multi_enum, one text":     {own("x", sdk.TypeMultiEnum, codes("a", "b")), `"a"`, "type"},
		"multi_enum with a null":   {own("x", sdk.TypeMultiEnum, codes("a", "b")), `["a", null]`, "type"},
		"multi_enum, empty":        {own("x", sdk.TypeMultiEnum, always, codes("a", "b")), `[]`, "required"},
		"file":                     {own("x", sdk.TypeFile, limits("", "1")), `["carta.pdf"]`, ""},
		"file, too many":           {own("x", sdk.TypeFile, limits("", "1")), `["a.pdf", "b.pdf"]`, "length"},
		"file, empty":              {own("x", sdk.TypeFile, always), `[]`, "required"},
		"tax code":                 {own("x", sdk.TypeTaxCode), `"RSSMRA80A01F205X"`, ""},
		"tax code of a body":       {own("x", sdk.TypeTaxCode), `"12345678903"`, ""},
		"tax code, lower case":     {own("x", sdk.TypeTaxCode), `"rssmra80a01f205x"`, "cf"},
		"VAT number":               {own("x", sdk.TypeVAT), `"12345678903"`, ""},
		"VAT number, wrong":        {own("x", sdk.TypeVAT), `"12345678900"`, "check"},
		"IBAN with spaces":         {own("x", sdk.TypeIBAN), `"IT60 X054 2811 1010 0000 0123 456"`, ""},
		"IBAN, wrong":              {own("x", sdk.TypeIBAN), `"IT60X0542811101000000123457"`, "check"},
		"comune":                   {own("x", sdk.TypeTown), `"G488"`, ""},
		"comune, a name":           {own("x", sdk.TypeTown), `"Milano"`, "pattern"},
		"nazione":                  {own("x", sdk.TypeCountry), `"NO"`, ""},
		"nazione, lower case":      {own("x", sdk.TypeCountry), `"it"`, "pattern"},
		"phone":                    {own("x", sdk.TypePhone), `"+39 333 1234567"`, ""},
		"phone, short":             {own("x", sdk.TypePhone), `"+3933"`, "pattern"},
		"phone, letters":           {own("x", sdk.TypePhone), `"333-1234567"`, "pattern"},
		"phone, blank first":       {own("x", sdk.TypePhone), `"+ 3331234567"`, "pattern"},
		"email":                    {own("x", sdk.TypeEmail), `"a@b.it"`, ""},
		"email, two ats":           {own("x", sdk.TypeEmail), `"a@b@c.it"`, "pattern"},
		"email, point last":        {own("x", sdk.TypeEmail), `"a@bit."`, "pattern"},
		"email, blank inside":      {own("x", sdk.TypeEmail), `"a b@c.it"`, "pattern"},
		"pattern covers the whole": {own("x", sdk.TypePlate, func(f *sdk.Field) { f.Pattern = "[A-Z]+|[0-9]+" }), `"AB1"`, "pattern"},
		"pattern, end of line":     {own("x", sdk.TypePlate, func(f *sdk.Field) { f.Pattern = "^[A-Z]+$" }), `"AB\n1"`, "pattern"},
		"pattern and length":       {own("x", sdk.TypeString, limits("", "2"), func(f *sdk.Field) { f.Pattern = "[a-z]+" }), `"ABC"`, "pattern length"},
		"blank is not filled":      {own("x", sdk.TypeInt, always), `"  "`, "required"},
		"null is not filled":       {own("x", sdk.TypeDate, always), `null`, "required"},
		"optional and blank":       {own("x", sdk.TypeMoney), `""`, ""},
		"broken JSON":              {own("x", sdk.TypeString), `"a`, "type"},
		"today is not the future":  {own("x", sdk.TypeDate, checked("not in the future")), `"2026-11-23"`, ""},
		"tomorrow is":              {own("x", sdk.TypeDate, checked("not in the future")), `"2026-11-24"`, "date_range"},
		"today is no future":       {own("x", sdk.TypeDate, checked("in the future")), `"2026-11-23"`, "date_range"},
		"tomorrow is a future":     {own("x", sdk.TypeDate, checked("in the future")), `"2026-11-24"`, ""},
		"seventeen":                {own("x", sdk.TypeDate, checked("age < 18")), `"2008-11-24"`, ""},
		"eighteen":                 {own("x", sdk.TypeDate, checked("age < 18")), `"2008-11-23"`, "date_range"},
		"eighteen at most":         {own("x", sdk.TypeDate, checked("age <= 18")), `"2008-11-23"`, ""},
		"two checks":               {own("x", sdk.TypeDate, checked("not in the future; age < 18")), `"2000-01-01"`, "date_range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, problems := compiled(t, definition(tt.field)).Check(answers("x", tt.value), monday())
			var got []string
			for _, p := range problems {
				if got = append(got, p.Code); p.Path != "x" || p.Message.IT == "" || p.Message.EN == "" {
					t.Errorf("problem %+v", p)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("codes %v, want %q", got, tt.want)
			}
			if (in == nil) != (tt.want != "") {
				t.Errorf("intake %v with problems %v", in, got)
			}
		})
	}
}

func TestCheckLists(t *testing.T) {
	t.Parallel()
	rooms := own("camere", sdk.TypeList, always, limits("0", "2"), func(f *sdk.Field) { f.Item = []string{"mq", "nome"} })
	p := compiled(t, definition(rooms))
	tests := map[string]struct {
		value string
		want  []string
	}{
		"empty is a value":     {`[]`, nil},
		"values are free":      {`[{"mq": 12}, {"mq": "x", "nome": null}]`, nil},
		"too many":             {`[{}, {}, {}]`, []string{"camere length"}},
		"an element is a text": {`["a"]`, []string{"camere type"}},
		"an element is null":   {`[{}, null]`, []string{"camere[1] type"}},
		"another key":          {`[{"mq": 1}, {"piano": 1}]`, []string{"camere[1].piano type"}},
		"an object":            {`{"mq": 1}`, []string{"camere type"}},
		"missing":              {`null`, []string{"camere required"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := p.Check(answers("camere", tt.value), monday())
			if diff := cmp.Diff(tt.want, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBirthDateMustAgree(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition())
	tests := map[string]struct {
		code, birth string
		want        []string
	}{
		"agrees":              {`"RSSMRA80A01F205X"`, `"1980-01-01"`, nil},
		"another century":     {`"RSSMRA80A01F205X"`, `"1880-01-01"`, []string{"data_nascita date_range"}},
		"another day":         {`"RSSMRA80A01F205X"`, `"1980-01-02"`, []string{"codice_fiscale cf_birth_date"}},
		"omocodia":            {`"RSSMRA80A01F2LRD"`, `"1980-01-01"`, nil},
		"woman":               {`"BNCNMR75T55G488G"`, `"1975-12-15"`, nil},
		"eleven digits":       {`"12345678903"`, `"1975-12-15"`, nil},
		"not valid, only cf":  {`"RSSMRA80A01F205Y"`, `"1980-01-02"`, []string{"codice_fiscale cf"}},
		"date missing":        {`"RSSMRA80A01F205X"`, `null`, nil},
		"date cannot be read": {`"RSSMRA80A01F205X"`, `"ieri"`, []string{"data_nascita type"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := p.Check(answers("codice_fiscale", tt.code, "data_nascita", tt.birth), monday())
			if diff := cmp.Diff(tt.want, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAfterAndNotBefore(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(
		own("dal", sdk.TypeDate), own("al", sdk.TypeDate, checked("not before dal")), own("oltre", sdk.TypeDate, checked("after dal")),
		own("inizio", sdk.TypeTime), own("fine", sdk.TypeTime, checked("after inizio")), own("chiude", sdk.TypeTime, checked("not before inizio")),
	))
	tests := map[string]struct {
		answers map[string]json.RawMessage
		want    []string
	}{
		"the same day":   {answers("dal", `"2026-01-02"`, "al", `"2026-01-02"`, "oltre", `"2026-01-02"`), []string{"oltre date_range"}},
		"the day before": {answers("dal", `"2026-01-02"`, "al", `"2026-01-01"`), []string{"al date_range"}},
		"the day after":  {answers("dal", `"2026-01-02"`, "al", `"2026-01-03"`, "oltre", `"2026-01-03"`), nil},
		"nothing to say": {answers("al", `"2026-01-01"`, "oltre", `"2026-01-01"`, "fine", `"08:00"`), nil},
		"times":          {answers("inizio", `"10:00"`, "fine", `"10:00"`, "chiude", `"10:00"`), []string{"fine date_range"}},
		"time before":    {answers("inizio", `"10:00"`, "fine", `"10:01"`, "chiude", `"09:59"`), []string{"chiude date_range"}},
		"unreadable":     {answers("dal", `"2026-13-01"`, "al", `"2026-01-01"`), []string{"dal type"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := p.Check(tt.answers, monday())
			if diff := cmp.Diff(tt.want, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHiddenFieldsAreDropped(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(
		own("per_altri", sdk.TypeBool, always),
		own("titolo", sdk.TypeEnum, when("per_altri"), codes("erede", "tutore")),
		own("eredi", sdk.TypeInt, when("titolo == 'erede'"), limits("1", "9")),
		own("nota", sdk.TypeString, func(f *sdk.Field) { f.When = "titolo != 'tutore'" }),
		own("libera", sdk.TypeString, func(f *sdk.Field) { f.When = "not (titolo == 'tutore')" }),
	))
	tests := map[string]struct {
		answers map[string]json.RawMessage
		want    []string
		clean   []string
	}{
		"hidden answers, however wrong, are no fault": {
			answers("per_altri", "false", "titolo", `"erede"`, "eredi", `"x"`, "libera", `"a"`), nil, []string{"libera", "per_altri"},
		},
		"a hidden field hides the fields below": {
			answers("per_altri", "false", "titolo", `"erede"`, "eredi", "2", "nota", `"a"`), nil, []string{"per_altri"},
		},
		"visible and compulsory": {answers("per_altri", "true"), []string{"titolo required"}, nil},
		"down the chain":         {answers("per_altri", "true", "titolo", `"erede"`), []string{"eredi required"}, nil},
		"an unreadable answer is missing below, and a fault": {
			answers("per_altri", `"yes"`, "titolo", `"erede"`), []string{"per_altri type"}, nil,
		},
		"a code that does not exist is a value": {
			answers("per_altri", "true", "titolo", `"cugino"`, "nota", `"a"`), []string{"titolo enum"}, nil,
		},
		"unknown fields come last, in order": {
			answers("zeta", "1", "alfa", "2"), []string{"per_altri required", "alfa unknown_field", "zeta unknown_field"}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, problems := p.Check(tt.answers, monday())
			if diff := cmp.Diff(tt.want, lines(problems)); diff != "" {
				t.Fatalf("problems (-want +got):\n%s", diff)
			}
			if in == nil {
				return
			}
			if diff := cmp.Diff(tt.clean, keys(in.Answers()), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnswersAreTrimmedAndNothingElse(t *testing.T) {
	t.Parallel()
	p := compiled(t, definition(
		own("iban", sdk.TypeIBAN), own("scelte", sdk.TypeMultiEnum, codes("a", "b")), own("quota", sdk.TypeDecimal), own("mq", sdk.TypeInt),
	))
	in, problems := p.Check(answers("nome", `" Ada "`, "iban", `"IT60 X0542811101000000123456"`, "scelte", `[" b", "a"]`,
		"quota", `"050.50"`, "mq", `1.0`), monday())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := map[string]string{}
	for name, raw := range in.Answers() {
		got[name] = string(raw)
	}
	want := map[string]string{
		"nome": `"Ada"`, "iban": `"IT60 X0542811101000000123456"`, "scelte": `["b","a"]`, "quota": `"050.50"`, "mq": "1.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestMessagesNameTheLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		field sdk.Field
		value string
		want  sdk.Text
	}{
		"between":  {own("x", sdk.TypeInt, limits("1", "3")), "4", sdk.Text{IT: "Il valore deve essere tra 1 e 3.", EN: "The value must be between 1 and 3."}},
		"at least": {own("x", sdk.TypeMoney, limits("0.01", "")), `"0"`, sdk.Text{IT: "Il valore deve essere almeno 0.01.", EN: "The value must be at least 0.01."}},
		"at most":  {own("x", sdk.TypeString, limits("", "2")), `"abc"`, sdk.Text{IT: "Il testo deve avere al massimo 2 caratteri.", EN: "The text must have at most 2 characters."}},
		"younger":  {own("x", sdk.TypeDate, checked("age < 18")), `"2000-01-01"`, sdk.Text{IT: "La persona deve avere meno di 18 anni.", EN: "The person must be younger than 18."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := compiled(t, definition(tt.field)).Check(answers("x", tt.value), monday())
			if len(problems) != 1 {
				t.Fatal(problems)
			}
			if diff := cmp.Diff(tt.want, problems[0].Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
	_, problems := compiled(t, definition()).Check(answers(strings.Repeat("è", 500), "1"), monday())
	if n := len([]rune(problems[0].Path)); n > 100 {
		t.Errorf("a name from outside is repeated with %d characters", n)
	}
}

// The civil date is the one of Rome, whatever the zone of the moment.
func TestTodayIsInRome(t *testing.T) {
	t.Parallel()
	facts := monday()
	facts.Now = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC) // half past midnight in Rome
	p := compiled(t, definition(own("x", sdk.TypeDate, checked("not in the future"))))
	in, problems := p.Check(answers("x", `"2026-11-24"`), facts)
	if len(problems) > 0 || in.Today().String() != "2026-11-24" {
		t.Errorf("problems %v", problems)
	}
}
