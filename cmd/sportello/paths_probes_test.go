package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// probe is one way in: a query with arguments, and what has to come back.
type probe struct {
	root, args string
	depth      int
	kind       string // the thing that comes back
	// want are the ids of what is there, in the order in which it comes, whoever asks;
	// what the viewer does not see is left out, or null where slots says so.
	want  []string
	slots bool // one place for each, null for what is hidden or missing
	// self are those of which it must hold besides.
	self func(o *oracle, v gviewer, id string) bool
	// refused reports for whom the question itself is refused; nil for nobody.
	refused func(o *oracle, v gviewer) bool
	// loose lists have no order that the contract promises.
	loose bool
}

// otherRoots lead to no thing: what is public, one's own, or of rights only. See
// otherQuestions.
func otherRoots() []string {
	return strings.Fields(`services service practice orientation offices board figures previewIntake viewer retentionPlan
		personalData alertEndpoints alertDeliveries explainAccess auditEntries fileAccesses auditHead results publicResults myDrafts contactPreference`)
}

// rootProbes are, for each query that leads to things, all the ways in which it is asked.
func rootProbes() map[string]func(o *oracle) []probe {
	return map[string]func(o *oracle) []probe{
		"node":  nodeProbes,
		"nodes": nodesProbes,
		"visit": func(o *oracle) []probe { return byID("visit", "Visit", visitIDs(o)) },
		"case":  func(o *oracle) []probe { return byID("case", "Case", caseIDs(o)) },
		"escalation": func(o *oracle) []probe {
			return byID("escalation", "Escalation", ids(o.t.steps, func(s *gstep) string { return s.id }))
		},
		"caseByProtocol": func(o *oracle) []probe {
			var all []probe
			for _, c := range o.t.cases {
				all = append(all, probe{root: "caseByProtocol", args: fmt.Sprintf("protocol: %q", c.protocol), kind: "Case", want: []string{c.id}, slots: true})
			}
			return all
		},
		"sites": func(*oracle) []probe {
			return []probe{{root: "sites", depth: 3, kind: "Site", want: []string{demo.SiteID}}}
		},
		"site": func(*oracle) []probe {
			return []probe{{root: "site", args: fmt.Sprintf("id: %q", demo.SiteID), depth: 3, kind: "Site", want: []string{demo.SiteID}, slots: true}}
		},
		"ticketVisit": func(o *oracle) []probe {
			mine := func(_ *oracle, v gviewer, id string) bool { return v.ticket != nil && v.ticket.id == id }
			return []probe{{root: "ticketVisit", depth: 2, kind: "Visit", want: visitIDs(o), self: mine}}
		},
		"myVisits":        myVisitsProbes,
		"persons":         personProbes,
		"roleAssignments": roleProbes,
		"members":         memberProbes,
		"credentials": func(o *oracle) []probe {
			return []probe{{
				root: "credentials", args: fmt.Sprintf("personId: %q", o.t.named("gkiosk").id), depth: 2, kind: "Credential", want: o.t.tokens,
				refused: func(o *oracle, v gviewer) bool { return !o.holds(v, "", town.RoleAdmin) },
			}}
		},
		"myMandates": func(o *oracle) []probe {
			mine := func(o *oracle, v gviewer, id string) bool {
				m := o.index[id].(*gmandate)
				return m.principal == v.id() || m.delegate == v.id()
			}
			return []probe{{root: "myMandates", depth: 2, kind: "Mandate", want: mandatesOf(o, ""), self: mine}}
		},
		"mandates": func(o *oracle) []probe {
			p := o.t.named("gcitizen1").id
			return []probe{{root: "mandates", args: fmt.Sprintf("personId: %q", p), depth: 2, kind: "Mandate", want: mandatesOf(o, p), refused: notReceiving}}
		},
		"mySessions": func(o *oracle) []probe {
			return []probe{{root: "mySessions", depth: 1, kind: "SignIn", want: newestFirst(o.t.signIns, func(s *gsignIn) (string, bool) { return s.id, true })}}
		},
		"alert": func(o *oracle) []probe {
			return byID("alert", "Alert", ids(o.t.alerts, func(a *galert) string { return a.id }))
		},
		"alerts":      alertProbes,
		"queue":       queueProbes,
		"cases":       caseProbes,
		"feedback":    feedbackProbes,
		"escalations": escalationProbes, "reportRequests": reportProbes,
		"plugins": func(o *oracle) []probe {
			return []probe{
				{root: "plugins", depth: 1, kind: "Plugin"},
				{root: "plugins", args: "retired: true", depth: 1, kind: "Plugin", want: o.t.plugins, loose: true},
			}
		},
	}
}

