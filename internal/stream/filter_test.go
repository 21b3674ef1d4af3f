package stream

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// An event that a filter asks for finds its subscription at one topic, not at
// none and not twice.
func TestEventMeetsSubscriptionOnce(t *testing.T) {
	name := rapid.SampledFrom([]string{"", "", "a", "b"})
	level := rapid.Custom(func(t *rapid.T) town.Level { return town.Level(rapid.IntRange(0, 5).Draw(t, "level")) })
	group := rapid.SampledFrom([]string{"leg", "case", "escalation"})
	rapid.Check(t, func(t *rapid.T) {
		f := Filter{
			VisitID: name.Draw(t, "filter visit"), CaseID: name.Draw(t, "filter case"), SiteID: name.Draw(t, "filter site"),
			OfficeID: name.Draw(t, "filter office"), Level: level.Draw(t, "filter level"),
			Groups: rapid.SliceOfNDistinct(group, 0, 3, rapid.ID).Draw(t, "filter groups"),
		}
		e := &town.Event{
			Type:    town.EventType(group.Draw(t, "group") + ".happened"),
			VisitID: name.Draw(t, "visit"), CaseID: name.Draw(t, "case"), SiteID: name.Draw(t, "site"),
			OfficeID: name.Draw(t, "office"), Level: level.Draw(t, "level"),
			Data: map[string]string{town.DataFormerOffice: name.Draw(t, "former office")},
		}
		met := 0
		for _, asked := range f.topics() {
			for _, offered := range topicsOf(e) {
				if asked == offered {
					met++
				}
			}
		}
		if f.matches(e) && met != 1 || met > 1 {
			t.Fatalf("filter %+v meets event %+v at %d topics", f, e, met)
		}
	})
}

func TestCursorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := position{seq: rapid.Int64Min(0).Draw(t, "seq"), tag: rapid.StringMatching(`[0-9A-Z]{0,6}`).Draw(t, "tag")}
		got, err := parseCursor(p.cursor())
		if err != nil || got != p {
			t.Fatalf("parse %q: %+v, %v, want %+v", p.cursor(), got, err, p)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add(position{seq: 7, tag: "ABC123"}.cursor())
	f.Add("Ny4")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parseCursor(cursor)
		if err == nil && p.cursor() != cursor {
			t.Errorf("%q reads as %+v, which is written %q", cursor, p, p.cursor())
		}
	})
}
