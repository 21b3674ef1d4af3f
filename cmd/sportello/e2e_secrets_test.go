package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// fewestSecrets is how many are planted at least.
const fewestSecrets = 100

// secrets are words by chance that stand for what nobody but the entitled may ever
// read, and where they were planted; and what errors said in the meantime.
type secrets struct {
	t       *testing.T
	h       *house
	rng     *rand.Rand
	planted map[string]string // the word, and where
	errors  bytes.Buffer
}

// word is a new secret, which could be a name.
func (s *secrets) word(where string) string {
	letters := make([]byte, 14)
	for i := range letters {
		letters[i] = "bcdfghjklmnpqrstvwz"[s.rng.IntN(19)]
		if i%2 == 1 {
			letters[i] = "aeiou"[s.rng.IntN(5)]
		}
	}
	letters[0] -= 'a' - 'A'
	s.planted[string(letters)] = where
	return string(letters)
}

// text is a new secret within a sentence.
func (s *secrets) text(where string) string { return "Si tratta di " + s.word(where) + ", come detto." }

// taxCode is that of a person with these names, born on some day.
func (s *secrets) taxCode(given, family string) (code string, birth calc.Date) {
	birth = calc.Date{Year: 1940 + s.rng.IntN(60), Month: time.Month(1 + s.rng.IntN(12)), Day: 1 + s.rng.IntN(28)}
	code, err := calc.NewTaxCode(family, given, birth, false, "F205")
	if err != nil {
		s.t.Fatal(err)
	}
	s.planted[code] = "a tax code"
	return code, birth
}

// do makes a mutation that may be refused, and keeps what its errors say.
func (s *secrets) do(c *client, name, selection string, input variables) tree {
	s.t.Helper()
	payload, a := c.tryTo(name, selection, input)
	s.keep(a)
	if payload.v == nil {
		return payload
	}
	refusals, err := json.Marshal(payload.at("userErrors").v)
	if err != nil {
		s.t.Fatal(err)
	}
	s.errors.Write(refusals)
	return payload
}

// must makes a mutation that has to go through.
func (s *secrets) must(c *client, name, selection string, input variables) tree {
	s.t.Helper()
	payload := s.do(c, name, selection, input)
	if payload.v == nil || len(payload.list("userErrors")) > 0 {
		s.t.Fatalf("%s: %s: %s", c.name, name, s.errors.Bytes())
	}
	return payload
}

// refused makes a mutation that has to be refused.
func (s *secrets) refused(c *client, name string, input variables) {
	s.t.Helper()
	if payload := s.do(c, name, "", input); payload.v != nil && len(payload.list("userErrors")) == 0 {
		s.t.Errorf("%s: %s went through", c.name, name)
	}
}

// keep keeps the errors of an answer; all of it where there is nothing else.
func (s *secrets) keep(a answer) {
	if a.data.v == nil {
		s.errors.Write(a.body)
		return
	}
	for _, e := range a.errors {
		fmt.Fprintf(&s.errors, "%s %v\n", e.Message, e.Path)
	}
}

// TestE2ESecrets plants a hundred secrets through the API, where people write and where
// they are refused, on a server that logs all it can; then it looks for them in every
// file and table, the log, the metrics and the words of errors.
func TestE2ESecrets(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := emptyHouse(t, db, "--demo")
		h.env = []string{"SPORTELLO_LOG=debug"}
		h.start()
		h.awaitDepartments()
		s := &secrets{t: t, h: h, rng: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1)), planted: map[string]string{}}
		s.plantForms()
		protocol := s.plantCase()
		s.plantActs()
		s.plantLadder()
		s.plantHall()
		s.plantRefusals()
		if len(s.planted) < fewestSecrets {
			t.Errorf("only %d secrets were planted", len(s.planted))
		}
		rotated := h.command("keys", "rotate")
		if rotated.code != 0 || !strings.Contains(rotated.out, "newest") || !strings.Contains(rotated.out, "disabled") {
			t.Errorf("rotate: %s %s", rotated.out, rotated.err)
		}
		if status := h.command("keys", "status"); status.out != rotated.out {
			t.Errorf("status: %s %s", status.out, status.err)
		}
		s.plantHall() // the server goes on with the new keys
		_, metrics := h.get("/metrics")
		places := map[string][]byte{"the metrics": []byte(metrics), "the errors": s.errors.Bytes(), "the command": []byte(rotated.out + rotated.err)}
		maps.Copy(places, h.files(t))
		maps.Copy(places, h.tables(t))
		h.terminate()
		for name, content := range h.files(t) {
			places[name+", stopped"] = content
		}
		if !slices.ContainsFunc(slices.Collect(maps.Values(places)), func(b []byte) bool { return bytes.Contains(b, []byte(protocol)) }) {
			t.Error("not even a protocol number is found: nothing was looked at")
		}
		t.Logf("%d secrets in %d places: %s", len(s.planted), len(places), slices.Sorted(maps.Keys(places)))
		s.search(places)
	})
}