func visitIDs(o *oracle) []string { return ids(o.t.visits, func(v *gvisit) string { return v.id }) }
func caseIDs(o *oracle) []string  { return ids(o.t.cases, func(c *gcase) string { return c.id }) }

func byID(root, kind string, all []string) []probe {
	var list []probe
	for _, id := range all {
		list = append(list, probe{root: root, args: fmt.Sprintf("id: %q", id), kind: kind, want: []string{id}, slots: true})
	}
	return list
}

// thingIDs are the ids of the things that have one of their own, by type.
func thingIDs(o *oracle) map[string][]string {
	all := map[string][]string{
		"Visit": visitIDs(o), "Case": caseIDs(o), "Leg": o.legs(func(*gleg) bool { return true }),
		"CounterSession": ids(o.t.sessions, func(s *gsession) string { return s.id }),
		"Intake":         ids(o.t.intakes, func(i *gintake) string { return i.id }),
		"Feedback":       ids(o.t.words, func(w *gword) string { return w.id }),
		"Escalation":     ids(o.t.steps, func(s *gstep) string { return s.id }),
		"Person":         ids(o.t.people, func(p *gperson) string { return p.id }),
		"Counter":        ids(o.t.counters, func(c gcounter) string { return c.id }),
		"Site":           {demo.SiteID},
		"SignIn":         ids(o.t.signIns, func(s *gsignIn) string { return s.id }),
		"RoleAssignment": ids(roles(o), func(r *grole) string { return r.id }),
		"Alert":          ids(o.t.alerts, func(a *galert) string { return a.id }),
		"ReportRequest":  idsIf(o.t.notes, func(n *gnote) (string, bool) { return n.id, !n.guidance }),
		"Mandate":        ids(o.t.mandates, func(m *gmandate) string { return m.id }), "Credential": o.t.tokens,
		"CaseEntry": nil, "CaseDocument": nil, "Clock": nil,
	}
	for _, c := range o.t.cases {
		all["CaseEntry"] = append(all["CaseEntry"], ids(c.entries, func(e *gentry) string { return e.id })...)
		all["CaseDocument"] = append(all["CaseDocument"], c.documents...)
		all["Clock"] = append(all["Clock"], ids(c.clocks, func(k *gclock) string { return k.id })...)
	}
	return all
}

// nodeIDs are those of the things that node finds.
func nodeIDs(o *oracle) map[string][]string {
	all := thingIDs(o)
	maps.DeleteFunc(all, func(kind string, _ []string) bool {
		s, err := contract()
		return err != nil || !isNode(s.Types[kind])
	})
	return all
}

func isNode(def *ast.Definition) bool { return slices.Contains(def.Interfaces, "Node") }

func nodeProbes(o *oracle) []probe {
	var all []probe
	for _, kind := range sortedKeys(nodeIDs(o)) {
		for _, id := range nodeIDs(o)[kind] {
			all = append(all, probe{root: "node", args: fmt.Sprintf("id: %q", id), kind: kind, want: []string{id}, slots: true})
		}
	}
	return all
}

