package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// What the types of the contract are to whoever asks who sees what. A type that stands
// nowhere here fails the test: whoever adds one says what it is.

// things are what somebody may see or not, each with what tells one from another: an
// id, or what stands for it.
func things() map[string]string {
	return map[string]string{
		"Visit": "id", "Leg": "id", "CounterSession": "id", "Case": "id", "CaseEntry": "id", "CaseDocument": "id", "CaseAct": "id", "Clock": "id",
		"Intake": "id", "Feedback": "id", "Escalation": "id", "Person": "id", "Plugin": "id", "SignIn": "id",
		"RoleAssignment": "id", "Mandate": "id", "Member": "id", "Credential": "id", "Alert": "id",
		"Interval": "from", "Call": "at", "ClockEntry": "ground", "Queue": "office",
		"Site": "id", "Counter": "id", "ReportRequest": "id", "GuidanceNote": "id",
	}
}

// places are the things that everybody sees; others hang on them.
func places() []string { return []string{"Site", "Counter"} }

// parts are of the thing that they hang on, and seen with it.
func parts() []string {
	return strings.Fields(`WaitPromise Candidate AvailableAction TermChange RoutingDecision KeyValue DocumentNeed RuleAdvice RuleFired MandateDocument
		Computed EscalationActionInfo AlertEntry DocumentVersion Receipt ReceiptDocument
		EscalationClock EscalationClockEntry OutsideBody`)
}

// published are for everybody, or for administrators or those who answer for an office,
// and tell of nobody.
func published() []string {
	return strings.Fields(`LocalText Office Service Practice PracticeKeywords ServiceCard CardCategory CardItem CardContacts
		CardSection OrientationHit OrientationMatch Figure RetentionRule Form FormField FormChoice PracticeDocument Fee Term Milestone Series
		Board BoardCall BoardQueue PublicResults ResultsTable ResultsColumn ResultsRow ResultsTitle
		Results ResultsPeriod ResultsPractice ResultsVisits ResultsWaits ResultsTerms ResultsSetTerm ResultsSteps ResultsOverruled ResultsSatisfaction ResultsWords`)
}

// own are what somebody is told of themselves and of their own request, and what
// administrators and auditors are told of rights: ids and codes.
func own() []string {
	return strings.Fields(`Viewer HeldRole UserError IntakePreview EventInfo PersonalDataExport BulkCaseResult IntakeDraft DraftMisfit ContactPreference
		AlertEndpoint AlertDelivery AuditEntry AuditObject AuditHead FileAccess AccessExplanation AccessGround AccessObstacle AccessGrant AccessRemedy PolicyRule`)
}

// ownEdges lead from those to things; whoever comes out by them is looked for in the
// whole answer (see scan).
func ownEdges() []string {
	return []string{"HeldRole.grantedBy", "FileAccess.cases", "BulkCaseResult.case", "DocumentVersion.uploadedBy", "Viewer.actingFor", "Viewer.mandates"}
}

