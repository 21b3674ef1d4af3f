package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// record writes what became of an intake, and the case it became, and gives the
// id of the intake.
func (c *Cases) record(ctx context.Context, tx *store.Tx, f *filing, a, linked *assessment) (string, error) {
	// Who acts for another names the principal, whatever becomes of the request.
	r := &recorder{cases: c, tx: tx, f: f, intakeID: town.NewID(town.PrefixIntake, tx.Now), applicant: f.viewer.OnBehalfOf()}
	var err error
	switch {
	case len(a.problems) > 0:
		err = r.writeIntake(ctx, a, town.IntakeProblems, nil)
	case len(a.decided.Blocks) > 0 && f.note() == "":
		err = r.writeIntake(ctx, a, town.IntakeBlocked, nil)
	default:
		err = r.accept(ctx, a, linked)
	}
	return r.intakeID, err
}

// recorder writes one intake inside its transaction.
type recorder struct {
	cases     *Cases
	tx        *store.Tx
	f         *filing
	intakeID  string
	applicant string
}

// accept opens the case, and the second one where a rule wants it. It comes
// before the intake's row, which names them.
func (r *recorder) accept(ctx context.Context, a, linked *assessment) error {
	var err error
	if r.applicant, err = r.cases.people.Ensure(ctx, r.tx, applicantOf(a)); err != nil {
		return fmt.Errorf("keep the interested person: %w", err)
	}
	if legID := r.f.legID(); legID != "" {
		if err := r.cases.queue.Identify(ctx, r.tx, legID, r.applicant); err != nil {
			return err
		}
	}
	if r.f.in.DraftID != nil {
		if err := useDraft(ctx, r.tx, *r.f.in.DraftID); err != nil {
			return err
		}
	}
	first, err := r.prepare(ctx, a)
	if err != nil {
		return err
	}
	var second *opening
	if linked != nil && len(linked.decided.Blocks) == 0 {
		if second, err = r.prepare(ctx, linked); err != nil {
			return err
		}
		first.linked, second.linked = second.id, first.id
	}
	// The protocol comes last: its row is locked from here to the commit.
	for _, o := range []*opening{first, second} {
		if o == nil {
			continue
		}
		if err := r.open(ctx, o); err != nil {
			return err
		}
	}
	return r.writeIntake(ctx, a, town.IntakeAccepted, first)
}

func (r *recorder) writeIntake(ctx context.Context, a *assessment, status town.IntakeStatus, o *opening) error {
	create := r.tx.Intake.Create().SetID(r.intakeID).
		SetServiceID(a.offer.ServiceID()).SetPracticeID(a.offer.Practice.Definition().ID).
		SetDefinitionHash(a.offer.Hash).SetPluginVersion(a.offer.Service.Definition().Version).
		SetStatus(status).SetChannel(r.f.channel).SetActorID(r.f.viewer.ID).SetApplicantID(r.applicant).
		SetVisitID(r.f.leg.VisitID).SetLegID(r.f.legID()).SetAt(r.f.now)
	event := town.Event{
		Type: town.EventIntakeReviewed, ServiceID: a.offer.ServiceID(), IntakeID: r.intakeID,
		SiteID: r.f.leg.SiteID, VisitID: r.f.leg.VisitID, LegID: r.f.legID(), OfficeID: r.f.leg.OfficeID,
		Actor: r.f.viewer.ID, Parties: r.parties(),
		Data: map[string]string{"status": string(status), "practice": a.offer.Practice.Definition().ID},
	}
	switch status {
	case town.IntakeProblems:
		create.SetProblems(problemRecords(a.problems))
	case town.IntakeBlocked:
		create.SetBlocks(blockIDs(a))
	default:
		create.SetCaseID(o.id).SetOfficeID(a.office)
		event.CaseID, event.OfficeID, event.Confidential = o.id, a.office, o.confidential
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("keep the intake: %w", err)
	}
	r.tx.Emit(event)
	return nil
}

// parties are the persons whom the request concerns: who is interested, and a
// citizen who files for them.
func (r *recorder) parties() []string {
	var list []string
	if r.applicant != "" {
		list = append(list, r.applicant)
	}
	if !r.f.staff && r.f.viewer.ID != r.applicant {
		list = append(list, r.f.viewer.ID)
	}
	return list
}

// problemRecords keep where and which, never a value.
func problemRecords(problems town.Problems) []town.FieldProblemRecord {
	records := make([]town.FieldProblemRecord, len(problems))
	for i, p := range problems {
		records[i] = town.FieldProblemRecord{Path: pathOf(p), Code: p.Detail}
	}
	return records
}

func blockIDs(a *assessment) []string {
	var ids []string
	for _, b := range a.decided.Blocks {
		ids = append(ids, b.RuleID)
	}
	return ids
}

// applicantOf reads the interested person from a checked form.
func applicantOf(a *assessment) Applicant {
	text := func(name string) string { return answerText(a.answers, name) }
	who := Applicant{
		TaxCode: text("codice_fiscale"), GivenName: text("nome"), FamilyName: text("cognome"),
		Email: text("email"), Phone: text("telefono"),
	}
	if birth, err := calc.ParseDate(text("data_nascita")); err == nil {
		who.BirthDate = birth
	}
	return who
}

// contentHash is the SHA-256 of the filed answers, keys in alphabetical order.
func contentHash(answers map[string]json.RawMessage) (string, error) {
	plain, err := json.Marshal(answers)
	if err != nil {
		return "", fmt.Errorf("hash the answers: %w", err)
	}
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:]), nil
}

// holdsCases reports whether offices of a level hold cases: the counter and the
// specialised offices do; the information point, the Help Point and the Mayor
// do not.
func holdsCases(l town.Level) bool { return l == town.LevelCounter || l == town.LevelOffice }

// place says which office holds a case: the destination, or the service's own
// office where the destination holds none.
func (c *Cases) place(ctx context.Context, a *assessment) (string, error) {
	to, err := c.store.Reader().Office.Get(ctx, a.decided.To)
	if err != nil {
		return "", fmt.Errorf("read office %s: %w", a.decided.To, err)
	}
	if !to.External && holdsCases(to.Level) {
		return to.ID, nil
	}
	return a.offer.Service.Definition().DefaultRoute, nil
}
