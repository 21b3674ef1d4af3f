package graph

import (
	"context"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vikstrous/dataloadgen"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// loaders gather the ids that sibling fields ask for, so that a list costs a
// constant number of queries. One set lives as long as one answer: an operation,
// or one event of a subscription.
type loaders struct {
	office          *dataloadgen.Loader[string, *ent.Office]
	site            *dataloadgen.Loader[string, *ent.Site]
	counter         *dataloadgen.Loader[string, *ent.Counter]
	countersOfSite  *dataloadgen.Loader[string, []*ent.Counter]
	sessionOf       *dataloadgen.Loader[string, *ent.CounterSession]
	session         *dataloadgen.Loader[string, *ent.CounterSession]
	leg             *dataloadgen.Loader[string, *ent.Leg]
	currentLegOf    *dataloadgen.Loader[string, *ent.Leg]
	visit           *dataloadgen.Loader[string, *ent.Visit]
	legsOfVisit     *dataloadgen.Loader[string, []*ent.Leg]
	intervalsOfLeg  *dataloadgen.Loader[string, []*ent.Interval]
	callsOfLeg      *dataloadgen.Loader[string, []*ent.Call]
	caseFile        *dataloadgen.Loader[string, *ent.CaseFile]
	documentsOfCase *dataloadgen.Loader[string, []*ent.CaseDocument]
	lastMessageOf   *dataloadgen.Loader[string, *ent.CaseEntry]
	clocksOfCase    *dataloadgen.Loader[string, []*ent.CaseClock]
	ledgerOfClock   *dataloadgen.Loader[string, []*ent.ClockEntry]
	dueExplained    *dataloadgen.Loader[string, sdk.Text]
	actionsOfCase   *dataloadgen.Loader[*ent.CaseFile, []casework.AvailableAction]
	escalationsOf   *dataloadgen.Loader[string, []*ent.Escalation]
	person          *dataloadgen.Loader[string, *ent.Person]
	assignment      *dataloadgen.Loader[string, *ent.RoleAssignment]
	intake          *dataloadgen.Loader[string, *ent.Intake]
	entry           *dataloadgen.Loader[string, *ent.CaseEntry]
	document        *dataloadgen.Loader[string, *ent.CaseDocument]
	clock           *dataloadgen.Loader[string, *ent.CaseClock]
	caseRefOf       *dataloadgen.Loader[string, voice.CaseRef]
	historyOf       *dataloadgen.Loader[string, []*ent.Escalation]
	escalation      *dataloadgen.Loader[string, *ent.Escalation]
	feedback        *dataloadgen.Loader[string, *ent.Feedback]
	mandate         *dataloadgen.Loader[string, *ent.Mandate]
	openCasesOf     *dataloadgen.Loader[string, int] // by the hash of a definition

	// What is sealed is opened by the row, many at a time.
	answers  *dataloadgen.Loader[*ent.CaseFile, json.RawMessage]
	decision *dataloadgen.Loader[*ent.CaseFile, *casework.Decided]
	reasons  *dataloadgen.Loader[*ent.CaseFile, *string]
	note     *dataloadgen.Loader[*ent.CaseEntry, *string]
	ground   *dataloadgen.Loader[*ent.CaseDocument, *string]
	legNote  *dataloadgen.Loader[*ent.Leg, *string]
	words    *dataloadgen.Loader[*ent.Escalation, *string]
	answer   *dataloadgen.Loader[*ent.Escalation, *string]
	comment  *dataloadgen.Loader[*ent.Feedback, *string]
	personal *dataloadgen.Loader[*ent.Person, *identity.Personal]
	parties  *dataloadgen.Loader[*ent.Mandate, identity.MandateNames]
	papers   *dataloadgen.Loader[*ent.Mandate, []identity.MandateDocument]
}

// gather is how long a loader waits for siblings. A shorter wait answers a list of one
// sooner and a page later: under load its siblings come in several batches.
const gather = 300 * time.Microsecond

func (r *Resolver) newLoaders() *loaders {
	return &loaders{
		office:          loader(r.Desk.OfficesByCodes),
		site:            loader(r.Desk.SitesByIDs),
		counter:         loader(r.Desk.CountersByIDs),
		countersOfSite:  loader(r.Desk.CountersOfSites),
		sessionOf:       loader(r.Desk.LiveSessionsOfCounters),
		session:         loader(r.Desk.SessionsByIDs),
		leg:             loader(r.Desk.LegsByIDs),
		currentLegOf:    loader(r.Desk.CurrentLegsOfSessions),
		visit:           loader(r.Desk.VisitsByIDs),
		legsOfVisit:     loader(r.Desk.LegsOfVisits),
		intervalsOfLeg:  loader(r.Desk.IntervalsOfLegs),
		callsOfLeg:      loader(r.Desk.CallsOfLegs),
		caseFile:        loader(r.Casework.CasesByIDs),
		documentsOfCase: loader(r.Casework.DocumentsOfCases),
		lastMessageOf:   loader(r.Casework.LastMessages),
		clocksOfCase:    loader(r.Casework.ClocksOfCases),
		ledgerOfClock:   loader(r.Casework.LedgerOfClocks),
		dueExplained:    loader(r.Casework.DueExplained),
		actionsOfCase:   dataloadgen.NewMappedLoader(r.actionsOfCases, dataloadgen.WithWait(gather)),
		escalationsOf:   loader(r.Voice.EscalationsOfCases),
		person:          loader(r.People.PersonsByIDs),
		assignment:      loader(r.Access.AssignmentsByIDs),
		intake:          loader(r.Casework.IntakesByIDs),
		entry:           loader(r.Casework.EntriesByIDs),
		document:        loader(r.Casework.DocumentsByIDs),
		clock:           loader(r.Casework.ClocksByIDs),
		caseRefOf:       loader(r.Voice.CaseRefsOfEscalations),
		historyOf:       loader(r.Voice.HistoriesOfEscalations),
		escalation:      loader(r.Voice.EscalationsByIDs),
		feedback:        loader(r.Voice.FeedbackByIDs),
		mandate:         loader(r.Delegations.MandatesByIDs),
		openCasesOf:     loader(r.Catalogue.OpenCases),

		answers:  loader(r.Casework.AnswersOf),
		decision: loader(r.Casework.Decisions),
		reasons:  loader(r.Casework.Reasons),
		note:     loader(r.Casework.Notes),
		ground:   loader(r.Casework.Grounds),
		legNote:  loader(r.Desk.Notes),
		words:    loader(r.Voice.WordsOf),
		answer:   loader(r.Voice.AnswersOf),
		comment:  loader(r.Voice.Comments),
		personal: loader(r.People.PersonalOf),
		parties:  loader(r.Delegations.NamesOf),
		papers:   loader(r.Delegations.DocumentsOf),
	}
}

// loader makes a loader from a read by many ids, or rows; what the read leaves out is
// the zero value: missing, or not for this viewer.
func loader[K comparable, T any](read func(context.Context, []K) (map[K]T, error)) *dataloadgen.Loader[K, T] {
	return dataloadgen.NewLoader(func(ctx context.Context, keys []K) ([]T, []error) {
		found, err := read(ctx, keys)
		if err != nil {
			return nil, []error{err}
		}
		list := make([]T, len(keys))
		for i, key := range keys {
			list[i] = found[key]
		}
		return list, nil
	}, dataloadgen.WithWait(gather))
}

// actionsOfCases reads by the rows, which the table of actions needs.
func (r *Resolver) actionsOfCases(ctx context.Context, files []*ent.CaseFile) (map[*ent.CaseFile][]casework.AvailableAction, error) {
	byID, err := r.Casework.AvailableActions(ctx, files)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.CaseFile][]casework.AvailableAction, len(files))
	for _, file := range files {
		found[file] = byID[file.ID]
	}
	return found, nil
}

type loadersKey struct{}

// withLoaders gives every answer a fresh set.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	return next(context.WithValue(ctx, loadersKey{}, r.newLoaders()))
}

func load(ctx context.Context) *loaders {
	set, ok := ctx.Value(loadersKey{}).(*loaders)
	if !ok { // a fault of the wiring, not of a request
		panic("graph: no loaders in the context")
	}
	return set
}

// one loads by id; nil for the empty id.
func one[T any](ctx context.Context, l *dataloadgen.Loader[string, *T], id string) (*T, error) {
	if id == "" {
		return nil, nil
	}
	return l.Load(ctx, id)
}

// must loads what an entity cannot be without.
func must[T any](ctx context.Context, l *dataloadgen.Loader[string, *T], id string) (*T, error) {
	found, err := l.Load(ctx, id)
	if err == nil && found == nil {
		return nil, town.ErrNotFound()
	}
	return found, err
}
