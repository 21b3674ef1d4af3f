package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestPathsHiddenIsMissing: what somebody may not see answers like what never was, on
// every way that takes an id: the same body but for the id, the same status, after the
// same statements. Queries, filters and cursors come first; then every mutation of the
// contract.
func TestPathsHiddenIsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newGatehouse(t, db)
		for _, v := range h.viewers {
			h.hiddenQueries(v)
		}
		for _, v := range h.viewers {
			h.hiddenMutations(v)
		}
		t.Logf("%d viewers, %d operations, %d comparisons", len(h.viewers), h.queries, h.checks)
		if h.log.Len() > 0 {
			t.Errorf("the house had faults:\n%.3000s", h.log)
		}
	})
}

// missing is an id of the same shape next to it that names nothing.
func (h *gatehouse) missing(id string) string {
	for _, last := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		if near := id[:len(id)-1] + string(last); h.oracle.index[near] == nil {
			return near
		}
	}
	h.t.Fatalf("every id near %s is taken", id)
	return ""
}

// hidden are some ids of a type that the viewer does not see.
func (h *gatehouse) hidden(v gviewer, kind string) []string {
	all := slices.DeleteFunc(slices.Clone(thingIDs(h.oracle)[kind]), func(id string) bool { return h.oracle.sees(v, kind, id) })
	if len(all) > 2 {
		all = []string{all[0], all[len(all)/2]}
	}
	return all
}

// byIDQueries are the ways in by an id, with %s for it, by the type of what it names.
func byIDQueries() map[string][]string {
	ways := map[string][]string{
		"Visit": {`visit(id: "%s") { id }`},
		"Case": {
			`case(id: "%s") { id }`, `escalations(filter: {caseId: "%s"}) { edges { node { id } } pageInfo { hasNextPage } }`,
		},
		"Escalation": {`escalation(id: "%s") { id }`},
		"Person": {
			`roleAssignments(filter: {personId: "%s"}) { edges { node { id } } pageInfo { hasNextPage } }`,
			`personalData(personId: "%s") { html }`, `fileAccesses(personId: "%s") { edges { node { id } } }`,
			`auditEntries(filter: {subjectId: "%s"}) { edges { node { id } } }`,
			`auditEntries(filter: {actorId: "%s"}) { edges { node { id } } }`,
		},
	}
	for kind := range nodeIDs(newOracle(&gtown{})) {
		ways[kind] = append(ways[kind], `node(id: "%s") { id }`, `nodes(ids: ["site_spazio-in-comune", "%s"]) { id }`)
	}
	return ways
}

func (h *gatehouse) hiddenQueries(v gviewer) {
	h.t.Helper()
	for _, kind := range sortedKeys(byIDQueries()) {
		for _, id := range h.hidden(v, kind) {
			for _, way := range byIDQueries()[kind] {
				if kind == "Case" && strings.Contains(way, "escalations(") && h.seesStepAbout(v, id) {
					continue // whoever sees a step about a case may know that it is about one
				}
				if strings.HasPrefix(way, "roleAssignments(") && slices.ContainsFunc(roles(h.oracle), func(r *grole) bool {
					return r.person == id && h.oracle.sees(v, "RoleAssignment", r.id)
				}) {
					continue // whoever sees a role may know that it is held
				}
				if h.oracle.holds(v, "", town.RoleAuditor) && (strings.Contains(way, "personalData(") || strings.Contains(way, "auditEntries(") || strings.Contains(way, "fileAccesses(")) {
					continue // the data protection officer need not see a citizen otherwise
				}
				h.alike(v, way, id, func(id string) string { return fmt.Sprintf("{ it: "+way+" }", id) }, nil)
			}
		}
	}
	for root, kind := range map[string]string{"cases": "Case", "feedback": "Feedback", "escalations": "Escalation", "reportRequests": "ReportRequest"} {
		for _, id := range h.hidden(v, kind) {
			for _, args := range []string{"first: 2, after", "last: 2, before"} {
				text := fmt.Sprintf("{ it: %s(%s: %%q) { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } }", root, args)
				h.alike(v, root+" by cursor", id, func(id string) string { return fmt.Sprintf(text, cursorOf(id)) }, nil)
			}
		}
	}
	for _, id := range h.hidden(v, "CaseEntry") { // a line that is internal, or of another case
		if i := slices.IndexFunc(h.town.cases, func(c *gcase) bool { return h.oracle.file(v, c) }); i >= 0 {
			text := fmt.Sprintf("{ it: case(id: %q) { timeline(after: %%q) { edges { node { id } } } } }", h.town.cases[i].id)
			h.alike(v, "timeline by cursor", id, func(id string) string { return fmt.Sprintf(text, cursorOf(id)) }, nil)
		}
	}
	for _, id := range h.hidden(v, "Case") {
		protocol := h.oracle.index[id].(*gcase).protocol
		h.alike(v, "caseByProtocol", protocol, func(p string) string { return fmt.Sprintf("{ it: caseByProtocol(protocol: %q) { id } }", p) }, func(string) string { return "2026/999999" })
	}
}

func (h *gatehouse) seesStepAbout(v gviewer, file string) bool {
	return slices.ContainsFunc(h.town.steps, func(s *gstep) bool { return s.file == file && h.oracle.step(v, s) })
}

// alike asks with a hidden id and with one that names nothing, and compares.
func (h *gatehouse) alike(v gviewer, way, id string, text func(id string) string, other func(string) string) {
	h.t.Helper()
	none := h.missing
	if other != nil {
		none = other
	}
	hidden, missing := h.ask(v, text(id), nil), h.ask(v, text(none(id)), nil)
	h.same(v, way, id, none(id), hidden, missing)
}

