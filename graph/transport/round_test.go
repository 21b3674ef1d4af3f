package transport

import (
	"testing"

	"pgregory.net/rapid"
)

// TestRound: whoever is in a group gets newer states only, and the last one before the group rests; a state costs no more
// than one write to each; and whoever makes states is told once for each that another is worthwhile.
func TestRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &group{crowd: &crowd{groups: map[string]*group{}}, due: make(chan struct{}, 1), passed: make(chan struct{}, 1)}
		states := map[*template]int{}
		got := map[*operation]int{}
		made, writes, last := 0, 0, 0
		var owed []*operation // the last state
		state := func() *template {
			made++
			m := &template{}
			states[m] = made
			return m
		}
		tell := func(m *template, to []*operation) {
			for _, op := range to {
				if op.group == nil {
					continue
				}
				if states[m] <= got[op] {
					t.Fatalf("state %d after state %d", states[m], got[op])
				}
				got[op] = states[m]
			}
		}
		step := func() bool {
			m, to, far := g.next()
			if writes += len(to); len(to) > 0 {
				tell(m, to)
			}
			if far {
				nudge(g.passed)
			}
			return len(to) > 0
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				n := rapid.IntRange(1, 400).Draw(t, "newcomers")
				for range n {
					op := &operation{group: g}
					g.waiting, g.present = append(g.waiting, op), g.present+1
				}
				m := state()
				tell(m, g.welcome(m))
			},
			"leave": func(t *rapid.T) {
				n := rapid.IntRange(1, 300).Draw(t, "leavers")
				for _, op := range g.members {
					if n > 0 && op.group == g {
						n--
						op.group = nil
						delete(got, op)
						g.remove()
					}
				}
			},
			"state": func(*rapid.T) {
				select { // as whoever makes states awaits
				case <-g.passed:
				default:
				}
				g.begin(state(), true)
				writes, last, owed = 0, made, g.members
			},
			"step": func(*rapid.T) { step() },
			"rest": func(t *rapid.T) {
				began := g.round.message != nil
				for step() {
				}
				if writes > len(owed) {
					t.Fatalf("%d writes of one state to %d", writes, len(owed))
				}
				if began && len(g.passed) != 1 {
					t.Fatal("nobody was told that another state is worthwhile")
				}
				for _, op := range owed {
					if op.group == g && got[op] < last {
						t.Fatalf("somebody has got state %d, not %d", got[op], last)
					}
				}
			},
		})
	})
}

// TestAStateIsOvertaken: of states that follow each other faster than they are written, each member gets about one.
func TestAStateIsOvertaken(t *testing.T) {
	const members, states = 4000, 7
	g := &group{crowd: &crowd{groups: map[string]*group{}}, due: make(chan struct{}, 1), passed: make(chan struct{}, 1)}
	for range members {
		g.members = append(g.members, &operation{group: g})
	}
	last := map[*operation]*template{}
	writes := 0
	step := func() (far bool) {
		m, to, far := g.next()
		for _, op := range to {
			last[op] = m
		}
		writes += len(to)
		return far
	}
	var newest *template
	for range states {
		newest = &template{}
		g.begin(newest, true)
		for !step() {
		}
	}
	for g.round.left > 0 {
		step()
	}
	for _, op := range g.members {
		if last[op] != newest {
			t.Fatal("somebody has not got the last state")
		}
	}
	if most := members + states*(members/pace+stride*hands()); writes > most {
		t.Errorf("%d writes to %d members, want at most %d", writes, members, most)
	}
}
