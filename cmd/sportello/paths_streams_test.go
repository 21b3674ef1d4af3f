package main

import (
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// gstream is one subscription, and what its snapshot has to show.
type gstream struct {
	args string
	// at is the field of the snapshot that shows things, of the kind; empty for the
	// board, which shows nobody.
	at, kind string
	want     []string // newest first where there are several
	most     int
	// latest is what to select where only the latest state counts; at is empty then.
	latest string
	// opens reports whether the stream is for the viewer; nil means whoever sees what it
	// is about.
	opens func(o *oracle, v gviewer) bool
	// tells reports whether an event of the town has to come to a viewer of the stream.
	tells func(o *oracle, v gviewer, e town.Event) bool
}

// streamSample is how many visits and cases are followed one by one.
const streamSample = 3

// streams are, for each subscription, the ways in which it is asked.
func streams() map[string]func(o *oracle) []gstream {
	return map[string]func(o *oracle) []gstream{
		"boardChanged": func(*oracle) []gstream {
			return []gstream{{
				args: fmt.Sprintf("siteId: %q", demo.SiteID), latest: "{ kind cursor board { at calls { label } } }",
				opens: func(*oracle, gviewer) bool { return true },
			}}
		},
		"visitChanged": func(o *oracle) []gstream {
			all := []gstream{}
			for _, v := range o.t.visits[:streamSample] {
				all = append(all, gstream{args: fmt.Sprintf("visitId: %q", v.id), at: "visit", kind: "Visit", want: []string{v.id}})
			}
			return all
		},
		"queueChanged": func(o *oracle) []gstream {
			all := []gstream{}
			for _, office := range goffices() {
				all = append(all, gstream{
					args: fmt.Sprintf("siteId: %q, officeCode: %q", demo.SiteID, office), at: "queue", kind: "Queue", want: []string{office},
					tells: func(_ *oracle, _ gviewer, e town.Event) bool { return e.LegID != "" && e.OfficeID == office },
				})
			}
			return all
		},
		"officeCasesChanged": officeStreams,
		"caseChanged": func(o *oracle) []gstream {
			all := []gstream{}
			for _, c := range o.t.cases[:streamSample] {
				all = append(all, gstream{
					args: fmt.Sprintf("caseId: %q", c.id), at: "case", kind: "Case", want: []string{c.id},
					tells: func(o *oracle, v gviewer, e town.Event) bool {
						return e.Type == town.EventCaseNoted && e.CaseID == c.id && (o.partyOf(v, c) || o.reads(v, c.office))
					},
				})
			}
			return all
		},
		"feedbackGiven":      wordStreams,
		"escalationsChanged": stepStreams,
		"alertsChanged":      alertStreams,
		"resultsChanged": func(*oracle) []gstream {
			return []gstream{{
				args: `filter: {from: "2020-01-01", to: "2020-01-07"}`, latest: "{ kind cursor results { total { visits { opened } } } }", opens: (*oracle).watches,
			}}
		},
		"pluginsChanged": func(*oracle) []gstream {
			return []gstream{{opens: func(o *oracle, v gviewer) bool { return o.sees(v, "Plugin", "") }, at: "plugins", kind: "Plugin"}}
		},
	}
}

func officeStreams(o *oracle) []gstream {
	all := []gstream{}
	for _, office := range goffices() {
		all = append(all, gstream{
			args: fmt.Sprintf("officeCode: %q", office), at: "cases", kind: "Case", most: 50,
			want:  newestFirst(o.t.cases, func(c *gcase) (string, bool) { return c.id, c.office == office }),
			opens: func(o *oracle, v gviewer) bool { return o.reads(v, office) },
			tells: func(o *oracle, v gviewer, e town.Event) bool {
				return e.Type == town.EventCaseNoted && e.OfficeID == office && o.fileID(v, e.CaseID)
			},
		})
	}
	return all
}

// watches reports whether the viewer watches over the citizens' word somewhere.
func (o *oracle) watches(v gviewer) bool {
	return o.holds(v, "", town.RoleHead, town.RoleHelpPoint, town.RoleAssessore, town.RoleMayor, town.RoleAuditor)
}

// readsSteps reports whether the viewer reads steps of the ladder somewhere.
func (o *oracle) readsSteps(v gviewer) bool {
	return o.toldOfAlerts(v) || o.holds(v, "", town.RoleSubstitute, town.RoleRPCT)
}

// toldOfAlerts reports whether the viewer is told of alerts somewhere: an Assessore without
// a subject is not.
func (o *oracle) toldOfAlerts(v gviewer) bool {
	political := o.holds(v, "", town.RoleMayor)
	if o.holds(v, "", town.RoleAssessore) {
		political = political || slices.ContainsFunc(v.person.roles, func(r grole) bool { return len(r.services) > 0 })
	}
	return political || o.holds(v, "", town.RoleHead, town.RoleHelpPoint, town.RoleAuditor)
}

func wordStreams(o *oracle) []gstream {
	stream := func(args string, which func(town.Level) bool) gstream {
		return gstream{
			args: args, at: "recent", kind: "Feedback", most: 50,
			want:  newestFirst(o.t.words, func(w *gword) (string, bool) { return w.id, which(w.level) }),
			opens: (*oracle).watches,
			tells: func(o *oracle, v gviewer, e town.Event) bool {
				w, ok := o.index[e.FeedbackID].(*gword)
				if !ok || !which(w.level) {
					return false
				}
				c, aboutCase := o.index[w.file].(*gcase)
				cleared := !aboutCase || !c.confidential || o.cleared(v, c.office)
				return cleared && (o.holds(v, w.office, town.RoleHead) || o.holds(v, "", town.RoleHelpPoint, town.RoleAuditor))
			},
		}
	}
	return []gstream{
		stream("", func(town.Level) bool { return true }),
		stream("level: 3", func(l town.Level) bool { return l == town.LevelOffice }),
	}
}

func stepStreams(o *oracle) []gstream {
	stream := func(args string, at func(town.Level) bool) gstream {
		return gstream{
			args: args, at: "open", kind: "Escalation", most: 100,
			want: newestFirst(o.t.steps, func(s *gstep) (string, bool) {
				return s.id, at(s.step.Level()) && !s.ended() && s.state != town.EscalationOffered
			}),
			opens: (*oracle).readsSteps,
			tells: func(o *oracle, v gviewer, e town.Event) bool {
				s, ok := o.index[e.EscalationID].(*gstep)
				return ok && e.Data[town.DataAlert] == "" && at(s.step.Level()) && (o.answers(v, s.owner) || o.political(v, s))
			},
		}
	}
	all := []gstream{stream("", func(town.Level) bool { return true })}
	for _, level := range []town.Level{town.LevelHelpPoint, town.LevelMayor} {
		all = append(all, stream(fmt.Sprintf("level: %d", level), func(l town.Level) bool { return l == level }))
	}
	return all
}

func alertStreams(o *oracle) []gstream {
	stream := func(args string, which func(a *galert) bool) gstream {
		return gstream{
			args: args, at: "open", kind: "Alert", most: 100, opens: (*oracle).toldOfAlerts,
			want: newestFirst(o.t.alerts, func(a *galert) (string, bool) { return a.id, !a.resolved && which(a) }),
			tells: func(o *oracle, v gviewer, e town.Event) bool {
				a, ok := o.index[e.Data[town.DataAlert]].(*galert)
				return ok && which(a) && o.alert(v, a)
			},
		}
	}
	return []gstream{
		stream("", func(*galert) bool { return true }),
		stream(`filter: {levels: [4, 5]}`, func(a *galert) bool { return a.level >= town.LevelHelpPoint }),
		stream(`filter: {offices: ["stato-civile"]}`, func(a *galert) bool { return a.office == "stato-civile" }),
	}
}

// happenings are an event about everything in town, with what rooms say in them.
func (o *oracle) happenings() []town.Event {
	named := func(ids ...string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	}
	var all []town.Event
	for _, v := range o.t.visits {
		for _, l := range v.legs {
			all = append(all, town.Event{
				Type: town.EventLegCalled, SiteID: demo.SiteID, OfficeID: l.office, VisitID: v.id, LegID: l.id, ServiceID: l.service, Parties: named(v.person),
			})
		}
	}
	for _, c := range o.t.cases {
		all = append(all, town.Event{
			Type: town.EventCaseNoted, OfficeID: c.office, CaseID: c.id, ServiceID: o.t.service, Confidential: c.confidential, Parties: named(c.applicant, c.filer),
		})
	}
	for _, w := range o.t.words {
		c, _ := o.index[w.file].(*gcase)
		all = append(all, town.Event{
			Type: town.EventFeedbackGiven, OfficeID: w.office, VisitID: w.visit, CaseID: w.file, FeedbackID: w.id, ServiceID: w.service, Level: w.level,
			Confidential: c != nil && c.confidential, Parties: named(w.author),
		})
	}
	for _, s := range o.t.steps {
		all = append(all, town.Event{
			Type: town.EventEscalationRaised, OfficeID: s.origin, VisitID: s.visit, CaseID: s.file, EscalationID: s.id, ServiceID: s.service, Level: s.step.Level(),
			Confidential: s.confidential, Parties: named(s.opener, s.behalf), Data: map[string]string{town.DataOwnerOffice: s.owner},
		})
	}
	for _, a := range o.t.alerts {
		all = append(all, town.Event{
			Type: town.EventAlertRaised, OfficeID: a.office, ServiceID: a.service, EscalationID: a.step, Level: a.level, Confidential: a.confidential,
			Data: map[string]string{town.DataAlert: a.id, town.DataOwnerOffice: a.holder, "kind": string(town.AlertTermBroken)},
		})
	}
	for _, p := range o.t.plugins {
		all = append(all, town.Event{Type: town.EventPluginState, ServiceID: o.t.service, Data: map[string]string{town.DataPlugin: p}})
	}
	return all
}
