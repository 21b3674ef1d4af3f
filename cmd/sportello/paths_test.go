package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestPathsGiveOneAnswer walks the contract: every way to everything in a generated
// town, for everyone, shows what the oracle says and nothing else. How long an answer
// takes is not compared: times tell little beside the statements, which
// TestPathsHiddenIsMissing compares.
func TestPathsGiveOneAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newGatehouse(t, db)
		began := time.Now()
		w := h.newWalk()
		for _, v := range h.viewers {
			w.all(v)
		}
		w.everyArgumentIsTried()
		h.followAll()
		t.Logf("%d ways in, %d edges, %d viewers, %d operations, %d comparisons, in %v",
			len(w.probes), len(w.selections.edges), len(h.viewers), h.queries, h.checks, time.Since(began).Round(time.Second))
		if h.log.Len() > 0 {
			t.Errorf("the house had faults:\n%.3000s", h.log)
		}
	})
}

// walk asks all probes in a few documents, the same for everyone.
type walk struct {
	*gatehouse
	selections *selections
	probes     []probe
	batches    []batch
}

// batch are some ways in by one query, in one operation: a query that may not be asked
// at all leaves no data of its neighbours.
type batch struct {
	probes   []probe
	document string
}

// batchSize is how many probes make an operation.
const batchSize = 150

func (h *gatehouse) newWalk() *walk {
	w := &walk{gatehouse: h, selections: newSelections(schema(h.t))}
	for _, root := range sortedKeys(rootProbes()) {
		probes := rootProbes()[root](h.oracle)
		w.probes = append(w.probes, probes...)
		alone := func(p probe) bool { return p.refused != nil }
		together := slices.DeleteFunc(slices.Clone(probes), alone)
		chunks := slices.Collect(slices.Chunk(together, batchSize))
		for _, p := range probes {
			if alone(p) {
				chunks = append(chunks, []probe{p})
			}
		}
		for _, chunk := range chunks {
			var fields []string
			for i, p := range chunk {
				fields = append(fields, fmt.Sprintf("p%d: %s", i, w.text(p)))
			}
			w.batches = append(w.batches, batch{chunk, w.selections.document("{ " + strings.Join(fields, "\n") + " }")})
		}
	}
	return w
}

// otherQuestions are asked by everyone, too: nothing of anybody else comes out.
func otherQuestions(o *oracle) []string {
	explain := fmt.Sprintf(`{ explainAccess(personId: %q, act: "case:read", objectId: %q) {
		allowed visible standing grounds { office held { role grantedBy { id label } } } obstacles { text { it en } } } }`,
		o.t.people[0].id, o.t.cases[0].id)
	return []string{
		`{ viewer { id label roles { role office grantedBy { id label } } actingFor { id principalName } mandates { id principalName } } offices { code } }`,
		`{ board(siteId: "site_spazio-in-comune") { at calls { label counter calledAt callCount } queues { waiting medianSeconds } } }`,
		`{ fileAccesses(first: 100) { edges { node { id action actor byYou onYourBehalf offices { code } opened reason cases { __typename id protocol } } } } }`,
		`{ personalData { at json html } }`, `{ contactPreference { channel address } }`, `{ retentionPlan { what } }`, explain,
		`{ results(filter: {from: "2020-01-01", to: "2020-01-07"}) { total { visits { opened } practices { officeCode } } } }`,
		`{ publicResults(week: "2020-W02") { tables { id rows { id cells } } } }`,
	}
}

// text is the field of a probe with its arguments and its selection.
func (w *walk) text(p probe) string {
	args, b := "", w.selections
	if p.args != "" {
		args = "(" + p.args + ")"
	}
	set := b.key(p.kind)
	if p.depth > 0 {
		set = b.of(p.kind, p.depth-1)
	}
	to := schema(w.t).Query.Fields.ForName(p.root).Type.Name()
	switch {
	case to == "Node":
		set = "{ __typename ... on " + p.kind + " " + set + " }"
	case strings.HasSuffix(to, "Connection"):
		count := ""
		if schema(w.t).Types[to].Fields.ForName("totalCount") != nil {
			count = "totalCount"
		}
		set = "{ edges { node " + set + " } pageInfo { hasNextPage hasPreviousPage } " + count + " }"
	}
	return p.root + args + " " + set
}

