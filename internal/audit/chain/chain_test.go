package chain_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
)

// TestForm holds the form still: what was written once must be read for ever.
func TestForm(t *testing.T) {
	t.Parallel()
	e := chain.Entry{
		ID: "aud_01", At: time.Date(2026, 11, 23, 9, 30, 0, 123_000, time.UTC), Kind: chain.Write,
		ActorKind: "person", ActorID: "per_01", OnBehalfOf: "per_02", MandateID: "mnd_01", Action: "submitIntake",
		Objects:  []chain.Object{{ID: "vis_01"}, {ID: "case_01", Fields: []string{"decision", "answers"}}, {ID: "case_01", Fields: []string{"answers"}}},
		Subjects: []string{"per_02", "per_01", "per_02", ""}, Events: []string{"evt_01"}, Offices: []string{"sportello"},
		Rules:    []string{"operator own case:handle sportello"},
		SignInID: "sign_01", Address: "203.0.113.7\nrule x", Reason: []byte("sealed"),
	}
	want := `sportello-audit 1
id aud_01
at 2026-11-23T09:30:00.000123Z
kind WRITE
actor person per_01
for per_02 mnd_01
action submitIntake
object case_01 answers,decision
object vis_01
subject per_01
subject per_02
event evt_01
office sportello
rule operator own case:handle sportello
sign-in sign_01
address 203.0.113.7%0Arule%20x
reason c2VhbGVk
`
	if diff := cmp.Diff(want, string(e.Encode())); diff != "" {
		t.Errorf("the form (-want +got):\n%s", diff)
	}
}

func TestGenesisAndLink(t *testing.T) {
	t.Parallel()
	if chain.Genesis() != sha256.Sum256([]byte("sportello audit genesis 1")) {
		t.Error("genesis has changed")
	}
	before := chain.Genesis()
	if got := chain.Link(before, []byte("body")); got != sha256.Sum256(append(before[:], "body"...)) {
		t.Error("the link is not SHA-256 over hash and text")
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := string(chain.Entry{ID: "aud_01", At: time.Unix(0, 0), Kind: chain.Read, ActorKind: "public", Action: "cases", Subjects: []string{"a", "b"}}.Encode())
	if _, err := chain.Decode([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":              "",
		"another version":    strings.Replace(good, "audit 1", "audit 2", 1),
		"no end":             strings.TrimSuffix(good, "\n"),
		"an unknown line":    good + "more x\n",
		"another order":      strings.Replace(good, "subject a\nsubject b", "subject b\nsubject a", 1),
		"twice the same":     strings.Replace(good, "subject b", "subject a", 1),
		"a needless escape":  strings.Replace(good, "subject a", "subject %61", 1),
		"a cut escape":       good[:len(good)-1] + "%4\n",
		"small digits":       strings.Replace(good, "subject a", "subject a%0a", 1),
		"no such kind":       strings.Replace(good, "kind READ", "kind LOOK", 1),
		"a moment elsewhere": strings.Replace(good, "Z\n", "+00:00\n", 1),
		"an empty line":      good + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e, err := chain.Decode([]byte(bad)); err == nil {
				t.Errorf("%q was read as %+v", bad, e)
			}
		})
	}
}

// TestOneTextForAnEntry writes and reads entries of all shapes, with the worst of texts.
func TestOneTextForAnEntry(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := anEntry().Draw(t, "entry").Encode()
		read, err := chain.Decode(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if again := read.Encode(); !bytes.Equal(body, again) {
			t.Fatalf("written %s, read and written again %s", body, again)
		}
		checkGlance(t, body, read)
	})
}

// checkGlance compares the quick look with the entry.
func checkGlance(t interface{ Errorf(string, ...any) }, body []byte, e chain.Entry) {
	var g chain.Glance
	if !g.Look(body) {
		t.Errorf("not looked through: %s", body)
	}
	got := []string{string(g.ID), string(g.At), string(g.ActorID)}
	for _, s := range g.Subjects {
		got = append(got, string(s))
	}
	want := append([]string{e.ID, e.At.Format("2006-01-02T15:04:05.000000Z"), e.ActorID}, e.Subjects...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a look at %s (-entry +look):\n%s", body, diff)
	}
}

func anEntry() *rapid.Generator[chain.Entry] {
	text := rapid.OneOf(rapid.StringMatching(`[a-z]{1,5}_[0-9A-Z]{1,4}`), rapid.String())
	list := rapid.SliceOfN(text, 0, 4)
	return rapid.Custom(func(t *rapid.T) chain.Entry {
		return chain.Entry{
			ID: text.Draw(t, "id"), At: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")),
			Kind:      rapid.SampledFrom([]chain.Kind{chain.Write, chain.Read}).Draw(t, "kind"),
			ActorKind: text.Draw(t, "actor kind"), ActorID: text.Draw(t, "actor"),
			OnBehalfOf: text.Draw(t, "for"), MandateID: text.Draw(t, "mandate"), Action: text.Draw(t, "action"),
			Objects: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) chain.Object {
				return chain.Object{ID: text.Draw(t, "object"), Fields: list.Draw(t, "columns")}
			}), 0, 4).Draw(t, "objects"),
			Subjects: list.Draw(t, "subjects"), Events: list.Draw(t, "events"), Offices: list.Draw(t, "offices"), Rules: list.Draw(t, "rules"),
			SignInID: text.Draw(t, "sign-in"), Address: text.Draw(t, "address"),
			Reason: rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "reason"),
		}
	})
}

// FuzzDecode: whatever is read is written back as it was.
func FuzzDecode(f *testing.F) {
	f.Add(chain.Entry{
		ID: "aud_01", At: time.Unix(1, 0), Kind: chain.Read, ActorKind: "person", ActorID: "per_01", Action: "a b",
		Objects: []chain.Object{{ID: "case_01", Fields: []string{"a", "b"}}}, Subjects: []string{"p%"}, Reason: []byte{0},
	}.Encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := chain.Decode(body)
		if err != nil {
			return
		}
		if again := e.Encode(); !bytes.Equal(again, body) {
			t.Errorf("read %q, written again %q", body, again)
		}
		checkGlance(t, body, e)
	})
}
