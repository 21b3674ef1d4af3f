package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTrailOfAnOperation: what was allowed in one operation of a connection is its own,
// also where the house goes on for it; and so is each action's.
func TestTrailOfAnOperation(t *testing.T) {
	t.Parallel()
	v := &Viewer{ID: "per_1", Kind: KindPerson, Scope: &Scope{offices: map[Act]OfficeSet{CaseHandle: {All: true}, CaseRead: {All: true}}}}
	connection := With(t.Context(), v)
	one, two := Fork(connection), Fork(connection)
	Begin(one, "first")
	Asker(one).Allow(CaseRead, "a")
	Begin(one, "second")
	if Asker(one).Allow(CaseDecide, "a") || !Asker(one).Allow(CaseHandle, "a") {
		t.Error("Allow is not Can")
	}
	NoteRead(one, Read{Object: "case_1"})
	want := Noted{Checks: []Check{{Act: CaseHandle, Office: "a"}}, Action: "second"}
	if diff := cmp.Diff(want, Traces(System(one, "work"))); diff != "" {
		t.Errorf("the traces of the operation (-want +got):\n%s", diff)
	}
	NoteRead(System(one, "work"), Read{Object: "case_2"})
	want.Reads = []Read{{Object: "case_1"}}
	if diff := cmp.Diff(want, TakeReads(one)); diff != "" {
		t.Errorf("what it has read (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Noted{}, Traces(two)); diff != "" {
		t.Errorf("the traces of its neighbour (-want +got):\n%s", diff)
	}
}

// TestReasonOfAnAction: each action has its own why, the operation the last one.
func TestReasonOfAnAction(t *testing.T) {
	t.Parallel()
	ctx := With(t.Context(), &Viewer{ID: "per_1", Kind: KindPerson, Scope: &Scope{}})
	Begin(ctx, "first")
	NoteReason(ctx, "An order of the court.")
	if got := Traces(System(ctx, "work")).Reason; got != "An order of the court." {
		t.Errorf("the first action was done because %q", got)
	}
	Begin(ctx, "second")
	if got := Traces(System(ctx, "work")).Reason; got != "" {
		t.Errorf("the second action has the reason of the first, %q", got)
	}
	if got := TakeReads(ctx).Reason; got != "An order of the court." {
		t.Errorf("the operation has read because %q", got)
	}
}
