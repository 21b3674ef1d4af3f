package calc

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func decs(texts ...string) []decimal.Decimal {
	var out []decimal.Decimal
	for _, text := range texts {
		out = append(out, dec(text))
	}
	return out
}

func imuRules() IMURules {
	return IMURules{
		Revaluation: dec("1.05"), LandRevaluation: dec("1.25"),
		Multipliers: map[string]decimal.Decimal{
			"A": dec("160"), "A/10": dec("80"), "B": dec("140"), "C/1": dec("55"), "C/2": dec("160"),
			"C/3": dec("140"), "D": dec("65"), "D/5": dec("80"), "T": dec("135"),
		},
	}
}

func TestIMUDue(t *testing.T) {
	t.Parallel()
	half := dec("0.5")
	tests := map[string]struct {
		category, income string
		baseFactor       decimal.Decimal
		imu              IMU
		base, want       string
	}{
		"second home": {"A/2", "650.00", dec("1"), IMU{RatePercent: dec("1.06"), SharePercent: dec("50"), Months: 12}, "109200", "579"},
		"shop bought on 16 April": {
			"C/1", "1842.50", dec("1"),
			IMU{RatePercent: dec("0.98"), SharePercent: dec("100"), Months: PossessionMonths(2026, day("2026-04-16"), Date{})},
			"106404.375", "782",
		},
		"shop bought on 17 April": {
			"C/1", "1842.50", dec("1"),
			IMU{RatePercent: dec("0.98"), SharePercent: dec("100"), Months: PossessionMonths(2026, day("2026-04-17"), Date{})},
			"106404.375", "695",
		},
		"free loan to a child": {"A/3", "720.00", half, IMU{RatePercent: dec("1.06"), SharePercent: dec("100"), Months: 12}, "60480", "641"},
		"agreed rent": {
			"A/3", "720.00", dec("1"),
			IMU{RatePercent: dec("1.06"), SharePercent: dec("100"), Months: 12, TaxFactor: dec("0.75")},
			"120960", "962",
		},
		"luxury main home": {
			"A/1", "2100.00", dec("1"),
			IMU{RatePercent: dec("0.60"), SharePercent: dec("100"), Months: 12, Deduction: dec("200")},
			"352800", "1917",
		},
		"deduction above the tax": {
			"A/1", "10.00", dec("1"),
			IMU{RatePercent: dec("0.60"), SharePercent: dec("100"), Months: 12, Deduction: dec("200")},
			"1680", "0",
		},
		"office by its own multiplier": {"A/10", "100.00", dec("1"), IMU{RatePercent: dec("1"), SharePercent: dec("100"), Months: 12}, "8400", "84"},
		"farm land":                    {"T", "100.00", dec("1"), IMU{RatePercent: dec("0.76"), SharePercent: dec("100"), Months: 12}, "16875", "128"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, err := imuRules().Base(tt.category, dec(tt.income))
			if err != nil {
				t.Fatal(err)
			}
			tt.imu.Base = base.Mul(tt.baseFactor)
			if !tt.imu.Base.Equal(dec(tt.base)) {
				t.Errorf("base = %s, want %s", tt.imu.Base, tt.base)
			}
			due, working := tt.imu.Due()
			if !due.Equal(dec(tt.want)) {
				t.Errorf("due = %s, want %s (%s)", due, tt.want, working)
			}
		})
	}
	if _, err := imuRules().Base("F/1", dec("1")); !errors.Is(err, ErrIMUCategory) {
		t.Errorf("a category without multiplier: %v", err)
	}
}

func TestPossessionMonths(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from, until string
		want        int
	}{
		"whole year":             {"2019-05-01", "", 12},
		"buyer on 16 April":      {"2026-04-16", "", 9},
		"seller on 16 April":     {"2019-05-01", "2026-04-16", 3},
		"buyer on 17 April":      {"2026-04-17", "", 8},
		"seller on 17 April":     {"2019-05-01", "2026-04-17", 4},
		"sold the year before":   {"2019-05-01", "2025-12-31", 0},
		"bought the year after":  {"2027-01-01", "", 0},
		"bought and sold in May": {"2026-05-02", "2026-05-31", 1},
		"February of equal days": {"2026-02-15", "", 11},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			until := Date{}
			if tt.until != "" {
				until = day(tt.until)
			}
			if got := PossessionMonths(2026, day(tt.from), until); got != tt.want {
				t.Errorf("%d months, want %d", got, tt.want)
			}
		})
	}
}

