package orientation_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/orientation"
)

// What a question means does not depend on how it is spelt.
func TestManyWaysToAskTheSame(t *testing.T) {
	t.Parallel()
	point := house(t)
	tests := map[string]struct{ question, practice string }{
		"plain":                     {"carta d'identità", "carta-identita-elettronica"},
		"no accent, no apostrophe":  {"carta di identita", "carta-identita-elettronica"},
		"typographic apostrophe":    {"carta d’identità", "carta-identita-elettronica"},
		"accent as an apostrophe":   {"carta d'identita'", "carta-identita-elettronica"},
		"capitals":                  {"CARTA D'IDENTITÀ", "carta-identita-elettronica"},
		"plural":                    {"carte d'identità", "carta-identita-elettronica"},
		"combining accent":          {"carta d'identita\u0300", "carta-identita-elettronica"},
		"a code":                    {"CIE", "carta-identita-elettronica"},
		"a code in small letters":   {"imu", "imu-calcolo"},
		"a code with an article":    {"l'ISEE", "presentazione-isee-agevolazioni"},
		"a code with digits":        {"F24", "imu-calcolo"},
		"a code in a sentence":      {"mi è arrivata la tari da pagare", "tari-riduzioni-rateizzazione"},
		"English":                   {"identity card", "carta-identita-elettronica"},
		"a letter too few":          {"residnza", "cambio-residenza"},
		"a letter too many":         {"residennza", "cambio-residenza"},
		"another letter":            {"residemza", "cambio-residenza"},
		"letters swapped":           {"redisenza", "cambio-residenza"},
		"two slips in a long word":  {"mattrimonnio", "pubblicazioni-matrimonio"},
		"beginning of a word":       {"matrim", "pubblicazioni-matrimonio"},
		"beginning of the last one": {"tessera elett", "tessera-elettorale"},
		"another word for it":       {"gettare una vecchia poltrona", "ritiro-ingombranti"},
		"with courtesies":           {"Buongiorno, scusi, vorrei sapere come fare per sposarmi, grazie", "pubblicazioni-matrimonio"},
		"a courteous question":      {"Hello, could you please tell me how I can get married?", "pubblicazioni-matrimonio"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if hits := point.Ask(tt.question, 3); place(hits, tt.practice) < 0 {
				t.Errorf("%q does not find %s:%s", tt.question, tt.practice, names(hits))
			}
		})
	}
}

// Whoever asks for several things at once is told of each.
func TestCompoundRequests(t *testing.T) {
	t.Parallel()
	point := house(t)
	tests := map[string][]string{
		"cambio di residenza e tessera elettorale e tari":               {"cambio-residenza", "tessera-elettorale", "tari-dichiarazione"},
		"pagare una multa, iscrivere mio figlio alla mensa":             {"sanzione-codice-strada", "mensa-scolastica"},
		"I need to change my residence and also pay a parking ticket":   {"cambio-residenza", "sanzione-codice-strada"},
		"è nato mio figlio: iscrizione al nido, poi carta d'identità":   {"asilo-nido", "carta-identita-elettronica"},
		"divano da buttare e compostiera e sacchi per la differenziata": {"ritiro-ingombranti", "compostaggio-albero", "tessera-ecocentro-sacchi"},
	}
	for question, practices := range tests {
		hits := point.Ask(question, 5)
		for _, practice := range practices {
			if place(hits, practice) < 0 {
				t.Errorf("%q does not find %s:%s", question, practice, names(hits))
			}
		}
	}
}

// A question that says nothing has no answer, rather than any answer.
func TestNonsenseFindsNothing(t *testing.T) {
	t.Parallel()
	point := house(t)
	for _, question := range []string{
		"", " ", "?!", "'", "e", "a b c", "come", "vorrei sapere", "buongiorno", "I would like to ask",
		"asdfghjkl", "qwertyuiop zxcvbnm", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1234567890", "pizza margherita",
		"ricetta della carbonara", "volo per Londra", "lorem ipsum dolor sit amet", "привет", "你好", "\x00\xff\xfe", "🙂🙂",
	} {
		if hits := point.Ask(question, 5); len(hits) != 0 {
			t.Errorf("%q finds:%s", question, names(hits))
		}
	}
}

