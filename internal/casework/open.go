package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// The flags of a case.
const (
	flagOverdue            = "overdue"
	flagSuspended          = "suspended"
	flagIntegrationPending = "integration_pending"
	flagConfidential       = "confidential"
	flagDelegated          = "delegated"
	flagVulnerable         = "vulnerable_applicant"
	flagDegraded           = "plugin_degraded"
	flagOverride           = "blocked_override"
	flagDuplicate          = "potential_duplicate"
	flagEscalated          = "escalated"
	flagUnsatisfied        = "satisfaction_low"
	flagReopened           = "reopened"
	flagSubstituted        = "substituted"
	flagDueSoon            = "due_soon"
	flagLegalHold          = "legal_hold"
)

// opening is a case about to be written.
type opening struct {
	town.Private

	a                *assessment
	id               string
	linked           string
	confidential     bool
	answers, decided []byte
	hash             string
	clocks           []openClock
	dueOn            town.Date
	flags            []string
	// override is why a block was passed; overridden the same, sealed.
	override   string
	overridden []byte
	delegated  bool // filed under a mandate
}

// prepare works out everything of a case that needs no lock.
func (r *recorder) prepare(ctx context.Context, a *assessment) (*opening, error) {
	o := &opening{a: a, id: town.NewID(town.PrefixCase, r.tx.Now), confidential: a.decided.Set[setConfidential] == "true"}
	var err error
	if o.answers, err = r.seal(ctx, o, casefile.FieldAnswers, a.answers); err != nil {
		return nil, err
	}
	if o.decided, err = r.seal(ctx, o, casefile.FieldDecision, keptDecision{a.decided, a.facts}); err != nil {
		return nil, err
	}
	if o.hash, err = contentHash(a.answers); err != nil {
		return nil, err
	}
	if o.clocks, o.dueOn, err = r.cases.openClocks(a, r.f.now); err != nil {
		return nil, err
	}
	if len(a.decided.Blocks) > 0 {
		o.override = r.f.note()
		if o.overridden, err = r.cases.vault.SealText(ctx, r.tx, r.applicant, inCase(casefile.FieldOverrideNote, o.id), o.override); err != nil {
			return nil, err
		}
	}
	o.delegated = r.f.viewer.ActsFor != nil
	o.flags = flagsOf(a, o)
	return o, nil
}

// seal seals a value of the case for the applicant.
func (r *recorder) seal(ctx context.Context, o *opening, column string, value any) ([]byte, error) {
	return r.cases.sealValue(ctx, r.tx, r.applicant, inCase(column, o.id), value)
}

// flagsOf are the flags with which a case opens.
func flagsOf(a *assessment, o *opening) []string {
	flags := []string{}
	add := func(flag string, when bool) {
		if when {
			flags = append(flags, flag)
		}
	}
	fired := func(rule string) bool {
		return slices.ContainsFunc(a.decided.Fired, func(f sdk.Fired) bool { return f.RuleID == rule })
	}
	add(flagIntegrationPending, len(a.problems) > 0)
	add(flagDelegated, o.delegated || answerBool(a.answers, "agisce_per_altri"))
	add(flagVulnerable, fired("global/priority-person"))
	add(flagDuplicate, fired("global/third-visit") || a.decided.Set[setMerge] == "true")
	add(flagDegraded, a.decided.Degraded)
	add(flagOverride, o.override != "")
	add(flagConfidential, o.confidential)
	return flags
}

// open writes a case with its protocol number, papers, clocks, history and event.
// It is TRIAGE at once: submission and registration are this one transaction.
func (r *recorder) open(ctx context.Context, o *opening) error {
	protocol, err := nextProtocol(ctx, r.tx, town.Today(r.f.now).Year)
	if err != nil {
		return err
	}
	p := o.a.offer.Practice.Definition()
	file, err := r.tx.CaseFile.Create().SetID(o.id).SetProtocol(protocol).
		SetServiceID(o.a.offer.ServiceID()).SetPracticeID(p.ID).
		SetDefinitionHash(o.a.offer.Hash).SetPluginVersion(o.a.offer.Service.Definition().Version).
		SetOfficeID(o.a.office).SetPhase(town.PhaseTriage).SetFlags(o.flags).
		SetPriority(town.Priority(o.a.decided.Priority)).SetChannel(r.f.channel).
		SetConfidential(o.confidential).SetDegraded(o.a.decided.Degraded).
		SetApplicantID(r.applicant).SetSubmittedBy(r.f.viewer.ID).SetMandateID(r.f.viewer.MandateID()).
		SetAnswers(o.answers).SetDecision(o.decided).SetContentHash(o.hash).
		SetVisitID(r.f.leg.VisitID).SetLegID(r.f.legID()).SetIntakeID(r.intakeID).SetLinkedCaseID(o.linked).
		SetSilence(o.a.decided.Silence).SetFiledAt(r.f.now).SetRegisteredAt(r.tx.Now).SetDueOn(o.dueOn).
		SetOverrideNote(o.overridden).SetUpdatedAt(r.tx.Now).
		Save(ctx)
	if err != nil {
		return fmt.Errorf("open the case: %w", err)
	}
	if err := r.writeDocuments(ctx, o); err != nil {
		return err
	}
	if err := writeClocks(ctx, r.tx, o.id, o.clocks); err != nil {
		return err
	}
	if err := r.writeHistory(ctx, file, o.override); err != nil {
		return err
	}
	r.tx.Emit(r.registered(file, o))
	return nil
}

func (r *recorder) registered(file *ent.CaseFile, o *opening) town.Event {
	e := eventOf(town.EventCaseRegistered, file, r.f.viewer.ID, map[string]string{})
	e.SiteID, e.Parties, e.IntakeID = r.f.leg.SiteID, r.parties(), r.intakeID
	if o.a.decided.Degraded {
		e.Data["degraded"] = "true"
	}
	return e
}

// writeDocuments keeps what the form needs, then what rules ask on top.
func (r *recorder) writeDocuments(ctx context.Context, o *opening) error {
	var rows []*ent.CaseDocumentCreate
	add := func(d sdk.Document, extra bool) {
		rows = append(rows, newDocument(r.tx, o.id, len(rows)+1, d, extra))
	}
	for _, d := range o.a.decided.Documents {
		add(d, false)
	}
	for _, d := range o.a.decided.ExtraDocuments {
		add(d, true)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := r.tx.CaseDocument.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("keep the papers needed: %w", err)
	}
	return nil
}

func (r *recorder) writeHistory(ctx context.Context, file *ent.CaseFile, override string) error {
	lines := []line{{kind: "registered", actor: r.f.viewer.ID, from: town.PhaseSubmitted, to: file.Phase}}
	if override != "" {
		lines = append(lines, line{kind: "noted", actor: r.f.viewer.ID, internal: true, note: override, data: map[string]string{"why": flagOverride}})
	}
	return r.cases.writeLines(ctx, r.tx, file, 1, lines...)
}
