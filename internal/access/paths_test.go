package access_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
)

// path is one way to rows of a type: it gives the ids that come back.
type path struct {
	name string
	ids  func(ctx context.Context) ([]string, error)
}

// query is what ent generates for every type, as far as we need it.
type query[Q any] interface {
	IDs(context.Context) ([]string, error)
	Count(context.Context) (int, error)
	Exist(context.Context) (bool, error)
	Clone() Q
}

// pathsOf are the ways that every type has: the list, the count, whether there is one,
// and each row by its id, for all ids that there are.
func pathsOf[Q query[Q], T any](all []string, q func() Q, get func(context.Context, string) (T, error)) []path {
	return []path{
		{"list", func(ctx context.Context) ([]string, error) { return q().IDs(ctx) }},
		{"cloned list", func(ctx context.Context) ([]string, error) { return q().Clone().IDs(ctx) }},
		{"by id", func(ctx context.Context) ([]string, error) {
			var found []string
			for _, id := range all {
				_, err := get(ctx, id)
				if err == nil {
					found = append(found, id)
				} else if !ent.IsNotFound(err) {
					return nil, err
				}
			}
			return found, nil
		}},
		{"count agrees", func(ctx context.Context) ([]string, error) {
			ids, err := q().IDs(ctx)
			if err != nil {
				return nil, err
			}
			n, err := q().Count(ctx)
			if err == nil && n != len(ids) {
				err = fmt.Errorf("count says %d, the list has %d", n, len(ids))
			}
			if err != nil {
				return nil, err
			}
			some, err := q().Exist(ctx)
			if err == nil && some != (n > 0) {
				err = fmt.Errorf("exist says %v, the count %d", some, n)
			}
			return ids, err
		}},
	}
}

// paths are all ways to the rows of each type, edges included.
func paths(db *ent.Client, all map[string][]string) map[string][]path {
	p := map[string][]path{
		ent.TypeVisit:              pathsOf(all[ent.TypeVisit], db.Visit.Query, db.Visit.Get),
		ent.TypeLeg:                pathsOf(all[ent.TypeLeg], db.Leg.Query, db.Leg.Get),
		ent.TypeInterval:           pathsOf(all[ent.TypeInterval], db.Interval.Query, db.Interval.Get),
		ent.TypeCall:               pathsOf(all[ent.TypeCall], db.Call.Query, db.Call.Get),
		ent.TypeCounterSession:     pathsOf(all[ent.TypeCounterSession], db.CounterSession.Query, db.CounterSession.Get),
		ent.TypeIntake:             pathsOf(all[ent.TypeIntake], db.Intake.Query, db.Intake.Get),
		ent.TypeCaseFile:           pathsOf(all[ent.TypeCaseFile], db.CaseFile.Query, db.CaseFile.Get),
		ent.TypeCaseEntry:          pathsOf(all[ent.TypeCaseEntry], db.CaseEntry.Query, db.CaseEntry.Get),
		ent.TypeCaseDocument:       pathsOf(all[ent.TypeCaseDocument], db.CaseDocument.Query, db.CaseDocument.Get),
		ent.TypeCaseAct:            pathsOf(all[ent.TypeCaseAct], db.CaseAct.Query, db.CaseAct.Get),
		ent.TypeDocumentVersion:    pathsOf(all[ent.TypeDocumentVersion], db.DocumentVersion.Query, db.DocumentVersion.Get),
		ent.TypeDocumentUpload:     pathsOf(all[ent.TypeDocumentUpload], db.DocumentUpload.Query, db.DocumentUpload.Get),
		ent.TypeIntakeDraft:        pathsOf(all[ent.TypeIntakeDraft], db.IntakeDraft.Query, db.IntakeDraft.Get),
		ent.TypeCaseClock:          pathsOf(all[ent.TypeCaseClock], db.CaseClock.Query, db.CaseClock.Get),
		ent.TypeClockEntry:         pathsOf(all[ent.TypeClockEntry], db.ClockEntry.Query, db.ClockEntry.Get),
		ent.TypeFormerOffice:       pathsOf(all[ent.TypeFormerOffice], db.FormerOffice.Query, db.FormerOffice.Get),
		ent.TypeFeedback:           pathsOf(all[ent.TypeFeedback], db.Feedback.Query, db.Feedback.Get),
		ent.TypeEscalation:         pathsOf(all[ent.TypeEscalation], db.Escalation.Query, db.Escalation.Get),
		ent.TypeAlert:              pathsOf(all[ent.TypeAlert], db.Alert.Query, db.Alert.Get),
		ent.TypeAlertWatch:         pathsOf(all[ent.TypeAlertWatch], db.AlertWatch.Query, db.AlertWatch.Get),
		ent.TypeAlertEndpoint:      pathsOf(all[ent.TypeAlertEndpoint], db.AlertEndpoint.Query, db.AlertEndpoint.Get),
		ent.TypeAlertDelivery:      pathsOf(all[ent.TypeAlertDelivery], db.AlertDelivery.Query, db.AlertDelivery.Get),
		ent.TypePerson:             pathsOf(all[ent.TypePerson], db.Person.Query, db.Person.Get),
		ent.TypeRoleAssignment:     pathsOf(all[ent.TypeRoleAssignment], db.RoleAssignment.Query, db.RoleAssignment.Get),
		ent.TypePluginRegistration: pathsOf(all[ent.TypePluginRegistration], db.PluginRegistration.Query, db.PluginRegistration.Get),
		ent.TypeSetting:            pathsOf(all[ent.TypeSetting], db.Setting.Query, db.Setting.Get),
		ent.TypeSequencer:          pathsOf(all[ent.TypeSequencer], db.Sequencer.Query, db.Sequencer.Get),
		ent.TypeConsumerOffset:     pathsOf(all[ent.TypeConsumerOffset], db.ConsumerOffset.Query, db.ConsumerOffset.Get),
		ent.TypeMandate:            pathsOf(all[ent.TypeMandate], db.Mandate.Query, db.Mandate.Get),
		ent.TypeSession:            pathsOf(all[ent.TypeSession], db.Session.Query, db.Session.Get),
		ent.TypeCredential:         pathsOf(all[ent.TypeCredential], db.Credential.Query, db.Credential.Get),
		ent.TypeIdempotency:        pathsOf(all[ent.TypeIdempotency], db.Idempotency.Query, db.Idempotency.Get),
		ent.TypeNumberSeries:       pathsOf(all[ent.TypeNumberSeries], db.NumberSeries.Query, db.NumberSeries.Get),
		ent.TypeOffice:             pathsOf(all[ent.TypeOffice], db.Office.Query, db.Office.Get),
		ent.TypeSite:               pathsOf(all[ent.TypeSite], db.Site.Query, db.Site.Get),
		ent.TypeCounter:            pathsOf(all[ent.TypeCounter], db.Counter.Query, db.Counter.Get),
		ent.TypeDefinition:         pathsOf(all[ent.TypeDefinition], db.Definition.Query, db.Definition.Get),
	}
	for kind, more := range edges(db) {
		p[kind] = append(p[kind], more...)
	}
	return p
}

