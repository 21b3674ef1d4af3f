package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// conclusion is the kind of the clock that every case with a term has; the other
// kinds are the ids of milestones.
const conclusion = town.ClockConclusion

// term is a clock that a decision asks for.
type term struct {
	kind     string
	label    sdk.Text
	note     sdk.Text
	clock    clocks.Clock
	from     string
	follows  string // the kind of the clock whose end starts it; empty where an event does
	onExpiry sdk.Expiry
}

// termsOf are the clocks of a case: the deadline of the card, then the milestones.
// The first milestone that repeats the deadline is the deadline: it gives its name and
// its effect. A deadline of its own means what silence means, unless milestones
// say so. A milestone that follows one which the request does not have waits for its event.
func termsOf(d sdk.Decision) []term {
	deadline := term{
		kind: conclusion, label: sdk.Text{IT: "Termine di conclusione", EN: "Term of conclusion"},
		clock: clocks.Clock{
			Amount: d.Deadline.Amount, Unit: calc.Unit(d.Deadline.Unit), National: d.Deadline.Calendar == sdk.NationalCalendar,
		},
		from: d.Deadline.From, note: d.Deadline.Note, onExpiry: silenceEffect(d.Silence),
	}
	if len(d.Milestones) > 0 {
		deadline.onExpiry = sdk.ExpiryNone
	}
	var others []term
	kinds, named := map[string]string{}, false
	for _, m := range d.Milestones {
		if !named && m.Amount == d.Deadline.Amount && m.Unit == d.Deadline.Unit && m.From == d.Deadline.From {
			kinds[m.ID], named = conclusion, true
			deadline.label, deadline.onExpiry, deadline.clock.Wait, deadline.note = m.Label, m.OnExpiry, m.Wait, m.Note
			continue
		}
		kinds[m.ID] = m.ID
		others = append(others, term{
			kind: m.ID, label: m.Label, note: m.Note, from: m.From, follows: kinds[m.After], onExpiry: m.OnExpiry,
			clock: clocks.Clock{Amount: m.Amount, Unit: calc.Unit(m.Unit), Wait: m.Wait},
		})
	}
	if deadline.clock.Amount == 0 { // on the spot
		return others
	}
	return append([]term{deadline}, others...)
}

func silenceEffect(silence string) sdk.Expiry {
	switch silence {
	case "consent":
		return sdk.ExpiryGranted
	case "refusal":
		return sdk.ExpiryRefused
	default:
		return sdk.ExpiryNone
	}
}

// openClock is a clock about to be written.
type openClock struct {
	term
	ledger  []clocks.Entry
	derived clocks.Derived
	by      by
}

// openClocks starts the terms of a case and says when the conclusion is due: where a term
// follows it, when that one is. What begins with the request, or with a day that it tells,
// runs at once.
func (c *Cases) openClocks(a *assessment, now time.Time) ([]openClock, town.Date, error) {
	var list []openClock
	var dueOn town.Date
	in := a.offer.Practice.Bind(a.answers, c.facts(a.offer.ServiceID(), now))
	for _, t := range termsOf(a.decided.Decision) {
		o := openClock{term: t}
		if day, at, known := in.Started(t.from); known && t.follows == "" {
			o.ledger = []clocks.Entry{startOf(t, day, at)}
		}
		var err error
		if o.derived, err = clocks.Derive(t.clock, o.ledger, c.town.Calendar); err != nil {
			return nil, dueOn, fmt.Errorf("start the clock %s: %w", t.kind, err)
		}
		switch {
		case slices.Contains(sdk.StartsOfOthers(), t.from): // no term of the office
		case t.kind == conclusion:
			dueOn = o.derived.DueOn
		case t.follows == conclusion:
			dueOn = clocks.Follow(t.clock, dueOn, c.town.Calendar)
		}
		list = append(list, o)
	}
	return list, dueOn, nil
}

// startOf is the first entry of a ledger, with the request or on the day that it tells.
func startOf(t term, day town.Date, at time.Time) clocks.Entry {
	e := clocks.Entry{Effect: town.ClockStart, OnDay: day, Ground: sdk.ClockStarts()[t.from].IT}
	if !sdk.StartsWithRequest(t.from) {
		e.Ground += groundDeclared
	}
	if sdk.StartsWithRequest(t.from) || t.clock.Unit == clocks.Hours {
		e.At = at
	}
	return e
}

// groundDeclared ends the reason of a start whose day the request tells.
const groundDeclared = " (giorno indicato nella domanda)"

func writeClocks(ctx context.Context, tx *store.Tx, caseID string, list []openClock) error {
	var rows []*ent.CaseClockCreate
	var entries []*ent.ClockEntryCreate
	for _, o := range list {
		id := town.NewID(town.PrefixClock, tx.Now)
		row := tx.CaseClock.Create().SetID(id).SetCaseID(caseID).SetKind(o.kind).
			SetLabelIt(o.label.IT).SetLabelEn(o.label.EN).SetNoteIt(o.note.IT).SetNoteEn(o.note.EN).SetAmount(o.clock.Amount).SetUnit(string(o.clock.Unit)).
			SetStartsFrom(o.from).SetFollows(o.follows).SetOnExpiry(string(o.onExpiry)).SetWait(o.clock.Wait).SetNational(o.clock.National).
			SetState(o.derived.State).SetStartedOn(o.derived.StartedOn).SetDueOn(o.derived.DueOn)
		if !o.derived.DueAt.IsZero() {
			row.SetDueAt(o.derived.DueAt)
		}
		rows = append(rows, row)
		for i, e := range o.ledger {
			entries = append(entries, newEntry(tx, id, i+1, e, o.by))
		}
	}
	if len(rows) > 0 {
		if err := tx.CaseClock.CreateBulk(rows...).Exec(ctx); err != nil {
			return fmt.Errorf("start the clocks: %w", err)
		}
	}
	if len(entries) > 0 {
		if err := tx.ClockEntry.CreateBulk(entries...).Exec(ctx); err != nil {
			return fmt.Errorf("write the ledgers: %w", err)
		}
	}
	return nil
}

// newEntry is a line of a ledger. A start keeps its moment as the moment of
// recording: only terms in hours read it.
func newEntry(tx *store.Tx, clockID string, ordinal int, e clocks.Entry, who by) *ent.ClockEntryCreate {
	at := e.At
	if at.IsZero() {
		at = tx.Now
	}
	return tx.ClockEntry.Create().SetID(town.NewID(town.PrefixClockEntry, tx.Now)).SetClockID(clockID).
		SetOrdinal(ordinal).SetEffect(e.Effect).SetOnDay(e.OnDay).SetDays(e.Days).
		SetGround(e.Ground).SetArticle(e.Article).SetAuthorID(who.author).SetDocumentID(who.act).SetRecordedAt(at)
}
