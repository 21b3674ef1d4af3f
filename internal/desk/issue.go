package desk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The bounds of a request for a number.
const (
	maxParty    = 20
	maxLanguage = 8
	// lastLabel sorts after every label: somebody who has no number yet.
	lastLabel = "~"
)

// languageTag is the shape of a BCP 47 tag.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

// request is a checked request for a number.
type request struct {
	to       destination
	who      *access.Viewer
	person   string
	channel  town.Channel
	priority town.Priority
	language string
	party    int
	discreet bool
	promise  rules.Promise
}

// IssueTicket gives out a number: a visit with its first leg. The wait is foretold
// before the transaction, which only takes the number and writes.
func (d *Desk) IssueTicket(ctx context.Context, in IssueTicketInput) (Issued, error) {
	v, err := access.From(ctx)
	if err != nil {
		return Issued{}, err
	}
	house := access.System(ctx, "desk.issue-ticket")
	once := store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "issueTicket", Key: in.IdempotencyKey, Input: in}
	if id, known, err := d.store.Recall(house, &once); err != nil || known {
		return d.issuedBefore(house, id, err)
	}
	req, err := d.request(ctx, v, in)
	if err != nil {
		return Issued{}, err
	}
	var issued Issued
	id, replayed, err := d.store.Once(house, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		code, hash := town.NewTicketCode()
		opened, err := d.openVisit(ctx, tx, req, hash)
		if err != nil {
			return "", err
		}
		issued = Issued{Visit: opened, Code: &code}
		return opened.ID, nil
	})
	if err != nil || replayed {
		return d.issuedBefore(house, id, err)
	}
	return issued, nil
}

// issuedBefore is the answer to a repeated request: the visit as it is now, without
// the code, which is shown once.
func (d *Desk) issuedBefore(house context.Context, id string, err error) (Issued, error) {
	if err != nil {
		return Issued{}, err
	}
	again, err := d.store.Reader().Visit.Get(house, id)
	if err != nil {
		return Issued{}, fmt.Errorf("read the visit of a repeated request: %w", err)
	}
	return Issued{Visit: again, Replayed: true}, nil
}

// request checks what is asked, by whom and for whom.
func (d *Desk) request(ctx context.Context, v *access.Viewer, in IssueTicketInput) (request, error) {
	house := access.System(ctx, "desk.issue-ticket")
	to, err := d.destination(house, in.SiteID, in.ServiceCode, in.PracticeCode, in.OfficeCode)
	if err != nil {
		return request{}, err
	}
	if err := mayIssue(v, to); err != nil {
		return request{}, err
	}
	req := request{to: to, who: v, language: "it", party: 1, discreet: deref(in.Discreet)}
	if in.Language != nil {
		req.language = *in.Language
	}
	if in.PartySize != nil {
		req.party = *in.PartySize
	}
	if len(req.language) > maxLanguage || !languageTag.MatchString(req.language) {
		return request{}, town.Errorf(town.Invalid, "Give the language as a tag such as it or en.", "Indicare la lingua con una sigla come it o en.").At("input", "language")
	}
	if req.party < 1 || req.party > maxParty {
		return request{}, town.Errorf(town.Invalid, "A group has 1 to 20 people.", "Un gruppo va da 1 a 20 persone.").At("input", "partySize")
	}
	if err := req.takeRole(in); err != nil {
		return request{}, err
	}
	if req.person != v.Account() {
		if err := d.checkPerson(ctx, req.person); err != nil {
			return request{}, err
		}
	}
	req.promise, err = d.promiseNow(house, to.site.ID, to.office, req.priority)
	return req, err
}

// mayIssue is nil if the viewer may give a number there: a device at its own site only,
// who acts for another in the services of the mandate.
func mayIssue(v *access.Viewer, to destination) error {
	if err := v.Require(access.VisitIssue, to.office.ID); err != nil {
		return err
	}
	if err := v.RequireSite(to.site.ID); err != nil {
		return err
	}
	return v.RequireCovered(to.service)
}

// takeRole settles what depends on who asks. Staff give a number to anybody, a class
// where they set classes; a kiosk to whoever stands there, protected or ordinary;
// citizens to themselves, or to whom they act for.
func (r *request) takeRole(in IssueTicketInput) error {
	r.priority = town.P3
	if in.Priority != nil {
		r.priority = *in.Priority
	}
	if err := mayPrioritise(r.who, r.to.office.ID, r.priority); err != nil {
		return err
	}
	person := deref(in.PersonID)
	switch {
	case r.who.Kind == access.KindDevice:
		r.channel = town.ChannelKiosk
	case r.who.Can(access.VisitPrioritise, ""):
		r.channel, r.person = town.ChannelDesk, person
		return nil
	default:
		r.channel, r.person = town.ChannelOnline, r.who.Account()
	}
	if person != "" && person != r.person {
		return town.Errorf(town.NotAllowed, "Only staff may give a number to somebody else.", "Solo il personale può dare un numero ad altri.").At("input", "personId")
	}
	return nil
}

