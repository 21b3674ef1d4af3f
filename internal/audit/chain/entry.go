package chain

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"time"
)

// Kind says whether something was done or only looked at.
type Kind string

// The kinds of entries.
const (
	Write Kind = "WRITE"
	Read  Kind = "READ"
)

// Entry says who did or opened what, for whom, why, when, from where and under which
// rule. It holds ids and names of the house's own; what people wrote stands in Reason
// alone, sealed.
type Entry struct {
	// ID is aud_…
	ID string
	// At is the moment by the business clock.
	At   time.Time
	Kind Kind
	// ActorKind is person, device, service, ticket, public or system; ActorID is empty
	// for the public, and the visit's for the holder of its ticket.
	ActorKind, ActorID string
	// OnBehalfOf is the person for whom the actor acted, MandateID the mandate.
	OnBehalfOf, MandateID string
	// Action is the fields of the API that were asked for, or the name of the unit of work.
	Action  string
	Objects []Object
	// Subjects are the persons concerned, by id.
	Subjects []string
	// Events are the ids of the business facts of a write.
	Events []string
	// Offices are those in which it was done.
	Offices []string
	// Rules say what allowed it: role, relation to the office, act, office; or "party".
	Rules []string
	// SignInID is the sign-in or the credential by which the actor came.
	SignInID string
	// Address is the network address from which it was asked.
	Address string
	// Reason is why, in the actor's words, sealed.
	Reason []byte
}

// Object is a thing that an entry is about.
type Object struct {
	ID string
	// Fields are the columns that were opened; none for writes.
	Fields []string
}

// Subjects are the persons of the entry, each once: what finds it.
func Subjects(e Entry) []string { return tidy(e.Subjects) }

// Hash ties an entry to all before it.
type Hash = [sha256.Size]byte

// Genesis stands before the first entry: SHA-256 of the words "sportello audit genesis 1".
func Genesis() Hash { return sha256.Sum256([]byte("sportello audit genesis 1")) }

// Link is the hash of an entry: SHA-256 over the hash before and the text of the entry.
func Link(before Hash, body []byte) Hash {
	h := sha256.New()
	h.Write(before[:])
	h.Write(body)
	var sum Hash
	h.Sum(sum[:0])
	return sum
}

// normal is the entry with its lists in order, nothing twice and nothing empty.
func (e Entry) normal() Entry {
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Objects = joined(e.Objects)
	for _, list := range []*[]string{&e.Subjects, &e.Events, &e.Offices, &e.Rules} {
		*list = tidy(*list)
	}
	return e
}

// joined has each object once, with all columns that any of its namesakes had.
func joined(objects []Object) []Object {
	columns := map[string][]string{}
	for _, o := range objects {
		if o.ID != "" {
			columns[o.ID] = append(columns[o.ID], o.Fields...)
		}
	}
	list := make([]Object, 0, len(columns))
	for id, fields := range columns {
		list = append(list, Object{ID: id, Fields: tidy(fields)})
	}
	slices.SortFunc(list, func(a, b Object) int { return cmp.Compare(token(a.ID), token(b.ID)) })
	if len(list) == 0 {
		return nil
	}
	return list
}

// tidy is the list in the order of its written form, each value once.
func tidy(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(token(a), token(b)) })
	list = slices.Compact(list)
	if len(list) == 0 {
		return nil
	}
	return list
}
