package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/ent/intake"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Case gives a case that the viewer may see, or NOT_FOUND.
func (c *Cases) Case(ctx context.Context, id string) (*ent.CaseFile, error) {
	file, err := c.store.Reader().CaseFile.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read case %s: %w", id, err)
	}
	return file, nil
}

// CaseByProtocol gives the case with a protocol number such as 2026/000123, or
// NOT_FOUND.
func (c *Cases) CaseByProtocol(ctx context.Context, protocol string) (*ent.CaseFile, error) {
	file, err := c.store.Reader().CaseFile.Query().Where(casefile.Protocol(protocol)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read the case of a protocol number: %w", err)
	}
	return file, nil
}

// CasesByIDs gives the cases that the viewer may see, by id, without what is sealed in
// them: AnswersOf, Decisions and Reasons read that where it is asked for.
func (c *Cases) CasesByIDs(ctx context.Context, ids []string) (map[string]*ent.CaseFile, error) {
	rows, err := c.store.Reader().CaseFile.Query().Where(casefile.IDIn(ids...)).Select(plainColumns()...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d cases: %w", len(ids), err)
	}
	return keyed(rows, func(f *ent.CaseFile) string { return f.ID }), nil
}

// IntakesByIDs gives the intakes that the viewer may see, by id.
func (c *Cases) IntakesByIDs(ctx context.Context, ids []string) (map[string]*ent.Intake, error) {
	rows, err := c.store.Reader().Intake.Query().Where(intake.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d intakes: %w", len(ids), err)
	}
	return keyed(rows, func(i *ent.Intake) string { return i.ID }), nil
}

// DocumentsOfCases gives the papers of each case, in order.
func (c *Cases) DocumentsOfCases(ctx context.Context, caseIDs []string) (map[string][]*ent.CaseDocument, error) {
	rows, err := c.store.Reader().CaseDocument.Query().Where(casedocument.CaseIDIn(caseIDs...)).
		Order(ent.Asc(casedocument.FieldCaseID, casedocument.FieldOrdinal)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the papers of %d cases: %w", len(caseIDs), err)
	}
	return group(rows, func(d *ent.CaseDocument) string { return d.CaseID }), nil
}

