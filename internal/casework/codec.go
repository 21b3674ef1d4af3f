package casework

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// What a case holds about its applicant is sealed with the applicant's key: the form,
// what rules copied from it, and the words that people wrote.

// Decided is what the rules said of a case.
type Decided struct {
	town.Private

	sdk.Decision
	// Degraded: the department was down, and only the rules of the town and its
	// declared default route were read.
	Degraded bool `json:"degraded,omitempty"`
}

// keptDecision is what is sealed of a decision: beside it the ambient values that were
// known then, by name, so that the same request can be decided again as it was.
type keptDecision struct {
	Decided
	Facts map[string]json.RawMessage `json:"facts,omitempty"`
}

// inCase is where a column of a case stands.
func inCase(column, id string) vault.Place {
	return vault.Place{Table: casefile.Table, Column: column, Row: id}
}

func noteAt(id string) vault.Place {
	return vault.Place{Table: caseentry.Table, Column: caseentry.FieldNote, Row: id}
}

func groundAt(id string) vault.Place {
	return vault.Place{Table: casedocument.Table, Column: casedocument.FieldGround, Row: id}
}

// sealValue seals a value as JSON.
func (c *Cases) sealValue(ctx context.Context, tx *store.Tx, subject string, at vault.Place, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", at.Column, err)
	}
	return c.vault.Seal(ctx, tx, subject, at, plain)
}

// openValues opens a column of many cases, which holds JSON. What was erased is
// missing.
func openValues[T any](ctx context.Context, v *vault.Vault, files []*ent.CaseFile, column string, of func(*ent.CaseFile) []byte) (map[*ent.CaseFile]T, error) {
	values := make([]vault.Sealed, len(files))
	for i, file := range files {
		values[i] = vault.Sealed{At: inCase(column, file.ID), Data: of(file)}
	}
	opened, err := v.OpenAll(ctx, values)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.CaseFile]T, len(files))
	for i, file := range files {
		if opened[i] == nil {
			continue
		}
		var value T
		if err := json.Unmarshal(opened[i], &value); err != nil { // its words would repeat what is sealed
			return nil, fmt.Errorf("read %s of %s: not the JSON that was sealed", column, file.ID)
		}
		found[file] = value
	}
	return found, nil
}

func decisionOf(file *ent.CaseFile) []byte { return file.Decision }

func answersOf(file *ent.CaseFile) []byte { return file.Answers }

func reasonsOf(file *ent.CaseFile) []byte { return file.Reasons }

// Decisions are what the rules said of each case when it was taken in, or reviewed;
// nothing for cases whose data were erased, and for level 5. What was computed comes of the
// answers: whoever may not read those is shown none.
func (c *Cases) Decisions(ctx context.Context, files []*ent.CaseFile) (map[*ent.CaseFile]*Decided, error) {
	files = withContent(ctx, files)
	of, err := c.contentOf(ctx, files, casefile.FieldDecision, decisionOf)
	if err != nil {
		return nil, err
	}
	found, err := openValues[*Decided](ctx, c.vault, files, casefile.FieldDecision, of)
	for file, decided := range found {
		if !c.MayReadPersonal(ctx, file) {
			decided.Computed = nil
		}
	}
	return found, err
}

// withContent are those of the cases of which the viewer sees what was decided and on what
// grounds. Level 5, which has only opened the personal data behind a step about a case,
// does not: it sees status, clocks and the open timeline.
func withContent(ctx context.Context, files []*ent.CaseFile) []*ent.CaseFile {
	v := access.Asker(ctx)
	if v == nil || len(v.Scope.Opened()) == 0 {
		return files
	}
	var list []*ent.CaseFile
	for _, file := range files {
		if !v.Scope.OpensCase(file.ID) || v.Can(access.CaseRead, file.OfficeID) || v.StandsFor(file.ApplicantID, file.ServiceID) {
			list = append(list, file)
		}
	}
	return list
}

// Decision is what the rules said of one case; nil if its data were erased.
func (c *Cases) Decision(ctx context.Context, file *ent.CaseFile) (*Decided, error) {
	found, err := c.Decisions(ctx, []*ent.CaseFile{file})
	return found[file], err
}

// AnswersOf are the filled forms of those of the cases whose personal data the viewer
// may read, unless they were erased.
func (c *Cases) AnswersOf(ctx context.Context, files []*ent.CaseFile) (map[*ent.CaseFile]json.RawMessage, error) {
	var may []*ent.CaseFile
	for _, file := range files {
		if c.MayReadPersonal(ctx, file) {
			may = append(may, file)
		}
	}
	of, err := c.contentOf(ctx, may, casefile.FieldAnswers, answersOf)
	if err != nil {
		return nil, err
	}
	return openValues[json.RawMessage](ctx, c.vault, may, casefile.FieldAnswers, of)
}

// Answers is the filled form, or nil for whoever may not read personal data.
func (c *Cases) Answers(ctx context.Context, file *ent.CaseFile) (json.RawMessage, error) {
	found, err := c.AnswersOf(ctx, []*ent.CaseFile{file})
	return found[file], err
}

// Reasons are the reasons of the measures of those cases that have one.
func (c *Cases) Reasons(ctx context.Context, files []*ent.CaseFile) (map[*ent.CaseFile]*string, error) {
	files = withContent(ctx, files)
	of, err := c.contentOf(ctx, files, casefile.FieldReasons, reasonsOf)
	if err != nil {
		return nil, err
	}
	return vault.Texts(ctx, c.vault, files, func(f *ent.CaseFile) vault.Sealed {
		return vault.Sealed{At: inCase(casefile.FieldReasons, f.ID), Data: of(f)}
	})
}

// Notes are the words of those lines that have some.
func (c *Cases) Notes(ctx context.Context, lines []*ent.CaseEntry) (map[*ent.CaseEntry]*string, error) {
	return vault.Texts(ctx, c.vault, lines, func(l *ent.CaseEntry) vault.Sealed {
		return vault.Sealed{At: noteAt(l.ID), Data: l.Note}
	})
}

// Grounds are why papers were asked for, of those that were.
func (c *Cases) Grounds(ctx context.Context, documents []*ent.CaseDocument) (map[*ent.CaseDocument]*string, error) {
	return vault.Texts(ctx, c.vault, documents, func(d *ent.CaseDocument) vault.Sealed {
		return vault.Sealed{At: groundAt(d.ID), Data: d.Ground}
	})
}
