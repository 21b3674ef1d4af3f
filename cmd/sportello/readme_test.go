package main

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestE2EReadmeTour plays the tour of the README, in its order, on a demo town of its
// own, as the people it names. A step may have userErrors only if its text says so and
// names their codes; then it must have them.
func TestE2EReadmeTour(t *testing.T) {
	t.Parallel()
	steps := tourSteps(t, readme(t))
	demo := startTourTown(t)
	answers := map[int]any{}
	for i, step := range steps {
		if step.number != i+1 {
			t.Fatalf("step %d comes after step %d", step.number, i)
		}
		data := demo.play(t, step, answers)
		answers[step.number] = data
		step.checkUserErrors(t, data)
		if t.Failed() {
			return // the next steps live on this one
		}
	}
	if len(steps) < 20 {
		t.Errorf("the tour has only %d steps: was it read whole?", len(steps))
	}
}

// tourStep is one numbered step of the tour.
type tourStep struct {
	number    int
	title     string
	as        string // a demo person; empty means nobody; or a placeholder of a ticket's code
	text      string // what stands around the blocks
	operation string
	variables string // JSON with placeholders; empty means none
}

var (
	tourHeading     = regexp.MustCompile(`(?m)^### (\d+)\. (.*)$`)
	tourAs          = regexp.MustCompile("(?m)^as: (.*)$")
	tourBlock       = regexp.MustCompile("(?ms)^```(graphql|json)\n(.*?)^```$")
	tourPlaceholder = regexp.MustCompile(`^<step (\d+): ([A-Za-z0-9_.]+)>$`)
	tourCode        = regexp.MustCompile("`([A-Z][A-Z_]+)`")
)

// tourSteps reads the section of the tour.
func tourSteps(t *testing.T, text string) []tourStep {
	t.Helper()
	_, tour, found := strings.Cut(text, "\n## A five-minute tour\n")
	if !found {
		t.Fatal("the README has no tour")
	}
	if end := strings.Index(tour, "\n## "); end >= 0 {
		tour = tour[:end]
	}
	headings := tourHeading.FindAllStringSubmatchIndex(tour, -1)
	var steps []tourStep
	for i, at := range headings {
		end := len(tour)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		steps = append(steps, readStep(t, tour[at[2]:at[3]], tour[at[4]:at[5]], tour[at[1]:end]))
	}
	return steps
}

func readStep(t *testing.T, number, title, body string) tourStep {
	t.Helper()
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	step := tourStep{number: n, title: title, text: tourBlock.ReplaceAllString(body, "")}
	as := tourAs.FindStringSubmatch(body)
	if as == nil {
		t.Fatalf("step %d does not say as whom", n)
	}
	step.as = as[1]
	for _, block := range tourBlock.FindAllStringSubmatch(body, -1) {
		if block[1] == "graphql" {
			step.operation = block[2]
		} else {
			step.variables = block[2]
		}
	}
	if step.operation == "" {
		t.Fatalf("step %d has no operation", n)
	}
	return step
}

// bearer is the token of the step: none, a ticket's code, or a demo person's.
func (s tourStep) bearer(t *testing.T, d *tourTown, answers map[int]any) string {
	t.Helper()
	if s.as == "nobody" {
		return ""
	}
	if _, placeholder, ticket := strings.Cut(s.as, "`"); ticket {
		code, ok := s.fill(t, strings.TrimSuffix(placeholder, "`"), answers).(string)
		if !ok {
			t.Fatalf("step %d: %s is no code of a ticket", s.number, placeholder)
		}
		return code
	}
	return d.token(t, s.as)
}

// fill replaces placeholders by what earlier steps answered.
func (s tourStep) fill(t *testing.T, value any, answers map[int]any) any {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		for key, part := range value {
			value[key] = s.fill(t, part, answers)
		}
	case []any:
		for i, part := range value {
			value[i] = s.fill(t, part, answers)
		}
	case string:
		if match := tourPlaceholder.FindStringSubmatch(value); match != nil {
			return s.lookUp(t, match[1], match[2], answers)
		}
	}
	return value
}

func (s tourStep) lookUp(t *testing.T, number, path string, answers map[int]any) any {
	t.Helper()
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	at := answers[n]
	for _, key := range strings.Split(path, ".") {
		switch within := at.(type) {
		case map[string]any:
			at = within[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(within) {
				t.Fatalf("step %d: the answer to step %d has no %s", s.number, n, path)
			}
			at = within[i]
		default:
			at = nil
		}
	}
	if at == nil {
		t.Fatalf("step %d: the answer to step %d has no %s", s.number, n, path)
	}
	return at
}

// checkUserErrors compares the refusals of an answer with those the text announces.
func (s tourStep) checkUserErrors(t *testing.T, data any) {
	t.Helper()
	got, want := map[string]bool{}, map[string]bool{}
	for _, payload := range data.(map[string]any) {
		fields, _ := payload.(map[string]any)
		refusals, _ := fields["userErrors"].([]any)
		for _, refusal := range refusals {
			got[fmt.Sprint(refusal.(map[string]any)["code"])] = true
		}
	}
	if strings.Contains(s.text, "`userErrors`") {
		for _, code := range tourCode.FindAllStringSubmatch(s.text, -1) {
			want[code[1]] = true
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("step %d (%s): userErrors %v, the text announces %v\n%v", s.number, s.title, got, want, data)
	}
}
