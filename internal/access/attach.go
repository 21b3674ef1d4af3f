package access

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/intercept"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// entity says who may read the rows of a type and who may write them.
type entity struct {
	read rowRule
	// write are acts of which a writer must hold one somewhere, and asParty acts that
	// will do as a party: which rows it is about the room that owns the type has checked,
	// by reading them. Without either, only the house writes.
	write, asParty []Act
	// anybody who is signed in, or holds a ticket, writes.
	anybody bool
	// public rows are read without a viewer.
	public bool
}

// entities is the last line of defence, one line per stored type. A type without a
// line is closed to everyone but system work.
func entities() map[string]entity {
	// The acts that write in the rooms: whoever holds none of them writes none of their rows.
	inTheHall := []Act{VisitIssue, VisitPrioritise, LegHandle, CounterOpen, DayClose}
	onCases := []Act{CaseFileOwn, CaseFileFor, CaseOverride, CaseAssign, CaseHandle, CaseDecide, CaseTransfer, CaseHold}
	onTheLadder := append([]Act{EscalationRaise, EscalationPolitical}, answering...)
	return map[string]entity{
		ent.TypeSite:       {read: everybody, public: true},
		ent.TypeOffice:     {read: everybody, public: true},
		ent.TypeCounter:    {read: everybody, public: true},
		ent.TypeDefinition: {read: everybody, public: true},

		ent.TypeVisit:          {read: visitRule, write: inTheHall, asParty: []Act{VisitRead}},
		ent.TypeLeg:            {read: legRule, write: inTheHall, asParty: []Act{VisitRead}},
		ent.TypeInterval:       {read: ofLeg, write: inTheHall, asParty: []Act{VisitRead}},
		ent.TypeCall:           {read: callRule, write: inTheHall, asParty: []Act{VisitRead}},
		ent.TypeCounterSession: {read: sessionRule, write: []Act{CounterOpen, LegHandle, DayClose}},
		ent.TypeNumberSeries:   {read: nobody, write: []Act{VisitIssue}},

		ent.TypeIntake:          {read: intakeRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeCaseFile:        {read: caseRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeCaseEntry:       {read: entryRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeCaseDocument:    {read: documentRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeDocumentVersion: {read: documentRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeDocumentUpload:  {read: uploadRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeIntakeDraft:     {read: draftRule, write: []Act{CaseFileOwn, CaseFileFor}},
		ent.TypeCaseAct:         {read: documentRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeCaseClock:       {read: ofCase, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeClockEntry:      {read: ledgerRule, write: onCases, asParty: []Act{CaseRead}},
		ent.TypeFormerOffice:    {read: ofCase, write: onCases, asParty: []Act{CaseRead}},

		ent.TypeFeedback:   {read: feedbackRule, write: []Act{FeedbackGive}},
		ent.TypeEscalation: {read: escalationRule, write: onTheLadder, asParty: []Act{EscalationRead}},

		ent.TypeStepEntry: {read: ofStep, write: onTheLadder, asParty: []Act{EscalationRead}},
		ent.TypeStepNote:  {read: noteRule, write: append([]Act{EscalationReport}, onTheLadder...)},
		// How one wishes to be told is one's own.
		ent.TypeContactChoice: {read: choiceRule, asParty: []Act{EscalationRead}},
		ent.TypeCitizenNotice: {read: nobody},

		// Whoever reads alerts may ask for them by mail.
		ent.TypeAlert:         {read: alertRule, write: []Act{AlertHandle}},
		ent.TypeAlertEndpoint: {read: endpointRule, write: []Act{AlertManage, AlertRead}},
		ent.TypeAlertDelivery: {read: deliveryRule, write: []Act{AlertManage}},
		ent.TypeAlertWatch:    {read: nobody},

		ent.TypePerson:         {read: personRule, write: []Act{RoleGrant}},
		ent.TypeRoleAssignment: {read: assignmentRule, write: []Act{RoleGrant}},
		ent.TypeIdempotency:    {read: requestRule, anybody: true},

		ent.TypeMandate:    {read: mandateRule, anybody: true},
		ent.TypeOpening:    {read: openingRule, write: []Act{EscalationOpen}},
		ent.TypeSession:    {read: sessionOfRule},
		ent.TypeCredential: {read: credentialRule, write: []Act{RoleGrant}},
		ent.TypeOneTime:    {read: nobody},
		ent.TypeSubjectKey: {read: nobody},

		ent.TypeAuditEntry:   {read: auditRule},
		ent.TypeAuditSubject: {read: auditSubjectRule},
		ent.TypeAuditHead:    {read: auditRule},

		ent.TypeDailyFigure:        {read: figureRule},
		ent.TypeEvent:              {read: nobody}, // see Sign
		ent.TypePluginRegistration: {read: pluginRule},
		ent.TypeSetting:            {read: nobody},
		ent.TypeSequencer:          {read: nobody},
		ent.TypeConsumerOffset:     {read: nobody},
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
	if known[m.Type()].mayBeWrittenBy(v) {
		return nil
	}
	return because(errNotAllowed(), fmt.Sprintf("%s on %s", m.Op(), m.Type()))
}

func (e entity) mayBeWrittenBy(v *Viewer) bool {
	return e.anybody || slices.ContainsFunc(e.write, func(act Act) bool { return v.Scope.Allows(act, "") }) ||
		slices.ContainsFunc(e.asParty, v.Scope.AllowsParty)
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