func nodesProbes(o *oracle) []probe {
	var all []probe
	for _, kind := range sortedKeys(nodeIDs(o)) {
		depth := 2
		if slices.Contains([]string{"Leg", "Clock", "Case", "Escalation"}, kind) { // calls, ledgers, acts and guidance have edges of their own
			depth = 3
		}
		for chunk := range slices.Chunk(nodeIDs(o)[kind], town.MaxPageSize) {
			all = append(all, probe{
				root: "nodes", args: `ids: ["` + strings.Join(chunk, `", "`) + `"]`, depth: depth, kind: kind, want: chunk, slots: true,
			})
		}
	}
	return all
}

func myVisitsProbes(o *oracle) []probe {
	today := idsIf(o.t.visits, func(v *gvisit) (string, bool) { return v.id, town.Today(v.at) == town.Today(o.t.now) })
	slices.Reverse(today)
	mine := func(o *oracle, v gviewer, id string) bool {
		return v.account() != "" && o.index[id].(*gvisit).person == v.account()
	}
	return []probe{{root: "myVisits", depth: 2, kind: "Visit", want: today, self: mine}}
}

func queueProbes(o *oracle) []probe {
	var all []probe
	for _, office := range append(goffices(), town.OfficeHelpPoint, town.OfficeInfoPoint) {
		all = append(all, probe{
			root: "queue", args: fmt.Sprintf("siteId: %q, officeCode: %q", demo.SiteID, office), depth: 2, kind: "Queue",
			want: []string{office}, slots: true,
		})
	}
	return all
}

// newestFirst are the ids of those of which it holds, the largest first.
func newestFirst[T any](all []T, id func(T) (string, bool)) []string {
	list := idsIf(all, id)
	slices.Sort(list)
	slices.Reverse(list)
	return list
}

// listed is a connection with a filter; depth 2 where there is none.
func listed(root, kind, filter string, want []string) probe {
	p := probe{root: root, args: fmt.Sprintf("first: %d", town.MaxPageSize), kind: kind, want: want, depth: 2}
	if filter != "" {
		p.args, p.depth = p.args+", filter: {"+filter+"}", 0
	}
	return p
}

func caseProbes(o *oracle) []probe {
	list := func(filter string, which func(c *gcase) bool, self func(o *oracle, c *gcase, v gviewer) bool) probe {
		p := listed("cases", "Case", filter, newestFirst(o.t.cases, func(c *gcase) (string, bool) { return c.id, which(c) }))
		if self != nil {
			p.self = func(o *oracle, v gviewer, id string) bool { return self(o, o.index[id].(*gcase), v) }
		}
		return p
	}
	every := func(*gcase) bool { return true }
	mine := func(o *oracle, c *gcase, v gviewer) bool {
		return v.id() != "" && c.responsible == v.id() && o.reads(v, c.office)
	}
	own := func(_ *oracle, c *gcase, v gviewer) bool { return v.account() != "" && c.applicant == v.account() }
	triage := func(c *gcase) bool { return c.phase == town.PhaseTriage }
	all := []probe{
		list("", every, nil), list("mine: true", every, mine), list("applicantIsMe: true", every, own), list("mine: false", every, nil),
		list("mine: true, phase: TRIAGE", triage, mine),
	}
	for _, filter := range []string{"phase: TRIAGE", `serviceCode: "nessuno"`} { // no index serves them
		p := list(filter, every, nil)
		p.refused = func(*oracle, gviewer) bool { return true }
		all = append(all, p)
	}
	for _, office := range goffices() {
		in := func(c *gcase) bool { return c.office == office }
		here := fmt.Sprintf("officeCode: %q", office)
		all = append(all, list(here, in, nil), list(here+", mine: true", in, mine),
			list(here+", phase: TRIAGE", func(c *gcase) bool { return in(c) && triage(c) }, nil),
			list(fmt.Sprintf("%s, serviceCode: %q", here, o.t.service), in, nil),
			list(here+`, serviceCode: "nessuno"`, func(*gcase) bool { return false }, nil),
			byDue(list(here+`, dueFrom: "2026-01-01", dueTo: "2030-01-01"`, in, nil), office))
	}
	for _, c := range o.t.cases {
		all = append(all, list(fmt.Sprintf("protocol: %q", c.protocol), func(x *gcase) bool { return x == c }, nil))
	}
	for _, p := range o.t.people[:4] {
		of := list(fmt.Sprintf("taxCode: %q", p.taxCode), func(c *gcase) bool { return c.applicant == p.id }, nil)
		of.refused = notReceiving
		named := list(fmt.Sprintf("familyName: %q", p.family), func(c *gcase) bool {
			applicant, ok := o.index[c.applicant].(*gperson)
			return ok && applicant.family == p.family
		}, nil)
		named.refused = notReceiving
		all = append(all, of, named)
	}
	return all
}

