package audit

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Access is an entry as the person reads it whose file was opened or changed. It names
// nobody else but staff, and no network addresses.
type Access struct {
	ID     string
	At     time.Time
	Kind   chain.Kind
	Action string
	// ActorKind is what the actor is; Actor the label of a member of staff, a device or a
	// service, nil of a citizen.
	ActorKind string
	Actor     *string
	// ByYou: the person did it. OnYourBehalf: somebody did it for them, under a mandate.
	ByYou, OnYourBehalf bool
	// Opened are the kinds of data that were opened, by table and column.
	Opened []string
	// Reason is why, if it was said. Why somebody else did something is for auditors alone:
	// it may be an office's internal word.
	Reason *string

	// Offices are codes; objects ids of all things, of others too.
	Offices []string
	Objects []string

	position string
}

// Position is what a cursor names.
func (a *Access) Position() string { return a.position }

// Accesses says who opened or changed what is about a person, newest first: to that
// person, and to whoever has audit:read, which is on record itself. Empty is whoever
// asks. Anybody else gets NOT_FOUND, whoever the person is; a person who is not known surely
// enough to read their own cases, FORBIDDEN.
func (a *Audit) Accesses(ctx context.Context, page town.PageArgs, personID string) (town.Page[*Access], error) {
	none := town.Page[*Access]{}
	v, err := access.From(ctx)
	if err != nil {
		return none, err
	}
	if personID == "" && v.Kind == access.KindPerson {
		personID = v.ID
	}
	switch {
	case v.Is(personID):
		if err := v.RequireSure(access.CaseReadPersonal); err != nil {
			return none, err
		}
	case v.Allow(access.AuditRead, "") && personID != "":
		access.NoteRead(ctx, access.Read{Object: personID, Subject: personID, Field: "audit_subjects.person_id"})
	default:
		return none, town.ErrNotFound()
	}
	q, err := Filter{SubjectID: &personID}.question(page)
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
	reasons, err := a.reasons(ctx, toldTo(v, personID, rows.Items))
	if err != nil {
		return none, err
	}
	list := town.Page[*Access]{HasNext: rows.HasNext, HasPrevious: rows.HasPrevious}
	for i, r := range rows.Items {
		list.Items = append(list.Items, r.access(personID, labels[r.ActorID], reasons[i]))
	}
	return list, nil
}

// toldTo are the rows without the reasons that the viewer must not read. Persons read of
// themselves why they were looked at, and what they said.
func toldTo(v *access.Viewer, personID string, rows []row) []row {
	if !v.Is(personID) {
		return rows
	}
	told := slices.Clone(rows)
	for i, r := range told {
		if r.Kind != chain.Read && r.ActorID != personID {
			told[i].Reason = nil
		}
	}
	return told
}

func (r row) access(personID, label string, reason *string) *Access {
	a := &Access{
		ID: r.ID, At: r.At, Kind: r.Kind, Action: r.Action, ActorKind: r.ActorKind, Actor: orNull(label),
		ByYou: r.ActorID == personID, OnYourBehalf: r.OnBehalfOf == personID, Reason: reason,
		Offices: orEmpty(r.Offices), position: r.position(), Opened: []string{},
	}
	for _, o := range r.Objects {
		a.Objects = append(a.Objects, o.ID)
		a.Opened = append(a.Opened, o.Fields...)
	}
	slices.Sort(a.Opened)
	a.Opened = slices.Compact(a.Opened)
	return a
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func base64Text(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
