package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func TestSeedIsDoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		ctx := access.System(context.Background(), "test")
		before := h.store.Reader().Person.Query().Order(person.ByID()).IDsX(ctx)
		roles := h.store.Reader().RoleAssignment.Query().CountX(ctx)
		must(t, SeedDemo(context.Background(), h.store, h.vault))
		if diff := cmp.Diff(before, h.store.Reader().Person.Query().Order(person.ByID()).IDsX(ctx)); diff != "" {
			t.Errorf("people changed: %s", diff)
		}
		if n := h.store.Reader().RoleAssignment.Query().CountX(ctx); n != roles || n == 0 {
			t.Errorf("%d roles, before %d", n, roles)
		}
		names, err := Names(context.Background(), h.store)
		must(t, err)
		for _, name := range []string{
			"citizen", "citizen2", "kiosk", "display", "info", "operator1", "operator5", "helppoint", "assessore", "mayor", "admin", "auditor",
			"officer.sportello", "head.sportello", "officer.polizia-locale", "head.back-office-tecnico",
		} {
			if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") {
				t.Errorf("there is no %s among %v", name, names)
			}
		}
	})
}

func TestSeedCitizens(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	sala := DemoCitizen{Login: "sim-1", Personal: Personal{GivenName: "Elena", FamilyName: "Sala", TaxCode: "SLALNE69P52C523Q"}}
	for range 2 {
		must(t, SeedCitizens(context.Background(), h.store, h.vault, []DemoCitizen{sala}))
	}
	if v, err := h.authority.Viewer(h.id(t, "sim-1"), time.Time{}); err != nil || !v.Scope.Holds(town.RoleCitizen) {
		t.Errorf("viewer %+v, %v", v, err)
	}
	earnest := openStore(t, dbtest.New(t, dbtest.SQLite))
	if err := SeedCitizens(context.Background(), earnest, vaulttest.New(t, earnest), []DemoCitizen{sala}); err == nil {
		t.Error("an invented citizen entered a real town")
	}
}

func TestDemoTaxCodesAreValid(t *testing.T) {
	for _, c := range demoCitizens() {
		if _, err := calc.ParseTaxCode(c.TaxCode); err != nil {
			t.Errorf("%s: %v", c.Login, err)
		}
	}
}

func TestRealTownIsNoDemo(t *testing.T) {
	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	must(t, s.InTx(access.System(context.Background(), "test"), "enter", func(ctx context.Context, tx *store.Tx) error {
		return tx.Person.Create().SetID("per_1").SetLogin("someone").SetKind(town.PersonStaff).SetCreatedAt(tx.Now).Exec(ctx)
	}))
	if err := SeedDemo(context.Background(), s, vaulttest.New(t, s)); err == nil {
		t.Error("a town with people was made a demo town")
	}
	if demo, err := IsDemo(context.Background(), s); err != nil || demo {
		t.Errorf("demo = %v, %v", demo, err)
	}
}

// TestPersonalData: who has which data of whom.
func TestPersonalData(t *testing.T) {
	h := demoHouse(t, dbtest.New(t, dbtest.SQLite))
	citizen := h.id(t, "citizen")
	rossi := demoCitizens()[0].Personal
	for who, want := range map[string]*Personal{
		"citizen": &rossi, "operator1": &rossi, "officer.stato-civile": &rossi, "head.sportello": &rossi, "helppoint": &rossi,
	} {
		row, err := h.people.Person(h.as(t, who), citizen)
		must(t, err)
		got, err := h.people.Personal(h.as(t, who), row)
		must(t, err)
		if got == nil || *got != *want {
			t.Errorf("%s has other data of the citizen", who)
		}
	}
	for _, who := range []string{"citizen2", "kiosk", "display", "info", "mayor", "assessore", "admin", "auditor"} {
		ctx := h.as(t, who)
		if _, err := h.people.Person(ctx, citizen); town.CodeOf(err) != town.NotFound {
			t.Errorf("%s sees the citizen: %v", who, err)
		}
		found, err := h.people.PersonsByIDs(ctx, []string{citizen, h.id(t, who)})
		must(t, err)
		if found[citizen] != nil || found[h.id(t, who)] == nil {
			t.Errorf("%s finds %v", who, found)
		}
		if _, err := h.people.FindByTaxCode(ctx, rossi.TaxCode); town.CodeOf(err) != town.NotFound {
			t.Errorf("%s finds the citizen by tax code: %v", who, err)
		}
	}
	// A row that slipped through tells nothing to whoever may not have it.
	row, err := h.people.Person(h.as(t, "citizen"), citizen)
	must(t, err)
	for _, who := range []string{"citizen2", "mayor", "auditor", "admin"} {
		if data, err := h.people.Personal(h.as(t, who), row); err != nil || data != nil {
			t.Errorf("%s reads personal data (%v)", who, err)
		}
	}
	colleague, err := h.people.Person(h.as(t, "operator1"), h.id(t, "mayor"))
	must(t, err)
	if data, err := h.people.Personal(h.as(t, "operator1"), colleague); err != nil || data != nil || colleague.Label == "" {
		t.Errorf("a colleague has a label and no data: %v, %v, %q", data, err, colleague.Label)
	}
}

