package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Dossier is all that is kept about one person, as the person may have it (art. 15 and
// 20 GDPR): without the office's internal lines, and without what is about others.
type Dossier struct {
	// At is when it was made.
	At          time.Time        `json:"at"`
	Person      PersonData       `json:"person"`
	Cases       []CaseData       `json:"cases"`
	Visits      []VisitData      `json:"visits"`
	Feedback    []FeedbackData   `json:"feedback"`
	Escalations []EscalationData `json:"escalations"`
	Mandates    []MandateData    `json:"mandates"`
	SignIns     []SignInData     `json:"signIns"`
	// Drafts are forms that were begun and not filed.
	Drafts []DraftData `json:"drafts"`
	// Mailboxes are those to which alerts are sent for the person.
	Mailboxes []MailboxData `json:"mailboxes"`
	// Contact is how the person chose to be told of their steps; nil for the personal area
	// alone.
	Contact *ContactData `json:"contact,omitempty"`
	// Accesses say who opened the file, newest first; at most 1,000.
	Accesses []AccessData `json:"accesses"`
}

// PersonData say who it is.
type PersonData struct {
	ID      string    `json:"id"`
	Since   time.Time `json:"since"`
	Details Details   `json:"details"`
}

// Details are name, tax code and contacts, as the town keeps them.
type Details struct {
	GivenName  string `json:"givenName,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
	TaxCode    string `json:"taxCode,omitempty"`
	Email      string `json:"email,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

// CaseData are a request, with what was filled in and what came of it.
type CaseData struct {
	Protocol   string          `json:"protocol"`
	Service    string          `json:"service"`
	Practice   string          `json:"practice"`
	Office     string          `json:"office"`
	Phase      town.Phase      `json:"phase"`
	FiledAt    time.Time       `json:"filedAt"`
	DecidedAt  *time.Time      `json:"decidedAt,omitempty"`
	ClosedAt   *time.Time      `json:"closedAt,omitempty"`
	KeptUntil  string          `json:"keptUntil,omitempty"`
	Reasons    string          `json:"reasons,omitempty"`
	Answers    json.RawMessage `json:"answers,omitempty"`
	Documents  []DocumentData  `json:"documents"`
	Timeline   []TimelineData  `json:"timeline"`
	LegalHold  bool            `json:"legalHold,omitempty"`
	FiledForMe bool            `json:"filedForMe,omitempty"`
	// Named are the same codes and answers in words, for the page.
	Named Named `json:"-"`
}

// DocumentData are a paper of a case.
type DocumentData struct {
	Label      Words      `json:"label"`
	State      string     `json:"state"`
	ReceivedAt *time.Time `json:"receivedAt,omitempty"`
	// Versions are the files that came in, the first one first.
	Versions []VersionData `json:"versions,omitempty"`
}

// VersionData are a file that came in for a paper. Its content is downloaded by its id.
type VersionData struct {
	ID        string    `json:"id"`
	Number    int       `json:"number"`
	Name      string    `json:"name,omitempty"`
	MediaType string    `json:"mediaType"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"`
	At        time.Time `json:"at"`
}

// DraftData are a form that was begun and not filed.
type DraftData struct {
	Practice  string          `json:"practice"`
	UpdatedAt time.Time       `json:"updatedAt"`
	Answers   json.RawMessage `json:"answers,omitempty"`
}

// MailboxData are a mailbox to which alerts are sent.
type MailboxData struct {
	Address string     `json:"address,omitempty"`
	Since   time.Time  `json:"since"`
	EndedAt *time.Time `json:"endedAt,omitempty"`
}

// Words are a text in both languages.
type Words struct {
	IT string `json:"it"`
	EN string `json:"en"`
}

// TimelineData are a line of a case's history.
type TimelineData struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Note string    `json:"note,omitempty"`
}

// VisitData are a visit with its stops.
type VisitData struct {
	Number    string     `json:"number"`
	ArrivedAt time.Time  `json:"arrivedAt"`
	ClosedAt  *time.Time `json:"closedAt,omitempty"`
	Stops     []StopData `json:"stops"`
}

// StopData are one stop of a visit.
type StopData struct {
	Office string        `json:"office"`
	State  town.LegState `json:"state"`
}

// FeedbackData are a word that carries the person's name.
type FeedbackData struct {
	At      time.Time `json:"at"`
	Office  string    `json:"office"`
	Score   int       `json:"score"`
	Comment string    `json:"comment,omitempty"`
}

// EscalationData are a step of the ladder.
type EscalationData struct {
	OpenedAt time.Time              `json:"openedAt"`
	Step     town.EscalationStep    `json:"step"`
	State    town.EscalationState   `json:"state"`
	Text     string                 `json:"text,omitempty"`
	Answer   string                 `json:"answer,omitempty"`
	Outcome  town.EscalationOutcome `json:"outcome,omitempty"`
	// Rating is the person's own, from 1 to 5; 0 where there is none.
	Rating int `json:"rating,omitempty"`
}

// ContactData are how a person is told of their steps, and what they were told.
type ContactData struct {
	Channel  town.ContactChannel `json:"channel"`
	Address  string              `json:"address,omitempty"`
	Since    time.Time           `json:"since"`
	Messages []MessageData       `json:"messages"`
}

// MessageData are a message about a step.
type MessageData struct {
	At     time.Time      `json:"at"`
	Fact   town.EventType `json:"fact"`
	SentAt *time.Time     `json:"sentAt,omitempty"`
}

// MandateData are a mandate that the person gave or has.
type MandateData struct {
	// Given: the person is the one for whom somebody may act.
	Given     bool              `json:"given"`
	Class     town.MandateClass `json:"class"`
	Services  []string          `json:"services,omitempty"`
	From      time.Time         `json:"from"`
	To        *time.Time        `json:"to,omitempty"`
	RevokedAt *time.Time        `json:"revokedAt,omitempty"`
}

// SignInData are a sign-in.
type SignInData struct {
	At        time.Time  `json:"at"`
	Assurance string     `json:"assurance"`
	EndedAt   *time.Time `json:"endedAt,omitempty"`
}

// AccessData say that somebody opened the file.
type AccessData struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Action string    `json:"action"`
	Reason string    `json:"reason,omitempty"`
}