// Whoever buys and sells, the months of a year add up to twelve.
func TestBuyerAndSellerShareTheYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sale := day("2026-01-01").AddDays(rapid.IntRange(0, 364).Draw(t, "day"))
		seller := PossessionMonths(2026, day("2000-01-01"), sale)
		buyer := PossessionMonths(2026, sale, Date{})
		if seller+buyer != 12 {
			t.Fatalf("sold on %s: %d + %d months", sale, seller, buyer)
		}
	})
}

func TestIMUDates(t *testing.T) {
	t.Parallel()
	tests := map[int][2]string{
		2026: {"2026-06-16", "2026-12-16"},
		2029: {"2029-06-18", "2029-12-17"}, // a Saturday and a Sunday
	}
	for year, want := range tests {
		first, balance := IMUDates(year, peschiera())
		if first != day(want[0]) || balance != day(want[1]) {
			t.Errorf("%d: %s and %s, want %v", year, first, balance, want)
		}
	}
}

func TestTARIOutline(t *testing.T) {
	t.Parallel()
	base := TARI{FixedTariff: dec("0.62"), VariableTariff: dec("38.50"), ProvincePercent: dec("5"), Perequation: dec("7.60")}
	a := base
	a.Area, a.Ka, a.Kb, a.Days = dec("85"), dec("1.05"), dec("2.00"), 365
	b := base
	b.Area, b.Ka, b.Kb, b.Days = dec("60"), dec("0.80"), dec("0.80"), 200
	tests := map[string]struct {
		tari                              TARI
		tax, province, perequation, total string
	}{
		"three people, whole year": {a, "132.34", "6.62", "7.60", "146.56"},
		"one person, 200 days":     {b, "33.18", "1.66", "4.16", "39.00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := tt.tari.Outline()
			for what, pair := range map[string][2]string{
				"tax": {r.Tax.StringFixed(2), tt.tax}, "province": {r.Province.StringFixed(2), tt.province},
				"perequation": {r.Perequation.StringFixed(2), tt.perequation}, "total": {r.Total.StringFixed(2), tt.total},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s = %s, want %s (%s)", what, pair[0], pair[1], r.Working)
				}
			}
		})
	}
	if got := Cents(percent(a.Outline().Tax, dec("25"))).StringFixed(2); got != "33.09" {
		t.Errorf("waste bonus = %s, want 33.09", got)
	}
}

func TestByPeople(t *testing.T) {
	t.Parallel()
	ka := decs("0.80", "0.94", "1.05", "1.14", "1.23", "1.30")
	for people, want := range map[int]string{1: "0.80", 3: "1.05", 6: "1.30", 11: "1.30"} {
		if got, ok := ByPeople(ka, people); !ok || !got.Equal(dec(want)) {
			t.Errorf("%d people: %s, want %s", people, got, want)
		}
	}
	if _, ok := ByPeople(ka, 0); ok {
		t.Error("nobody has a coefficient")
	}
}

