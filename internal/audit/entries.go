package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/audithead"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Filter narrows the list of entries. Without SubjectID or ActorID only From and To may
// be given: nothing else has an index.
type Filter struct {
	ActorID, SubjectID, ObjectID *string
	Kind                         *chain.Kind
	// From and To bound the moment: from the one on, before the other.
	From, To *time.Time
}

// Entry is an entry as auditors read it. Nil is for what it does not say.
type Entry struct {
	ID   string
	Seq  *int
	Hash *string
	At   time.Time
	Kind chain.Kind

	ActorKind string
	ActorID   *string
	// Actor is the label of a member of staff, a device or a service.
	Actor                 *string
	OnBehalfOf, MandateID *string
	Action                string
	Objects               []*chain.Object
	Subjects, Events      []string
	Offices, Rules        []string
	SignInID, Address     *string
	Reason                *string

	position string
}

// Position is what a cursor names.
func (e *Entry) Position() string { return e.position }

// Entries is a page of the audit, newest first. It needs audit:read.
func (a *Audit) Entries(ctx context.Context, page town.PageArgs, f Filter) (town.Page[*Entry], error) {
	none := town.Page[*Entry]{}
	if err := mayRead(ctx); err != nil {
		return none, err
	}
	q, err := f.question(page)
	if err != nil {
		return none, err
	}
	rows, err := a.rows(ctx, q)
	if err != nil {
		return none, err
	}
	labels, err := a.labels(ctx, rows.Items)
	if err != nil {
		return none, err
	}
	reasons, err := a.reasons(ctx, rows.Items)
	if err != nil {
		return none, err
	}
	list := town.Page[*Entry]{HasNext: rows.HasNext, HasPrevious: rows.HasPrevious}
	for i, r := range rows.Items {
		list.Items = append(list.Items, r.entry(labels[r.ActorID], reasons[i]))
	}
	return list, nil
}

func mayRead(ctx context.Context) error {
	v, err := access.From(ctx)
	if err != nil {
		return err
	}
	return v.Require(access.AuditRead, "")
}

func (f Filter) question(page town.PageArgs) (*question, error) {
	spec, err := page.Spec(town.PrefixAudit)
	if err != nil {
		return nil, err
	}
	q := &question{page: spec}
	if given(f.SubjectID) {
		q.person = *f.SubjectID
		q.and("s.person_id = ?", *f.SubjectID)
	}
	if given(f.ActorID) {
		q.and("e.actor_id = ?", *f.ActorID)
	}
	if (given(f.ObjectID) || f.Kind != nil) && !given(f.SubjectID) && !given(f.ActorID) {
		return nil, town.Errorf(town.BadUserInput, "objectId and kind need subjectId or actorId beside them.", "objectId e kind richiedono anche subjectId o actorId.")
	}
	if f.From != nil {
		q.and("e.at >= ?", town.Stamp(*f.From))
	}
	if f.To != nil {
		q.and("e.at < ?", town.Stamp(*f.To))
	}
	if f.Kind != nil {
		q.and("INSTR(e.body, ?) > 0", []byte("\nkind "+string(*f.Kind)+"\n"))
	}
	if given(f.ObjectID) {
		if strings.ContainsAny(*f.ObjectID, " ,%\n") {
			return nil, town.Errorf(town.BadUserInput, "objectId is no id.", "objectId non è un identificativo.")
		}
		q.and("(INSTR(e.body, ?) > 0 OR INSTR(e.body, ?) > 0)", []byte("\nobject "+*f.ObjectID+"\n"), []byte("\nobject "+*f.ObjectID+" "))
	}
	return q, nil
}

func given(s *string) bool { return s != nil && *s != "" }

func (r row) entry(label string, reason *string) *Entry {
	e := &Entry{
		ID: r.ID, At: r.At, Kind: r.Kind, ActorKind: r.ActorKind, ActorID: orNull(r.ActorID), Actor: orNull(label),
		OnBehalfOf: orNull(r.OnBehalfOf), MandateID: orNull(r.MandateID), Action: r.Action,
		Subjects: orEmpty(r.Subjects), Events: orEmpty(r.Events), Offices: orEmpty(r.Offices), Rules: orEmpty(r.Rules),
		SignInID: orNull(r.SignInID), Address: orNull(r.Address), Reason: reason, position: r.position(),
	}
	for i := range r.Objects {
		r.Objects[i].Fields = orEmpty(r.Objects[i].Fields)
		e.Objects = append(e.Objects, &r.Objects[i])
	}
	if r.seq != nil {
		seq, hash := int(*r.seq), hex.EncodeToString(r.hash)
		e.Seq, e.Hash = &seq, &hash
	}
	return e
}

// labels are the names that colleagues see of the actors who are no citizens, by id.
func (a *Audit) labels(ctx context.Context, rows []row) (map[string]string, error) {
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		if town.PrefixOf(r.ActorID) == town.PrefixPerson {
			ids = append(ids, r.ActorID)
		}
	}
	labels := map[string]string{}
	if len(ids) == 0 {
		return labels, nil
	}
	people, err := a.store.Reader().Person.Query().Where(person.IDIn(ids...), person.KindNEQ(town.PersonCitizen)).
		Select(person.FieldID, person.FieldLabel).All(access.System(ctx, "audit.labels"))
	if err != nil {
		return nil, fmt.Errorf("read who the actors of the audit are: %w", err)
	}
	for _, p := range people {
		labels[p.ID] = p.Label
	}
	return labels, nil
}

// reasons opens why, where it was said; nil where not, or where it has been erased.
func (a *Audit) reasons(ctx context.Context, rows []row) ([]*string, error) {
	values := make([]vault.Sealed, len(rows))
	said := false
	for i, r := range rows {
		values[i] = vault.Sealed{At: placeOf(r.ID), Data: r.Reason}
		said = said || len(r.Reason) > 0
	}
	reasons := make([]*string, len(rows))
	if !said {
		return reasons, nil
	}
	opened, err := a.vault.OpenAll(ctx, values)
	if err != nil {
		return nil, fmt.Errorf("open the reasons of the audit: %w", err)
	}
	for i, text := range opened {
		reasons[i] = orNull(string(text))
	}
	return reasons, nil
}

// SignedHead is a signed head of the chain.
type SignedHead struct {
	Seq int
	// Hash is in hexadecimal digits.
	Hash string
	At   time.Time
	// Signature is in base64, and Message what is signed.
	Signature, Message string
	// PublicKey verifies the signature: Ed25519, the 32 bytes of RFC 8032, in base64.
	PublicKey string
}

// Head is the newest signed head; nil if there is none yet. It needs audit:read.
func (a *Audit) Head(ctx context.Context) (*SignedHead, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	head, err := a.store.Reader().AuditHead.Query().Order(ent.Desc(audithead.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last signed head: %w", err)
	}
	if len(head.Hash) != len(chain.Hash{}) {
		return nil, errors.New("the last signed head has no whole hash")
	}
	signed := chain.Head{Seq: head.ID, Hash: chain.Hash(head.Hash), At: head.At}
	return &SignedHead{
		Seq: int(head.ID), Hash: hex.EncodeToString(head.Hash), At: head.At,
		Signature: base64Text(head.Signature), Message: string(signed.Message()),
		PublicKey: base64Text(a.vault.PublicKey()),
	}, nil
}
