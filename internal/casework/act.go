package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// deed is one action on one case as a person asks for it.
type deed struct {
	mutation string
	action   town.CaseAction
	// key and input make a repeat have one effect; without an input it does no harm.
	key    string
	input  any
	caseID string
	// version is the one that was seen; 0 where it does not matter.
	version int
	// check refuses the input by itself, before anything is read.
	check error
}

// hand is a case in the hand of whoever acts: locked, checked, fresh.
type hand struct {
	cases     *Cases
	tx        *store.Tx
	viewer    *access.Viewer
	file      *ent.CaseFile
	documents []*ent.CaseDocument
	acts      []*ent.CaseAct
	facts     life.Facts
	// flags are those that the case has now; an act may have taken some away.
	flags []string
	kind  kind
}

// act does an action: who may never do it is told so before anything is written;
// then, in one transaction, the case is taken if it still is as it was seen, the
// table is asked again, and do makes the change.
func (c *Cases) act(ctx context.Context, d deed, do func(ctx context.Context, h *hand) error) (*ent.CaseFile, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := c.Case(ctx, d.caseID)
	if err != nil {
		return nil, err
	}
	k, err := c.kindOf(ctx, seen)
	if err != nil {
		return nil, err
	}
	err = life.Try(d.action, factsOf(v, seen, nil, k.spot))
	if town.CodeOf(err) == town.NotAllowed && err != nil {
		return nil, err
	}
	if d.check != nil {
		return nil, d.check
	}
	unit := func(ctx context.Context, tx *store.Tx) (string, error) {
		h, err := c.take(ctx, tx, v, d, k)
		if err != nil {
			return "", err
		}
		return d.caseID, do(ctx, h)
	}
	if d.input == nil {
		err = c.store.InTx(ctx, d.mutation, func(ctx context.Context, tx *store.Tx) error {
			_, err := unit(ctx, tx)
			return err
		})
	} else {
		_, _, err = c.store.Once(ctx, store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: d.mutation, Key: d.key, Input: d.input}, unit)
	}
	if err != nil {
		return nil, err
	}
	return c.after(ctx, d.caseID, seen)
}

// after reads the case again. Who handed it over may have lost sight of it.
func (c *Cases) after(ctx context.Context, id string, seen *ent.CaseFile) (*ent.CaseFile, error) {
	file, err := c.visible(ctx, id)
	if err != nil || file != nil {
		return file, err
	}
	return seen, nil
}

// take holds the case's row until the end of the unit and asks the table.
func (c *Cases) take(ctx context.Context, tx *store.Tx, v *access.Viewer, d deed, k kind) (*hand, error) {
	h, err := c.lift(ctx, tx, v, d, k)
	if err != nil {
		return nil, err
	}
	return h, life.Try(d.action, h.facts)
}

// lift holds the case's row until the end of the unit and reads it with what hangs on it.
func (c *Cases) lift(ctx context.Context, tx *store.Tx, v *access.Viewer, d deed, k kind) (*hand, error) {
	update := tx.CaseFile.Update().Where(casefile.ID(d.caseID)).SetUpdatedAt(tx.Now)
	if d.version > 0 {
		update.Where(casefile.Version(d.version)).AddVersion(1)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the case: %w", err)
	}
	if n == 0 {
		return nil, errStale()
	}
	file, err := tx.CaseFile.Get(ctx, d.caseID)
	if err != nil {
		return nil, err // hidden since: NOT_FOUND
	}
	documents, err := documentsOf(ctx, tx, file.ID)
	if err != nil {
		return nil, err
	}
	acts, err := actsOf(ctx, tx, file.ID)
	if err != nil {
		return nil, err
	}
	h := &hand{
		cases: c, tx: tx, viewer: v, file: file, documents: documents, acts: acts, flags: file.Flags, kind: k,
		facts: withActs(factsOf(v, file, documents, k.spot), acts),
	}
	h.facts.TermAwaited = true                                                 // the one that is named says whether it does
	h.facts.TermRuns = true                                                    // its ledger says whether it does
	h.facts.Can = func(a access.Act) bool { return v.Allow(a, file.OfficeID) } // what it is done by is on record
	return h, nil
}

// maxDocuments bounds the papers of a case.
const maxDocuments = 300

func documentsOf(ctx context.Context, tx *store.Tx, caseID string) ([]*ent.CaseDocument, error) {
	documents, err := tx.CaseDocument.Query().Where(casedocument.CaseID(caseID)).
		Order(ent.Asc(casedocument.FieldOrdinal)).Limit(maxDocuments).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the papers of the case: %w", err)
	}
	return documents, nil
}