// all asks everything as one viewer.
func (w *walk) all(v gviewer) {
	w.t.Helper()
	for _, question := range otherQuestions(w.oracle) {
		body, as := w.ask(v, question, nil).body, v
		if strings.Contains(question, "fileAccesses") || strings.Contains(question, "personalData") {
			body = staffNames.ReplaceAll(body, nil) // they name the staff who opened one's own file
		}
		if strings.Contains(question, "personalData") { // one's own, for whomever one acts
			as.actsFor = nil
		}
		w.scan(as, question, body)
	}
	for _, question := range []string{`{ auditEntries(first: 100) { edges { node { id action actor reason } } } }`, `{ auditHead { seq } }`} {
		if got := w.ask(v, question, nil); !w.oracle.holds(v, "", town.RoleAuditor) && len(got.errors) == 0 {
			w.wrong("audit", "%s is answered: %.300s", v.name, got.body)
		}
	}
	for _, b := range w.batches {
		got := w.ask(v, b.document, nil)
		w.scan(v, "a query", got.body)
		if got.status != http.StatusOK {
			w.wrong("status", "%s: status %d: %.300s", v.name, got.status, got.body)
		}
		for i, p := range b.probes {
			w.compare(v, p, got.data[fmt.Sprintf("p%d", i)])
		}
	}
}

// compare says whether a probe gave what the oracle says.
func (w *walk) compare(v gviewer, p probe, got any) {
	w.t.Helper()
	path := fmt.Sprintf("%s(%.120s)", p.root, p.args)
	if v.public() && !slices.Contains([]string{"site", "sites"}, p.root) { // needs a token, whatever it leads to
		if got != nil && len(itemsOf(got)) > 0 {
			w.wrong(p.root, "%s, %s: gives %v", v.name, path, got)
		}
		return
	}
	if p.refused != nil && p.refused(w.oracle, v) {
		if got != nil {
			w.wrong(p.root, "%s, %s: is answered", v.name, path)
		}
		return
	}
	var want []string
	for _, id := range p.want {
		seen := w.oracle.sees(v, p.kind, id) && (p.self == nil || p.self(w.oracle, v, id))
		if seen {
			want = append(want, id)
		} else if p.slots {
			want = append(want, "")
		}
	}
	if list, ok := got.(map[string]any); ok && list["edges"] != nil {
		if count, asked := list["totalCount"]; asked && count != any(float64(len(want))) {
			w.wrong(p.root, "%s, %s: totalCount is %v, and %d are seen", v.name, path, count, len(want))
		}
	}
	objects := itemsOf(got)
	if list, ok := got.(map[string]any); ok && list["edges"] != nil && len(want) > town.MaxPageSize {
		want = want[:town.MaxPageSize]
	}
	if p.slots && len(objects) == 0 {
		objects = []any{nil}
	}
	var have []string
	for _, object := range objects {
		have = append(have, w.keyOf(p.kind, object))
	}
	if p.loose {
		slices.Sort(want)
		slices.Sort(have)
	}
	w.checks++
	if diff := cmp.Diff(want, have); diff != "" {
		w.wrong(p.root, "%s, %s: (-the oracle's +the house's)\n%s", v.name, path, diff)
	}
	if p.depth > 0 {
		for _, object := range objects {
			w.inside(v, path, p.kind, object)
		}
	}
}

// inside compares the leaves and the edges of a thing that came back, and goes on there.
func (w *walk) inside(v gviewer, path, kind string, object any) {
	fields, ok := object.(map[string]any)
	if !ok {
		return
	}
	id := w.keyOf(kind, object)
	for name, value := range fields {
		full := kind + "." + name
		if leaf, special := leaves()[full]; special {
			w.checks++
			if want := leaf(w.oracle, v, id) && !w.unknown(kind, id); want != (value != nil) && !w.unknown(kind, id) {
				w.wrong(full, "%s, %s, of %s is %v; shown: want %v", v.name, path, id, value, want)
			}
		}
		e, isEdge := edges()[full]
		if !isEdge {
			continue
		}
		to := w.selections.schema.Types[kind].Fields.ForName(name).Type.Name()
		to = strings.TrimSuffix(to, "Connection")
		w.edge(v, path, full, e, id, to, itemsOf(value))
	}
}

