package access

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
)

// TestEveryTypeHasItsRule: whatever is stored says who reads it, and who writes it. What
// has no act to be written is written by the rooms for whoever asks, which check more than
// an act can say; it is named here, so that a new type is not open by being forgotten.
func TestEveryTypeHasItsRule(t *testing.T) {
	byRooms := []string{
		ent.TypeCall, ent.TypeCaseClock, ent.TypeCaseDocument, ent.TypeCaseEntry, ent.TypeCaseFile, ent.TypeClockEntry,
		ent.TypeCounterSession, ent.TypeEscalation, ent.TypeEvent, ent.TypeFeedback, ent.TypeFormerOffice, ent.TypeIdempotency,
		ent.TypeIntake, ent.TypeInterval, ent.TypeLeg, ent.TypeMandate, ent.TypeNumberSeries, ent.TypeVisit,
	}
	known := entities()
	if diff := cmp.Diff(storedTypes(), slices.Sorted(maps.Keys(known))); diff != "" {
		t.Errorf("types stored and types with a rule: (-stored +ruled)\n%s", diff)
	}
	var open []string
	for name, e := range known {
		if e.read == nil {
			t.Errorf("nothing says who reads %s", name)
		}
		if e.write == "" {
			open = append(open, name)
		}
		if e.public && e.write != systemOnly {
			t.Errorf("%s is public, and written by more than the house", name)
		}
	}
	slices.Sort(open)
	if diff := cmp.Diff(byRooms, open); diff != "" {
		t.Errorf("types that the rooms write for whoever asks: (-known +open)\n%s", diff)
	}
}

// storedTypes are the names of all types of the database's client.
func storedTypes() []string {
	var names []string
	client := reflect.TypeFor[ent.Client]()
	for i := range client.NumField() {
		field := client.Field(i)
		if name, ok := strings.CutSuffix(field.Type.String(), "Client"); ok && field.IsExported() {
			names = append(names, strings.TrimPrefix(name, "*ent."))
		}
	}
	slices.Sort(names)
	return names
}
