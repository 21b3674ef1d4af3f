package sdktest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// compare reports every difference between what a case expects and what was
// decided.
func compare(t *testing.T, def *sdk.Definition, want Decision, got sdk.Decision) {
	t.Helper()
	if want.To == "" {
		want.To = def.DefaultRoute
	}
	same := func(what string, want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	same("to", want.To, got.To)
	same("fired", want.Fired, idsOf(got.Fired, func(f sdk.Fired) string { return f.RuleID }))
	ifSet(want.Priority, func(v string) { same("priority", v, got.Priority) })
	ifSet(want.Appointment, func(v string) { same("appointment", v, got.Appointment) })
	ifSet(want.SlotMinutes, func(v int) { same("slot_minutes", v, got.SlotMinutes) })
	ifSet(want.HomeVisit, func(v bool) { same("home_visit", v, got.HomeVisit) })
	ifSet(want.Silence, func(v string) { same("silence", v, got.Silence) })
	ifSet(want.Deadline, func(v string) {
		same("deadline", v, fmt.Sprintf("%d %s", got.Deadline.Amount, got.Deadline.Unit))
	})
	document := func(d sdk.Document) string { return d.ID }
	advice := func(a sdk.Advice) string { return a.RuleID }
	for what, pair := range map[string][2][]string{
		"alternatives":    {want.Alternatives, idsOf(got.Alternatives, advice)},
		"documents":       {want.Documents, idsOf(got.Documents, document)},
		"extra_documents": {want.ExtraDocuments, idsOf(got.ExtraDocuments, document)},
		"fees":            {want.Fees, idsOf(got.Fees, func(f sdk.Fee) string { return f.Code })},
		"blocks":          {want.Blocks, idsOf(got.Blocks, advice)},
		"notify":          {want.Notify, got.Notify},
		"milestones":      {want.Milestones, idsOf(got.Milestones, func(m sdk.Milestone) string { return m.ID })},
	} {
		if pair[0] != nil {
			same(what, pair[0], pair[1])
		}
	}
	if want.Set != nil {
		same("set", want.Set, got.Set)
	}
	if want.Computed != nil {
		same("computed", want.Computed, valuesOf(got.Computed))
	}
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
