package privacy

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Definitions gives the definition that took a case in, by its hash. With an error, or
// none, codes stand for words.
type Definitions func(ctx context.Context, hash string) (*sdk.Service, error)

// Named are the words by which people know a case and its answers.
type Named struct {
	Service, Practice Words
	Answers           []Answer
}

// Answer is one field of a filled form as a person reads it.
type Answer struct{ Label, Value Words }

// named gives the words of a case, in the order of its form; what the form does not
// know comes last, by its code.
func (p *Privacy) named(ctx context.Context, hash, service, practice string, answers json.RawMessage) Named {
	n := Named{Service: same(service), Practice: same(practice)}
	var values map[string]json.RawMessage
	if json.Unmarshal(answers, &values) != nil {
		values = nil
	}
	if def, err := p.definition(ctx, hash); err == nil {
		n.Service = words(def.Definition().Title)
		if form, ok := def.Practice(practice); ok {
			n.Practice = words(form.Definition().Title)
			for _, f := range form.Fields() {
				if value, ok := values[f.Name]; ok {
					n.Answers = append(n.Answers, Answer{words(f.Label), said(f, value)})
					delete(values, f.Name)
				}
			}
		}
	}
	var rest []Answer
	for name, value := range values {
		rest = append(rest, Answer{same(name), same(plain(value))})
	}
	slices.SortFunc(rest, func(a, b Answer) int { return cmp.Compare(a.Label.IT, b.Label.IT) })
	n.Answers = append(n.Answers, rest...)
	return n
}

func words(t sdk.Text) Words { return Words{t.IT, t.EN} }

func same(text string) Words { return Words{text, text} }

// said is an answer in words: yes and no, the labels of what was chosen, else itself.
func said(f sdk.Field, value json.RawMessage) Words {
	var yes bool
	if f.Type == sdk.TypeBool && json.Unmarshal(value, &yes) == nil {
		if yes {
			return Words{"sì", "yes"}
		}
		return Words{"no", "no"}
	}
	var one string
	if json.Unmarshal(value, &one) == nil {
		return choice(f, one)
	}
	var many []string
	if json.Unmarshal(value, &many) == nil {
		var it, en []string
		for _, code := range many {
			label := choice(f, code)
			it, en = append(it, label.IT), append(en, label.EN)
		}
		return Words{strings.Join(it, ", "), strings.Join(en, ", ")}
	}
	return same(plain(value))
}

func choice(f sdk.Field, code string) Words {
	for _, c := range f.Enum {
		if c.Code == code {
			return words(c.Label)
		}
	}
	return same(code)
}

// plain is a value as text: a text without its quotes, all else as it was sent.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