// notReceiving: citizens are searched by those who receive them.
func notReceiving(o *oracle, v gviewer) bool { return !o.holds(v, "", receives()...) }

// byDue is the list of an office in the order of the terms, for who reads its cases. All
// terms end on one day here, so that the ids decide.
func byDue(p probe, office string) probe {
	p.args += ", orderBy: {field: DUE, direction: ASC}"
	slices.Reverse(p.want)
	p.refused = func(o *oracle, v gviewer) bool { return !o.reads(v, office) }
	return p
}

func personProbes(o *oracle) []probe {
	find := func(args string, which func(p *gperson) bool) probe {
		return probe{
			root: "persons", args: args, depth: 1, kind: "Person", loose: true, refused: notReceiving,
			want: idsIf(o.t.people, func(p *gperson) (string, bool) { return p.id, which(p) }),
		}
	}
	all := []probe{
		find(`familyName: "rossi"`, func(p *gperson) bool { return p.family == "Rossi" || p.seeded && p.login == "citizen" }),
		find(`taxCode: "GNRCZN80A01F999X"`, func(*gperson) bool { return false }),
	}
	for _, p := range o.t.people[:4] {
		all = append(all, find(fmt.Sprintf("taxCode: %q", p.taxCode), func(x *gperson) bool { return x == p }))
	}
	return all
}

// mandatesOf are those of a person, or all, newest first.
func mandatesOf(o *oracle, person string) []string {
	return newestFirst(o.t.mandates, func(m *gmandate) (string, bool) {
		return m.id, person == "" || m.principal == person || m.delegate == person
	})
}

func memberProbes(o *oracle) []probe {
	list := func(filter string, which func(p *gperson) bool) probe {
		p := listed("members", "Member", filter, newestFirst(o.t.people, func(p *gperson) (string, bool) {
			return p.id, p.kind != town.PersonCitizen && which(p)
		}))
		p.refused = func(o *oracle, v gviewer) bool { return !o.staff(v) }
		return p
	}
	return []probe{
		list("", func(*gperson) bool { return true }),
		list("kind: DEVICE", func(p *gperson) bool { return p.kind == town.PersonDevice }),
		list("disabled: true", func(p *gperson) bool { return p.disabled }),
		list(`officeCode: "stato-civile"`, func(p *gperson) bool {
			return slices.ContainsFunc(p.roles, func(r grole) bool {
				now := !o.t.now.Before(r.from) && (r.to.IsZero() || o.t.now.Before(r.to))
				return now && (r.office == "*" || r.office == "stato-civile")
			})
		}),
	}
}

// roles are all that anybody holds, held or will hold.
func roles(o *oracle) []*grole {
	var all []*grole
	for _, p := range o.t.people {
		for i := range p.roles {
			all = append(all, &p.roles[i])
		}
	}
	return all
}

