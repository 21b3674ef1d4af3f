package orientation

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed words.yaml
var wordsFile []byte

// lexicon is what is known of the two languages beside the catalogue.
type lexicon struct {
	stop [languages]map[string]bool
	// alike are the stems that a stem stands for as well.
	alike [languages]map[string][]string
	// forms are the words behind those stems, to mend typing errors.
	forms [languages][]string
}

// byLanguage is a part of the file of words.
type byLanguage[T any] struct {
	IT T `yaml:"it"`
	EN T `yaml:"en"`
}

func loadLexicon() (*lexicon, error) {
	var file struct {
		Stop  byLanguage[string]     `yaml:"stop"`
		Alike byLanguage[[][]string] `yaml:"alike"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(wordsFile))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("read the words of the information point: %w", err)
	}
	lex := &lexicon{}
	lex.add(inItalian, file.Stop.IT, file.Alike.IT)
	lex.add(inEnglish, file.Stop.EN, file.Alike.EN)
	return lex, nil
}

func (x *lexicon) add(l language, stop string, groups [][]string) {
	x.stop[l], x.alike[l] = map[string]bool{}, map[string][]string{}
	for _, word := range strings.Fields(stop) {
		for _, part := range split(word) {
			x.stop[l][part] = true
		}
	}
	for _, group := range groups {
		var stems []string
		for _, word := range group {
			folded := fold(word)
			x.forms[l] = append(x.forms[l], folded)
			if stem := l.stem(folded); !slices.Contains(stems, stem) {
				stems = append(stems, stem)
			}
		}
		for _, stem := range stems {
			for _, other := range stems {
				if other != stem && !slices.Contains(x.alike[l][stem], other) {
					x.alike[l][stem] = append(x.alike[l][stem], other)
				}
			}
		}
	}
}