// Accesses tells who opened the file of a person, newest first, at most n.
type Accesses func(ctx context.Context, personID string, n int) ([]AccessData, error)

// maxAccesses bounds the list in a dossier.
const maxAccesses = 1000

// Export gathers all that is kept about a person: for that person, or for whoever holds
// person:export. The empty id stands for whoever asks. Everybody else, and whoever asks
// for somebody whom there is not, gets NOT_FOUND; a person who is not known surely enough
// to read their own cases, FORBIDDEN.
func (p *Privacy) Export(ctx context.Context, personID string) (*Dossier, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if personID == "" {
		personID = v.ID
	}
	if err := mayExport(v, personID); err != nil {
		return nil, err
	}
	row, err := p.store.Reader().Person.Get(access.System(ctx, "privacy.export"), personID)
	if ent.IsNotFound(err) || err == nil && row.Kind != town.PersonCitizen {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read the person: %w", err)
	}
	return p.gather(ctx, row)
}

// gather reads as the house, which sees all rows, and opens as whoever asks, so that the
// audit says who read what.
func (p *Privacy) gather(ctx context.Context, row *ent.Person) (*Dossier, error) {
	d := &Dossier{At: p.store.Clock().Now(), Person: PersonData{ID: row.ID, Since: row.CreatedAt}}
	g := gathering{p: p, ask: ctx, house: access.System(ctx, "privacy.export"), person: row, into: d}
	for _, part := range []func() error{g.details, g.cases, g.visits, g.feedback, g.escalations, g.mandates, g.signIns, g.drafts, g.mailboxes, g.contact, g.accesses} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// mayExport: one's own, once known surely enough for what stands in one's cases; and
// anybody's for whoever holds person:export.
func mayExport(v *access.Viewer, personID string) error {
	switch {
	case v.Allow(access.PersonExport, ""):
		return nil
	case !v.Is(personID):
		return town.ErrNotFound()
	default:
		return v.RequireSure(access.CaseReadPersonal)
	}
}