func TestWasteBonus(t *testing.T) {
	t.Parallel()
	bonus := WasteBonus{Limit: dec("9530"), LargeLimit: dec("20000"), LargeFrom: 4}
	tests := map[string]struct {
		isee     string
		children int
		want     bool
	}{
		"at the limit":              {"9530.00", 0, true},
		"above":                     {"9530.01", 3, false},
		"large family at its limit": {"20000.00", 4, true},
		"large family above":        {"20000.01", 5, false},
	}
	for name, tt := range tests {
		if got := bonus.Due(dec(tt.isee), tt.children); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestISEEFees(t *testing.T) {
	t.Parallel()
	line := LinearFee{LowISEE: dec("6000"), HighISEE: dec("20000"), LowFee: dec("1.50"), HighFee: dec("5.50")}
	for isee, want := range map[string]string{"5200.00": "1.50", "6000": "1.50", "12340.56": "3.31", "19999.99": "5.50", "20000": "5.50", "31000.00": "5.50"} {
		if got, working := line.Fee(dec(isee)); got.StringFixed(2) != want {
			t.Errorf("linear fee of %s = %s, want %s (%s)", isee, got, want, working)
		}
	}
	if got := SiblingFee(dec("3.31"), dec("20")).StringFixed(2); got != "2.65" {
		t.Errorf("second child = %s, want 2.65", got)
	}
	bands := []Band{{dec("7072.39"), dec("1.50")}, {dec("10000"), dec("3.80")}, {dec("14000"), dec("4.90")}}
	for isee, want := range map[string]string{"7072.39": "1.50", "7072.40": "3.80", "14000": "4.90", "14000.01": "6.18"} {
		if got := BandFee(bands, dec("6.18"), dec(isee)).StringFixed(2); got != want {
			t.Errorf("fee by bands of %s = %s, want %s", isee, got, want)
		}
	}
	if got := ProportionalFee(dec("16000"), dec("0.0003"), dec("6")).StringFixed(2); got != "4.80" {
		t.Errorf("proportional fee = %s, want 4.80", got)
	}
	if got := ProportionalFee(dec("60000"), dec("0.0003"), dec("6")).StringFixed(2); got != "6.00" {
		t.Errorf("proportional fee above the cap = %s, want 6.00", got)
	}
}

// A higher ISEE never pays less, and no fee leaves its limits.
func TestLinearFeeGrows(t *testing.T) {
	t.Parallel()
	line := LinearFee{LowISEE: dec("6000"), HighISEE: dec("20000"), LowFee: dec("1.50"), HighFee: dec("5.50")}
	rapid.Check(t, func(t *rapid.T) {
		low := decimal.New(rapid.Int64Range(0, 4_000_000).Draw(t, "cents"), -2)
		high := low.Add(decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "more"), -2))
		a, _ := line.Fee(low)
		b, _ := line.Fee(high)
		if b.LessThan(a) || a.LessThan(line.LowFee) || b.GreaterThan(line.HighFee) {
			t.Fatalf("fee(%s) = %s, fee(%s) = %s", low, a, high, b)
		}
	})
}

func TestStamps(t *testing.T) {
	t.Parallel()
	sixteen := dec("16.00")
	if got := StampOnPaper(sixteen, 10).Add(dec("0.52")).StringFixed(2); got != "48.52" {
		t.Errorf("certified copy of ten pages = %s, want 48.52", got)
	}
	for pages, want := range map[int]string{0: "0.00", 1: "16.00", 4: "16.00", 5: "32.00"} {
		if got := StampOnPaper(sixteen, pages).StringFixed(2); got != want {
			t.Errorf("%d pages = %s, want %s", pages, got, want)
		}
	}
	if got := StampDigital(sixteen, 2).StringFixed(2); got != "32.00" {
		t.Errorf("building permit online = %s, want 32.00", got)
	}
}

func TestCardExpiry(t *testing.T) {
	t.Parallel()
	rules := CardRules{
		ChildYears: 3, MinorYears: 5, AdultYears: 10, ChildAge: 3, AdultAge: 18,
		UnlimitedAge: 70, UnlimitedFrom: day("2026-07-30"),
	}
	tests := map[string]struct{ birth, issued, want string }{
		"adult":                         {"1988-03-05", "2026-11-23", "2037-03-05"},
		"minor":                         {"2015-12-01", "2026-11-23", "2031-12-01"},
		"child":                         {"2025-01-20", "2026-11-23", "2030-01-20"},
		"seventy":                       {"1950-06-01", "2026-11-23", ""},
		"seventy before the law":        {"1950-06-01", "2026-07-29", "2037-06-01"},
		"seventy on the day of the law": {"1956-07-30", "2026-07-30", ""},
		"sixty-nine":                    {"1957-01-01", "2026-11-23", "2037-01-01"},
		"born on 29 February":           {"1988-02-29", "2026-11-23", "2037-02-28"},
		"issued on the birthday":        {"1988-11-23", "2026-11-23", "2036-11-23"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expiry, unlimited := CardExpiry(rules, day(tt.birth), day(tt.issued))
			if expiry.String() != tt.want || unlimited != (tt.want == "") {
				t.Errorf("expiry %q, unlimited %v; want %q", expiry, unlimited, tt.want)
			}
		})
	}
}

