package sdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func fired(id string, effect sdk.Effect) sdk.Fired {
	return sdk.Fired{RuleID: id, Words: both("words of " + id), Effect: effect}
}

func text(s string) *sdk.Text { t := both(s); return &t }

func TestMerge(t *testing.T) {
	t.Parallel()
	def := definition(own("importo", sdk.TypeMoney), own("mq", sdk.TypeInt))
	p := practiceOf(def)
	p.Form.Documents = []sdk.Document{{ID: "planimetria", Label: both("Planimetria"), Required: sdk.RequiredNever}}
	in := compiled(t, def).Bind(answers("nome", `"Ada"`, "importo", `"12.50"`, "mq", "40"), monday())
	plain := sdk.Decision{To: "sportello", Priority: "P3", SlotMinutes: 15, Silence: "none", Deadline: p.Deadline}
	tests := map[string]struct {
		own, global []sdk.Fired
		want        func(d *sdk.Decision)
	}{
		"no rule": {nil, nil, func(*sdk.Decision) {}},
		"the first destination wins, the others are shown": {
			[]sdk.Fired{fired("a", sdk.Effect{To: "caf"}), fired("b", sdk.Effect{To: "help-point"}), fired("c", sdk.Effect{To: "caf"})},
			nil,
			func(d *sdk.Decision) {
				d.To = "caf"
				d.Alternatives = []sdk.Advice{{RuleID: "b", Words: both("words of b"), To: "help-point"}}
			},
		},
		"the rules of the town come last": {
			[]sdk.Fired{fired("a", sdk.Effect{To: "caf"})},
			[]sdk.Fired{fired("global/x", sdk.Effect{To: "help-point"})},
			func(d *sdk.Decision) {
				d.To = "caf"
				d.Alternatives = []sdk.Advice{{RuleID: "global/x", Words: both("words of global/x"), To: "help-point"}}
			},
		},
		"the lowest priority number": {
			[]sdk.Fired{fired("a", sdk.Effect{Priority: "P2"}), fired("b", sdk.Effect{Priority: "P0"}), fired("c", sdk.Effect{Priority: "P1"})},
			nil,
			func(d *sdk.Decision) { d.Priority = "P0" },
		},
		"required wins before and after": {
			[]sdk.Fired{fired("a", sdk.Effect{Appointment: "required"}), fired("b", sdk.Effect{Appointment: "recommended"})},
			nil,
			func(d *sdk.Decision) { d.Appointment = "required" },
		},
		"recommended, then required": {
			[]sdk.Fired{fired("a", sdk.Effect{Appointment: "recommended"}), fired("b", sdk.Effect{Appointment: "required"})},
			nil,
			func(d *sdk.Decision) { d.Appointment = "required" },
		},
		"the largest slot, then the smallest cap": {
			[]sdk.Fired{
				fired("a", sdk.Effect{SlotMinutes: 40}), fired("b", sdk.Effect{SlotMax: 10}),
				fired("c", sdk.Effect{SlotMinutes: 20}), fired("d", sdk.Effect{SlotMax: 12}),
			},
			nil,
			func(d *sdk.Decision) { d.SlotMinutes = 10 },
		},
		"never below the typical minutes without a cap": {
			[]sdk.Fired{fired("a", sdk.Effect{SlotMinutes: 5})}, nil, func(*sdk.Decision) {},
		},
		"a cap above the slot does nothing": {
			[]sdk.Fired{fired("a", sdk.Effect{SlotMax: 60})}, nil, func(*sdk.Decision) {},
		},
		"all blocks are listed and change no destination": {
			[]sdk.Fired{fired("a", sdk.Effect{Block: text("no"), To: "caf"}), fired("b", sdk.Effect{Block: text("no")})},
			nil,
			func(d *sdk.Decision) {
				d.To = "caf"
				d.Blocks = []sdk.Advice{{"a", both("words of a"), both("no"), "caf", nil}, {"b", both("words of b"), both("no"), "", nil}}
			},
		},
		"a visit at home sticks": {
			[]sdk.Fired{fired("a", sdk.Effect{HomeVisit: true}), fired("b", sdk.Effect{})},
			nil,
			func(d *sdk.Decision) { d.HomeVisit = true },
		},
		"lists without repeats, in rule order": {
			[]sdk.Fired{
				fired("a", sdk.Effect{ExtraDocuments: []string{"planimetria", "delega-firmata"}, Hint: text("x"), Notify: "caf"}),
				fired("b", sdk.Effect{ExtraDocuments: []string{"delega-firmata", "altro"}, Hint: text("x"), Notify: "caf"}),
				fired("c", sdk.Effect{Hint: text("y"), Notify: "altro ente"}),
			},
			nil,
			func(d *sdk.Decision) {
				d.ExtraDocuments = []sdk.Document{
					{ID: "planimetria", Label: both("Planimetria")}, {ID: "delega-firmata", Label: both("Delega")}, {ID: "altro", Label: both("altro")},
				}
				d.Hints = []sdk.Text{both("x"), both("y")}
				d.Notify = []string{"caf", "altro ente"}
			},
		},
		"set: the first rule wins on a key, @ copies an answer": {
			[]sdk.Fired{
				fired("a", sdk.Effect{Set: "chi=@nome"}), fired("b", sdk.Effect{Set: "chi=altri"}), fired("c", sdk.Effect{Set: "quanto=@importo"}),
				fired("d", sdk.Effect{Set: "mq=@mq"}), fired("e", sdk.Effect{Set: "nato=@data_nascita"}), fired("f", sdk.Effect{Set: "nato=ieri"}),
			},
			nil,
			func(d *sdk.Decision) {
				d.Set = map[string]string{"chi": "Ada", "quanto": "12.50", "mq": "40", "nato": "ieri"}
			},
		},
		"the first silence": {
			[]sdk.Fired{fired("a", sdk.Effect{Silence: "consent"}), fired("b", sdk.Effect{Silence: "refusal"})},
			nil,
			func(d *sdk.Decision) { d.Silence = "consent" },
		},
		"the first deadline changes amount and unit": {
			[]sdk.Fired{fired("a", sdk.Effect{Deadline: "10 working days"}), fired("b", sdk.Effect{Deadline: "5 months"})},
			nil,
			func(d *sdk.Decision) {
				d.Deadline = sdk.Term{Amount: 10, Unit: sdk.WorkingDays, From: "protocol"}
			},
		},
		"words are only shown, and they are first": {
			[]sdk.Fired{fired("a", sdk.Effect{DeadlineWords: text("subito")}), fired("b", sdk.Effect{Deadline: "5 months"})},
			nil,
			func(d *sdk.Decision) { d.DeadlineWords = both("subito") },
		},
		"a term with its words": {
			[]sdk.Fired{fired("a", sdk.Effect{Deadline: "5 months", DeadlineWords: text("perché")}), fired("b", sdk.Effect{DeadlineWords: text("tardi")})},
			nil,
			func(d *sdk.Decision) {
				d.Deadline, d.DeadlineWords = sdk.Term{Amount: 5, Unit: sdk.Months, From: "protocol"}, both("perché")
			},
		},
		"words of a kept definition stand for both languages": {
			[]sdk.Fired{fired("a", sdk.Effect{Deadline: "60 + 30 days"}), fired("b", sdk.Effect{Deadline: "5 months"})},
			nil,
			func(d *sdk.Decision) { d.DeadlineWords = both("60 + 30 days") },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := plain
			tt.want(&want)
			got := sdk.Merge(in, tt.own, tt.global, nil)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(sdk.Decision{}, "Fired")); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
			if len(got.Fired) != len(tt.own)+len(tt.global) {
				t.Errorf("%d fired rules", len(got.Fired))
			}
		})
	}
}