func roleProbes(o *oracle) []probe {
	list := func(filter string, which func(r *grole) bool) probe {
		return listed("roleAssignments", "RoleAssignment", filter, newestFirst(roles(o), func(r *grole) (string, bool) { return r.id, which(r) }))
	}
	all := []probe{
		list("", func(*grole) bool { return true }),
		list(`officeCode: "*"`, func(r *grole) bool { return r.office == "*" }),
		list(`officeCode: "stato-civile"`, func(r *grole) bool { return r.office == "stato-civile" }),
		list(`role: "head"`, func(r *grole) bool { return r.role == town.RoleHead }),
		list(fmt.Sprintf("at: %q", o.t.now.Format(time.RFC3339)), func(r *grole) bool {
			return !o.t.now.Before(r.from) && (r.to.IsZero() || o.t.now.Before(r.to))
		}),
	}
	for _, p := range o.t.people {
		if !p.seeded {
			all = append(all, list(fmt.Sprintf("personId: %q", p.id), func(r *grole) bool { return r.person == p.id }))
		}
	}
	return all
}

func feedbackProbes(o *oracle) []probe {
	list := func(filter string, which func(w *gword) bool) probe {
		return listed("feedback", "Feedback", filter, newestFirst(o.t.words, func(w *gword) (string, bool) { return w.id, which(w) }))
	}
	all := []probe{list("", func(*gword) bool { return true })}
	for _, level := range []town.Level{town.LevelCounter, town.LevelOffice} {
		all = append(all, list(fmt.Sprintf("level: %d", level), func(w *gword) bool { return w.level == level }))
	}
	for _, office := range goffices() {
		all = append(all, list(fmt.Sprintf("officeCode: %q", office), func(w *gword) bool { return w.office == office }))
	}
	return all
}

func escalationProbes(o *oracle) []probe {
	list := func(filter string, which func(s *gstep) bool) probe {
		return listed("escalations", "Escalation", filter, newestFirst(o.t.steps, func(s *gstep) (string, bool) { return s.id, which(s) }))
	}
	all := []probe{list("", func(*gstep) bool { return true })}
	for _, level := range []town.Level{town.LevelHelpPoint, town.LevelMayor} {
		for _, open := range []bool{true, false} {
			all = append(all, list(fmt.Sprintf("level: %d, open: %v", level, open),
				func(s *gstep) bool { return s.step.Level() == level && s.ended() != open }))
		}
	}
	all = append(all,
		list("kind: MERITS", func(*gstep) bool { return true }), list("kind: DELAY", func(*gstep) bool { return false }),
		list("step: S_SUBSTITUTE", func(s *gstep) bool { return s.step == town.StepSubstitute }),
		list("breached: true", func(*gstep) bool { return false }), list("breached: false", func(*gstep) bool { return true }))
	for _, c := range o.t.cases {
		all = append(all, list(fmt.Sprintf("caseId: %q", c.id), func(s *gstep) bool { return s.file == c.id }))
	}
	return all
}

func reportProbes(o *oracle) []probe {
	list := func(filter string, which func(n *gnote) bool) probe {
		return listed("reportRequests", "ReportRequest", filter, newestFirst(o.t.notes, func(n *gnote) (string, bool) { return n.id, !n.guidance && which(n) }))
	}
	return []probe{
		list("", func(*gnote) bool { return true }),
		list("open: true", func(n *gnote) bool { return n.reporter == "" }), list("open: false", func(n *gnote) bool { return n.reporter != "" }),
		list(`officeCode: "stato-civile"`, func(n *gnote) bool { return n.office == "stato-civile" }),
	}
}

func alertProbes(o *oracle) []probe {
	list := func(filter string, which func(a *galert) bool) probe {
		return listed("alerts", "Alert", filter, newestFirst(o.t.alerts, func(a *galert) (string, bool) { return a.id, which(a) }))
	}
	open := list("", func(a *galert) bool { return !a.resolved })
	open.args, open.depth = open.args+", open: true", 0
	return []probe{
		list("", func(*galert) bool { return true }), open,
		list(`levels: [4]`, func(a *galert) bool { return a.level == town.LevelHelpPoint }),
		list(fmt.Sprintf("services: [%q]", o.t.service), func(a *galert) bool { return a.service == o.t.service }),
		list(`offices: ["stato-civile"], kinds: [TERM_BROKEN]`, func(a *galert) bool { return a.office == "stato-civile" }),
	}
}