func TestResidencePenalty(t *testing.T) {
	t.Parallel()
	inside := ResidencePenaltyRules{TermDays: 20, MildDays: 90, Minimum: dec("100"), Maximum: dec("500")}
	abroad := ResidencePenaltyRules{TermDays: 90, MildDays: 90, Minimum: dec("200"), Maximum: dec("1000")}
	tests := map[string]struct {
		rules        ResidencePenaltyRules
		moved, today string
		want         string
		late         int
	}{
		"in time":              {inside, "2026-11-03", "2026-11-23", "0.00", 0},
		"45 days":              {inside, "2026-10-01", "2026-11-15", "10.00", 25},
		"90 days of lateness":  {inside, "2026-03-02", "2026-06-21", "10.00", 90},
		"91 days of lateness":  {inside, "2026-03-02", "2026-06-22", "166.67", 91},
		"abroad, in 100 days":  {abroad, "2026-06-01", "2026-09-09", "20.00", 9},
		"abroad, in 200 days":  {abroad, "2026-05-07", "2026-11-23", "333.33", 110},
		"term ends on Sunday":  {inside, "2026-11-02", "2026-11-23", "0.00", 0},
		"the day after a roll": {inside, "2026-11-02", "2026-11-24", "10.00", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, late := ResidencePenalty(tt.rules, peschiera(), day(tt.moved), day(tt.today))
			if got.StringFixed(2) != tt.want || late != tt.late {
				t.Errorf("%s after %d days, want %s after %d", got, late, tt.want, tt.late)
			}
		})
	}
}

func TestSmallerComputations(t *testing.T) {
	t.Parallel()
	maternity := MaternityRules{Monthly: dec("413.10"), Months: 5, Limit: dec("20668.26")}
	tests := map[string]struct {
		got  decimal.Decimal
		want string
	}{
		"maternity, whole":          {MaternityAllowance(maternity, dec("20668.26"), dec("0")), "2065.50"},
		"maternity, the difference": {MaternityAllowance(maternity, dec("9000"), dec("800.00")), "1265.50"},
		"maternity, ISEE too high":  {MaternityAllowance(maternity, dec("21000"), dec("0")), "0.00"},
		"maternity, more pay":       {MaternityAllowance(maternity, dec("9000"), dec("3000")), "0.00"},
		"lost property":             {LostPropertyReward(dec("200"), dec("5.16")), "10.26"},
		"lost property, small":      {LostPropertyReward(dec("5"), dec("5.16")), "0.50"},
	}
	for name, tt := range tests {
		if got := tt.got.StringFixed(2); got != tt.want {
			t.Errorf("%s = %s, want %s", name, got, tt.want)
		}
	}
}

// A fine has two terms, each to its last useful day.
func TestFine(t *testing.T) {
	t.Parallel()
	rules := FineRules{EarlyDays: 5, TermDays: 60, EarlyDiscount: dec("30"), LateShare: dec("50")}
	for _, tt := range []struct {
		served, today string
		early, late   bool
	}{
		{"2026-11-18", "2026-11-23", true, false},
		{"2026-11-17", "2026-11-23", true, false}, // Sunday 22 November moves to Monday
		{"2026-11-16", "2026-11-23", false, false},
		{"2026-09-24", "2026-11-23", false, false},
		{"2026-09-23", "2026-11-23", false, false}, // the 60th is that Sunday
		{"2026-09-22", "2026-11-23", false, true},
	} {
		early := rules.Early(peschiera(), day(tt.served), day(tt.today))
		late := rules.Late(peschiera(), day(tt.served), day(tt.today))
		if early != tt.early || late != tt.late {
			t.Errorf("served %s, on %s: early %t, late %t", tt.served, tt.today, early, late)
		}
	}
	if got := rules.EarlyAmount(dec("42")).StringFixed(2); got != "29.40" {
		t.Errorf("early: %s", got)
	}
	if got := rules.LateAmount(dec("173")).StringFixed(2); got != "86.50" {
		t.Errorf("late: %s", got)
	}
}

