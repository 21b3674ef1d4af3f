package privacy

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"time"

	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

//go:embed page.html
var pageText string

// Page is the dossier as a page that a person can read and print, in both languages. It
// loads nothing from anywhere.
func (d *Dossier) Page() (string, error) {
	page, err := template.New("dossier").Funcs(template.FuncMap{
		"moment": func(t time.Time) string { return t.In(town.Rome()).Format("02/01/2006 15:04") },
		"later": func(t *time.Time) string {
			if t == nil {
				return "–"
			}
			return t.In(town.Rome()).Format("02/01/2006 15:04")
		},
		"phase": func(p town.Phase) Words { l := life.Label(p); return Words{l.IT, l.EN} },
	}).Parse(pageText)
	if err != nil {
		return "", fmt.Errorf("read the page of the dossier: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, d); err != nil {
		return "", fmt.Errorf("write the page of the dossier: %w", err)
	}
	return out.String(), nil
}

// JSON is the dossier for machines.
func (d *Dossier) JSON() (json.RawMessage, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write the dossier: %w", err)
	}
	return text, nil
}
