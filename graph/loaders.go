package graph

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// loaders gather the ids that sibling fields ask for, so that a list costs a
// constant number of queries. One set lives as long as one answer: an operation,
// or one event of a subscription.
type loaders struct {
	office          *batched[string, *ent.Office]
	site            *batched[string, *ent.Site]
	counter         *batched[string, *ent.Counter]
	countersOfSite  *batched[string, []*ent.Counter]
	sessionOf       *batched[string, *ent.CounterSession]
	session         *batched[string, *ent.CounterSession]
	leg             *batched[string, *ent.Leg]
	currentLegOf    *batched[string, *ent.Leg]
	visit           *batched[string, *ent.Visit]
	legsOfVisit     *batched[string, []*ent.Leg]
	intervalsOfLeg  *batched[string, []*ent.Interval]
	callsOfLeg      *batched[string, []*ent.Call]
	caseFile        *batched[string, *ent.CaseFile]
	documentsOfCase *batched[string, []*ent.CaseDocument]
	versionsOf      *batched[string, []*ent.DocumentVersion]
	lastMessageOf   *batched[string, *ent.CaseEntry]
	actsOfCase      *batched[string, []*ent.CaseAct]
	clocksOfCase    *batched[string, []*ent.CaseClock]
	ledgerOfClock   *batched[string, []*ent.ClockEntry]
	dueExplained    *batched[string, sdk.Text]
	actionsOfCase   *batched[*ent.CaseFile, []casework.AvailableAction]
	escalationsOf   *batched[string, []*ent.Escalation]
	person          *batched[string, *ent.Person]
	assignment      *batched[string, *ent.RoleAssignment]
	intake          *batched[string, *ent.Intake]
	entry           *batched[string, *ent.CaseEntry]
	document        *batched[string, *ent.CaseDocument]
	clock           *batched[string, *ent.CaseClock]
	caseRefOf       *batched[string, voice.CaseRef]
	historyOf       *batched[string, []*ent.Escalation]
	clocksOfStep    *batched[string, []*voice.StepClock]
	notesOfStep     *batched[string, []*ent.StepNote]
	escalation      *batched[string, *ent.Escalation]
	feedback        *batched[string, *ent.Feedback]
	mandate         *batched[string, *ent.Mandate]
	alert           *batched[string, *ent.Alert]
	openCasesOf     *batched[string, int] // by the hash of a definition

	// What is sealed is opened by the row, many at a time.
	answers  *batched[*ent.CaseFile, json.RawMessage]
	decision *batched[*ent.CaseFile, *casework.Decided]
	reasons  *batched[*ent.CaseFile, *string]
	note     *batched[*ent.CaseEntry, *string]
	ground   *batched[*ent.CaseDocument, *string]
	fileName *batched[*ent.DocumentVersion, *string]
	actText  *batched[*ent.CaseAct, *string]
	actReply *batched[*ent.CaseAct, *string]
	legNote  *batched[*ent.Leg, *string]
	words    *batched[*ent.Escalation, *string]
	answer   *batched[*ent.Escalation, *string]
	standing *batched[*ent.Escalation, *sdk.Text]
	noteText *batched[*ent.StepNote, *string]
	report   *batched[*ent.StepNote, *string]
	comment  *batched[*ent.Feedback, *string]
	personal *batched[*ent.Person, *identity.Personal]
	parties  *batched[*ent.Mandate, identity.MandateNames]
	papers   *batched[*ent.Mandate, []identity.MandateDocument]
}

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
		versionsOf:      loader(r.Casework.VersionsOfDocuments),
		lastMessageOf:   loader(r.Casework.LastMessages),
		actsOfCase:      loader(r.Casework.ActsOfCases),
		clocksOfCase:    loader(r.Casework.ClocksOfCases),
		ledgerOfClock:   loader(r.Casework.LedgerOfClocks),
		dueExplained:    loader(r.Casework.DueExplained),
		actionsOfCase:   loader(r.actionsOfCases),
		escalationsOf:   loader(r.Voice.EscalationsOfCases),
		person:          loader(r.People.PersonsByIDs),
		assignment:      loader(r.Access.AssignmentsByIDs),
		intake:          loader(r.Casework.IntakesByIDs),
		entry:           loader(r.Casework.EntriesByIDs),
		document:        loader(r.Casework.DocumentsByIDs),
		clock:           loader(r.Casework.ClocksByIDs),
		caseRefOf:       loader(r.Voice.CaseRefsOfEscalations),
		historyOf:       loader(r.Voice.HistoriesOfEscalations),
		clocksOfStep:    loader(r.Voice.ClocksOfEscalations),
		notesOfStep:     loader(r.Voice.NotesOfEscalations),
		escalation:      loader(r.Voice.EscalationsByIDs),
		feedback:        loader(r.Voice.FeedbackByIDs),
		mandate:         loader(r.Delegations.MandatesByIDs),
		alert:           loader(r.Alarms.AlertsByIDs),
		openCasesOf:     loader(r.Catalogue.OpenCases),

		answers:  loader(r.Casework.AnswersOf),
		decision: loader(r.Casework.Decisions),
		reasons:  loader(r.Casework.Reasons),
		note:     loader(r.Casework.Notes),
		ground:   loader(r.Casework.Grounds),
		fileName: loader(r.Casework.VersionNames),
		actText:  loader(r.Casework.ActTexts),
		actReply: loader(r.Casework.ActAnswers),
		legNote:  loader(r.Desk.Notes),
		words:    loader(r.Voice.WordsOf),
		answer:   loader(r.Voice.AnswersOf),
		standing: loader(r.Voice.ExplanationsOf),
		noteText: loader(r.Voice.QuestionsOf),
		report:   loader(r.Voice.ReportsOf),
		comment:  loader(r.Voice.Comments),
		personal: loader(r.People.PersonalOf),
		parties:  loader(r.Delegations.NamesOf),
		papers:   loader(r.Delegations.DocumentsOf),
	}
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
