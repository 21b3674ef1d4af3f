package casework_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
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
			SetOwnerOffice(town.OfficeHelpPoint).SetOpenedAt(tx.Now).SetAcknowledgeBy(town.Today(tx.Now)).SetDueOn(town.Today(tx.Now)).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever the viewer, the filter and the size of the page, the list is what the
// rule of visibility lets through, newest first, each once.
func TestListIsWhatMayBeSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.manyCases(t)
		filters := map[string]casework.CaseFilter{
			"everything":         {},
			"an office":          {OfficeCode: ptr("sportello")},
			"an office, a phase": {OfficeCode: ptr("sportello"), Phase: ptr(town.PhaseInProgress)},
			"a service":          {ServiceCode: ptr("tributi-patrimonio")},
			"a phase":            {Phase: ptr(town.PhaseTriage)},
			"mine":               {Mine: ptr(true)},
			"my own":             {ApplicantIsMe: ptr(true)},
			"not only mine":      {Mine: ptr(false), ApplicantIsMe: ptr(false)},
		}
		total := 0
		for _, who := range []string{mario, anna, operator, officer, head, headTaxes, headStatus, helpPoint, mayor, auditor} {
			for name, filter := range filters {
				want := h.seen(t, who, filter)
				total += len(want)
				if diff := cmp.Diff(want, h.listed(t, who, filter, true)); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", who, name, diff)
				}
				backward := h.listed(t, who, filter, false)
				slices.Reverse(backward)
				if diff := cmp.Diff(want, backward); diff != "" {
					t.Errorf("%s, %s, backward (-want +got):\n%s", who, name, diff)
				}
				if n, err := h.CountCases(h.as(t, who), filter); n != len(want) || err != nil {
					t.Errorf("%s, %s: counted %d, %v, want %d", who, name, n, err, len(want))
				}
			}
		}
		if total < 100 {
			t.Errorf("only %d cases seen in all: the test has no teeth", total)
		}
	})
}

// seen reads all that the rule lets through, and filters here.
func (h *house) seen(t testing.TB, who string, f casework.CaseFilter) []string {
	t.Helper()
	rows, err := h.store.Reader().CaseFile.Query().Order(ent.Desc(casefile.FieldID)).All(h.as(t, who))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range rows {
		switch {
		case f.OfficeCode != nil && r.OfficeID != *f.OfficeCode,
			f.Phase != nil && r.Phase != *f.Phase,
			f.ServiceCode != nil && r.ServiceID != *f.ServiceCode,
			f.Mine != nil && *f.Mine && r.ResponsibleID != who,
			f.ApplicantIsMe != nil && *f.ApplicantIsMe && r.ApplicantID != who:
			continue
		}
		ids = append(ids, r.ID)
	}
	return ids
}

// listed reads all pages of three.
func (h *house) listed(t testing.TB, who string, f casework.CaseFilter, forward bool) []string {
	t.Helper()
	var ids []string
	args := town.PageArgs{Last: ptr(3)}
	if forward {
		args = town.PageArgs{First: ptr(3)}
	}
	for range 100 {
		page, err := h.Cases.Cases(h.as(t, who), args, f)
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
		cursor := town.Cursor(ids[len(ids)-1])
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
		if _, err := h.Cases.Cases(h.as(t, officer), args, casework.CaseFilter{}); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Cases.Cases(context.Background(), town.PageArgs{}, casework.CaseFilter{}); town.CodeOf(err) != town.Unauthenticated {
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
	if err != nil || len(actions[a.ID]) != 12 {
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