// search looks for every secret, as it is in any letters, and in the usual codings.
func (s *secrets) search(places map[string][]byte) {
	for place, content := range places {
		lower := bytes.ToLower(content)
		for word, where := range s.planted {
			for coding, needle := range codings(word) {
				in := content
				if coding == "as it is" {
					in, needle = lower, bytes.ToLower(needle)
				}
				if at := bytes.Index(in, needle); at >= 0 {
					s.t.Errorf("%s is found %s in %s: …%q…", where, coding, place, in[max(0, at-60):min(len(in), at+60)])
				}
			}
		}
	}
}

// codings are a word as it could stand somewhere. In base64 it looks different at each
// of three positions, and its ends depend on what is beside it.
func codings(word string) map[string][]byte {
	all := map[string][]byte{
		"as it is": []byte(word),
		"in hex":   []byte(hex.EncodeToString([]byte(word))),
		"in HEX":   []byte(strings.ToUpper(hex.EncodeToString([]byte(word)))),
	}
	for shift := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + word + "\x00\x00"))
		all[fmt.Sprintf("in base64 at %d", shift)] = []byte(coded[4 : 4+4*((len(word)-3)/3)])
	}
	return all
}

// files are all that lies in the data folder: database, journal, logs, keys.
func (h *house) files(t *testing.T) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(h.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		found["the file "+filepath.Base(path)] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// tables are all rows of all tables, as the database gives them.
func (h *house) tables(t *testing.T) map[string][]byte {
	t.Helper()
	cfg := store.Config{Dir: h.data, Attach: access.Attach, Sign: access.Sign}
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if h.db.Dialect == "mysql" {
		cfg.DSN = h.db.DSN
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	}
	s, err := store.OpenReader(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	found := map[string][]byte{}
	for _, name := range rowsOf(t, s, list) {
		found["the table "+string(name)] = bytes.Join(rowsOf(t, s, "SELECT * FROM "+string(name)), []byte("\n"))
	}
	for _, want := range []string{"case_files", "persons", "events", "escalations"} {
		if len(found["the table "+want]) == 0 {
			t.Errorf("there is nothing in %s", want)
		}
	}
	return found
}

// rowsOf reads all rows, each as one text.
func rowsOf(t *testing.T, s *store.Store, query string) [][]byte {
	t.Helper()
	rows, err := s.ReadDB().QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new([]byte)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		var row [][]byte
		for _, cell := range cells {
			row = append(row, *cell.(*[]byte))
		}
		all = append(all, bytes.Join(row, []byte(" ")))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCodingsAreFound: a secret is seen through the codings, wherever it begins.
func TestCodingsAreFound(t *testing.T) {
	t.Parallel()
	const word = "Bacedifogu"
	for before := range 4 {
		text := []byte(strings.Repeat("x", before) + word + "yz")
		for name, coded := range map[string]string{
			"hex": hex.EncodeToString(text), "HEX": strings.ToUpper(hex.EncodeToString(text)), "plain": string(text),
			"base64": base64.StdEncoding.EncodeToString(text), "base64 without its end": base64.RawURLEncoding.EncodeToString(text),
		} {
			found := false
			for _, needle := range codings(word) {
				found = found || strings.Contains(coded, string(needle))
			}
			if !found {
				t.Errorf("%s with %d before: %s is not found", name, before, coded)
			}
		}
	}
}
