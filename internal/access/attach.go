package access

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/intercept"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// entity says who may read the rows of a type and who may write them.
type entity struct {
	read rowRule
	// write is an act that a writer must hold somewhere; systemOnly for the house.
	// Empty lets any viewer but the public write: the room that owns the type has
	// checked the rest.
	write Act
	// public rows are read without a viewer.
	public bool
}

// systemOnly is an act that nobody holds but system work.
const systemOnly Act = "system:write"

// entities is the last line of defence, one line per stored type. A type without a
// line is closed to everyone but system work.
func entities() map[string]entity {
	return map[string]entity{
		ent.TypeSite:       {read: everybody, write: systemOnly, public: true},
		ent.TypeOffice:     {read: everybody, write: systemOnly, public: true},
		ent.TypeCounter:    {read: everybody, write: systemOnly, public: true},
		ent.TypeDefinition: {read: everybody, write: systemOnly, public: true},

		ent.TypeVisit:          {read: visitRule},
		ent.TypeLeg:            {read: legRule},
		ent.TypeInterval:       {read: ofLeg},
		ent.TypeCall:           {read: callRule},
		ent.TypeCounterSession: {read: sessionRule},
		ent.TypeNumberSeries:   {read: nobody},

		ent.TypeIntake:       {read: intakeRule},
		ent.TypeCaseFile:     {read: caseRule},
		ent.TypeCaseEntry:    {read: entryRule},
		ent.TypeCaseDocument: {read: documentRule},
		ent.TypeCaseClock:    {read: ofCase},
		ent.TypeClockEntry:   {read: ledgerRule},
		ent.TypeFormerOffice: {read: ofCase},

		ent.TypeFeedback:   {read: feedbackRule},
		ent.TypeEscalation: {read: escalationRule},

		ent.TypePerson:         {read: personRule, write: RoleGrant},
		ent.TypeRoleAssignment: {read: assignmentRule, write: RoleGrant},
		ent.TypeIdempotency:    {read: requestRule},

		ent.TypeMandate:    {read: mandateRule},
		ent.TypeOpening:    {read: openingRule, write: EscalationOpen},
		ent.TypeSession:    {read: sessionOfRule, write: systemOnly},
		ent.TypeCredential: {read: credentialRule, write: RoleGrant},
		ent.TypeOneTime:    {read: nobody, write: systemOnly},
		ent.TypeSubjectKey: {read: nobody, write: systemOnly},

		ent.TypeAuditEntry:   {read: auditRule, write: systemOnly},
		ent.TypeAuditSubject: {read: auditSubjectRule, write: systemOnly},
		ent.TypeAuditHead:    {read: auditRule, write: systemOnly},

		ent.TypeEvent:              {read: nobody},
		ent.TypePluginRegistration: {read: pluginRule, write: systemOnly},
		ent.TypeSetting:            {read: nobody, write: systemOnly},
		ent.TypeSequencer:          {read: nobody, write: systemOnly},
		ent.TypeConsumerOffset:     {read: nobody, write: systemOnly},
	}
}

// Attach adds the rule of visibility to a client: every query, by whatever path, gets
// the WHERE of the viewer's scope, and fails if the context has no viewer. Writing
// needs a viewer too. Conditions that look through an edge (HasLegsWith and the like)
// are not filtered: do not let a caller choose them.
func Attach(client *ent.Client) {
	known := entities()
	client.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		return filter(ctx, q, known[q.Type()])
	}))
	client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			if err := mayWrite(ctx, m, known); err != nil {
				return nil, err
			}
			nameBoth(ctx, m)
			return next.Mutate(ctx, m)
		})
	})
}

func filter(ctx context.Context, q intercept.Query, e entity) error {
	if e.public {
		return nil
	}
	v, err := From(ctx)
	if err != nil {
		return because(err, fmt.Sprintf("query on %s", q.Type()))
	}
	if v.Scope.isAll() {
		return nil
	}
	if e.read == nil || v.Scope == nil {
		e.read = nobody
	}
	q.WhereP(func(s *sql.Selector) { e.read(v, s).restrict(s) })
	return nil
}

func mayWrite(ctx context.Context, m ent.Mutation, known map[string]entity) error {
	v, err := From(ctx)
	if err != nil {
		return because(err, fmt.Sprintf("%s on %s", m.Op(), m.Type()))
	}
	if v.Scope.isAll() {
		return nil
	}
	e, ok := known[m.Type()]
	if !ok {
		e.write = systemOnly
	}
	if e.write == "" {
		return nil
	}
	if err := v.Require(e.write, ""); err != nil {
		return because(err, fmt.Sprintf("%s on %s", m.Op(), m.Type()))
	}
	return nil
}

// because keeps the words for the caller and adds for the log what was being done.
func because(err error, doing string) error {
	var e *town.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	logged := *e
	logged.Cause = errors.New(doing)
	return &logged
}
