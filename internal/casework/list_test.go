package casework_test

import (
	order "cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// manyCases fills the house: cases of two citizens in four offices, some handed
// over, some confidential, one with a step held by the Help Point.
func (h *house) manyCases(t testing.TB) {
	t.Helper()
	annas := map[string]any{"nome": "Anna", "cognome": "Bianchi", "codice_fiscale": annaCode, "data_nascita": "1985-08-01"}
	abroad := map[string]any{"provenienza": "estero", "stato_provenienza": "FR", "cittadinanza": "FR", "comune_provenienza": nil}
	for i := range 4 {
		h.file(t, "cambio-residenza", annas)
		h.file(t, "cambio-residenza", abroad)
		file := h.file(t, "certificato-anagrafico", nil)
		h.file(t, "tari-riduzioni-rateizzazione", annas)
		if i%2 == 0 {
			_, err := h.TransferCase(h.as(t, head), casework.TransferCaseInput{IdempotencyKey: key(), CaseID: file.ID, ExpectedVersion: 1, OfficeCode: "tributi-patrimonio", Reason: "prova"})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	err := h.store.InTx(h.system(), "furnish", func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.CaseFile.Query().Order(ent.Asc(casefile.FieldProtocol)).All(ctx)
		if err != nil {
			return err
		}
		for i, r := range rows {
			update := tx.CaseFile.UpdateOneID(r.ID).SetConfidential(i%3 == 0)
			if i%4 == 1 {
				update.SetResponsibleID(officer).SetPhase(town.PhaseInProgress)
			}
			if err := update.Exec(ctx); err != nil {
				return err
			}
		}
		return tx.Escalation.Create().SetID("esc_1").SetStep(town.StepHelpPoint).SetLevel(town.LevelHelpPoint).
			SetKind(town.KindMerits).SetState(town.EscalationOpen).SetOpenKey("k").SetCaseID(rows[1].ID).
			SetOwnerOffice(town.OfficeHelpPoint).SetConfidential(rows[1].Confidential).SetOpenedAt(tx.Now).SetAcknowledgeBy(town.Today(tx.Now)).SetDueOn(town.Today(tx.Now)).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wanted is a list that is asked for.
type wanted struct {
	filter casework.CaseFilter
	order  *casework.CaseOrder
}

// lists are those that are served: of every combination of filters one.
func lists() map[string]wanted {
	day := func(text string) *town.Date { d := town.Date{}; _ = d.UnmarshalText([]byte(text)); return &d }
	taxes, desk, working := ptr("tributi-patrimonio"), ptr("sportello"), ptr(town.PhaseInProgress)
	list := map[string]wanted{
		"everything":                    {},
		"an office":                     {filter: casework.CaseFilter{OfficeCode: desk}},
		"another office":                {filter: casework.CaseFilter{OfficeCode: taxes}},
		"an office, a phase":            {filter: casework.CaseFilter{OfficeCode: desk, Phase: working}},
		"an office, a service":          {filter: casework.CaseFilter{OfficeCode: taxes, ServiceCode: taxes}},
		"an office, a service, a phase": {filter: casework.CaseFilter{OfficeCode: taxes, ServiceCode: taxes, Phase: ptr(town.PhaseTriage)}},
		"mine":                          {filter: casework.CaseFilter{Mine: ptr(true)}},
		"mine in an office":             {filter: casework.CaseFilter{Mine: ptr(true), OfficeCode: desk}},
		"mine in a phase":               {filter: casework.CaseFilter{Mine: ptr(true), Phase: working}},
		"my own":                        {filter: casework.CaseFilter{ApplicantIsMe: ptr(true)}},
		"my own, a service, a phase":    {filter: casework.CaseFilter{ApplicantIsMe: ptr(true), ServiceCode: taxes, Phase: ptr(town.PhaseTriage)}},
		"not only mine":                 {filter: casework.CaseFilter{Mine: ptr(false), ApplicantIsMe: ptr(false)}},
		"a number":                      {filter: casework.CaseFilter{Protocol: ptr("2026/000003")}},
		"a number, a wrong office":      {filter: casework.CaseFilter{Protocol: ptr("2026/000003"), OfficeCode: ptr("polizia-locale")}},
		"no such number":                {filter: casework.CaseFilter{Protocol: ptr("2026/999999")}},
		"mine by term":                  {filter: casework.CaseFilter{Mine: ptr(true)}, order: &casework.CaseOrder{Field: casework.OrderDue, Direction: casework.Ascending}},
		"my own by term":                {filter: casework.CaseFilter{ApplicantIsMe: ptr(true), DueTo: day("2026-12-31")}},
	}
	for name, direction := range map[string]casework.OrderDirection{"up": casework.Ascending, "down": casework.Descending} {
		list["everything, "+name] = wanted{order: &casework.CaseOrder{Field: casework.OrderFiled, Direction: direction}}
		list["an office, "+name] = wanted{casework.CaseFilter{OfficeCode: desk}, &casework.CaseOrder{Field: casework.OrderFiled, Direction: direction}}
		list["a number, "+name] = wanted{casework.CaseFilter{Protocol: ptr("2026/000003")}, &casework.CaseOrder{Field: casework.OrderDue, Direction: direction}}
	}
	return list
}

// ofReaders are lists that only readers of the office get: by term.
func ofReaders() map[string]wanted {
	list := map[string]wanted{}
	for name, direction := range map[string]casework.OrderDirection{"up": casework.Ascending, "down": casework.Descending} {
		for _, office := range []string{"sportello", "tributi-patrimonio"} {
			order := &casework.CaseOrder{Field: casework.OrderDue, Direction: direction}
			from, to := opening.AddDate(0, 0, 1), opening.AddDate(0, 0, 40)
			list[office+" by term, "+name] = wanted{casework.CaseFilter{OfficeCode: &office}, order}
			list[office+" within days, "+name] = wanted{casework.CaseFilter{OfficeCode: &office, DueFrom: ptr(town.Today(from)), DueTo: ptr(town.Today(to))}, order}
			list[office+" in a phase by term, "+name] = wanted{casework.CaseFilter{OfficeCode: &office, Phase: ptr(town.PhaseTriage)}, order}
		}
	}
	return list
}

// ofStaff are lists that only those get who receive citizens: by person.
func ofStaff() map[string]wanted {
	due := &casework.CaseOrder{Field: casework.OrderDue, Direction: casework.Ascending}
	return map[string]wanted{
		"a tax code":                {filter: casework.CaseFilter{TaxCode: ptr(marioCode)}},
		"a tax code, an office":     {filter: casework.CaseFilter{TaxCode: ptr(marioCode), OfficeCode: ptr("sportello")}},
		"a name":                    {filter: casework.CaseFilter{FamilyName: ptr("Rossi")}},
		"a name and its tax code":   {filter: casework.CaseFilter{FamilyName: ptr("Rossi"), TaxCode: ptr(annaCode)}},
		"a name and another's code": {filter: casework.CaseFilter{FamilyName: ptr("Verdi"), TaxCode: ptr(annaCode)}},
		"nobody's code":             {filter: casework.CaseFilter{TaxCode: ptr("VRDLRA80A41F205X")}},
		"a name by term, a service": {casework.CaseFilter{FamilyName: ptr("Rossi"), ServiceCode: ptr("tributi-patrimonio")}, due},
		"a name, in these days":     {casework.CaseFilter{FamilyName: ptr("Rossi"), DueFrom: ptr(town.Today(opening)), DueTo: ptr(town.Today(opening.AddDate(0, 0, 40)))}, nil},
	}
}

// Whatever the viewer, the filter, the order and the size of the page, the list is what
// the rule of visibility lets through, in order, each once.
func TestListIsWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.manyCases(t)
		total := 0
		for _, who := range []string{mario, anna, operator, officer, head, headTaxes, headStatus, cleared, helpPoint, mayor, auditor} {
			asked := lists()
			v, err := access.From(h.as(t, who))
			if err != nil {
				t.Fatal(err)
			}
			for name, w := range ofReaders() {
				if v.Scope.Offices(access.CaseRead).Has(*w.filter.OfficeCode) {
					asked[name] = w
				} else if _, err := h.Cases.Cases(h.as(t, who), town.PageArgs{}, w.filter, w.order); town.CodeOf(err) != town.BadUserInput {
					t.Errorf("%s, %s: %v, want it refused", who, name, err)
				}
			}
			for name, w := range ofStaff() {
				if v.Can(access.PersonRead, "") {
					asked[name] = w
				} else if _, err := h.Cases.Cases(h.as(t, who), town.PageArgs{}, w.filter, w.order); town.CodeOf(err) != town.Forbidden {
					t.Errorf("%s, %s: %v, want it forbidden", who, name, err)
				}
			}
			for name, w := range asked {
				want := h.seen(t, who, w)
				total += len(want)
				if diff := cmp.Diff(want, h.listed(t, who, w, true)); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", who, name, diff)
				}
				backward := h.listed(t, who, w, false)
				slices.Reverse(backward)
				if diff := cmp.Diff(want, backward); diff != "" {
					t.Errorf("%s, %s, backward (-want +got):\n%s", who, name, diff)
				}
				if n, err := h.CountCases(h.as(t, who), w.filter, w.order); n != len(want) || err != nil {
					t.Errorf("%s, %s: counted %d, %v, want %d", who, name, n, err, len(want))
				}
			}
		}
		if total < 400 {
			t.Errorf("only %d cases seen in all: the test has no teeth", total)
		}
	})
}

// seen reads all that the rule lets through, filters and sorts here.
func (h *house) seen(t testing.TB, who string, w wanted) []string {
	t.Helper()
	f, ctx := w.filter, h.as(t, who)
	rows, err := h.store.Reader().CaseFile.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v, err := access.From(ctx)
	if err != nil {
		t.Fatal(err)
	}
	persons := map[string][]string{marioCode: {mario}, annaCode: {anna}}
	names := map[string][]string{"Rossi": {mario, anna}}
	byDue := w.order != nil && w.order.Field == casework.OrderDue || w.order == nil && (f.DueFrom != nil || f.DueTo != nil)
	var left []*ent.CaseFile
	for _, r := range rows {
		switch {
		case f.OfficeCode != nil && r.OfficeID != *f.OfficeCode,
			f.Phase != nil && r.Phase != *f.Phase,
			f.ServiceCode != nil && r.ServiceID != *f.ServiceCode,
			f.Mine != nil && *f.Mine && (r.ResponsibleID != who || !v.Can(access.CaseRead, r.OfficeID) || r.Confidential && !v.Can(access.CaseConfidential, r.OfficeID)),
			f.ApplicantIsMe != nil && *f.ApplicantIsMe && r.ApplicantID != who,
			f.Protocol != nil && r.Protocol != *f.Protocol,
			f.TaxCode != nil && !slices.Contains(persons[*f.TaxCode], r.ApplicantID),
			f.FamilyName != nil && !slices.Contains(names[*f.FamilyName], r.ApplicantID),
			byDue && r.DueOn.IsZero(),
			f.DueFrom != nil && r.DueOn.Before(*f.DueFrom),
			f.DueTo != nil && r.DueOn.After(*f.DueTo):
			continue
		}
		left = append(left, r)
	}
	slices.SortFunc(left, func(a, b *ent.CaseFile) int {
		if byDue {
			return order.Or(order.Compare(a.DueOn.String(), b.DueOn.String()), order.Compare(a.ID, b.ID))
		}
		return order.Compare(a.ID, b.ID)
	})
	if w.order == nil && !byDue || w.order != nil && w.order.Direction == casework.Descending {
		slices.Reverse(left)
	}
	var ids []string
	for _, r := range left {
		ids = append(ids, r.ID)
	}
	return ids
}

// listed reads all pages of three.
func (h *house) listed(t testing.TB, who string, w wanted, forward bool) []string {
	t.Helper()
	var ids []string
	args := town.PageArgs{Last: ptr(3)}
	if forward {
		args = town.PageArgs{First: ptr(3)}
	}
	for range 100 {
		page, err := h.Cases.Cases(h.as(t, who), args, w.filter, w.order)
		if err != nil {
			t.Fatal(err)
		}
		items := slices.Clone(page.Items)
		if !forward {
			slices.Reverse(items)
		}
		for _, r := range items {
			ids = append(ids, r.ID)
		}
		if forward && !page.HasNext || !forward && !page.HasPrevious {
			return ids
		}
		end := items[len(items)-1]
		cursor := casework.CaseCursor(w.filter, w.order, end.ID, end.DueOn)
		if forward {
			args.After = &cursor
		} else {
			args.Before = &cursor
		}
	}
	t.Fatal("the list does not end")
	return nil
}

func TestListArguments(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for name, args := range map[string]town.PageArgs{
		"none":              {First: ptr(0)},
		"too many":          {First: ptr(101)},
		"mixed":             {First: ptr(1), Before: ptr("x")},
		"of another list":   {First: ptr(1), After: ptr(town.Cursor("vis_1"))},
		"not of this house": {First: ptr(1), After: ptr("%%")},
	} {
		if _, err := h.Cases.Cases(h.as(t, officer), args, casework.CaseFilter{}, nil); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	phase, service, day := ptr(town.PhaseTriage), ptr("aire"), ptr(town.Today(opening))
	for name, filter := range map[string]casework.CaseFilter{
		"a phase alone":                 {Phase: phase},
		"a service alone":               {ServiceCode: service},
		"a day alone":                   {DueFrom: day},
		"mine, a service":               {Mine: ptr(true), ServiceCode: service},
		"mine, a phase, by term":        {Mine: ptr(true), Phase: phase, DueTo: day},
		"an office, a service, by term": {OfficeCode: ptr("sportello"), ServiceCode: service, DueTo: day},
	} {
		if _, err := h.Cases.Cases(h.as(t, officer), town.PageArgs{}, filter, nil); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("%s: %v, want it refused", name, err)
		}
		if _, err := h.CountCases(h.as(t, officer), filter, nil); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("%s, counted: %v, want it refused", name, err)
		}
	}
	byDue := &casework.CaseOrder{Field: casework.OrderDue, Direction: casework.Descending}
	for name, args := range map[string]town.PageArgs{
		"a cursor of the other order": {After: ptr(town.Cursor("case_1"))},
		"a cursor without a day":      {Before: ptr(town.Cursor("never case_1"))},
	} {
		if _, err := h.Cases.Cases(h.as(t, officer), args, casework.CaseFilter{OfficeCode: ptr("sportello")}, byDue); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Cases.Cases(context.Background(), town.PageArgs{}, casework.CaseFilter{}, nil); town.CodeOf(err) != town.Unauthenticated {
		t.Errorf("nobody asks: %v", err)
	}
}

func TestBatchReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	a, b := h.file(t, "cambio-residenza", nil), h.file(t, "tari-riduzioni-rateizzazione", nil)
	ctx := h.as(t, officer)
	byID, err := h.CasesByIDs(ctx, []string{a.ID, b.ID})
	if err != nil || byID[a.ID] == nil || byID[b.ID] != nil {
		t.Errorf("an officer of sportello reads %v, %v", byID, err)
	}
	clocks, err := h.ClocksOfCases(ctx, []string{a.ID, b.ID})
	if err != nil || len(clocks[a.ID]) != 2 || len(clocks[b.ID]) != 0 {
		t.Errorf("clocks %v, %v", clocks, err)
	}
	ledgers, err := h.LedgerOfClocks(ctx, []string{clocks[a.ID][0].ID, clocks[a.ID][1].ID})
	if err != nil || len(ledgers) != 2 || ledgers[clocks[a.ID][0].ID][0].Effect != town.ClockStart {
		t.Errorf("ledgers %v, %v", ledgers, err)
	}
	if days := h.RemainingDays(clocks[a.ID][0]); days == nil || *days != 2 {
		t.Errorf("remaining days %v", days)
	}
	intakes, err := h.IntakesByIDs(ctx, []string{a.IntakeID, b.IntakeID})
	if err != nil || intakes[a.IntakeID] == nil || intakes[b.IntakeID] != nil {
		t.Errorf("intakes %v, %v", intakes, err)
	}
	actions, err := h.AvailableActions(ctx, []*ent.CaseFile{a})
	if err != nil || len(actions[a.ID]) != 24 {
		t.Errorf("actions %v, %v", actions, err)
	}
	file, err := h.CaseByProtocol(ctx, a.Protocol)
	if err != nil || file.ID != a.ID {
		t.Errorf("by protocol %v, %v", file, err)
	}
	if _, err := h.CaseByProtocol(ctx, b.Protocol); town.CodeOf(err) != town.NotFound {
		t.Errorf("another office's by protocol: %v", err)
	}
	recent, err := h.RecentOfOffice(ctx, "sportello", 50)
	if err != nil || len(recent) != 1 {
		t.Errorf("recent %v, %v", recent, err)
	}
}