// ClocksOfCases gives the clocks of each case: the conclusion first.
func (c *Cases) ClocksOfCases(ctx context.Context, caseIDs []string) (map[string][]*ent.CaseClock, error) {
	rows, err := c.store.Reader().CaseClock.Query().Where(caseclock.CaseIDIn(caseIDs...)).
		Order(ent.Asc(caseclock.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the clocks of %d cases: %w", len(caseIDs), err)
	}
	byCase := map[string][]*ent.CaseClock{}
	for _, r := range rows {
		if r.Kind == conclusion {
			byCase[r.CaseID] = append([]*ent.CaseClock{r}, byCase[r.CaseID]...)
		} else {
			byCase[r.CaseID] = append(byCase[r.CaseID], r)
		}
	}
	return byCase, nil
}

// LedgerOfClocks gives the ledger of each clock, in the order of recording.
func (c *Cases) LedgerOfClocks(ctx context.Context, clockIDs []string) (map[string][]*ent.ClockEntry, error) {
	rows, err := c.store.Reader().ClockEntry.Query().Where(clockentry.ClockIDIn(clockIDs...)).
		Order(ent.Asc(clockentry.FieldClockID, clockentry.FieldOrdinal)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledgers of %d clocks: %w", len(clockIDs), err)
	}
	return group(rows, func(e *ent.ClockEntry) string { return e.ClockID }), nil
}

func group[T any](rows []T, key func(T) string) map[string][]T {
	groups := map[string][]T{}
	for _, r := range rows {
		groups[key(r)] = append(groups[key(r)], r)
	}
	return groups
}

// Timeline is a page of a case's history, oldest first. It takes first and after.
func (c *Cases) Timeline(ctx context.Context, caseID string, args town.PageArgs) (town.Page[*ent.CaseEntry], error) {
	spec, err := town.PageArgs{First: args.First, After: args.After}.Spec(town.PrefixEntry)
	if err != nil {
		return town.Page[*ent.CaseEntry]{}, err
	}
	query := c.store.Reader().CaseEntry.Query().Where(caseentry.CaseID(caseID))
	if spec.Below != "" { // the cursor names a line; lines are in the order of their ordinals
		at, err := c.store.Reader().CaseEntry.Query().
			Where(caseentry.ID(spec.Below), caseentry.CaseID(caseID)).Only(ctx)
		if err != nil {
			return town.Page[*ent.CaseEntry]{}, town.Errorf(town.BadUserInput, "This cursor is not from this list.", "Questo cursore non appartiene a questo elenco.")
		}
		query.Where(caseentry.OrdinalGT(at.Ordinal))
	}
	rows, err := query.Order(ent.Asc(caseentry.FieldOrdinal)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.CaseEntry]{}, fmt.Errorf("read the history of a case: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

// LastMessages gives of each case the last line of its history that the viewer may see,
// in two queries: the last of all and the last that is not internal, by key, and then
// those of them that may be seen.
func (c *Cases) LastMessages(ctx context.Context, caseIDs []string) (map[string]*ent.CaseEntry, error) {
	const last = "SELECT coalesce((SELECT e.id FROM case_entries e WHERE e.case_id = c.id%s ORDER BY e.ordinal DESC LIMIT 1), '') FROM case_files c WHERE %s"
	k := among("c.id", padded(caseIDs))
	query := fmt.Sprintf(last, "", k.sql) + " UNION " + fmt.Sprintf(last, " AND e.internal = ?", k.sql)
	ids, err := c.readIDs(ctx, query, slices.Concat(k.args, []any{false}, k.args))
	if err != nil {
		return nil, err
	}
	byID, err := c.EntriesByIDs(ctx, padded(ids))
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.CaseEntry, len(caseIDs))
	for _, e := range byID {
		if known := found[e.CaseID]; known == nil || known.Ordinal < e.Ordinal {
			found[e.CaseID] = e
		}
	}
	return found, nil
}

// LinkedCase is the case that was opened together with this one; nil if there is
// none that the viewer may see.
func (c *Cases) LinkedCase(ctx context.Context, file *ent.CaseFile) (*ent.CaseFile, error) {
	if file.LinkedCaseID == "" {
		return nil, nil
	}
	return c.visible(ctx, file.LinkedCaseID)
}

// MayReadPersonal reports whether the viewer may see who the applicant is and what
// they filled in.
func (c *Cases) MayReadPersonal(ctx context.Context, file *ent.CaseFile) bool {
	v, err := access.From(ctx)
	if err != nil {
		return false
	}
	party := v.StandsFor(file.ApplicantID, file.ServiceID) || v.DidAsSelf(file.SubmittedBy)
	return v.Allow(access.CaseReadPersonal, file.OfficeID) || party && v.CanAsParty(access.CaseReadPersonal)
}

// AvailableActions are, by case, what the viewer may do with each and why not the
// rest, in a constant number of queries.
func (c *Cases) AvailableActions(ctx context.Context, files []*ent.CaseFile) (map[string][]AvailableAction, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = f.ID
	}
	documents, err := c.DocumentsOfCases(ctx, ids)
	if err != nil {
		return nil, err
	}
	acts, err := c.ActsOfCases(ctx, ids)
	if err != nil {
		return nil, err
	}
	terms, err := c.ClocksOfCases(ctx, ids)
	if err != nil {
		return nil, err
	}
	ledgers, err := c.ledgersOfTerms(ctx, terms)
	if err != nil {
		return nil, err
	}
	rated, err := ratedCases(ctx, c.store.Reader(), ids)
	if err != nil {
		return nil, err
	}
	byCase := make(map[string][]AvailableAction, len(files))
	for _, f := range files {
		k, err := c.kindOf(ctx, f)
		if err != nil {
			return nil, err
		}
		facts := withActs(factsOf(v, f, documents[f.ID], k.spot), acts[f.ID])
		facts.Rated = rated[f.ID]
		facts.TermAwaited, facts.TermRuns = k.awaits(f, terms[f.ID]), runs(terms[f.ID])
		facts.Examined = examination(terms[f.ID]) != nil
		if facts.SuspensionRefused, facts.ExtensionRefused, err = c.refusedByLaw(k, terms[f.ID], ledgers); err != nil {
			return nil, err
		}
		byCase[f.ID] = life.Actions(facts)
	}
	return byCase, nil
}

// dueSoon is how many days before its last one a case is due soon.
const dueSoon = 5

// Flags are those of a case as of now: beside what happened to it, whether it is due soon
// and whether it is held.
func (c *Cases) Flags(file *ent.CaseFile) []string {
	flags := slices.Clone(file.Flags)
	if flags == nil {
		flags = []string{}
	}
	left := town.Today(c.store.Clock().Now()).DaysUntil(file.DueOn)
	stands := slices.Contains(flags, flagSuspended) || file.DueOn.IsZero()
	if life.Open(file.Phase) && !stands && left >= 0 && left <= dueSoon {
		flags = append(flags, flagDueSoon)
	}
	if file.LegalHold {
		flags = append(flags, flagLegalHold)
	}
	return flags
}

// Milestone is what a case awaits next, in the words of its practice: of its clocks that
// run, the one that ends first. Nil where none does.
func Milestone(rows []*ent.CaseClock) *sdk.Text {
	var next *ent.CaseClock
	for _, row := range rows {
		if row.State == town.ClockRunning && (next == nil || row.DueOn.Before(next.DueOn)) {
			next = row
		}
	}
	if next == nil {
		return nil
	}
	return &sdk.Text{IT: next.LabelIt, EN: next.LabelEn}
}

// PhaseLabel is the name of a phase.
func (c *Cases) PhaseLabel(p town.Phase) sdk.Text { return life.Label(p) }