// checkPerson is nil for nobody and for a citizen whom the viewer sees: whoever may not
// see citizens does not learn either which ids are somebody's.
func (d *Desk) checkPerson(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	known, err := d.store.Reader().Person.Query().
		Where(person.ID(id), person.KindEQ(town.PersonCitizen), person.Disabled(false)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the person of a visit: %w", err)
	}
	if !known {
		return town.Errorf(town.Invalid, "There is no such citizen.", "Il cittadino non esiste.").At("input", "personId")
	}
	return nil
}

// mayPrioritise is nil if the viewer may give somebody that class in the office.
func mayPrioritise(v *access.Viewer, office string, p town.Priority) error {
	allowed := false
	switch p {
	case town.P3:
		allowed = true
	case town.P1:
		allowed = v.Kind == access.KindDevice || v.Allow(access.VisitPrioritise, office)
	case town.P0, town.P2:
		allowed = v.Kind != access.KindDevice && v.Allow(access.VisitPrioritise, office)
	default:
		return town.Errorf(town.Invalid, "There is no such class.", "La classe non esiste.").At("input", "priority")
	}
	if !allowed {
		return town.Errorf(town.NotAllowed, "This class is set by the staff.", "Questa classe è assegnata dal personale.").At("input", "priority")
	}
	return nil
}

// openVisit takes the number and writes the visit with its first leg.
func (d *Desk) openVisit(ctx context.Context, tx *store.Tx, r request, codeHash string) (*ent.Visit, error) {
	key := openKey(r.person, r.to)
	if err := noOtherVisit(ctx, tx, key); err != nil {
		return nil, err
	}
	day, err := rules.DayOf(tx.Now, r.to.site.Timezone)
	if err != nil {
		return nil, err
	}
	number, err := takeNumber(ctx, tx, r.to.site.ID, r.to.letter, day)
	if err != nil {
		return nil, err
	}
	opened, err := tx.Visit.Create().SetID(town.NewID(town.PrefixVisit, tx.Now)).
		SetSiteID(r.to.site.ID).SetDay(day).SetLetter(r.to.letter).SetNumber(number).
		SetPersonID(r.person).SetIssuedBy(r.who.ID).SetCodeHash(codeHash).
		SetChannel(r.channel).SetPriority(r.priority).SetLanguage(r.language).SetPartySize(r.party).SetDiscreet(r.discreet).
		SetArrivedAt(tx.Now).SetNillableOpenKey(key).Save(ctx)
	if ent.IsConstraintError(err) && key != nil { // the number is ours alone: it can only be the key
		return nil, errOtherVisit()
	}
	if err != nil {
		return nil, fmt.Errorf("open the visit: %w", err)
	}
	first, err := d.queueLeg(ctx, tx, opened, 1, r.to, tx.Now, r.promise, r.who.ID)
	if err != nil {
		return nil, err
	}
	tellVisit(tx, town.EventVisitOpened, r.who.ID, opened, first, nil)
	tellLeg(tx, town.EventTicketIssued, r.who.ID, opened, first, nil)
	tellQueued(tx, r.who.ID, opened, first)
	return opened, nil
}

// openKey names a person and what they came for; nil if nobody is named.
func openKey(person string, to destination) *string {
	if person == "" {
		return nil
	}
	key := person + "|" + to.service
	if to.service == "" {
		key = person + "|" + to.office.ID
	}
	return &key
}

func noOtherVisit(ctx context.Context, tx *store.Tx, key *string) error {
	if key == nil {
		return nil
	}
	taken, err := tx.Visit.Query().Where(visit.OpenKey(*key)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for another open visit: %w", err)
	}
	if taken {
		return errOtherVisit()
	}
	return nil
}

// queueLeg writes a waiting leg with its open interval and its promise.
func (d *Desk) queueLeg(ctx context.Context, tx *store.Tx, v *ent.Visit, ordinal int, to destination, at time.Time, p rules.Promise, actor string) (*ent.Leg, error) {
	id := town.NewID(town.PrefixLeg, tx.Now)
	queued, err := tx.Leg.Create().SetID(id).SetVisitID(v.ID).SetOrdinal(ordinal).
		SetSiteID(v.SiteID).SetOfficeID(to.office.ID).SetLevel(to.office.Level).
		SetServiceID(to.service).SetPracticeID(to.practice).
		SetState(town.LegWaiting).SetPriority(v.Priority).SetLabel(rules.Label(v.Letter, v.Number)).
		SetSeniorAt(v.ArrivedAt).SetQueuedAt(at).
		SetPromisedMedianSeconds(p.Median).SetPromisedP80Seconds(p.P80).
		SetBusyKey(id).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue a leg: %w", err)
	}
	return queued, openInterval(ctx, tx, id, 1, town.LegWaiting, actor, at)
}

// tellQueued tells that a leg waits, and what wait it was promised.
func tellQueued(tx *store.Tx, actor string, v *ent.Visit, l *ent.Leg) {
	tellLeg(tx, town.EventLegQueued, actor, v, l, nil)
	tellLeg(tx, town.EventPromised, actor, v, l, map[string]string{
		"median": strconv.Itoa(l.PromisedMedianSeconds), "p80": strconv.Itoa(l.PromisedP80Seconds),
	})
}

// isConflict reports whether a change met somebody else's.
func isConflict(err error) bool {
	var own *town.Error
	return errors.As(err, &own) && own.Code == town.Conflict
}
