package fill_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// practices are those of all the departments that ship.
func practices(t *testing.T) []*sdk.CompiledPractice {
	t.Helper()
	var all []*sdk.CompiledPractice
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		service, err := sdk.Compile(described.Definition, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range described.Definition.Practices {
			compiled, _ := service.Practice(p.ID)
			all = append(all, compiled)
		}
	}
	return all
}

// each fills every form many times, on days all over the year.
func each(t *testing.T, do func(t *testing.T, p *sdk.CompiledPractice, rng *rand.Rand, now time.Time, who fill.Person)) {
	t.Helper()
	for _, p := range practices(t) {
		t.Run(p.Definition().ID, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(300) {
				rng := rand.New(rand.NewPCG(seed, 1))
				now := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(1000))
				do(t, p, rng, now, fill.NewPerson(rng, calc.DateOf(now.In(calc.Rome()))))
			}
		})
	}
}

func TestValidAnswersPassTheCheck(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *sdk.CompiledPractice, rng *rand.Rand, now time.Time, who fill.Person) {
		answers := fill.Of(p).Valid(rng, now, who)
		if _, problems := p.Check(answers, sdk.Facts{Now: now}); len(problems) > 0 {
			t.Fatalf("problems %v of %s", problems, show(answers))
		}
	})
}

func TestFaultyAnswersFailAsNamed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *sdk.CompiledPractice, rng *rand.Rand, now time.Time, who fill.Person) {
		answers, fault := fill.Of(p).Faulty(rng, now, who)
		_, problems := p.Check(answers, sdk.Facts{Now: now})
		found := slices.ContainsFunc(problems, func(q sdk.Problem) bool { return q.Path == fault.Path && q.Code == fault.Code })
		if !found {
			t.Fatalf("problems %v, want %+v, of %s", problems, fault, show(answers))
		}
	})
}

// Every kind of fault that the forms can have occurs.
func TestFaultsOfManyKinds(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, p := range practices(t) {
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, 2))
			_, fault := fill.Of(p).Faulty(rng, now, fill.NewPerson(rng, calc.DateOf(now)))
			kinds[fault.Code] = true
		}
	}
	want := []string{
		sdk.CodeRequired, sdk.CodeType, sdk.CodeEnum, sdk.CodeDuplicate, sdk.CodeRange, sdk.CodeLength, sdk.CodePattern,
		sdk.CodeTaxCode, sdk.CodeBirthDate, sdk.CodeCheck, sdk.CodeDateRange, sdk.CodeUnknownField,
	}
	for _, code := range want {
		if !kinds[code] {
			t.Errorf("no fault of kind %s", code)
		}
	}
}

// Conditional questions are answered in some forms and left out in others.
func TestConditionsAreFollowed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, p := range practices(t) {
		if p.Definition().ID != "imu-calcolo" {
			continue
		}
		with, without := 0, 0
		for seed := range uint64(200) {
			rng := rand.New(rand.NewPCG(seed, 3))
			answers := fill.Of(p).Valid(rng, now, fill.NewPerson(rng, calc.DateOf(now)))
			if _, answered := answers["comodato_registrato"]; answered {
				with++
			} else {
				without++
			}
		}
		if with == 0 || without == 0 {
			t.Errorf("comodato_registrato is answered in %d forms and left out in %d", with, without)
		}
	}
}

// The fields as published are enough: the same seed gives the same answers.
func TestFromPublishedFields(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, p := range practices(t) {
		published, err := fill.New(p.Definition().ID, p.Fields())
		if err != nil {
			t.Fatal(err)
		}
		a, b := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(7, 7))
		who := fill.NewPerson(rand.New(rand.NewPCG(1, 1)), calc.DateOf(now))
		if diff := cmp.Diff(show(fill.Of(p).Valid(a, now, who)), show(published.Valid(b, now, who))); diff != "" {
			t.Errorf("%s (-definition +published):\n%s", p.Definition().ID, diff)
		}
	}
}

func TestFieldsThatAreNoForm(t *testing.T) {
	t.Parallel()
	_, err := fill.New("x", []sdk.Field{{Name: "a", Label: sdk.Text{IT: "A", EN: "A"}, Type: "colour", Required: "true"}})
	if err == nil {
		t.Error("a field of an unknown type is taken")
	}
}

func show(answers fill.Answers) string {
	text := ""
	names := make([]string, 0, len(answers))
	for name := range answers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text += fmt.Sprintf("%s=%s ", name, answers[name])
	}
	return text
}