// wrapper reports types that only carry others.
func wrapper(name string) bool {
	for _, suffix := range []string{"Connection", "Edge", "Payload", "Update"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return slices.Contains([]string{"PageInfo", "Query", "Mutation", "Subscription"}, name)
}

// plain are the leaves of things that everybody sees who sees the thing. The others are
// in [leaves].
func plain() map[string]string {
	return map[string]string{
		"Visit":          "id label day channel language partySize arrivedAt closedAt ahead version",
		"Leg":            "id label ordinal level service practice state queuedAt calledAt startedAt endedAt callCount outcome version",
		"Interval":       "state from to",
		"Call":           "at rule waiting",
		"CounterSession": "id state openedAt closedAt version",
		"Queue":          "",
		"Site":           "id name timezone openHours",
		"Counter":        "id label",
		"Case": `id protocol pluginVersion definitionHash phase substatus flags priority channel confidential dueOn filedAt
			registeredAt decidedAt closedAt keptUntil legalHold erasedAt version`,
		"CaseEntry":    "id at kind fromPhase toPhase internal note",
		"CaseDocument": "id code state extra askedAt receivedAt ground",
		"CaseAct":      "id kind state ground article onDay dueOn text answer answeredOn outcome termDays usedDays late",
		"Clock":        "id kind amount unit startsFrom onExpiry state startedOn dueOn remainingDays",
		"ClockEntry":   "effect onDay days ground article actId recordedAt",
		"Intake":       "id status at",
		"Feedback":     "id score cause level service channel waitSeconds at",
		"Escalation": `id ladderId step level kind state service reason outcome openedAt acknowledgeBy dueOn ageDays acknowledgedAt
			answeredAt closedAt rating breaches lapses actId version`,
		"Alert": `id kind level service siteId reference dueOn value threshold state raisedAt ageDays acknowledgedAt snoozedUntil
			resolvedAt version`,
		"Person":         "id label",
		"ReportRequest":  "id askedAt dueOn late answeredAt version",
		"GuidanceNote":   "id at",
		"RoleAssignment": "id role office services from to",
		"Mandate":        "id class principalName delegateName services from to inForce createdAt revokedAt",
		"Member":         "id kind label disabled",
		"Credential":     "id label createdAt expiresAt revokedAt replaces",
		"SignIn":         "id createdAt expiresAt assurance current",
		"Plugin": `id name version sha256 standing bundled registeredAt registeredBy state disabledReason practices series
			definitionHash openCases failures lastError nextStart updatedAt`,
	}
}

// leaves are the leaves of things that not everybody sees who sees the thing.
func leaves() map[string]func(o *oracle, v gviewer, id string) bool {
	person := func(o *oracle, v gviewer, id string) bool { return o.personData(v, o.index[id].(*gperson)) }
	staff := func(o *oracle, v gviewer, _ string) bool { return o.staff(v) }
	// A step tells of its case the reference only, to whoever sees the step itself.
	reference := func(o *oracle, v gviewer, id string) bool {
		s := o.index[id].(*gstep)
		return s.file != "" && o.step(v, s)
	}
	return map[string]func(o *oracle, v gviewer, id string) bool{
		"Person.givenName": person, "Person.familyName": person, "Person.taxCode": person, "Person.email": person, "Person.phone": person,
		"Member.login":   func(o *oracle, v gviewer, _ string) bool { return o.holds(v, "", town.RoleAdmin) },
		"Visit.priority": staff, "Leg.priority": staff, "Leg.note": staff,
		"Case.answers":      func(o *oracle, v gviewer, id string) bool { return o.personalOf(v, o.index[id].(*gcase)) },
		"Feedback.comment":  func(o *oracle, v gviewer, id string) bool { return o.comment(v, o.index[id].(*gword)) },
		"Escalation.answer": func(o *oracle, v gviewer, id string) bool { return o.answerOf(v, o.index[id].(*gstep)) },
		"Escalation.text":   func(o *oracle, v gviewer, id string) bool { return o.wordsOf(v, o.index[id].(*gstep)) },
		"Case.reasons":      func(o *oracle, v gviewer, id string) bool { return o.content(v, o.index[id].(*gcase)) },
		"Escalation.openedPersonalUntil": func(o *oracle, v gviewer, id string) bool {
			story := o.index[id].(*gstep).ladder
			return o.hasOpen(v, func(s *gstep) bool { return s.ladder == story })
		},
		"ReportRequest.question": func(o *oracle, v gviewer, id string) bool { return o.reportWords(v, o.index[id].(*gnote)) },
		"ReportRequest.answer": func(o *oracle, v gviewer, id string) bool {
			n := o.index[id].(*gnote)
			return n.reporter != "" && o.reportWords(v, n)
		},
		"GuidanceNote.text":       func(o *oracle, v gviewer, id string) bool { return o.reportWords(v, o.index[id].(*gnote)) },
		"Escalation.caseProtocol": reference, "Escalation.casePhase": reference,
	}
}

// TestPathsEveryTypeIsClassified: nothing can be read of which nobody has said what it
// is to whom.
func TestPathsEveryTypeIsClassified(t *testing.T) {
	s := schema(t)
	roots, edges, special := rootProbes(), edges(), leaves()
	for _, def := range objects(s) {
		key, thing := things()[def.Name]
		classes := 0
		for _, in := range []bool{thing, wrapper(def.Name), slices.Contains(parts(), def.Name), slices.Contains(published(), def.Name), slices.Contains(own(), def.Name)} {
			if in {
				classes++
			}
		}
		if classes != 1 {
			t.Errorf("type %s: %d words on what it is to whoever asks (things, parts, published, own), want 1", def.Name, classes)
		}
		if _, listed := thingIDs(newOracle(&gtown{}))[def.Name]; isNode(def) && !listed {
			t.Errorf("type %s is a Node: say which there are in the town (thingIDs)", def.Name)
		}
		if thing && def.Fields.ForName(key) == nil {
			t.Errorf("type %s has no %s to be told by", def.Name, key)
		}
		for _, f := range fieldsOf(def) {
			name := def.Name + "." + f.Name
			to := s.Types[f.Type.Name()]
			switch {
			case thing && to.IsLeafType():
				if open := slices.Contains(strings.Fields(plain()[def.Name]), f.Name); open == (special[name] != nil) {
					t.Errorf("leaf %s: say once whether whoever sees a %s sees it (plain, leaves)", name, def.Name)
				}
			case thing && leadsToThing(s, f.Type.Name()):
				if edges[name].to == nil {
					t.Errorf("edge %s opens a path to %s: say what is at its end (edges)", name, f.Type.Name())
				}
			case !thing && !wrapper(def.Name) && leadsToThing(s, f.Type.Name()) && !slices.Contains(places(), f.Type.Name()) && !slices.Contains(ownEdges(), name):
				t.Errorf("%s opens a path to %s from a type that is no thing: make it one (things, edges)", name, f.Type.Name())
			}
			if thing && len(f.Arguments) > 0 && name != "Case.timeline" {
				t.Errorf("%s takes arguments: say how it is tried", name)
			}
		}
	}
	for _, f := range fieldsOf(s.Query) {
		if _, known := roots[f.Name]; !known && !slices.Contains(otherRoots(), f.Name) {
			t.Errorf("query %s: say how it is tried and what comes back (rootProbes, otherRoots)", f.Name)
		}
		if leadsToThing(s, f.Type.Name()) && roots[f.Name] == nil {
			t.Errorf("query %s opens a path to %s: say what is at its end (rootProbes)", f.Name, f.Type.Name())
		}
	}
	for _, f := range fieldsOf(s.Subscription) {
		if streams()[f.Name] == nil {
			t.Errorf("subscription %s: say how it is tried (streams)", f.Name)
		}
	}
}

// objects are the object types of the contract.
func objects(s *ast.Schema) []*ast.Definition {
	var all []*ast.Definition
	for _, def := range s.Types {
		if def.Kind == ast.Object && !def.BuiltIn {
			all = append(all, def)
		}
	}
	slices.SortFunc(all, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func fieldsOf(def *ast.Definition) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone([]*ast.FieldDefinition(def.Fields)), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

// leadsToThing reports whether the type is a thing, or carries one.
func leadsToThing(s *ast.Schema, name string) bool {
	if _, thing := things()[name]; thing || name == "Node" {
		return true
	}
	if !wrapper(name) {
		return false
	}
	return slices.ContainsFunc(fieldsOf(s.Types[name]), func(f *ast.FieldDefinition) bool { return leadsToThing(s, f.Type.Name()) })
}