// One slip in the longest word changes nothing for nearly everybody.
func TestOneSlipIsForgiven(t *testing.T) {
	t.Parallel()
	point := house(t)
	r := rand.New(rand.NewPCG(1, 2)) // the same slips in each run
	asked, found := 0, 0
	for _, p := range phrasings(t) {
		if p.Set != "tune" {
			continue
		}
		for range 3 {
			asked++
			if place(point.Ask(misspell(r, p.Text), 3), p.Practice) >= 0 {
				found++
			}
		}
	}
	if rate := 100 * float64(found) / float64(asked); rate < 95 {
		t.Errorf("with a slip the right practice is among the first three for %.1f %% of %d", rate, asked)
	}
}

// misspell swaps, drops or changes a letter in the longest word.
func misspell(r *rand.Rand, question string) string {
	words := strings.Fields(question)
	longest := 0
	for i, w := range words {
		if len(w) > len(words[longest]) {
			longest = i
		}
	}
	w := []byte(words[longest])
	at := 1 + r.IntN(len(w)-2)
	switch r.IntN(3) {
	case 0:
		w[at], w[at-1] = w[at-1], w[at]
	case 1:
		w = append(w[:at], w[at+1:]...)
	default:
		w[at] = byte('a' + r.IntN(26))
	}
	words[longest] = string(w)
	return strings.Join(words, " ")
}

// The number of answers is bounded, and so is what is read of a question.
func TestBounds(t *testing.T) {
	t.Parallel()
	point := house(t)
	const wide = "certificato tessera casa scuola pagamento domanda bambino contributo rifiuti documento permesso copia"
	for first, most := range map[int]int{-1: 5, 0: 5, 1: 1, 3: 3, 20: 20, 1000: 20} {
		if n := len(point.Ask(wide, first)); n == 0 || n > most {
			t.Errorf("first %d gives %d answers, want 1 to %d", first, n, most)
		}
	}
	// What stands after the bound is not read.
	long := strings.Repeat("à ", 1000) + "carta d'identità"
	if hits := point.Ask(long, 5); len(hits) != 0 {
		t.Errorf("after 2000 letters there is still:%s", names(hits))
	}
}

// Every answer says why it was found, and what to do.
func TestHitsExplainThemselves(t *testing.T) {
	t.Parallel()
	hits := house(t).Ask("tessera eletorale persa", 5)
	if place(hits, "tessera-elettorale") != 0 {
		t.Fatalf("found:%s", names(hits))
	}
	first := hits[0]
	var words []string
	for _, m := range first.Matches {
		words = append(words, m.Word)
		if m.Points <= 0 || m.Where == "" || m.Found == "" {
			t.Errorf("a match that says nothing: %+v", m)
		}
	}
	if got := strings.Join(words, " "); got != "tessera eletorale persa" {
		t.Errorf("matched %q", got)
	}
	if first.Cost.EN == "" || first.Time.EN == "" || first.Card.Unit.ID != "sportello" || first.Card.Unit.Place.EN == "" {
		t.Errorf("incomplete: cost %q, time %q, unit %+v", first.Cost, first.Time, first.Card.Unit)
	}
}

func FuzzAsk(f *testing.F) {
	for _, p := range phrasings(f) {
		if p.Set == "tune" {
			f.Add(p.Text)
		}
	}
	f.Add("\xff''’\u0300 ,;.?! e e e")
	point := house(f)
	f.Fuzz(func(t *testing.T, question string) {
		hits := point.Ask(question, 20)
		for i, h := range hits {
			if i > 0 && h.Score > hits[i-1].Score {
				t.Errorf("%q: number %d has more points than the one before", question, i)
			}
			if len(h.Matches) == 0 || h.Score <= 0 {
				t.Errorf("%q finds %s for no reason", question, h.Practice.ID)
			}
			for _, m := range h.Matches {
				if !utf8.ValidString(m.Word) {
					t.Errorf("%q: matched %q", question, m.Word)
				}
			}
		}
		if again := point.Ask(question, 20); !same(hits, again) {
			t.Errorf("%q gives another answer the second time", question)
		}
	})
}

func same(a, b []orientation.Hit) bool { return names(a) == names(b) }