// same compares two replies after the ids are taken out.
func (h *gatehouse) same(v gviewer, way, id, none string, hidden, missing reply) {
	h.t.Helper()
	h.checks++
	one, two := strings.ReplaceAll(string(hidden.body), id, "ID"), strings.ReplaceAll(string(missing.body), none, "ID")
	if hidden.status != missing.status || one != two {
		h.wrong(way, "%s, %s: hidden gives %d %.400s\nmissing gives %d %.400s", v.name, id, hidden.status, one, missing.status, two)
	}
	slices.Sort(hidden.statements)
	slices.Sort(missing.statements)
	if diff := cmp.Diff(missing.statements, hidden.statements); diff != "" {
		h.wrong(way+" statements", "%s, %s: (-missing +hidden)\n%s", v.name, id, diff)
	}
}

// inputIDs are the fields of inputs that name a thing, with its type.
func inputIDs() map[string]string {
	return map[string]string{
		"caseId": "Case", "visitId": "Visit", "legId": "Leg", "sessionId": "CounterSession", "escalationId": "Escalation",
		"personId": "Person", "applicantId": "Person",
		"siteId": "Site", "counterId": "Counter",
		"EndSessionInput.sessionId": "SignIn", "credentialId": "Credential", "mandateId": "Mandate",
		"principalId": "Person", "delegateId": "Person",
		"reportId": "ReportRequest", "alertId": "Alert", "endpointId": "AlertEndpoint", "deliveryId": "AlertDelivery",
		"draftId": "IntakeDraft", "uploadId": "DocumentUpload",
	}
}

// hiddenMutations makes every mutation that takes the id of a thing, with one that is
// hidden and one that is missing.
func (h *gatehouse) hiddenMutations(v gviewer) {
	h.t.Helper()
	s := schema(h.t)
	for _, m := range fieldsOf(s.Mutation) {
		input := s.Types[m.Arguments.ForName("input").Type.Name()]
		for _, f := range input.Fields {
			if f.Type.Name() != "ID" {
				continue
			}
			kind, known := inputIDs()[input.Name+"."+f.Name]
			if !known {
				kind, known = inputIDs()[f.Name]
			}
			if !known {
				h.t.Fatalf("input %s.%s: say what it names (inputIDs)", input.Name, f.Name)
			}
			hidden := h.hidden(v, kind)
			if len(hidden) == 0 || h.actsUnseen(v, m.Name) {
				continue
			}
			text, _ := mutation(h.t, m.Name, leavesOf(s, s.Types[m.Type.Name()]))
			made := func(id string, n int) reply {
				values := h.inputFor(v, input, f.Name, fmt.Sprintf("%s-%s-%s-%d", m.Name, f.Name, v.name, n))
				values[f.Name] = id
				return h.ask(v, text, variables{"input": values})
			}
			id, none := hidden[0], h.missing(hidden[0])
			made(none, 0) // what is remembered after the first time is not compared
			h.same(v, m.Name+" by "+f.Name, id, none, made(id, 1), made(none, 2))
		}
	}
}

// actsUnseen reports the ways to act on somebody whom one does not see: whoever gives
// roles everywhere shuts anybody in town out, and the data protection officer
// forgets a citizen who asks for it.
func (h *gatehouse) actsUnseen(v gviewer, mutation string) bool {
	return (mutation == "endSessions" || mutation == "setPersonDisabled") && h.oracle.holds(v, "", town.RoleAdmin) ||
		mutation == "erasePerson" && h.oracle.holds(v, "", town.RoleAuditor)
}

// leavesOf selects what a payload says itself, such as how many were concerned.
func leavesOf(s *ast.Schema, payload *ast.Definition) string {
	names := []string{"__typename"}
	for _, f := range fieldsOf(payload) {
		if s.Types[f.Type.Name()].IsLeafType() {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

// inputFor fills the compulsory fields of an input with what would be accepted.
func (h *gatehouse) inputFor(v gviewer, input *ast.Definition, about, key string) variables {
	texts := map[string]any{
		"idempotencyKey": key, "officeCode": "stato-civile", "document": "d0", "role": "officer", "practice": "cambio-residenza",
		"siteId": demo.SiteID, "until": "2026-11-24T08:00:00Z",
	}
	values := variables{}
	if input.Name == "IssueTicketInput" {
		values["officeCode"] = "sportello"
	}
	for _, f := range input.Fields {
		if !f.Type.NonNull || f.Name == about {
			continue
		}
		switch def := schema(h.t).Types[f.Type.Name()]; {
		case texts[f.Name] != nil:
			values[f.Name] = texts[f.Name]
		case f.Type.Name() == "ID":
			values[f.Name] = h.seen(v, inputIDs()[f.Name])
		case def.Kind == ast.Enum:
			values[f.Name] = def.EnumValues[0].Name
		case f.Type.Elem != nil:
			values[f.Name] = []string{"d0"}
		case f.Type.Name() == "Int":
			values[f.Name] = 1
		case f.Type.Name() == "Boolean":
			values[f.Name] = false
		case f.Type.Name() == "JSON":
			values[f.Name] = map[string]any{}
		default:
			values[f.Name] = "una ragione qualunque"
		}
	}
	return values
}

// seen is something of a type that the viewer sees, if there is any.
func (h *gatehouse) seen(v gviewer, kind string) string {
	all := thingIDs(h.oracle)[kind]
	for _, id := range all {
		if h.oracle.sees(v, kind, id) {
			return id
		}
	}
	return all[0]
}

// convert reads a part of an answer into a value.
func convert(part, into any) error {
	raw, err := json.Marshal(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
