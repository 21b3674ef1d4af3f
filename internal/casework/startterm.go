package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The events that the house itself knows by name.
const (
	// startsAtRefusal starts the terms that the person has once the request is refused, in
	// words or by silence.
	startsAtRefusal = "refusal"
	// startsAtNotice starts the term of third parties. In generalised civic access their
	// notice also suspends that of the office.
	startsAtNotice = "notice to third parties"
)

// kindTermStarted is the line of a timeline about a term that began after the filing.
const kindTermStarted = "term_started"

// StartTerm records the event from which a term of the case runs, where neither the request
// nor another term is that event: a service, a birth, the closing of a call, the notice to
// third parties. The term counts from its day, which does not count; the event is a formal act,
// with the paper that shows it if there is one. Where third parties turn up later than the
// form knew, their term begins to exist with their notice.
//
// Errors: INVALID for a term that the case does not have, a day to come or one before the
// request where the event follows it; PRECONDITION_FAILED where the term starts by itself,
// has started or has ended.
func (c *Cases) StartTerm(ctx context.Context, in StartTermInput) (*ent.CaseFile, error) {
	note, err := optional("note", in.Note)
	return c.act(ctx, deed{
		mutation: "startTerm", action: town.ActionStartTerm, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		rows, err := clocksOf(ctx, h.tx, h.file.ID)
		if err != nil {
			return err
		}
		row, err := c.toStart(ctx, h, rows, in.Term)
		if err != nil {
			return err
		}
		entry, err := h.beginning(row, in)
		if err != nil {
			return err
		}
		contents := map[string]string{partTerm: row.Kind, partEvent: row.StartsFrom}
		if in.Document != nil {
			if !slices.ContainsFunc(h.documents, func(d *ent.CaseDocument) bool { return d.DocumentID == *in.Document }) {
				return town.Errorf(town.Invalid, "The case has no such paper.", "La pratica non ha questo documento.").At("input", "document")
			}
			contents[partDocument] = *in.Document
		}
		act, err := h.put(ctx, formal{kind: town.ActTermStart, state: town.ActDone, text: note, set: func(create *ent.CaseActCreate) {
			create.SetOnDay(in.HappenedOn).SetContents(contents)
		}})
		if err != nil {
			return err
		}
		moved, err := c.start(ctx, h, rows, row, entry, act)
		if err != nil {
			return err
		}
		data := map[string]string{town.DataClock: row.Kind, "event": row.StartsFrom}
		return h.tell(ctx, town.EventCaseTermStarted, line{kind: kindTermStarted, note: note, data: moved}, data)
	})
}

// The parts of the act by which a term starts.
const (
	partTerm     = "term"
	partEvent    = "event"
	partDocument = "document"
)

// start begins a clock. It gives what the timeline says: of the term of the case how its last
// day moved, of another one its last day.
func (c *Cases) start(ctx context.Context, h *hand, rows []*ent.CaseClock, row *ent.CaseClock, e clocks.Entry, act string) (map[string]string, error) {
	derived, err := c.enter(ctx, h.tx, row, e, by{author: h.viewer.ID, act: act})
	if err != nil {
		return nil, err
	}
	if !carries(row) {
		return map[string]string{town.DataClock: row.Kind, "due": derived.DueOn.String(), "from": e.OnDay.String()}, nil
	}
	dueOn := c.wholeDue(rows, row, derived.DueOn)
	moved := map[string]string{
		town.DataClock: row.Kind, dataDueFrom: h.file.DueOn.String(), dataDueTo: dueOn.String(), dataHappened: e.OnDay.String(),
		dataClockFx: string(e.Effect),
	}
	return moved, h.change(ctx, h.file.Phase, func(u *ent.CaseFileUpdateOne) { u.SetDueOn(dueOn) })
}

// toStart is the clock of that kind, if it waits for an event that the office records.
func (c *Cases) toStart(ctx context.Context, h *hand, rows []*ent.CaseClock, kind string) (*ent.CaseClock, error) {
	at := slices.IndexFunc(rows, func(row *ent.CaseClock) bool { return row.Kind == kind })
	if at < 0 && h.kind.objection != nil && kind == h.kind.objection.ID {
		row, err := c.newObjection(ctx, h)
		if err != nil {
			return nil, err
		}
		return row, h.kind.mayStart(h.file, row)
	}
	if at < 0 {
		return nil, town.Errorf(town.Invalid, "The case has no such term: see its clocks.", "La pratica non ha questo termine: vedere i suoi termini.").At("input", "term")
	}
	return rows[at], h.kind.mayStart(h.file, rows[at])
}