// kind is what the practice of a case says about how it is worked on.
type kind struct {
	// spot marks practices that need no measure: nothing falls due, or nothing of them is
	// worked on in a back office.
	spot bool
	// access marks practices of access to documents.
	access bool
	// thirdParties is the article under which third parties are heard; empty for none.
	thirdParties string
	// objection is the term that third parties have; nil for none.
	objection *sdk.Milestone
}

func (c *Cases) kindOf(ctx context.Context, file *ent.CaseFile) (kind, error) {
	service, err := c.departments.ByHash(ctx, file.DefinitionHash)
	if err != nil {
		return kind{}, fmt.Errorf("read the definition of the case: %w", err)
	}
	p, ok := service.Practice(file.PracticeID)
	if !ok {
		return kind{}, fmt.Errorf("the definition %s has no practice %s", file.DefinitionHash, file.PracticeID)
	}
	d := p.Definition()
	k := kind{spot: d.Deadline.Amount == 0 || !d.Handling.BackOffice}
	k.access, k.thirdParties = accessOf(d.LegalBasis)
	if at := slices.IndexFunc(d.Milestones, func(m sdk.Milestone) bool { return m.From == startsAtNotice }); at >= 0 {
		k.objection = &d.Milestones[at]
	}
	return k, nil
}

func factsOf(v *access.Viewer, file *ent.CaseFile, documents []*ent.CaseDocument, spot bool) life.Facts {
	f := life.Facts{
		Phase: file.Phase, OnTheSpot: spot,
		Responsible: file.ResponsibleID != "", Mine: v.Is(file.ResponsibleID), Taken: file.TakenAt != nil,
		Applicant: v.StandsFor(file.ApplicantID, file.ServiceID),
		Party:     v.StandsFor(file.ApplicantID, file.ServiceID) && v.CanAsParty(access.CaseReadPersonal),
		Political: v.Scope.Holds(town.RoleMayor) || v.Scope.Holds(town.RoleAssessore),
		Can:       func(a access.Act) bool { return v.Can(a, file.OfficeID) },
		// A notice of what one begins oneself (SCIA) is no request: nothing can be refused.
		OnRequest:   file.ApplicantID != "" && file.Silence != "not_applicable",
		Substituted: file.SubstituteID != "", Substitute: v.Is(file.SubstituteID),
	}
	for _, d := range documents {
		f.Papers = f.Papers || d.State != town.DocumentWaived
		switch d.State {
		case town.DocumentRequested:
			f.Requested++
			f.Missing++
		case town.DocumentRequired:
			f.Missing++
		}
	}
	return f
}

// change writes the case's new phase and what else changed.
func (h *hand) change(ctx context.Context, phase town.Phase, set func(*ent.CaseFileUpdateOne)) error {
	update := h.tx.CaseFile.UpdateOneID(h.file.ID).SetPhase(phase)
	if set != nil {
		set(update)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("change the case: %w", err)
	}
	return nil
}

// tell writes history and event of the action. It reads the phase before it.
func (h *hand) tell(ctx context.Context, fact town.EventType, l line, data map[string]string) error {
	l.actor, l.from = h.viewer.ID, h.file.Phase
	if l.to == "" {
		l.to = h.file.Phase
	}
	if err := h.cases.addLine(ctx, h.tx, h.file, l); err != nil {
		return err
	}
	data = concluding(with(data, town.DataPhase, string(l.to)), h.file, l.to, town.Today(h.tx.Now))
	h.tx.Emit(eventOf(fact, h.file, h.viewer.ID, data))
	return nil
}

// with returns data and one more entry, leaving data as it is.
func with(data map[string]string, key, value string) map[string]string {
	more := map[string]string{key: value}
	for k, v := range data {
		more[k] = v
	}
	return more
}

func withFlag(flags []string, flag string) []string {
	if slices.Contains(flags, flag) {
		return flags
	}
	return append(slices.Clone(flags), flag)
}

func withoutFlag(flags []string, flag string) []string {
	return slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f == flag })
}

// words checks a text that a person must write: trimmed, at least least and at
// most 2000 characters.
func words(field, text string, least int) (string, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n < least && n == 0:
		return "", errRequired(field, "Say why.", "Indicare il motivo.")
	case n < least:
		return "", town.Errorf(town.Invalid, fmt.Sprintf("Write at least %d characters.", least), fmt.Sprintf("Scrivere almeno %d caratteri.", least)).At("input", field)
	case n > maxNote:
		return "", town.Errorf(town.Invalid, "At most 2000 characters.", "Al massimo 2000 caratteri.").At("input", field)
	}
	return text, nil
}

func optional(field string, text *string) (string, error) {
	if text == nil {
		return "", nil
	}
	return words(field, *text, 0)
}
