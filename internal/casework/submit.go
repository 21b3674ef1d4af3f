package casework

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// filing is who files what, by which way.
type filing struct {
	viewer  *access.Viewer
	staff   bool // on behalf of a citizen
	channel town.Channel
	offer   Offer
	answers map[string]json.RawMessage
	leg     LegRef
	in      SubmitIntakeInput
	now     time.Time
}

// SubmitIntake files a request. It becomes a case, or comes back with problems
// by field, or is blocked with reasons; each is an intake on record, of which
// only the case keeps the answers. The key makes a repeat give the first answer
// again.
//
// Errors: UNAUTHENTICATED; FORBIDDEN for who may not file at all; user errors for
// what stops a request before it is assessed (another form, another person, no
// such practice) and PLUGIN_UNAVAILABLE where the department is down and has no
// fallback.
func (c *Cases) SubmitIntake(ctx context.Context, in SubmitIntakeInput) (*Submitted, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: v.ID, Mutation: "submitIntake", Key: in.IdempotencyKey, Input: in}
	if id, known, err := c.store.Recall(access.System(ctx, "idempotency"), once); err != nil || known {
		if err != nil {
			return nil, err
		}
		return c.replayed(ctx, id, in)
	}
	f, err := c.file(ctx, v, in)
	if err != nil {
		return nil, err
	}
	a, err := c.assess(ctx, request{offer: f.offer, answers: f.answers, now: f.now, legID: f.legID()})
	if err != nil {
		return nil, err
	}
	if len(a.problems) == 0 {
		if err := c.mayGoOn(f, a); err != nil {
			return nil, err
		}
	}
	linked, err := c.linked(ctx, f, a)
	if err != nil {
		return nil, err
	}
	id, replayed, err := c.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return c.record(ctx, tx, f, a, linked)
	})
	if err != nil {
		return nil, err
	}
	if replayed {
		return c.replayed(ctx, id, in)
	}
	return c.submitted(ctx, id, a)
}

// file checks who asks and what for, before anybody is asked.
func (c *Cases) file(ctx context.Context, v *access.Viewer, in SubmitIntakeInput) (*filing, error) {
	f := &filing{viewer: v, in: in, now: c.store.Clock().Now(), staff: v.Can(access.CaseFileFor, "")}
	if !f.staff {
		if err := v.Require(access.CaseFileOwn, ""); err != nil {
			return nil, err
		}
	}
	var ok bool
	if f.offer, ok = c.departments.Practice(in.Practice); !ok {
		return nil, errNoPractice()
	}
	if in.DefinitionHash != nil && *in.DefinitionHash != f.offer.Hash {
		return nil, errOldForm()
	}
	var err error
	if f.answers, err = readAnswers(in.Answers); err != nil {
		return nil, err
	}
	f.channel = town.ChannelDesk
	if !f.staff {
		f.channel = town.ChannelOnline
		if !f.offer.Practice.Definition().Online.Possible {
			return nil, errNotOnline()
		}
		if in.OverrideNote != nil {
			return nil, errNoOverride()
		}
	}
	if err := c.checkPerson(ctx, f); err != nil {
		return nil, err
	}
	return f, c.findLeg(ctx, f)
}

// checkPerson lets a citizen file for themselves or for whom they represent, and
// an operator for the citizen whom the form describes.
func (c *Cases) checkPerson(ctx context.Context, f *filing) error {
	who, other := f.viewer.ID, errNotYours()
	if f.staff {
		if f.in.ApplicantID == nil {
			return nil
		}
		who, other = *f.in.ApplicantID, errOtherApplicant()
	}
	code, err := c.people.TaxCode(access.System(ctx, "compare a tax code"), who)
	if err != nil && town.CodeOf(err) != town.NotFound {
		return err
	}
	if code == "" {
		return other
	}
	acts := answerBool(f.answers, "agisce_per_altri")
	if code == answerText(f.answers, "codice_fiscale") || !f.staff && acts && code == answerText(f.answers, "rappresentante_cf") {
		return nil
	}
	return other
}

func (c *Cases) findLeg(ctx context.Context, f *filing) error {
	if f.in.LegID == nil {
		return nil
	}
	leg, err := c.queue.Leg(ctx, *f.in.LegID)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return errNoLeg()
	}
	f.leg = leg
	return err
}