// mayStart is the reason why the office does not record the start of a clock; nil if it does.
func (k kind) mayStart(file *ent.CaseFile, row *ent.CaseClock) error {
	refuse := func(en, it string) error { return town.Errorf(town.PreconditionFailed, en, it).At("input", "term") }
	words := sdk.ClockStarts()[row.StartsFrom]
	switch {
	case row.EndedAt != nil:
		return refuse("The term has ended.", "Il termine è cessato.")
	case row.State != town.ClockPending:
		return refuse(fmt.Sprintf("The term started on %s already.", row.StartedOn), fmt.Sprintf("Il termine è già iniziato il %s.", row.StartedOn))
	case row.Follows != "", row.StartsFrom == startsAtRefusal:
		return refuse(fmt.Sprintf("The term starts by itself: %s.", words.EN), fmt.Sprintf("Il termine inizia da sé: %s.", words.IT))
	case row.StartsFrom == startsAtNotice && k.thirdParties == clocks.ArticleThirdParties:
		return refuse("The notice to third parties also suspends the term: use suspendForAcquisition with thirdParties ("+clocks.ArticleThirdParties+").",
			"L'avviso ai controinteressati sospende anche il termine: usare suspendForAcquisition con thirdParties ("+clocks.ArticleThirdParties+").")
	case (carries(row) || row.StartsFrom == startsAtNotice) && !life.Open(file.Phase):
		return refuse("The case has ended: the term is of no use any more.", "La pratica è conclusa: il termine non serve più.")
	}
	return nil
}

// awaits reports whether a term of the case waits for an event that the office records.
func (k kind) awaits(file *ent.CaseFile, rows []*ent.CaseClock) bool {
	if slices.ContainsFunc(rows, func(row *ent.CaseClock) bool { return k.mayStart(file, row) == nil }) {
		return true
	}
	known := slices.ContainsFunc(rows, func(row *ent.CaseClock) bool { return row.StartsFrom == startsAtNotice })
	return !known && k.objection != nil && k.thirdParties != clocks.ArticleThirdParties && life.Open(file.Phase)
}

// beginning is the entry of a start, on a day that may be.
func (h *hand) beginning(row *ent.CaseClock, in StartTermInput) (clocks.Entry, error) {
	refuse := func(en, it string) (clocks.Entry, error) {
		return clocks.Entry{}, town.Errorf(town.Invalid, en, it).At("input", "happenedOn")
	}
	filed := town.Today(h.file.FiledAt)
	e := clocks.Entry{Effect: town.ClockStart, OnDay: in.HappenedOn, Ground: sdk.ClockStarts()[row.StartsFrom].IT}
	switch {
	case in.HappenedOn.After(town.Today(h.tx.Now)):
		return refuse("This day has not come yet.", "Questo giorno deve ancora venire.")
	case in.HappenedOn.Before(filed) && !mayPrecede(row.StartsFrom):
		return refuse(fmt.Sprintf("The day is before the request, of %s, which this event follows.", filed),
			fmt.Sprintf("Il giorno precede la richiesta, del %s, cui questo evento segue.", filed))
	case calc.Unit(row.Unit) != clocks.Hours:
		return e, nil
	}
	wrong := func(en, it string) (clocks.Entry, error) {
		return clocks.Entry{}, town.Errorf(town.Invalid, en, it).At("input", "happenedAt")
	}
	switch {
	case in.HappenedAt == nil:
		return wrong("This term is in hours: name the moment.", "Questo termine è in ore: indicare il momento.")
	case in.HappenedAt.After(h.tx.Now):
		return wrong("This moment has not come yet.", "Questo momento deve ancora venire.")
	case town.Today(*in.HappenedAt) != in.HappenedOn:
		return wrong("The moment is on another day.", "Il momento cade in un altro giorno.")
	}
	e.At = in.HappenedAt.UTC().Truncate(time.Microsecond)
	return e, nil
}

// mayPrecede reports the events that may come before the request which speaks of them.
func mayPrecede(event string) bool {
	return slices.Contains([]string{"service", "birth", "death", "separation", "decree service", "departure", "call closing"}, event)
}

// newObjection gives a case the term of third parties of whom its form knew nothing.
func (c *Cases) newObjection(ctx context.Context, h *hand) (*ent.CaseClock, error) {
	m := h.kind.objection
	o := openClock{term: term{
		kind: m.ID, label: m.Label, note: m.Note, from: m.From, onExpiry: m.OnExpiry,
		clock: clocks.Clock{Amount: m.Amount, Unit: calc.Unit(m.Unit), Wait: m.Wait},
	}}
	o.derived.State = town.ClockPending
	if err := writeClocks(ctx, h.tx, h.file.ID, []openClock{o}); err != nil {
		return nil, err
	}
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return nil, err
	}
	return rows[slices.IndexFunc(rows, func(row *ent.CaseClock) bool { return row.Kind == m.ID })], nil
}

// startObjection starts the term of third parties with the notice that suspends that of the
// office, if it has not begun.
func (c *Cases) startObjection(ctx context.Context, h *hand, day town.Date, act string) error {
	if h.kind.objection == nil {
		return nil
	}
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rows, func(row *ent.CaseClock) bool { return row.Kind == h.kind.objection.ID })
	var row *ent.CaseClock
	if at >= 0 {
		row = rows[at]
	} else if row, err = c.newObjection(ctx, h); err != nil {
		return err
	}
	if row.State != town.ClockPending || row.EndedAt != nil {
		return nil
	}
	start := clocks.Entry{Effect: town.ClockStart, OnDay: day, Ground: sdk.ClockStarts()[startsAtNotice].IT}
	_, err = c.enter(ctx, h.tx, row, start, by{author: h.viewer.ID, act: act})
	return err
}