// The canteen: a minimum, a linear and a maximum fee exclude each other, and a
// register that does not answer makes nobody a stranger.
func TestExclusiveFees(t *testing.T) {
	t.Parallel()
	def := definition(own("isee", sdk.TypeMoney))
	p := practiceOf(def)
	p.Fees = []sdk.Fee{
		{Code: "iscrizione", Label: both("x"), AmountEUR: "5.00"},
		{Code: "minima", Label: both("x"), AmountEUR: "1.50", When: "isee <= 6000 and not (resident == False)", Exclusive: true},
		{Code: "lineare", Label: both("x"), Variable: true, When: "isee > 6000 and isee < 20000 and not (resident == False)", Exclusive: true},
		{Code: "massima", Label: both("x"), AmountEUR: "5.50", When: "isee >= 20000 or isee == None or resident == False", Exclusive: true},
		{Code: "mora", Label: both("x"), AmountEUR: "3.00", When: "debts_open"},
	}
	practice := compiled(t, def)
	named := []sdk.Fired{fired("a", sdk.Effect{Fee: "mora"}), fired("b", sdk.Effect{Fee: "massima"})}
	tests := map[string]struct {
		isee, resident string
		fired          []sdk.Fired
		want           []string
	}{
		"resident":                          {`"5200.00"`, "true", nil, []string{"iscrizione", "minima"}},
		"known to live elsewhere":           {`"5200.00"`, "false", nil, []string{"iscrizione", "massima"}},
		"register down":                     {`"5200.00"`, "null", nil, []string{"iscrizione", "minima"}},
		"in between":                        {`"6000.01"`, "true", nil, []string{"iscrizione", "lineare"}},
		"no certificate":                    {`null`, "true", nil, []string{"iscrizione", "massima"}},
		"a rule names lines, not exclusive": {`"5200.00"`, "true", named, []string{"iscrizione", "minima", "mora"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := monday()
			facts.Ambient = answers("resident", tt.resident)
			d := sdk.Merge(practice.Bind(answers("isee", tt.isee), facts), tt.fired, nil, nil)
			if diff := cmp.Diff(tt.want, ids(d.Fees, func(f sdk.Fee) string { return f.Code })); diff != "" {
				t.Errorf("fees (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDocumentsAndMilestones(t *testing.T) {
	t.Parallel()
	def := definition(own("estero", sdk.TypeBool))
	p := practiceOf(def)
	p.Form.Documents = []sdk.Document{
		{ID: "passaporto", Label: both("x"), Required: sdk.RequiredConditional, When: "estero"},
		{ID: "visura", Label: both("x"), Required: sdk.RequiredNever},
		{ID: "modulo", Label: both("x"), Required: sdk.RequiredAlways},
	}
	clock := func(id string, amount int, from, condition string) sdk.Milestone {
		return sdk.Milestone{ID: id, Label: both("x"), Amount: amount, Unit: sdk.CalendarDays, From: from, OnExpiry: sdk.ExpiryNone, When: condition}
	}
	p.Milestones = []sdk.Milestone{clock("risposta", 30, "protocol", ""), clock("altra", 30, "refusal", ""), clock("estero", 45, "protocol", "estero")}
	practice := compiled(t, def)

	home := sdk.Merge(practice.Bind(nil, monday()), nil, nil, nil)
	if diff := cmp.Diff([]string{"modulo"}, ids(home.Documents, func(d sdk.Document) string { return d.ID })); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	abroad := sdk.Merge(practice.Bind(answers("estero", "true"), monday()), []sdk.Fired{fired("a", sdk.Effect{Deadline: "3 months"})}, nil, nil)
	if diff := cmp.Diff([]string{"passaporto", "modulo"}, ids(abroad.Documents, func(d sdk.Document) string { return d.ID })); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	changed := clock("risposta", 3, "protocol", "")
	changed.Unit = sdk.Months // it repeats the deadline, so it follows the rule
	want := []sdk.Milestone{changed, p.Milestones[1], p.Milestones[2]}
	if diff := cmp.Diff(want, abroad.Milestones); diff != "" {
		t.Errorf("milestones (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(p.Milestones[:2], home.Milestones); diff != "" {
		t.Errorf("milestones without a rule (-want +got):\n%s", diff)
	}
	if p.Milestones[0].Unit != sdk.CalendarDays {
		t.Error("the decision changed the definition")
	}
}

func TestParseDeadline(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]sdk.Term{
		"30 calendar days": {Amount: 30, Unit: sdk.CalendarDays}, "2 working days": {Amount: 2, Unit: sdk.WorkingDays},
		"6 months": {Amount: 6, Unit: sdk.Months}, "0 working days": {Amount: 0, Unit: sdk.WorkingDays},
	} {
		amount, unit, ok := sdk.ParseDeadline(words)
		if !ok || amount != want.Amount || unit != want.Unit {
			t.Errorf("%q = %d %s, %v", words, amount, unit, ok)
		}
	}
	for _, words := range []string{"", "30", "30 days", "60 + 30 days", "-3 months", "3 Months", "99999 months", " 3 months"} {
		if _, _, ok := sdk.ParseDeadline(words); ok {
			t.Errorf("%q is read as a term", words)
		}
	}
}

// However many rules fire, the decision keeps its bounds, and what only joins
// does not depend on how the rules are split between department and town.
func TestMergeKeepsItsBounds(t *testing.T) {
	t.Parallel()
	in := compiled(t, definition()).Bind(nil, monday())
	effect := rapid.Custom(func(t *rapid.T) sdk.Effect {
		return sdk.Effect{
			To:          rapid.SampledFrom([]string{"", "caf", "help-point"}).Draw(t, "to"),
			Priority:    rapid.SampledFrom([]string{"", "P0", "P1", "P2", "P3"}).Draw(t, "priority"),
			Appointment: rapid.SampledFrom([]string{"", "required", "recommended"}).Draw(t, "appointment"),
			SlotMinutes: rapid.IntRange(0, 60).Draw(t, "slot"),
			SlotMax:     rapid.IntRange(0, 60).Draw(t, "cap"),
			Notify:      rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "notify"),
			Set:         rapid.SampledFrom([]string{"", "k=1", "k=2", "j=3"}).Draw(t, "set"),
			Deadline:    rapid.SampledFrom([]string{"", "2 working days", "words"}).Draw(t, "deadline"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		var rules []sdk.Fired
		for i, e := range rapid.SliceOfN(effect, 0, 8).Draw(t, "effects") {
			rules = append(rules, fired(string(rune('a'+i)), e))
		}
		cut := rapid.IntRange(0, len(rules)).Draw(t, "cut")
		d := sdk.Merge(in, rules[:cut], rules[cut:], nil)
		if diff := cmp.Diff(sdk.Merge(in, rules, nil, nil), d); diff != "" {
			t.Fatalf("it matters who says it:\n%s", diff)
		}
		for _, r := range rules {
			if r.Effect.Priority != "" && r.Effect.Priority < d.Priority {
				t.Fatalf("priority %s with a rule of %s", d.Priority, r.Effect.Priority)
			}
			if r.Effect.SlotMax > 0 && d.SlotMinutes > r.Effect.SlotMax {
				t.Fatalf("%d minutes above the cap %d", d.SlotMinutes, r.Effect.SlotMax)
			}
			if r.Effect.Appointment == "required" && d.Appointment != "required" {
				t.Fatalf("appointment %q", d.Appointment)
			}
		}
		if len(d.Notify) > 2 || d.To == "" {
			t.Fatalf("decision %+v", d)
		}
	})
}

// Whoever is sent away is told the law: the rule's own, else that of its practice.
func TestLegalBasisOfAdvice(t *testing.T) {
	t.Parallel()
	def := definition(own("nota", sdk.TypeString))
	practiceOf(def).LegalBasis = []string{"L. 241/1990"}
	in := compiled(t, def).Bind(answers("nota", `"x"`), monday())
	withLaw := fired("b", sdk.Effect{Block: text("no"), To: "caf"})
	withLaw.LegalBasis = []string{"D.P.C.M. 159/2013"}
	d := sdk.Merge(in, []sdk.Fired{fired("a", sdk.Effect{Block: text("no"), To: "help-point"}), withLaw}, nil, nil)
	want := [][]string{{"L. 241/1990"}, {"D.P.C.M. 159/2013"}}
	if diff := cmp.Diff(want, [][]string{d.Blocks[0].LegalBasis, d.Blocks[1].LegalBasis}); diff != "" {
		t.Errorf("law of the blocks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[1], d.Alternatives[0].LegalBasis); diff != "" {
		t.Errorf("law of the other destination (-want +got):\n%s", diff)
	}
}
