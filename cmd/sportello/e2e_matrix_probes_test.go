package main

import (
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// matrixProbe is how an act is done through GraphQL.
type matrixProbe struct {
	// thing makes what the act is done to; nil where the office alone is named.
	thing func(f *matrixFacts, c *matrixCell)
	// mutation, selection and input do it; or query reads it.
	mutation, selection string
	input               func(c *matrixCell) variables
	query               func(c *matrixCell) string
	// shows tells in a good answer whether it was done; nil if a good answer is enough.
	shows func(got tree, c *matrixCell) bool
	// passed is the refusal that comes after the permission: done, as far as the policy
	// goes. The room asks for the permission before it finds that reason.
	passed string
	// party asks about things of one's own in an office without the role. Where it is
	// false, there is none: the office alone is named, nothing belongs to an office, all
	// that is asked about is one's own already (rate, go up the ladder), or one sees one's
	// own by another act (confidential cases, steps about an office's answer).
	party bool
	// noOffice marks acts on what belongs to no office.
	noOffice bool
}

// did asks, and gives didAllow, didDeny, or what else came.
func (p matrixProbe) did(who *client, c *matrixCell) string {
	var got tree
	var code string
	if p.query != nil {
		a := who.try(p.query(c), nil)
		got, code = a.data, a.code()
	} else {
		payload, a := who.tryTo(p.mutation, p.selection, p.input(c))
		got, code = payload, a.code()
		if code == "" {
			if refusals := payload.list("userErrors"); len(refusals) > 0 {
				code = refusals[0].text("code")
			}
		}
	}
	switch {
	case code == "" && (p.shows == nil || p.shows(got, c)), code != "" && code == p.passed:
		return didAllow
	case code == "", slices.Contains([]string{"FORBIDDEN", "NOT_ALLOWED", "NOT_FOUND"}, code):
		return didDeny
	default:
		return code
	}
}

// there is a probe that reads one field; it is seen unless it is null.
func there(query, path string, thing func(f *matrixFacts, c *matrixCell)) matrixProbe {
	return matrixProbe{
		thing: thing, party: true,
		query: func(c *matrixCell) string { return fmt.Sprintf(query, c.id) },
		shows: func(got tree, _ *matrixCell) bool { return !got.isNull(path) },
	}
}

// onCase is a probe that changes a case with a version that is not its own: the life of
// a case asks for the permission first.
func onCase(mutation string, more variables) matrixProbe {
	return matrixProbe{
		thing: (*matrixFacts).file, mutation: mutation, party: true, passed: "CONFLICT",
		input: func(c *matrixCell) variables {
			input := variables{"caseId": c.id, "expectedVersion": 99}
			for name, value := range more {
				input[name] = value
			}
			return input
		},
	}
}

// onStep is a probe that takes a step of the ladder on that rung.
func onStep(rung town.EscalationStep) matrixProbe {
	return matrixProbe{
		thing: func(f *matrixFacts, c *matrixCell) { f.step(c, rung) }, mutation: "acknowledgeEscalation", party: true,
		input: func(c *matrixCell) variables { return variables{"escalationId": c.id, "expectedVersion": 1} },
	}
}

// filing is a probe that files a request; the channel says whether for oneself or not.
func filing(channel string) matrixProbe {
	return matrixProbe{
		mutation: "submitIntake", selection: "status case { channel }",
		input: func(*matrixCell) variables { return variables{"practice": practice, "answers": instalments(nil)} },
		shows: func(got tree, _ *matrixCell) bool { return got.text("case.channel") == channel },
	}
}

// ofTheHouse is a probe that reads what belongs to no office.
func ofTheHouse(query string) matrixProbe {
	return matrixProbe{noOffice: true, query: func(*matrixCell) string { return query }}
}

// matrixProbes has one for each act.
func matrixProbes() map[access.Act]matrixProbe {
	all := map[access.Act]matrixProbe{}
	for _, some := range []map[access.Act]matrixProbe{deskProbes(), fileProbes(), wordProbes(), peopleProbes()} {
		for act, p := range some {
			all[act] = p
		}
	}
	return all
}

func deskProbes() map[access.Act]matrixProbe {
	return map[access.Act]matrixProbe{
		access.VisitIssue: {
			mutation: "issueTicket", selection: "visit { label }",
			input: func(c *matrixCell) variables { return variables{"siteId": demo.SiteID, "officeCode": c.office} },
		},
		access.VisitRead: there(`{ visit(id: %q) { label } }`, "visit", (*matrixFacts).visit),
		access.VisitPrioritise: {
			thing: (*matrixFacts).visit, mutation: "setVisitPriority", party: true,
			input: func(c *matrixCell) variables {
				return variables{"visitId": c.id, "expectedVersion": 1, "priority": "P1"}
			},
		},
		access.QueueRead: {query: func(c *matrixCell) string {
			return fmt.Sprintf(`{ queue(siteId: %q, officeCode: %q) { office { code } } }`, demo.SiteID, c.office)
		}},
		access.LegHandle: {
			thing: (*matrixFacts).stop, mutation: "cancelLeg", party: true,
			input: func(c *matrixCell) variables {
				return variables{"legId": c.id, "expectedVersion": 1, "note": "È andato via."}
			},
		},
		access.CounterOpen: {
			thing: (*matrixFacts).counter, mutation: "openCounter",
			input:  func(c *matrixCell) variables { return variables{"counterId": c.id} },
			passed: "PRECONDITION_FAILED", // one shift each
		},
		access.DayClose: {
			thing: (*matrixFacts).site, mutation: "closeDay", selection: "expiredLegs",
			input: func(c *matrixCell) variables { return variables{"siteId": c.id} },
			shows: func(got tree, _ *matrixCell) bool { return got.number("expiredLegs") == 1 },
		},
	}
}

func fileProbes() map[access.Act]matrixProbe {
	past := filing("")
	past.input = func(*matrixCell) variables {
		return variables{
			"practice": practice, "answers": instalments(map[string]any{"debito_totale": "100.00"}),
			"overrideNote": "Più avvisi riuniti: il totale supera il minimo.",
		}
	}
	past.shows = func(got tree, _ *matrixCell) bool { return got.text("status") == "ACCEPTED" }
	secret := there(`{ case(id: %q) { protocol } }`, "case", (*matrixFacts).secretFile)
	secret.party = false
	reasons := "La richiesta è completa e fondata."
	return map[access.Act]matrixProbe{
		access.CaseFileOwn:      filing("ONLINE"),
		access.CaseFileFor:      filing("DESK"),
		access.CaseOverride:     past,
		access.CaseRead:         there(`{ case(id: %q) { protocol } }`, "case", (*matrixFacts).file),
		access.CaseReadPersonal: there(`{ case(id: %q) { answers } }`, "case.answers", (*matrixFacts).complainedFile),
		access.CaseConfidential: secret,
		access.CaseAssign:       onCase("assignCase", variables{"personId": "per_x"}),
		access.CaseHandle:       onCase("takeCaseInCharge", nil),
		access.CaseDecide:       onCase("decideCase", variables{"outcome": "GRANTED", "reasons": reasons}),
		access.CaseTransfer:     onCase("transferCase", variables{"officeCode": matrixThird, "reason": reasons}),
		access.CaseHold: {
			thing: (*matrixFacts).file, mutation: "placeLegalHold", party: true,
			input: func(c *matrixCell) variables { return variables{"caseId": c.id, "reason": reasons} },
		},
	}
}

func wordProbes() map[access.Act]matrixProbe {
	origin := there(`{ escalation(id: %q) { state } }`, "escalation", (*matrixFacts).stepAbout)
	origin.party = false
	toldOf := there(`{ alert(id: %q) { state } }`, "alert", (*matrixFacts).alert)
	toldOf.party = false // an alert is nobody's own
	return map[access.Act]matrixProbe{
		access.FeedbackGive: {
			thing: (*matrixFacts).pastStop, mutation: "giveFeedback",
			input: func(c *matrixCell) variables { return variables{"legId": c.id, "score": 5} },
		},
		access.FeedbackRead: there(`{ node(id: %q) { id } }`, "node", (*matrixFacts).word),
		access.FeedbackText: there(`{ node(id: %q) { ... on Feedback { comment } } }`, "node.comment", (*matrixFacts).word),
		access.EscalationRaise: {
			thing: (*matrixFacts).complained, mutation: "raiseEscalation", passed: "PRECONDITION_FAILED", // a case that is not late
			input: func(c *matrixCell) variables {
				if c.role == town.RoleSubstitute {
					return variables{"caseId": c.id, "kind": town.KindDelay, "text": "D'ufficio."}
				}
				return variables{"legId": c.id, "text": "Non sono stato ascoltato."}
			},
		},
		access.EscalationRead: there(`{ escalation(id: %q) { state } }`, "escalation", func(f *matrixFacts, c *matrixCell) {
			f.step(c, town.StepHelpPoint)
		}),
		access.EscalationReadOrigin: origin,
		access.EscalationHelp:       onStep(town.StepHelpPoint),
		access.EscalationReview:     onStep(town.StepSectorHead),
		access.EscalationPolitical:  onStep(town.StepMayor),
		access.EscalationSubstitute: onStep(town.StepSubstitute),
		access.EscalationAccess:     onStep(town.StepAccessReview),
		access.EscalationReport: {
			thing: (*matrixFacts).reportAsked, mutation: "answerReport",
			input: func(c *matrixCell) variables {
				return variables{"reportId": c.id, "expectedVersion": 1, "answer": "Ecco la relazione."}
			},
		},
		access.AlertRead: toldOf,
		access.AlertHandle: {
			thing: (*matrixFacts).alert, mutation: "acknowledgeAlert",
			input: func(c *matrixCell) variables { return variables{"alertId": c.id, "expectedVersion": 1} },
		},
		access.AlertManage: ofTheHouse(`{ alertDeliveries(first: 1) { edges { node { id } } } }`),
		access.EscalationOpen: {
			thing: func(f *matrixFacts, c *matrixCell) { f.step(c, town.StepMayor) }, mutation: "openPersonalData", party: true,
			input: func(c *matrixCell) variables {
				return variables{"escalationId": c.id, "reason": "Per rispondere alla segnalazione."}
			},
		},
	}
}

func peopleProbes() map[access.Act]matrixProbe {
	return map[access.Act]matrixProbe{
		access.PersonRead: {
			thing: (*matrixFacts).citizen, noOffice: true,
			query: func(c *matrixCell) string { return fmt.Sprintf(`{ persons(taxCode: %q) { familyName } }`, c.taxCode) },
			shows: func(got tree, _ *matrixCell) bool { return len(got.list("persons")) == 1 },
		},
		access.PersonExport: {
			thing: (*matrixFacts).citizen, noOffice: true,
			query: func(c *matrixCell) string { return fmt.Sprintf(`{ personalData(personId: %q) { at } }`, c.id) },
		},
		access.PersonErase: {
			thing: (*matrixFacts).citizen, noOffice: true, mutation: "erasePerson",
			input: func(c *matrixCell) variables {
				return variables{"personId": c.id, "reason": "Richiesta della persona."}
			},
		},
		access.MandateGrant: {
			thing: (*matrixFacts).citizen, noOffice: true, mutation: "grantMandate",
			input: func(c *matrixCell) variables {
				return variables{
					"principalId": c.id, "delegateId": c.delegate, "class": "DELEGATION", "services": []string{c.service},
					"to": "2027-06-30", "documents": []variables{{"label": "Delega firmata"}},
				}
			},
		},
		access.RoleGrant: {
			thing: (*matrixFacts).colleague, mutation: "grantRole",
			input: func(c *matrixCell) variables {
				return variables{"personId": c.id, "role": "officer", "officeCode": c.office}
			},
		},
		access.PluginManage: {
			noOffice: true, mutation: "enablePlugin", passed: "PRECONDITION_FAILED", // it is enabled
			input: func(*matrixCell) variables { return variables{"name": matrixDepartment} },
		},
		access.StaffRead:  ofTheHouse(`{ members(first: 1) { edges { node { label } } } }`),
		access.PluginRead: ofTheHouse(`{ plugins { name } }`),
		access.ResultsRead: {query: func(c *matrixCell) string {
			return fmt.Sprintf(`{ results(filter: {from: "2020-01-01", to: "2020-01-07", office: %q}) { total { from } } }`, c.office)
		}},
		access.AuditRead: ofTheHouse(`{ auditEntries(first: 1) { edges { node { id } } } }`),
	}
}
