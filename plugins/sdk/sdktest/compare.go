package sdktest

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// differences are all the points on which a decision is not what a case expects.
func differences(def *sdk.Definition, want Decision, got sdk.Decision) []string {
	var all []string
	if want.To == "" {
		want.To = def.DefaultRoute
	}
	same := func(what string, want, got any) {
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			all = append(all, fmt.Sprintf("%s (-want +got):\n%s", what, diff))
		}
	}
	same("to", want.To, got.To)
	same("fired", want.Fired, idsOf(got.Fired, firedID))
	ifSet(want.Priority, func(v string) { same("priority", v, got.Priority) })
	ifSet(want.Appointment, func(v string) { same("appointment", v, got.Appointment) })
	ifSet(want.SlotMinutes, func(v int) { same("slot_minutes", v, got.SlotMinutes) })
	ifSet(want.HomeVisit, func(v bool) { same("home_visit", v, got.HomeVisit) })
	ifSet(want.Silence, func(v string) { same("silence", v, got.Silence) })
	ifSet(want.Deadline, func(v string) {
		same("deadline", v, fmt.Sprintf("%d %s", got.Deadline.Amount, got.Deadline.Unit))
	})
	ifSet(want.DeadlineWords, func(v sdk.Text) { same("deadline_words", v, got.DeadlineWords) })
	advice := func(a sdk.Advice) string { return a.RuleID }
	list := func(what string, want, got []string) {
		if want != nil {
			same(what, want, got)
		}
	}
	list("alternatives", want.Alternatives, idsOf(got.Alternatives, advice))
	list("documents", want.Documents, idsOf(got.Documents, documentID))
	list("extra_documents", want.ExtraDocuments, idsOf(got.ExtraDocuments, documentID))
	list("fees", want.Fees, idsOf(got.Fees, feeCode))
	list("blocks", want.Blocks, idsOf(got.Blocks, advice))
	list("notify", want.Notify, got.Notify)
	list("milestones", want.Milestones, idsOf(got.Milestones, milestoneID))
	if want.Set != nil {
		same("set", want.Set, got.Set)
	}
	if want.Computed != nil {
		same("computed", want.Computed, valuesOf(got.Computed))
	}
	return all
}

func ifSet[T any](want *T, check func(T)) {
	if want != nil {
		check(*want)
	}
}

func idsOf[T any](items []T, id func(T) string) []string {
	ids := make([]string, 0, len(items))
	for _, item := range items {
		ids = append(ids, id(item))
	}
	return ids
}

func valuesOf(computed []sdk.Computed) map[string][]string {
	values := map[string][]string{}
	for _, c := range computed {
		values[c.Name] = append(values[c.Name], c.Value)
	}
	return values
}
