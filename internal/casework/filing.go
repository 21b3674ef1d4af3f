package casework

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// filing is who files what, by which way.
type filing struct {
	town.Private

	viewer  *access.Viewer
	staff   bool // on behalf of a citizen
	channel town.Channel
	offer   Offer
	answers map[string]json.RawMessage
	leg     LegRef
	in      SubmitIntakeInput
	now     time.Time
}

// file checks who asks and what for, before anybody is asked.
func (c *Cases) file(ctx context.Context, v *access.Viewer, in SubmitIntakeInput) (*filing, error) {
	f := &filing{viewer: v, in: in, now: c.store.Clock().Now(), staff: v.Allow(access.CaseFileFor, "")}
	if !f.staff {
		if err := v.Require(access.CaseFileOwn, ""); err != nil {
			return nil, err
		}
	}
	var err error
	if f.offer, err = c.offered(ctx, in.Practice, in.DefinitionHash); err != nil {
		return nil, err
	}
	if err := v.RequireCovered(f.offer.ServiceID()); err != nil {
		return nil, err
	}
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

// checkLevel refuses a citizen who is known less surely than the request needs. Looking at
// what would be decided needs no level: nothing comes of it.
func (f *filing) checkLevel(o Offer) error {
	practice := o.Practice.Definition()
	lacks := f.viewer.LevelToFile(o.ServiceID(), practice.ID, town.Assurance(practice.Online.MinLoA))
	if lacks == "" {
		return nil
	}
	return errLevel(lacks)
}

// checkPerson lets a citizen file for themselves or for whom they represent, who acts
// under a mandate for the principal, and an operator for the citizen whom the form
// describes.
func (c *Cases) checkPerson(ctx context.Context, f *filing) error {
	who, other := f.viewer.Account(), errNotYours()
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
	acts := f.viewer.ActsFor == nil && answerBool(f.answers, "agisce_per_altri")
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

// maxNote bounds notes and reasons, in characters.
const maxNote = 2000

// mayGoOn refuses an override by who may not give one.
func (c *Cases) mayGoOn(ctx context.Context, f *filing, a *assessment) error {
	note := f.note()
	switch {
	case note == "" || len(a.decided.Blocks) == 0:
		return nil
	case utf8.RuneCountInString(note) > maxNote:
		return town.Errorf(town.Invalid, "The note has at most 2000 characters.", "La nota ha al massimo 2000 caratteri.").At("input", "overrideNote")
	case !f.viewer.Allow(access.CaseOverride, a.office):
		return errNoOverride()
	default:
		access.NoteReason(ctx, note)
		return nil
	}
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