// What is sealed in a case is the same whether the case was listed or read by itself, and
// none of it is read with a list.
func TestContentOfListedCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		id := h.file(t, "cambio-residenza", nil).ID
		h.file(t, "cambio-residenza", nil)
		h.give(t, id, "Accolta.")
		ctx := h.as(t, officer)
		whole, err := h.Case(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		page, err := h.Cases.Cases(ctx, town.PageArgs{}, casework.CaseFilter{}, nil)
		if err != nil || len(page.Items) != 2 {
			t.Fatalf("a list of %d cases, %v", len(page.Items), err)
		}
		for _, f := range page.Items {
			if f.Answers != nil || f.Decision != nil || f.Reasons != nil || f.OverrideNote != nil {
				t.Errorf("%s is listed with what is sealed in it", f.ID)
			}
		}
		listed := page.Items[slices.IndexFunc(page.Items, func(f *ent.CaseFile) bool { return f.ID == id })]
		for _, mixed := range [][]*ent.CaseFile{{listed}, {whole, listed}, page.Items} {
			if got := h.contents(ctx, t, mixed, listed); got != h.contents(ctx, t, []*ent.CaseFile{whole}, whole) || strings.Contains(got, "null") {
				t.Errorf("of a listed case: %s", got)
			}
		}
		if got := h.contents(h.as(t, headTaxes), t, page.Items, listed); got != "null null null" {
			t.Errorf("another office reads %s", got)
		}
	})
}

// give gives the case's measure its reasons.
func (h *house) give(t *testing.T, id, reasons string) {
	t.Helper()
	err := h.store.InTx(h.system(), "test", func(ctx context.Context, tx *store.Tx) error {
		sealed, err := h.vault.Seal(ctx, tx, "", vault.Place{Table: casefile.Table, Column: casefile.FieldReasons, Row: id}, []byte(reasons))
		if err != nil {
			return err
		}
		return tx.CaseFile.UpdateOneID(id).SetReasons(sealed).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// contents are the form, the decision and the reasons of one of the cases, read together.
func (h *house) contents(ctx context.Context, t *testing.T, files []*ent.CaseFile, of *ent.CaseFile) string {
	t.Helper()
	answers, errAnswers := h.AnswersOf(ctx, files)
	decisions, errDecisions := h.Decisions(ctx, files)
	reasons, errReasons := h.Reasons(ctx, files)
	if err := errors.Join(errAnswers, errDecisions, errReasons); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, value := range []any{answers[of], decisions[of], reasons[of]} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return strings.Join(texts, " ")
}
