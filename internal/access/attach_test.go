package access

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

// TestEveryTypeHasItsRule: whatever is stored says who reads it. What says nothing of who
// writes it is the house's; what anybody writes is named here, so that a new type is not
// open by being forgotten.
func TestEveryTypeHasItsRule(t *testing.T) {
	known := entities()
	if diff := cmp.Diff(storedTypes(), slices.Sorted(maps.Keys(known))); diff != "" {
		t.Errorf("types stored and types with a rule: (-stored +ruled)\n%s", diff)
	}
	var open []string
	for name, e := range known {
		if e.read == nil {
			t.Errorf("nothing says who reads %s", name)
		}
		if e.anybody {
			open = append(open, name)
		}
		if e.public && (e.anybody || len(e.write)+len(e.asParty) > 0) {
			t.Errorf("%s is public, and written by more than the house", name)
		}
	}
	slices.Sort(open)
	if diff := cmp.Diff([]string{ent.TypeIdempotency, ent.TypeMandate}, open); diff != "" {
		t.Errorf("types that anybody writes: (-known +open)\n%s", diff)
	}
}

// TestWhoWritesWhat: the last line of defence behind the rooms, by role.
func TestWhoWritesWhat(t *testing.T) {
	hall := []string{ent.TypeCall, ent.TypeInterval, ent.TypeLeg, ent.TypeVisit}
	cases := []string{
		ent.TypeCaseAct, ent.TypeCaseClock, ent.TypeCaseDocument, ent.TypeCaseEntry, ent.TypeCaseFile, ent.TypeClockEntry,
		ent.TypeDocumentUpload, ent.TypeDocumentVersion, ent.TypeFormerOffice, ent.TypeIntake,
	}
	counter := append([]string{ent.TypeCounterSession, ent.TypeNumberSeries}, hall...)
	ladder := []string{ent.TypeEscalation, ent.TypeStepEntry, ent.TypeStepNote}
	own := []string{ent.TypeContactChoice} // whoever may come as a citizen too
	tests := map[town.Role][]string{
		town.RoleDisplay:   nil,
		town.RoleKiosk:     append([]string{ent.TypeNumberSeries}, hall...),
		town.RoleInfoPoint: slices.Concat(ladder, own, counter),
		town.RoleOfficer:   slices.Concat([]string{ent.TypeIntakeDraft}, ladder, own, counter, cases),
		town.RoleMayor:     append([]string{ent.TypeAlert, ent.TypeAlertEndpoint, ent.TypeOpening}, ladder...),
		// they hold a case back from erasure, and may ask for alerts by mail
		town.RoleAuditor: append([]string{ent.TypeAlertEndpoint}, cases...),
		town.RoleAdmin: append([]string{
			ent.TypeAlertDelivery, ent.TypeAlertEndpoint, ent.TypeCounterSession, ent.TypeCredential, ent.TypePerson, ent.TypeRoleAssignment,
		}, hall...), // they close a day that nobody closed
	}
	policy, err := NewPolicy(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range tests {
		h := standing{members: map[string]*member{"p": {kind: town.PersonStaff, held: []assignment{{role: role, office: "office"}}}}}
		v := &Viewer{ID: "p", Kind: KindPerson, Scope: newSnapshot(1, policy, h).scopeOf("p", time.Now())}
		var got []string
		for name, e := range entities() {
			if e.mayBeWrittenBy(v) && !e.anybody {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s writes (-want +got):\n%s", role, diff)
		}
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
