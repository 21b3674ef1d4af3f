package expr

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// fixed is an Env with a fixed clock: Monday 23 November 2026, 10:30 in Rome.
type fixed map[string]Value

func (f fixed) Lookup(name string) Value {
	switch name {
	case "today":
		return f.Today()
	case "now":
		return f.Now()
	}
	return f[name]
}

func (f fixed) Figure(name string) Value {
	return f["figure "+name]
}
func (fixed) Now() time.Time   { return time.Date(2026, 11, 23, 10, 30, 0, 0, calc.Rome()) }
func (fixed) Today() calc.Date { return calc.Date{Year: 2026, Month: 11, Day: 23} }
func (fixed) Calendar() calc.Calendar {
	return calc.Calendar{
		Fixed:        []calc.MonthDay{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01", "12-08", "12-25", "12-26"},
		FixedFrom:    map[calc.MonthDay]int{"10-04": 2026},
		Local:        []calc.MonthDay{"11-04"},
		EasterMonday: true,
	}
}

func num(text string) Value { return decimal.RequireFromString(text) }

func date(text string) calc.Date {
	d, err := calc.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func parse(t *testing.T, source string) *Expr {
	t.Helper()
	e, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// What an expression says where x has a value and where it is missing.
func TestTruthWithAMissingValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		source           string
		x                Value
		present, missing bool
	}{
		{"x > 3", num("5"), true, false},
		{"x >= 5", num("5"), true, false},
		{"x < 6", num("5"), true, false},
		{"x <= 3", num("5"), false, false},
		{"not (x > 3)", num("5"), false, true},
		{"x == 5", num("5"), true, false},
		{"x != 4", num("5"), true, false},
		{"not (x == 4)", num("5"), true, true},
		{"x in [4, 5]", num("5"), true, false},
		{"x not in [4]", num("5"), true, false},
		{"not x in [4]", num("5"), true, true},
		{"x == None", num("5"), false, true},
		{"None == x", num("5"), false, true},
		{"x != None", num("5"), true, false},
		{"x == (None)", num("5"), false, true},
		{"x in [None]", num("5"), false, false},
		{"x not in [None,'no']", "a", true, false},
		{"x not in [None,'no']", "no", false, false},
		{"x", true, true, false},
		{"x", false, false, false},
		{"not x", false, true, true},
		{"not x", true, false, true},
		{"x == False", false, true, false},
		{"x == False", true, false, false},
		{"not (x == False)", true, true, true},
		{"x and True", true, true, false},
		{"x or True", false, true, true},
		{"x", num("1"), false, false},
		{"x", "vero", false, false},
		{"not x", "vero", true, true},
		{"x + 1 == 6", num("5"), true, false},
		{"x - 1 > 0 or x == None", num("5"), true, true},
		{"-x < 0", num("5"), true, false},
		{"len(x) == 0", "abc", false, false},
		{"any_in(x, ['a'])", []Value{"a", "b"}, true, false},
		{"not any_in(x, ['a'])", []Value{"b"}, true, true},
		{"5 in x", []Value{num("5.0")}, true, false},
		{"5 not in x", []Value{"5"}, true, false},
	}
	for _, tt := range tests {
		e := parse(t, tt.source)
		if got := e.True(fixed{"x": tt.x}); got != tt.present {
			t.Errorf("%s with x = %v: %v, want %v", tt.source, tt.x, got, tt.present)
		}
		if got := e.True(fixed{}); got != tt.missing {
			t.Errorf("%s with x missing: %v, want %v", tt.source, got, tt.missing)
		}
	}
}

func TestTypesNeverMix(t *testing.T) {
	t.Parallel()
	env := fixed{
		"n": num("1"), "s": "1", "b": true, "d": date("2026-11-23"), "c": TimeOfDay(600),
		"l": []Value{num("1")}, "m": time.Date(2026, 11, 23, 10, 0, 0, 0, calc.Rome()), "o": []Value{Opaque{}},
	}
	names := []string{"n", "s", "b", "d", "c", "l", "m"}
	for _, a := range names {
		for _, b := range names {
			same := a == b
			if got := parse(t, a+" == "+b).True(env); got != same {
				t.Errorf("%s == %s: %v", a, b, got)
			}
			if got := parse(t, a+" != "+b).True(env); got == same {
				t.Errorf("%s != %s: %v", a, b, got)
			}
			ordered := same && slices.Contains([]string{"n", "d", "c", "m"}, a)
			if got := parse(t, a+" <= "+b).True(env); got != ordered {
				t.Errorf("%s <= %s: %v", a, b, got)
			}
		}
	}
	for source, want := range map[string]bool{
		"n in s": false, "n not in s": false, "s in s": false, // no list on the right
		"n + s == None": true, "s + s == None": true, "d - d == None": true,
		"o == o": false, "any_in(o, o)": false, "count(o) == 1": true, "count(s) == None": true,
		"['a','b'] == ['a','b']": true, "['a'] != ['a','b']": true,
		"age(s) == None": true, "age(m) == None": true, "year(n) == None": true,
		"days_past_days(d, s) == None": true, "days_past_days(d, 1.5) == None": true,
		"days_past_days(d, 100001) == None": true, "days_past_months(n, 1) == None": true,
		"datetime(d, d) == None": true, "hours_since(d) == None": true, "len(n) == None": true,
	} {
		if got := parse(t, source).True(env); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

func TestNumbersAreExact(t *testing.T) {
	t.Parallel()
	env := fixed{"isee": num("20668.26"), "a": num("0.1"), "b": num("0.2")}
	for source, want := range map[string]bool{
		"isee > 20668.26": false, "isee >= 20668.26": true, "isee == 20668.260": true,
		"a + b == 0.3": true, "a - b + b == a": true, "-a - b == -0.3": true,
	} {
		if got := parse(t, source).True(env); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	env := fixed{
		"born": date("1956-11-24"), "leap": date("2008-02-29"), "past": date("2026-11-20"), "future": date("2026-12-01"),
		"hour": TimeOfDay(10*60 + 31), "early": TimeOfDay(9 * 60), "list": []Value{"a", "b"},
	}
	for source, want := range map[string]string{
		"age(born)":                          "69",
		"age(leap)":                          "18",
		"days_since(past)":                   "3",
		"days_since(future)":                 "-8",
		"days_until(future)":                 "8",
		"months_since(date('2026-05-23'))":   "6",
		"months_since(date('2026-05-24'))":   "5",
		"months_since(future)":               "-1",
		"year(born)":                         "1956",
		"count(list)":                        "2",
		"len('città')":                       "5",
		"len(list)":                          "2",
		"count([])":                          "0",
		"count([None, 1])":                   "1",
		"hours_since(datetime(today,hour))":  "-1", // a minute to go, rounded down
		"hours_since(datetime(today,early))": "1",
		"hours_since(datetime(date('2026-10-25'), early))": "697",
		"hours_since(now)":                                          "0",
		"days_past_days(date('2026-11-13'), 10)":                    "0",
		"days_past_days(date('2026-11-12'), 10)":                    "0",
		"days_past_days(date('2026-11-11'), 10)":                    "2",
		"days_past_days(date('2026-10-16'), 19)":                    "18",
		"days_past_days(date('2026-11-22'), 0)":                     "0",
		"days_past_months(date('2026-05-22'), 6)":                   "0",
		"days_past_months(date('2026-05-21'), 6)":                   "2",
		"days_until(date('2026-12-31')) - days_until(today) + 1":    "39",
		"days_past_days(date('2026-11-30'), 1) + days_since(today)": "-8",
	} {
		got, ok := parse(t, source).Value(env).(decimal.Decimal)
		if !ok || got.String() != want {
			t.Errorf("%s = %v, want %s", source, got, want)
		}
	}
	for source, want := range map[string]bool{
		"is_holiday(date('2026-11-04'))":                 true,
		"is_holiday(date('2026-11-22'))":                 true,
		"is_holiday(date('2026-04-06'))":                 true,
		"is_holiday(date('2024-10-04'))":                 false,
		"is_holiday(missing)":                            false,
		"today < date('2026-11-24')":                     true,
		"today == date('2026-11-23')":                    true,
		"datetime(today, early) < now":                   true,
		"born < past and past < future":                  true,
		"early < hour":                                   true,
		"any_in(list, ['b','c'])":                        true,
		"any_in(list, ['c'])":                            false,
		"any_in('a', ['a'])":                             false,
		"'a' in list and 'c' not in list":                true,
		"datetime(missing, early) == None":               true,
		"hours_since(datetime(today, missing)) == None":  true,
		"True or missing and False":                      true,
		"(True or missing) and False":                    false,
		"not True or True":                               true,
		"not not missing":                                false,
		"'x' == 'X'":                                     false,
		"'' == ''":                                       true,
		"[1, [2]] == [1, [2]]":                           true,
		"1 in [1.0]":                                     true,
		"missing in list or list in [list]":              true,
		"any_in([missing, 'a'], ['a'])":                  true,
		"days_until(missing) >= 0":                       false,
		"not (days_past_days(missing, 20) > 0)":          true,
		"age(date('2008-11-23')) >= 18":                  true,
		"months_since(date('2026-10-31')) == 0":          true,
		"year(today) - year(born) > 69":                  true,
		"days_past_months(missing, 6) == None":           true,
		"now == now and today != now":                    true,
		"len([]) == 0 and len('') == 0":                  true,
		"- days_since(past) == 0 - 3":                    true,
		"count(list) in [2] and not count(list) in [3]":  true,
		"datetime(date('2026-03-29'), early) == missing": false,
	} {
		if got := parse(t, source).True(env); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", MaxDepth+1) + "1" + strings.Repeat(")", MaxDepth+1)
	for name, source := range map[string]string{
		"only blanks":            "  ",
		"chained comparison":     "1 < 2 < 3",
		"chained in":             "x in y in z",
		"multiplication":         "x * 2",
		"assignment":             "x = 2",
		"attribute":              "x.y",
		"index":                  "x[0]",
		"double quotes":          `x == "a"`,
		"text without end":       "x == 'a",
		"backslash":              `x == 'a\'b'`,
		"unknown function":       "exec('rm')",
		"too few arguments":      "age()",
		"too many arguments":     "age(x, y)",
		"any_in with one":        "any_in(x)",
		"date of a name":         "date(x)",
		"figure of a name":       "x > figure(x)",
		"figure of a number":     "x > figure(6000)",
		"figure without a name":  "x > figure('')",
		"figure with a sum":      "x > figure('a' + 'b')",
		"two figures in one":     "x > figure('a', 'b')",
		"figure with nothing":    "x > figure()",
		"date that is none":      "date('2026-02-30')",
		"date of a number":       "date(2026)",
		"no right side":          "x ==",
		"no left side":           "== x",
		"two minus signs":        "x == --1",
		"plus sign":              "x == +1",
		"open bracket":           "(x",
		"closed bracket":         "x)",
		"open list":              "[1, 2",
		"list with a lone comma": "[1,]",
		"two names":              "x y",
		"not on the right":       "x == not y",
		"and alone":              "and",
		"not alone":              "not",
		"number with two points": "1.2.3",
		"number with no digits":  "1.",
		"point first":            ".5",
		"number and letters":     "1x",
		"exponent":               "1e5",
		"semicolon":              "x; y",
		"lambda":                 "lambda x: x",
		"not ASCII":              "perché",
		"too deep":               deep,
		"too many nots":          strings.Repeat("not ", MaxDepth+1) + "x",
		"too long a sum":         "1" + strings.Repeat("+1", MaxDepth+1),
		"too long":               "x" + strings.Repeat(" or x", MaxLength),
		"call of a call":         "age(x)(y)",
		"empty brackets":         "()",
	} {
		if _, err := Parse(source); err == nil {
			t.Errorf("%s: %q is accepted", name, source)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	e := parse(t, "a == 'x' and (b in EU or age(a) > 3) and not today in [c]")
	if diff := cmp.Diff([]string{"a", "b", "EU", "today", "c"}, e.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, source := range []string{"", "True"} {
		if e := parse(t, source); !e.True(fixed{}) || len(e.Names()) != 0 {
			t.Errorf("%q does not mean always", source)
		}
	}
}

// A figure is what the day says, missing on a day without one, and its name is
// known before anything is evaluated.
func TestFigures(t *testing.T) {
	t.Parallel()
	env := fixed{
		"isee": num("20668.26"), "born": date("2026-05-22"), "zone": "b",
		"figure limit": num("20668.26"), "figure months": num("6"), "figure start": date("2026-11-01"), "figure zone": "b",
	}
	for source, want := range map[string]bool{
		"isee > figure('limit')":                                false,
		"isee <= figure('limit')":                               true,
		"isee + 0.01 > figure('limit')":                         true,
		"days_past_months(born, figure('months')) > 0":          false,
		"days_past_months(born, figure('months') - 1) > 0":      true,
		"today >= figure('start')":                              true,
		"zone == figure('zone')":                                true,
		"zone in ['a', figure('zone')]":                         true,
		"isee > figure('none')":                                 false,
		"isee <= figure('none')":                                false,
		"not (isee > figure('none'))":                           true,
		"figure('none') == None and figure('limit') != None":    true,
		"limit == None":                                         true, // a name is never a figure
		"figure('isee') == None":                                true, // nor a figure a name
		"days_past_months(born, figure('none')) <= 0":           false,
		"isee <= figure('limit') or isee <= figure('none')":     true,
		"isee > figure('limit') or not isee <= figure('limit')": false,
		"isee in [figure('none'), figure('limit')]":             true,
		"-figure('limit') + isee == 0":                          true,
		"figure('start') == date('2026-11-01')":                 true,
		"days_until(figure('start')) == -22":                    true,
	} {
		if got := parse(t, source).True(env); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
	e := parse(t, "x > figure('b') and (figure('a') == None or x in [figure('b')])")
	if diff := cmp.Diff([]string{"b", "a"}, e.Figures()); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"x"}, e.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// FuzzParse: no source makes the parser or the evaluation panic, evaluation has
// always the same result, and the operators keep their promises.
func FuzzParse(f *testing.F) {
	for _, source := range []string{
		"", "x", "x == None", "not (x > 3)", "any_in(l, ['a','b']) and n < 1990",
		"days_past_days(d, 20) > 0 and days_past_days(d, 20) <= 90", "hours_since(datetime(d, c)) < 24",
		"year(today) - n > 100", "x not in [None,'no']", "date('2026-11-01') > d", "-(-n) + 1.5", "[[1],[2]]",
		"n <= figure('limit') and days_past_months(d, figure('limit')) > 0", "figure('x') in [figure('limit')]",
	} {
		f.Add(source)
	}
	env := fixed{"x": "no", "n": num("1970"), "d": date("2026-02-28"), "c": TimeOfDay(61), "l": []Value{"a"}, "b": false, "figure limit": num("9530.00")}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source)
		if err != nil {
			return
		}
		first, second := fmt.Sprint(e.Value(env)), fmt.Sprint(e.Value(env))
		if first != second {
			t.Fatalf("%q: %s, then %s", source, first, second)
		}
		e.Value(fixed{})
		if source == "" {
			return
		}
		if again, err := Parse("not (" + source + ")"); err == nil && again.True(env) == e.True(env) {
			t.Fatalf("%q and its negation agree", source)
		}
	})
}

func BenchmarkRule(b *testing.B) {
	e, err := Parse("days_past_days(d, 20) > 0 and days_past_days(d, 20) <= 90 and x in ['altro_comune','stesso_comune']")
	if err != nil {
		b.Fatal(err)
	}
	env := fixed{"d": date("2026-10-01"), "x": "stesso_comune"}
	b.ReportAllocs()
	for b.Loop() {
		if !e.True(env) {
			b.Fatal("the rule does not hold")
		}
	}
}
