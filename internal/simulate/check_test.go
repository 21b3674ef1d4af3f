package simulate

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheckNumbers(t *testing.T) {
	t.Parallel()
	n := func(label string) number { return number{"2026-11-23", label} }
	tests := map[string]struct {
		issued []number
		want   string // in a fault; empty for none
	}{
		"all there, in any order": {issued: []number{n("A002"), n("A001"), n("B001"), {"2026-11-24", "A001"}}},
		"twice":                   {issued: []number{n("A001"), n("A001")}, want: "twice"},
		"a gap":                   {issued: []number{n("A001"), n("A003")}, want: "missing before 3"},
		"not from one":            {issued: []number{n("A002")}, want: "missing before 2"},
		"no number":               {issued: []number{n("Axx")}, want: "cannot be read"},
	}
	for name, tt := range tests {
		faults := strings.Join(checkNumbers(tt.issued), "\n")
		if (tt.want == "") != (faults == "") || !strings.Contains(faults, tt.want) {
			t.Errorf("%s: %q, want %q", name, faults, tt.want)
		}
	}
}

func TestCheckHall(t *testing.T) {
	t.Parallel()
	in := func(state string) *presence { return &presence{label: "A001", leg: legAnswer{State: state}} }
	all := []*presence{in("COMPLETED"), in("NO_SHOW"), in("LEFT"), in("WAITING")}
	if faults := checkHall(all, 1); len(faults) > 0 {
		t.Errorf("one was sent home: %v", faults)
	}
	if faults := checkHall(all, 0); len(faults) != 2 {
		t.Errorf("somebody is left in the hall: %v", faults)
	}
}

func TestPairCheck(t *testing.T) {
	t.Parallel()
	e := func(id, kind string, minute int) record {
		return record{id: id, kind: kind, at: time.Date(2026, 11, 23, 9, minute, 0, 0, time.UTC)}
	}
	call, start, passed := e("1", "leg.called", 1), e("2", "leg.serving_started", 2), e("3", "clock.expired", 1)
	tests := map[string]struct {
		live, reference []record
		expected        map[string]int
		err             error
		want            string
	}{
		"the same":           {live: []record{call, start}, reference: []record{call, start}, expected: map[string]int{"leg.called": 1}},
		"one lost":           {live: []record{start}, reference: []record{call, start}, want: "differ at event 1"},
		"one twice":          {live: []record{call, call, start}, reference: []record{call, start}, want: "came twice"},
		"out of order":       {live: []record{start, call}, reference: []record{call, start}, want: "after a later one"},
		"a term that passes": {live: []record{start, passed}, reference: []record{start, passed}},
		"both lost one":      {live: []record{start}, reference: []record{start}, expected: map[string]int{"leg.called": 1}, want: "tell of 1"},
		"the stream ended":   {live: []record{call}, reference: []record{call}, err: errors.New("gone"), want: "gone"},
	}
	for name, tt := range tests {
		p := &pair{
			live:      &follower{records: tt.live, err: tt.err, followed: followed{name: "queue"}},
			reference: &follower{records: tt.reference}, expected: tt.expected,
		}
		faults := strings.Join(p.check(), "\n")
		if (tt.want == "") != (faults == "") || !strings.Contains(faults, tt.want) {
			t.Errorf("%s: %q, want %q", name, faults, tt.want)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	problem := userError{Code: "FIELD_PROBLEM", Message: "x", Detail: "cf", Path: []string{"input", "answers", "a"}}
	tests := map[string]struct {
		got  submitPayload
		fine bool
	}{
		"a case":                  {submitPayload{Status: statusAccepted, Case: &caseAnswer{Protocol: "2026/000001"}}, true},
		"accepted without a case": {submitPayload{Status: statusAccepted}, false},
		"named problems":          {submitPayload{Status: statusProblems, UserErrors: refusals{problem}}, true},
		"problems without a word": {submitPayload{Status: statusProblems}, false},
		"a problem without place": {submitPayload{Status: statusProblems, UserErrors: refusals{{Code: "INVALID", Message: "x"}}}, false},
		"blocked without reason":  {submitPayload{Status: statusBlocked}, false},
		"unknown":                 {submitPayload{Status: "LOST"}, false},
	}
	for name, tt := range tests {
		if fault := named(&tt.got); (fault == "") != tt.fine {
			t.Errorf("%s: %q", name, fault)
		}
	}
}

func TestFiguresOfWaits(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	for minute := range 20 {
		waits = append(waits, time.Duration(minute+1)*time.Minute)
	}
	rows := waitRows(map[string][]time.Duration{"Mon 23 Nov": waits}, waits[:2])
	want := WaitRow{
		Day: "Mon 23 Nov", Served: 20, MeanSeconds: 630, P90Seconds: 18 * 60, P95Seconds: 19 * 60, Within5: 0.25, Within10: 0.5,
	}
	if rows[0] != want {
		t.Errorf("%+v, want %+v", rows[0], want)
	}
	if rows[1].Day != "week" || rows[1].Served != 20 {
		t.Errorf("the whole week is %+v", rows[1])
	}
	if rows[2].Day != "counter" || rows[2].Served != 2 || rows[2].MeanSeconds != 90 {
		t.Errorf("the counter's queue is %+v", rows[2])
	}
}