// edges start at every row that there is, as if somebody had got hold of it: the far
// end is filtered all the same. The last of each starts at what the viewer sees.
func edges(db *ent.Client) map[string][]path {
	house := access.System(context.Background(), "test")
	visits, legs := db.Visit.Query().AllX(house), db.Leg.Query().AllX(house)
	cases, clocks := db.CaseFile.Query().AllX(house), db.CaseClock.Query().AllX(house)
	intervals, documents := db.Interval.Query().AllX(house), db.CaseDocument.Query().AllX(house)
	return map[string][]path{
		ent.TypeVisit: {
			{"edge from the leg", from(legs, (*ent.Leg).QueryVisit)},
			{"path over the legs", func(ctx context.Context) ([]string, error) { return db.Leg.Query().QueryVisit().IDs(ctx) }},
		},
		ent.TypeLeg: {
			{"edge from the visit", from(visits, (*ent.Visit).QueryLegs)},
			{"edge from the interval", from(intervals, (*ent.Interval).QueryLeg)},
			{"path over the visits", func(ctx context.Context) ([]string, error) { return db.Visit.Query().QueryLegs().IDs(ctx) }},
			{"loaded with the visits", func(ctx context.Context) (ids []string, err error) {
				seen, err := db.Visit.Query().WithLegs().All(ctx)
				for _, v := range seen {
					for _, l := range v.Edges.Legs {
						ids = append(ids, l.ID)
					}
				}
				return ids, err
			}},
		},
		ent.TypeInterval: {{"edge from the leg", from(legs, (*ent.Leg).QueryIntervals)}},
		ent.TypeCall:     {{"edge from the leg", from(legs, (*ent.Leg).QueryCalls)}},
		ent.TypeCaseFile: {
			{"edge from the document", from(documents, (*ent.CaseDocument).QueryCase)},
			{"path over the clocks", func(ctx context.Context) ([]string, error) { return db.CaseClock.Query().QueryCase().IDs(ctx) }},
		},
		ent.TypeCaseEntry: {
			{"edge from the case", from(cases, (*ent.CaseFile).QueryEntries)},
			{"loaded with the cases", func(ctx context.Context) (ids []string, err error) {
				seen, err := db.CaseFile.Query().WithEntries().All(ctx)
				for _, c := range seen {
					for _, e := range c.Edges.Entries {
						ids = append(ids, e.ID)
					}
				}
				return ids, err
			}},
		},
		ent.TypeCaseDocument: {{"edge from the case", from(cases, (*ent.CaseFile).QueryDocuments)}},
		ent.TypeCaseAct:      {{"edge from the case", from(cases, (*ent.CaseFile).QueryActs)}},
		ent.TypeCaseClock:    {{"edge from the case", from(cases, (*ent.CaseFile).QueryClocks)}},
		ent.TypeClockEntry:   {{"edge from the clock", from(clocks, (*ent.CaseClock).QueryEntries)}},
	}
}

// from gathers what the edge of each parent leads to.
func from[P any, Q interface {
	IDs(context.Context) ([]string, error)
}](parents []P, edge func(P) Q) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		var found []string
		for _, parent := range parents {
			ids, err := edge(parent).IDs(ctx)
			if err != nil {
				return nil, err
			}
			found = append(found, ids...)
		}
		slices.Sort(found)
		return slices.Compact(found), nil
	}
}
