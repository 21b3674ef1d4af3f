package privacy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/ent/caseact"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/intake"
	"github.com/spazio-in-comune/sportello/ent/interval"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// wipe is what is erased of the rows of a table that belong to a thing: columns with
// what stands in them afterwards.
type wipe struct {
	table string
	// key is the column that names the thing.
	key string
	set map[string]any
}

// Sealed words are emptied; nothing opens as nothing.
var none = []byte{}

// ofCase is what is kept of people in a case and in what hangs on it. Number, service,
// office, dates, phase and the marks of the clocks stay.
func ofCase() []wipe {
	return []wipe{
		{casefile.Table, casefile.FieldID, map[string]any{
			casefile.FieldAnswers: none, casefile.FieldDecision: none, casefile.FieldReasons: none, casefile.FieldOverrideNote: none,
			casefile.FieldApplicantID: "", casefile.FieldSubmittedBy: "", casefile.FieldMandateID: "",
		}},
		{caseentry.Table, caseentry.FieldCaseID, map[string]any{caseentry.FieldNote: none, caseentry.FieldOnBehalfOf: ""}},
		{caseact.Table, caseact.FieldCaseID, map[string]any{caseact.FieldText: none, caseact.FieldAnswer: none, caseact.FieldAnsweredBy: ""}},
		{casedocument.Table, casedocument.FieldCaseID, map[string]any{casedocument.FieldGround: none}},
		{documentversion.Table, documentversion.FieldCaseID, map[string]any{
			documentversion.FieldName: none, documentversion.FieldContentKey: none, documentversion.FieldOnBehalfOf: "",
		}},
		{documentupload.Table, documentupload.FieldCaseID, map[string]any{
			documentupload.FieldName: none, documentupload.FieldContentKey: none, documentupload.FieldPersonID: "", documentupload.FieldOnBehalfOf: "",
		}},
		{escalation.Table, escalation.FieldCaseID, ofStep},
		{stepnote.Table, stepnote.FieldCaseID, ofNote},
		{feedback.Table, feedback.FieldCaseID, ofWord},
		{intake.Table, intake.FieldCaseID, ofIntake},
	}
}

// ofVisit is what is kept of people in a visit: who it was, and the notes on its stops.
func ofVisit() []wipe {
	return []wipe{
		{visit.Table, visit.FieldID, map[string]any{visit.FieldPersonID: ""}},
		{leg.Table, leg.FieldVisitID, map[string]any{leg.FieldNote: none}},
	}
}

var (
	ofStep   = map[string]any{escalation.FieldText: none, escalation.FieldAnswer: none, escalation.FieldOpenedBy: "", escalation.FieldOnBehalfOf: ""}
	ofNote   = map[string]any{stepnote.FieldText: none, stepnote.FieldAnswer: none}
	ofWord   = map[string]any{feedback.FieldComment: none, feedback.FieldAuthorID: ""}
	ofIntake = map[string]any{intake.FieldApplicantID: "", intake.FieldActorID: ""}
)

// do empties the columns of one thing.
func (w wipe) do(ctx context.Context, tx *store.Tx, id string) error {
	columns := slices.Sorted(maps.Keys(w.set))
	assignments, args := make([]string, len(columns)), make([]any, 0, len(columns)+1)
	for i, column := range columns {
		assignments[i] = "`" + column + "` = ?"
		args = append(args, w.set[column])
	}
	statement := fmt.Sprintf("UPDATE `%s` SET %s WHERE `%s` = ?", w.table, strings.Join(assignments, ", "), w.key)
	if _, err := tx.ExecContext(ctx, statement, append(args, id)...); err != nil {
		return fmt.Errorf("empty %s of %s: %w", w.table, id, err)
	}
	return nil
}

func wipeAll(ctx context.Context, tx *store.Tx, wipes []wipe, id string) error {
	for _, w := range wipes {
		if err := w.do(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// name is a column that says who did something to a thing: staff stay, citizens do not.
type name struct {
	table, column string
	// of is the condition that finds the rows of the thing, whose id it takes.
	of string
}

// inCase are the names that hang on a case: whoever filed or withdrew it did so as a citizen.
func inCase() []name {
	return []name{
		{caseentry.Table, caseentry.FieldActorID, "`case_id` = ?"},
		{documentversion.Table, documentversion.FieldUploadedBy, "`case_id` = ?"},
		{clockentry.Table, clockentry.FieldAuthorID, "`clock_id` IN (SELECT `id` FROM `" + caseclock.Table + "` WHERE `case_id` = ?)"},
	}
}

// inVisit are the names that hang on a visit.
func inVisit() []name {
	return []name{
		{visit.Table, visit.FieldIssuedBy, "`id` = ?"},
		{interval.Table, interval.FieldActorID, "`leg_id` IN (SELECT `id` FROM `" + leg.Table + "` WHERE `visit_id` = ?)"},
	}
}

// forgetCitizens empties the names of one thing where they are citizens'.
func forgetCitizens(ctx context.Context, tx *store.Tx, names []name, id string) error {
	for _, n := range names {
		statement := fmt.Sprintf("UPDATE `%s` SET `%s` = '' WHERE %s AND `%s` IN (SELECT `id` FROM `%s` WHERE `kind` = ?)",
			n.table, n.column, n.of, n.column, person.Table)
		if _, err := tx.ExecContext(ctx, statement, id, town.PersonCitizen); err != nil {
			return fmt.Errorf("forget who is named in %s of %s: %w", n.table, id, err)
		}
	}
	return nil
}
