package graph

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// Each payload holds either what the person can mend or the changed object; an
// error that the person cannot mend goes to the top level.

func issuedPayload(issued desk.Issued, err error) (*model.IssueTicketPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.IssueTicketPayload{UserErrors: mend, Visit: issued.Visit, Code: issued.Code, Replayed: issued.Replayed}, nil
}

func visitPayload(visit *ent.Visit, err error) (*model.VisitPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.VisitPayload{UserErrors: mend, Visit: visit}, nil
}

func sessionPayload(session *ent.CounterSession, err error) (*model.CounterSessionPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.CounterSessionPayload{UserErrors: mend, Session: session}, nil
}

func legPayload(leg *ent.Leg, err error) (*model.LegPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.LegPayload{UserErrors: mend, Leg: leg}, nil
}

func closedDayPayload(closed desk.ClosedDay, err error) (*model.CloseDayPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.CloseDayPayload{UserErrors: mend, ExpiredLegs: closed.ExpiredLegs, ClosedSessions: closed.ClosedSessions}, nil
}

func submittedPayload(s *casework.Submitted, err error) (*model.SubmitIntakePayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return &model.SubmitIntakePayload{UserErrors: mend}, nil
	}
	return &model.SubmitIntakePayload{
		UserErrors: problemList(s.UserErrors), Status: orNull(s.Status), Intake: s.Intake,
		Case: s.Case, LinkedCase: s.LinkedCase, Decision: s.Decision, Replayed: s.Replayed,
	}, nil
}

func draftPayload(d *casework.Draft, err error) (*model.IntakeDraftPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.IntakeDraftPayload{UserErrors: mend, Draft: d}, nil
}

func previewPayload(p *casework.Preview, err error) (*model.IntakePreview, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return &model.IntakePreview{UserErrors: mend}, nil
	}
	return &model.IntakePreview{UserErrors: problemList(p.UserErrors), Decision: p.Decision}, nil
}

func casePayload(file *ent.CaseFile, err error) (*model.CasePayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.CasePayload{UserErrors: mend, Case: file}, nil
}

func givenPayload(given voice.Given, err error) (*model.GiveFeedbackPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.GiveFeedbackPayload{UserErrors: mend, Feedback: given.Feedback, Offer: given.Offer}, nil
}

func escalationPayload(step voice.Stepped, err error) (*model.EscalationPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.EscalationPayload{UserErrors: mend, Escalation: step.Escalation, Next: step.Next}, nil
}

func reportPayload(report *ent.StepNote, err error) (*model.ReportPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.ReportPayload{UserErrors: mend, Report: report}, nil
}

func contactPayload(choice *voice.Contacted, err error) (*model.ContactPreferencePayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.ContactPreferencePayload{UserErrors: mend, Preference: choice}, nil
}

func pluginPayload(version *catalogue.Instance, err error) (*model.PluginPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.PluginPayload{UserErrors: mend, Plugin: version}, nil
}

func rolePayload(roles []access.HeldRole, err error) (*model.RolePayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.RolePayload{UserErrors: mend, Roles: pointers(roles)}, nil
}

func socketTicketPayload(made identity.SocketTicket, err error) (*model.SocketTicketPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &model.SocketTicketPayload{UserErrors: mend, Ticket: orNull(made.Ticket)}
	if made.Ticket != "" {
		payload.ExpiresAt = &made.Expires
	}
	return payload, nil
}

func endSessionsPayload(ended int, err error) (*model.EndSessionsPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.EndSessionsPayload{UserErrors: mend, Ended: ended}, nil
}

func erasedPayload(personID string, err error) (*model.ErasePersonPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.ErasePersonPayload{UserErrors: mend, PersonID: orNull(personID)}, nil
}

func bulkPayload(results []*casework.BulkResult, err error) (*model.BulkCasesPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	list := make([]*model.BulkCaseResult, len(results))
	for i, r := range results {
		list[i] = &model.BulkCaseResult{CaseID: r.CaseID, UserErrors: problemList(r.UserErrors), Case: r.Case, Skipped: r.Skipped}
	}
	return &model.BulkCasesPayload{UserErrors: mend, Results: list}, nil
}