func (f *filing) legID() string {
	if f.in.LegID == nil {
		return ""
	}
	return *f.in.LegID
}

// note is the reason for going past a block, empty if none was given.
func (f *filing) note() string {
	if f.in.OverrideNote == nil {
		return ""
	}
	return strings.TrimSpace(*f.in.OverrideNote)
}

// maxNote bounds notes and reasons, in bytes.
const maxNote = 2000

// mayGoOn refuses an override by who may not give one.
func (c *Cases) mayGoOn(f *filing, a *assessment) error {
	note := f.note()
	switch {
	case note == "" || len(a.decided.Blocks) == 0:
		return nil
	case len(note) > maxNote:
		return town.Errorf(town.Invalid, "The note has at most 2000 characters.", "La nota ha al massimo 2000 caratteri.").At("input", "overrideNote")
	case !f.viewer.Can(access.CaseOverride, a.office):
		return errNoOverride()
	default:
		return nil
	}
}

// linked assesses the second case that a rule opens. If its own form needs more
// than this one tells, it opens with what is known and waits for the rest.
func (c *Cases) linked(ctx context.Context, f *filing, a *assessment) (*assessment, error) {
	offer, ok := c.departments.Practice(a.decided.Set[setLinkedPractice])
	if !ok || len(a.problems) > 0 {
		return nil, nil
	}
	answers := known(offer, a.answers)
	second, err := c.assessOne(ctx, request{offer: offer, answers: answers, now: f.now, legID: f.legID()})
	if err != nil {
		return nil, err
	}
	if len(second.problems) > 0 {
		problems := second.problems
		second = c.unchecked(offer, answers, f.now)
		second.problems = problems
	}
	return second, nil
}

// submitted reads what was recorded, as far as the viewer may see it.
func (c *Cases) submitted(ctx context.Context, intakeID string, a *assessment) (*Submitted, error) {
	// Whoever filed may see the record of it, whatever becomes of the case.
	intake, err := c.store.Reader().Intake.Get(access.System(ctx, "the answer to one's own intake"), intakeID)
	if err != nil {
		return nil, err
	}
	s := &Submitted{Status: intake.Status, Intake: intake}
	if len(a.problems) > 0 {
		s.UserErrors = a.problems
		return s, nil
	}
	s.Decision = &a.decided
	if intake.CaseID == "" {
		return s, nil
	}
	if s.Case, err = c.visible(ctx, intake.CaseID); err != nil || s.Case == nil || s.Case.LinkedCaseID == "" {
		return s, err
	}
	s.LinkedCase, err = c.visible(ctx, s.Case.LinkedCaseID)
	return s, err
}

// visible is a case, or nil if there is none that the viewer may see.
func (c *Cases) visible(ctx context.Context, id string) (*ent.CaseFile, error) {
	file, err := c.Case(ctx, id)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, nil
	}
	return file, err
}

// answerText is an answer before the form is checked.
func answerText(answers map[string]json.RawMessage, name string) string {
	var text string
	if err := json.Unmarshal(answers[name], &text); err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

func answerBool(answers map[string]json.RawMessage, name string) bool {
	var b bool
	return json.Unmarshal(answers[name], &b) == nil && b
}

// PreviewIntake says what would be decided, and stores nothing.
func (c *Cases) PreviewIntake(ctx context.Context, in PreviewIntakeInput) (*Preview, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.preview(ctx, v, in)
	if problems, ok := problemsOf(err); ok {
		return &Preview{UserErrors: problems}, nil
	}
	return p, err
}

func (c *Cases) preview(ctx context.Context, v *access.Viewer, in PreviewIntakeInput) (*Preview, error) {
	f, err := c.file(ctx, v, SubmitIntakeInput{Practice: in.Practice, Answers: in.Answers})
	if err != nil {
		return nil, err
	}
	a, err := c.assess(ctx, request{offer: f.offer, answers: f.answers, now: f.now})
	switch {
	case err != nil:
		return nil, err
	case len(a.problems) > 0:
		return nil, a.problems
	default:
		return &Preview{Decision: &a.decided}, nil
	}
}