func TestCreateCitizen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		operator := h.as(t, "operator1")
		create := func(ctx context.Context, data Personal) (id string, err error) {
			err = h.store.InTx(ctx, "file", func(ctx context.Context, tx *store.Tx) error {
				id, err = h.people.CreateCitizen(ctx, tx, data)
				return err
			})
			return id, err
		}
		galli := Personal{GivenName: "Teresa", FamilyName: "Galli", TaxCode: " glltrs39b68 g488c"}
		id, err := create(operator, galli)
		must(t, err)
		again, err := create(operator, Personal{TaxCode: "GLLTRS39B68G488C", GivenName: "Other"})
		if err != nil || again != id {
			t.Errorf("entered twice: %s and %s (%v)", id, again, err)
		}
		row, err := h.people.FindByTaxCode(operator, "gllTRS39B68G488C")
		must(t, err)
		data, err := h.people.Personal(operator, row)
		if err != nil || row.ID != id || data.GivenName != "Teresa" || data.TaxCode != "GLLTRS39B68G488C" {
			t.Errorf("found %s (%v)", row.ID, err)
		}
		if known, err := create(operator, Personal{TaxCode: "RSSMRA80A01F205X"}); err != nil || known != h.id(t, "citizen") {
			t.Errorf("somebody known was entered as %s (%v)", known, err)
		}
		if _, err := create(operator, Personal{TaxCode: "GLLTRS39B68G488X"}); town.CodeOf(err) != town.Invalid {
			t.Errorf("a wrong tax code: %v", err)
		}
		if _, err := create(h.as(t, "mayor"), galli); town.CodeOf(err) != town.Forbidden {
			t.Errorf("the mayor enters a citizen: %v", err)
		}
	})
}

// TestSealedPersonalData: they open for their row alone, and what is stored finds
// without telling.
func TestSealedPersonalData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		ctx := access.System(context.Background(), "test")
		rossi, bianchi := h.store.Reader().Person.GetX(ctx, h.id(t, "citizen")), h.store.Reader().Person.GetX(ctx, h.id(t, "citizen2"))
		for _, secret := range []string{"Rossi", "ROSSI", "RSSMRA80A01F205X"} {
			if bytes.Contains(rossi.Sealed, []byte(secret)) {
				t.Errorf("the row tells %q", secret)
			}
		}
		swapped := *rossi
		swapped.Sealed = bianchi.Sealed
		if data, err := h.people.Personal(ctx, &swapped); err == nil {
			t.Errorf("another's data open in this row: %s", data.TaxCode)
		}
		nobody := *rossi
		nobody.Sealed = nil
		if data, err := h.people.Personal(ctx, &nobody); err != nil || data != nil {
			t.Errorf("nothing stored opens as %v, %v", data, err)
		}
		if key := taxCodeKey(h.vault, " rssmra80a01f205x"); key != rossi.TaxCodeKey || len(key) != 64 {
			t.Errorf("key %s", key)
		}
	})
}

func TestErasedPersonIsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		ctx := access.System(context.Background(), "test")
		row := h.store.Reader().Person.GetX(ctx, h.id(t, "citizen"))
		must(t, h.store.InTx(ctx, "erase", func(ctx context.Context, tx *store.Tx) error { return h.vault.Destroy(ctx, tx, row.ID) }))
		if data, err := h.people.Personal(ctx, row); err != nil || data != nil {
			t.Errorf("personal data %v, %v", data, err)
		}
	})
}

func TestFindByFamilyName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := demoHouse(t, db)
		operator := h.as(t, "operator1")
		ids := map[string]string{}
		must(t, h.store.InTx(operator, "enter", func(ctx context.Context, tx *store.Tx) (err error) {
			for code, name := range map[string]string{"GLLTRS39B68G488C": "D'Angelò", "SLALNE69P52C523Q": "De  Luca"} {
				if ids[name], err = h.people.CreateCitizen(ctx, tx, Personal{GivenName: "Teresa", FamilyName: name, TaxCode: code}); err != nil {
					return err
				}
			}
			return nil
		}))
		for typed, want := range map[string]string{
			"D'Angelò": "D'Angelò", "d\u2019angelo": "D'Angelò", "D ANGELO'": "D'Angelò", "dangelo\u0300": "D'Angelò",
			"deluca": "De  Luca", "De-Luca": "De  Luca", "Angelo": "", "D'Angeli": "", "": "", " ' ": "",
		} {
			rows, err := h.people.FindByFamilyName(operator, typed)
			must(t, err)
			var found []string
			for _, row := range rows {
				found = append(found, row.ID)
			}
			var expected []string
			if want != "" {
				expected = []string{ids[want]}
			}
			if diff := cmp.Diff(expected, found); diff != "" {
				t.Errorf("%q finds (-want +got):\n%s", typed, diff)
			}
		}
		rows, err := h.people.FindByFamilyName(h.as(t, "mayor"), "De Luca")
		must(t, err)
		if len(rows) != 0 {
			t.Error("the mayor finds citizens by name")
		}
	})
}

// TestPersonalDataKeepSilent: they are in no text, log or error.
func TestPersonalDataKeepSilent(t *testing.T) {
	rossi := demoCitizens()[0]
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "data", rossi.Personal, "pointer", &rossi.Personal)
	for _, text := range []string{
		log.String(), fmt.Sprint(rossi.Personal), fmt.Sprintf("%+v", rossi.Personal), fmt.Sprintf("%#v", &rossi.Personal),
		fmt.Errorf("failed for %v: %w", rossi.Personal, errors.ErrUnsupported).Error(),
	} {
		for _, secret := range []string{rossi.GivenName, rossi.FamilyName, rossi.TaxCode, rossi.Email} {
			if strings.Contains(text, secret) {
				t.Errorf("a text tells %q", text)
			}
		}
	}
}
