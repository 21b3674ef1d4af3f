package privacy

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/intake"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// sure is the latest moment at which a term may have begun that has passed: the years
// of the rule, and the whole of its last day.
func sure(rule retention.Rule, now time.Time) (time.Time, bool) {
	if rule.Forever() {
		return time.Time{}, false
	}
	today := town.Today(now).At(0, 0, town.Rome())
	return today.AddDate(-rule.Years, 0, 0), true
}

// oldest gathers what a query finds that is older than the rule of the kind allows.
func oldest(p *Privacy, kind retention.Kind, ids func(latest time.Time) ([]string, error)) ([]due, string, error) {
	rule := p.plan.For(kind)
	latest, ends := sure(rule, p.store.Clock().Now())
	if !ends {
		return nil, "", nil
	}
	rows, err := ids(latest)
	if err != nil {
		return nil, "", fmt.Errorf("look for %s to erase: %w", kind, err)
	}
	found := make([]due, len(rows))
	for i, id := range rows {
		found[i] = due{id, rule}
	}
	return found, lastOf(rows, func(id string) string { return id }), nil
}

// visitsDue are visits of somebody who is named, or with a note.
func visitsDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Visit, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Visit.Query().
			Where(visit.IDGT(after), visit.ArrivedAtLT(latest), visit.Or(visit.PersonIDNEQ(""), visit.HasLegsWith(filled(leg.FieldNote)))).
			Order(ent.Asc(visit.FieldID)).Limit(page).IDs(ctx)
	})
}

// intakesDue are intakes that became no case: they go with visits.
func intakesDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Visit, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Intake.Query().
			Where(intake.IDGT(after), intake.AtLT(latest), intake.CaseID(""), intake.Or(intake.ApplicantIDNEQ(""), intake.ActorIDNEQ(""))).
			Order(ent.Asc(intake.FieldID)).Limit(page).IDs(ctx)
	})
}

// wordsDue are words about no case that still have a text or a name.
func wordsDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Word, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Feedback.Query().
			Where(feedback.IDGT(after), feedback.AtLT(latest), feedback.CaseID(""), feedback.Or(feedback.AuthorIDNEQ(""), filled(feedback.FieldComment))).
			Order(ent.Asc(feedback.FieldID)).Limit(page).IDs(ctx)
	})
}

// filled holds where a sealed column was not emptied.
func filled(column string) func(*sql.Selector) {
	return func(s *sql.Selector) { s.Where(sql.ExprP("LENGTH(" + s.C(column) + ") > 0")) }
}

// stepsDue are steps of the ladder about no case on which nothing is owed any more.
func stepsDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Word, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Escalation.Query().
			Where(escalation.IDGT(after), escalation.ClosedAtLT(latest), escalation.CaseID(""),
				escalation.Or(escalation.OpenedByNEQ(""), escalation.OnBehalfOfNEQ(""), filled(escalation.FieldText), filled(escalation.FieldAnswer))).
			Order(ent.Asc(escalation.FieldID)).Limit(page).IDs(ctx)
	})
}

// signInsDue are sign-ins that ended long ago.
func signInsDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.SignIn, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Session.Query().
			Where(session.IDGT(after), session.ExpiresAtLT(latest)).
			Order(ent.Asc(session.FieldID)).Limit(page).IDs(ctx)
	})
}

// draftsDue are forms that were begun and not touched for long.
func draftsDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Draft, func(latest time.Time) ([]string, error) {
		return p.store.Reader().IntakeDraft.Query().
			Where(intakedraft.IDGT(after), intakedraft.UpdatedAtLT(latest)).
			Order(ent.Asc(intakedraft.FieldID)).Limit(page).IDs(ctx)
	})
}

// peopleDue are citizens entered long ago of whom nothing else is left.
func peopleDue(ctx context.Context, p *Privacy, after string) ([]due, string, error) {
	return oldest(p, retention.Person, func(latest time.Time) ([]string, error) {
		return p.store.Reader().Person.Query().
			Where(append(leftTraces(), person.IDGT(after), person.CreatedAtLT(latest))...).
			Order(ent.Asc(person.FieldID)).Limit(page).IDs(ctx)
	})
}

// leftTraces holds for citizens, not erased yet, whom no row names any more. Events and
// the audit name them by an id that then means nobody.
func leftTraces() []predicate.Person {
	conditions := []predicate.Person{person.Kind(town.PersonCitizen), person.ErasedAtIsNil()}
	for _, trace := range traces() {
		conditions = append(conditions, func(s *sql.Selector) {
			t := sql.Table(trace.table)
			s.Where(sql.NotExists(sql.Select(t.C("id")).From(t).Where(sql.ColumnsEQ(t.C(trace.column), s.C(person.FieldID)))))
		})
	}
	return conditions
}

// traces are the columns by which rows name a citizen.
func traces() []struct{ table, column string } {
	return []struct{ table, column string }{
		{casefile.Table, casefile.FieldApplicantID},
		{casefile.Table, casefile.FieldSubmittedBy},
		{visit.Table, visit.FieldPersonID},
		{intake.Table, intake.FieldApplicantID},
		{feedback.Table, feedback.FieldAuthorID},
		{escalation.Table, escalation.FieldOpenedBy},
		{escalation.Table, escalation.FieldOnBehalfOf},
		{mandate.Table, mandate.FieldPrincipalID},
		{mandate.Table, mandate.FieldDelegateID},
		{session.Table, session.FieldPersonID},
		{intakedraft.Table, intakedraft.FieldAccountID},
	}
}
