package stream

import (
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Filter says which events a subscription is about. All fields that are set must
// match; the zero value matches every event. Rights are another matter.
type Filter struct {
	VisitID  string
	CaseID   string
	SiteID   string
	OfficeID string
	Level    town.Level
	// Groups are the first words of event types, such as "leg" or "case".
	Groups []string
}

// matches reports whether the event is one that the filter asks for. An event
// that moves something between offices concerns both.
func (f Filter) matches(e *town.Event) bool {
	return (f.VisitID == "" || f.VisitID == e.VisitID) &&
		(f.CaseID == "" || f.CaseID == e.CaseID) &&
		(f.SiteID == "" || f.SiteID == e.SiteID) &&
		(f.OfficeID == "" || f.OfficeID == e.OfficeID || f.OfficeID == e.Data[town.DataFormerOffice]) &&
		(f.Level == 0 || f.Level == e.Level) &&
		(len(f.Groups) == 0 || slices.Contains(f.Groups, groupOf(e.Type)))
}

// where is the filter in SQL. It may let through more than matches does.
func (f Filter) where() []predicate.Event {
	var all []predicate.Event
	if f.VisitID != "" {
		all = append(all, event.VisitID(f.VisitID))
	}
	if f.CaseID != "" {
		all = append(all, event.CaseID(f.CaseID))
	}
	if f.SiteID != "" {
		all = append(all, event.SiteID(f.SiteID))
	}
	if f.OfficeID != "" {
		all = append(all, event.Or(event.OfficeID(f.OfficeID), event.TypeIn(town.EventCaseTransferred, town.EventLegTransferred)))
	}
	if f.Level != 0 {
		all = append(all, event.LevelEQ(f.Level))
	}
	if len(f.Groups) > 0 {
		groups := make([]predicate.Event, len(f.Groups))
		for i, g := range f.Groups {
			groups[i] = predicate.Event(sql.FieldHasPrefix(event.FieldType, g+"."))
		}
		all = append(all, event.Or(groups...))
	}
	return all
}

func groupOf(t town.EventType) string {
	group, _, _ := strings.Cut(string(t), ".")
	return group
}

// topic is where the hub keeps the subscriptions that an event may concern, so
// that an event wakes only those.
type topic struct {
	kind topicKind
	id   string
}

type topicKind byte

const (
	topicAll topicKind = iota
	topicVisit
	topicCase
	topicSite
	topicOffice
	topicLevel
	topicGroup
)

// topics is where a subscription with this filter is kept: its narrowest field.
// An event meets a subscription at one topic only.
func (f Filter) topics() []topic {
	switch {
	case f.VisitID != "":
		return []topic{{topicVisit, f.VisitID}}
	case f.CaseID != "":
		return []topic{{topicCase, f.CaseID}}
	case f.OfficeID != "":
		return []topic{{topicOffice, f.OfficeID}}
	case f.SiteID != "":
		return []topic{{topicSite, f.SiteID}}
	case f.Level != 0:
		return []topic{{topicLevel, levelID(f.Level)}}
	case len(f.Groups) > 0:
		all := make([]topic, len(f.Groups))
		for i, g := range f.Groups {
			all[i] = topic{topicGroup, g}
		}
		return all
	default:
		return []topic{{kind: topicAll}}
	}
}

// topicsOf is where the hub looks for subscriptions to an event.
func topicsOf(e *town.Event) []topic {
	all := []topic{{kind: topicAll}, {topicGroup, groupOf(e.Type)}}
	add := func(kind topicKind, id string) {
		if id != "" {
			all = append(all, topic{kind, id})
		}
	}
	add(topicVisit, e.VisitID)
	add(topicCase, e.CaseID)
	add(topicSite, e.SiteID)
	add(topicOffice, e.OfficeID)
	if former := e.Data[town.DataFormerOffice]; former != e.OfficeID {
		add(topicOffice, former)
	}
	if e.Level != 0 {
		add(topicLevel, levelID(e.Level))
	}
	return all
}

func levelID(l town.Level) string { return string(rune('0' + l)) }