func (w *walk) edge(v gviewer, path, name string, e edge, from, to string, objects []any) {
	path += "/" + name
	sees := e.sees
	if sees == nil {
		sees = func(o *oracle, v gviewer, _, end string) bool { return o.sees(v, to, end) }
	}
	want, have := []string{}, []string{}
	for _, end := range e.to(w.oracle, from) {
		if end != "" && sees(w.oracle, v, from, end) {
			want = append(want, end)
		}
	}
	for _, object := range objects {
		if object != nil {
			have = append(have, w.keyOf(to, object))
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	w.checks++
	if !slices.Equal(want, have) {
		w.wrong(name, "%s, %s of %s: (-the oracle's +the house's)\n%s", v.name, path, from, cmp.Diff(want, have))
	}
	for _, object := range objects {
		w.inside(v, path, to, object)
	}
}

// unknown reports people of the demonstration, of whose data the oracle knows nothing.
func (h *gatehouse) unknown(kind, id string) bool {
	p, ok := h.oracle.index[id].(*gperson)
	return kind == "Person" && ok && p.seeded
}

// itemsOf is what a field gave, as a list: of a connection the nodes.
func itemsOf(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	case map[string]any:
		list, ok := value["edges"].([]any)
		if !ok {
			return []any{value}
		}
		var nodes []any
		for _, edge := range list {
			nodes = append(nodes, edge.(map[string]any)["node"])
		}
		return nodes
	default:
		return []any{value}
	}
}

// keyOf is what tells a thing that came back; empty for null.
func (h *gatehouse) keyOf(kind string, object any) string {
	fields, ok := object.(map[string]any)
	if !ok {
		return ""
	}
	switch key := fields[things()[kind]].(type) {
	case map[string]any:
		return key["code"].(string)
	case string:
		if kind == "Interval" || kind == "Call" {
			at, err := time.Parse(time.RFC3339Nano, key)
			if err != nil {
				h.t.Fatal(err)
			}
			return h.oracle.moments[at.UnixMilli()]
		}
		return key
	}
	return ""
}

var idShape = regexp.MustCompile(`\b(?:sess|per|vis|leg|ink|case|entr|doc|clk|fdb|esc|plg|intv|call|cle|role|mnd|crd|sign|opn|stn)_[0-9A-HJKMNP-TV-Z]{26}\b`)

var staffNames = regexp.MustCompile(`«LAB:[^»]+»`)

// scan looks through a whole body for ids and texts of the town that are not for the
// viewer, wherever they stand.
func (h *gatehouse) scan(v gviewer, path string, body []byte) {
	h.t.Helper()
	for _, found := range marks.FindAllSubmatch(body, -1) {
		h.checks++
		if what, of := string(found[1]), string(found[2]); !h.oracle.mayRead(v, what, of) {
			h.wrong("text "+what, "%s reads the %s of %s: %s: …%.300s", v.name, what, of, path, around(body, found[0]))
		}
	}
	for _, found := range idShape.FindAll(marks.ReplaceAll(body, nil), -1) {
		h.checks++
		if town.PrefixOf(string(found)) == town.PrefixEntry && h.oracle.index[string(found)] == nil {
			h.meetNewEntries()
		}
		if id := string(found); !h.oracle.mayName(v, h.oracle.kindOf(id), id) {
			h.wrong("id "+string(town.PrefixOf(id)), "%s is told of %s: %s: …%.300s", v.name, id, path, around(body, found))
		}
	}
}

// around is where in a body something stands.
func around(body, what []byte) string {
	at := strings.Index(string(body), string(what))
	return string(body[max(0, at-200):min(len(body), at+100)])
}

// everyArgumentIsTried fails for an argument of a query, or a field of a filter, with
// which nobody asked.
func (w *walk) everyArgumentIsTried() {
	s := schema(w.t)
	tried := map[string]string{}
	for _, p := range w.probes {
		tried[p.root] += p.args + " "
	}
	for _, f := range fieldsOf(s.Query) {
		if rootProbes()[f.Name] == nil {
			continue
		}
		for _, arg := range f.Arguments {
			if slices.Contains([]string{"after", "before", "last"}, arg.Name) {
				continue // see TestPathsPagesHideNothing
			}
			if !strings.Contains(tried[f.Name], arg.Name+":") {
				w.t.Errorf("query %s is never asked with %s", f.Name, arg.Name)
			}
			for _, part := range s.Types[arg.Type.Name()].Fields {
				if !strings.Contains(tried[f.Name], part.Name+":") {
					w.t.Errorf("query %s is never asked with %s.%s", f.Name, arg.Name, part.Name)
				}
			}
		}
	}
	for name := range edges() {
		if kind, _, _ := strings.Cut(name, "."); kind != "Queue" && !w.selections.edges[name] {
			w.t.Errorf("edge %s is never walked", name)
		}
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