func TestInstalments(t *testing.T) {
	t.Parallel()
	bands, err := ParseInstalmentBands("100.00:0-0 500.00:2-4 3000.00:5-12 6000.00:13-24 20000.00:25-36 *:37-72")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Instalments(bands, dec("1000.00"), 7)
	if err != nil || plan.Each.StringFixed(2) != "142.86" || plan.Last.StringFixed(2) != "142.84" {
		t.Errorf("1000.00 in 7 = %+v, %v", plan, err)
	}
	for name, tt := range map[string]struct {
		debt  string
		count int
	}{
		"100 euro":          {"100.00", 2},
		"too many":          {"500.00", 5},
		"too few":           {"500.01", 4},
		"above all, 73":     {"20000.01", 73},
		"no instalments":    {"1000.00", 0},
		"below, asked none": {"100.00", 0},
	} {
		if _, err := Instalments(bands, dec(tt.debt), tt.count); !errors.Is(err, ErrInstalments) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"100", "x:1-2", "100:2", "-5:1-2", "100:4-2"} {
		if _, err := ParseInstalmentBands(text); err == nil {
			t.Errorf("%q is read as bands", text)
		}
	}
}

// However a debt is divided, its parts add up to it.
func TestInstalmentsAddUp(t *testing.T) {
	t.Parallel()
	bands := []InstalmentBand{{Min: 1, Max: 72}}
	rapid.Check(t, func(t *rapid.T) {
		debt := decimal.New(rapid.Int64Range(10_001, 100_000_000).Draw(t, "cents"), -2)
		count := rapid.IntRange(1, 72).Draw(t, "count")
		plan, err := Instalments(bands, debt, count)
		if err != nil {
			t.Fatal(err)
		}
		if sum := plan.Each.Mul(whole(count - 1)).Add(plan.Last); !sum.Equal(debt) || !plan.Last.IsPositive() {
			t.Fatalf("%s in %d: %+v", debt, count, plan)
		}
	})
}

func TestGroundUse(t *testing.T) {
	t.Parallel()
	one := dec("1")
	scaffold, working := GroundUse{Area: dec("12.3"), Periods: 20, Unit: dec("0.70"), Zone: one, Kind: one}.Fee()
	if scaffold.StringFixed(2) != "182.00" {
		t.Errorf("scaffold = %s (%s)", scaffold, working)
	}
	van, working := GroundUse{Area: dec("16"), Periods: 1, Unit: dec("0.70"), Zone: one, Kind: dec("1.2")}.Fee()
	if van.StringFixed(2) != "13.44" {
		t.Errorf("van = %s (%s)", van, working)
	}
}

// housing1975 are the areas of D.M. 5 July 1975.
func housing1975() HousingRules {
	return HousingRules{
		PerPerson: dec("14"), PerOther: dec("10"), FullPeople: 4,
		OneRoom: [2]decimal.Decimal{dec("28"), dec("38")},
		Single:  dec("9"), Double: dec("14"),
	}
}

func TestHousingCapacity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		area  string
		rooms []decimal.Decimal
		want  int
	}{
		"75 sqm, 14.5 and 9.8":      {"75", decs("14.5", "9.8"), 3},
		"52 sqm, 16 and 11":         {"52", decs("16", "11"), 3},
		"area is the smaller":       {"30", decs("14", "14"), 2},
		"a room below nine":         {"75", decs("8.9", "14"), 2},
		"one room, 27.9":            {"27.9", nil, 0},
		"one room, 28":              {"28", nil, 1},
		"one room, 38 and any more": {"60", nil, 2},
		"four people's area":        {"56", decs("14", "14", "14"), 4},
		"five people's area":        {"66", decs("14", "14", "14"), 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := HousingCapacity(housing1975(), dec(tt.area), tt.rooms); got != tt.want {
				t.Errorf("%d people, want %d", got, tt.want)
			}
		})
	}
}
