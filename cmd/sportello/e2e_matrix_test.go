package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

// question is a cell of the truth table: may the role do the act on a thing that stands
// in that relation to it?
type question struct {
	role     town.Role
	relation access.Relation
	act      access.Act
}

// truth is policies/matrix.csv: whatever has no line is denied.
type truth map[question]bool

func readTruth(t testing.TB) truth {
	t.Helper()
	lines, err := access.ReadMatrix(policies.Matrix)
	must(t, err)
	table := truth{}
	for _, line := range lines {
		table[question{line.Role, line.Relation, line.Act}] = line.Allow
	}
	return table
}

// allows is what the table says of a question as it is put to the house. Where it has no
// line, a thing of one's own in another office is that office's thing, too; and what
// belongs to no office is one's own wherever the role is held.
func (table truth) allows(q question, p matrixProbe) bool {
	allow, told := table[q]
	switch {
	case told:
		return allow
	case q.relation == access.Party:
		return table[question{q.role, access.Other, q.act}]
	case q.relation == access.Other && p.noOffice:
		return table[question{q.role, access.Own, q.act}]
	default:
		return false
	}
}

// answers are what the house did, by the question.
type answers map[question]string

// The two answers that a line of the table knows; everything else is a fault.
const (
	didAllow = "allow"
	didDeny  = "deny"
)

// against gives the differences between what the house did and the table.
func (got answers) against(table truth, probes map[access.Act]matrixProbe) []string {
	var differences []string
	for q, did := range got {
		want := didDeny
		if table.allows(q, probes[q.act]) {
			want = didAllow
		}
		if did != want {
			differences = append(differences, fmt.Sprintf("%s,%s,%s: the house says %s, the table %s", q.role, q.relation, q.act, did, want))
		}
	}
	slices.Sort(differences)
	return differences
}

// TestE2EMatrix executes the truth table through GraphQL, over HTTP: for every role, every
// relation and every act, with a line or without, somebody who holds that role alone does
// the act on a thing in that relation, and it is as the table says. Left out are things of
// one's own (party) where an act knows no such thing beside those of an office: see
// [matrixProbe.party].
func TestE2EMatrix(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		table, probes := readTruth(t), matrixProbes()
		for _, act := range access.Acts() {
			if _, ok := probes[act]; !ok {
				t.Errorf("no probe for %s", act)
			}
		}
		began := time.Now()
		h := newMatrixHall(t, db)
		cells := h.furnish(probes)
		furnished := time.Since(began)
		got := answers{}
		for _, c := range cells {
			got[c.question] = probes[c.act].did(h.as(c), c)
		}
		for _, difference := range got.against(table, probes) {
			t.Error(difference)
		}
		everyLineCounts(t, got, table, probes)
		t.Logf("%d lines, %d questions put to the house: furnished in %v, asked in %v", len(table), len(got),
			furnished.Round(time.Second), (time.Since(began) - furnished).Round(time.Second))
	})
}

// everyLineCounts turns each line of the table into its contrary: the comparison has to
// fail, or the line was not executed.
func everyLineCounts(t *testing.T, got answers, table truth, probes map[access.Act]matrixProbe) {
	t.Helper()
	before := len(got.against(table, probes))
	for q, allow := range table {
		table[q] = !allow
		if len(got.against(table, probes)) == before {
			t.Errorf("%s,%s,%s: turned into its contrary, the line is not missed", q.role, q.relation, q.act)
		}
		table[q] = allow
	}
}
