package orientation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// grown is a catalogue of at least so many practices: the departments of the house
// over and over, each time in another dialect, so that its vocabulary grows as that
// of a real one would.
func grown(b *testing.B, practices int) *shelf {
	b.Helper()
	s := &shelf{}
	for copies, have := 0, 0; have < practices; copies++ {
		for _, def := range bundled(b) {
			def = dialect(b, def, copies)
			s.put(b, def)
			if have += len(def.Practices); have >= practices {
				break
			}
		}
	}
	return s
}

// dialect is a definition of which every third word of the titles, summaries and
// keywords has other vowels; 0 leaves it as it is.
func dialect(b *testing.B, def *sdk.Definition, number int) *sdk.Definition {
	b.Helper()
	raw, err := json.Marshal(def)
	if err != nil {
		b.Fatal(err)
	}
	twin := &sdk.Definition{}
	if err := json.Unmarshal(raw, twin); err != nil {
		b.Fatal(err)
	}
	if number == 0 {
		return twin
	}
	twin.Service = fmt.Sprintf("%s-%d", def.Service, number)
	vowels := "aeiou"[number%5:] + "aeiou"[:number%5]
	say := func(text string) string {
		words := strings.Fields(text)
		for i := number % 3; i < len(words); i += 3 {
			words[i] = strings.NewReplacer("a", vowels[:1], "e", vowels[1:2], "i", vowels[2:3], "o", vowels[3:4], "u", vowels[4:]).Replace(words[i]) + string(rune('a'+number))
		}
		return strings.Join(words, " ")
	}
	for i := range twin.Practices {
		p := &twin.Practices[i]
		p.Title = sdk.Text{IT: say(p.Title.IT), EN: say(p.Title.EN)}
		p.Summary = sdk.Text{IT: say(p.Summary.IT), EN: say(p.Summary.EN)}
		for j, k := range p.Keywords.IT {
			p.Keywords.IT[j] = say(k)
		}
		for j, k := range p.Keywords.EN {
			p.Keywords.EN[j] = say(k)
		}
	}
	return twin
}

// questions are the phrasings, the same with a slip, and one as long as they get.
func questions(b *testing.B) []string {
	b.Helper()
	var list []string
	for _, p := range phrasings(b) {
		if p.Set == "tune" {
			list = append(list, p.Text, strings.Replace(p.Text, "e", "q", 1))
		}
	}
	return append(list, strings.Repeat("documentazzione certifcato residennza pagammento ", 10))
}

// BenchmarkAsk answers real questions from catalogues of 65 and 1,000 practices. Beside
// it stands what a search without an index would need at least: to look for each word
// in all texts.
func BenchmarkAsk(b *testing.B) {
	asked := questions(b)
	for _, practices := range []int{65, 1000} {
		s := grown(b, practices)
		b.Run(fmt.Sprintf("%d/point", practices), func(b *testing.B) {
			point := open(b, s)
			point.Ask("residenza", 5) // builds the index
			var times []time.Duration
			n := 0
			for b.Loop() {
				start := time.Now()
				point.Ask(asked[n%len(asked)], 5)
				times = append(times, time.Since(start))
				n++
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "µs-p99")
			b.ReportMetric(float64(times[len(times)-1].Microseconds()), "µs-worst")
		})
		b.Run(fmt.Sprintf("%d/scan", practices), func(b *testing.B) {
			texts := allTexts(b, s)
			n := 0
			for b.Loop() {
				for _, word := range strings.Fields(asked[n%len(asked)]) {
					for _, text := range texts {
						_ = strings.Contains(text, word)
					}
				}
				n++
			}
		})
	}
}

// BenchmarkBuild builds the index, as it is when a department changes.
func BenchmarkBuild(b *testing.B) {
	for _, practices := range []int{65, 1000} {
		s := grown(b, practices)
		b.Run(fmt.Sprint(practices), func(b *testing.B) {
			for b.Loop() {
				open(b, s).Ask("residenza", 1)
			}
		})
	}
}

func allTexts(b *testing.B, catalogue orientation.Catalogue) []string {
	b.Helper()
	var texts []string
	for _, s := range catalogue.Published() {
		raw, err := json.Marshal(s.Service.Definition().Practices)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, string(raw))
	}
	return texts
}
