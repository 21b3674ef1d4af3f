// Package life is the one table of what may be done with a case: from which
// phase, by whom, and where it leads. Doing an action and saying beforehand
// whether it may be done read the same rows. It is pure.
package life

import (
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Facts are all that the table reads of a case and of who asks.
type Facts struct {
	Phase town.Phase
	// OnTheSpot marks a practice that needs no measure: it is done at the desk, or
	// nothing of it is worked on in a back office.
	OnTheSpot bool
	// Missing are the papers not yet received; Requested those of them that the
	// applicant was asked for.
	Missing, Requested int
	// Responsible says that an officer is named, Mine that it is who asks, Taken
	// that they took the case in charge.
	Responsible, Mine, Taken bool
	// Rated says that the case was rated: each contact is rated once.
	Rated bool
	// Applicant says that who asks is the interested person.
	Applicant bool
	// Political says that who asks sits at level 5.
	Political bool
	// Can says what who asks may do in the office of the case.
	Can func(access.Act) bool
}

// row is one action: who, from where, under which condition, to where.
type row struct {
	action town.CaseAction
	label  sdk.Text
	// from are the phases in which the action makes sense.
	from []town.Phase
	// acts are those of which one is needed; applicant lets the interested person
	// do it without any.
	acts      []access.Act
	applicant bool
	// guard is the reason against it, nil if there is none.
	guard func(Facts) *sdk.Text
	// to is the next phase; nil leaves it as it is.
	to func(Facts) town.Phase
}

// table has the rows in the order in which they are shown.
func table() []row {
	return []row{
		{
			action: town.ActionAssign, label: sdk.Text{IT: "Assegna", EN: "Assign"},
			from: open(), acts: []access.Act{access.CaseAssign}, to: startWork,
		},
		{
			action: town.ActionTakeInCharge, label: sdk.Text{IT: "Prendi in carico", EN: "Take in charge"},
			from: []town.Phase{town.PhaseRegistered, town.PhaseTriage, town.PhaseInProgress},
			acts: []access.Act{access.CaseHandle}, guard: notTaken, to: startWork,
		},
		{
			action: town.ActionRequestDocuments, label: sdk.Text{IT: "Chiedi documenti", EN: "Ask for documents"},
			from: []town.Phase{town.PhaseInProgress, town.PhaseAwaitingApplicant},
			acts: []access.Act{access.CaseHandle}, to: always(town.PhaseAwaitingApplicant),
		},
		{
			action: town.ActionReceiveDocument, label: sdk.Text{IT: "Ricevi un documento", EN: "Receive a document"},
			from: open(), acts: []access.Act{access.CaseHandle, access.CaseFileFor}, guard: somethingMissing, to: received,
		},
		{
			action: town.ActionPropose, label: sdk.Text{IT: "Proponi la decisione", EN: "Propose the decision"},
			from: []town.Phase{town.PhaseInProgress}, acts: []access.Act{access.CaseHandle},
			guard: papersComplete, to: always(town.PhaseReadyToDecide),
		},
		{
			action: town.ActionDecide, label: sdk.Text{IT: "Decidi", EN: "Decide"},
			// Papers that never come must not keep a case open for ever.
			from: []town.Phase{town.PhaseInProgress, town.PhaseAwaitingApplicant, town.PhaseReadyToDecide}, acts: []access.Act{access.CaseDecide},
		},
		{
			action: town.ActionFulfil, label: sdk.Text{IT: "Concludi", EN: "Fulfil"},
			from: []town.Phase{
				town.PhaseRegistered, town.PhaseTriage, town.PhaseInProgress,
				town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDeemedGranted,
			},
			acts: []access.Act{access.CaseHandle}, guard: decidedOrOnTheSpot, to: always(town.PhaseFulfilled),
		},
		{
			action: town.ActionWithdraw, label: sdk.Text{IT: "Ritira la richiesta", EN: "Withdraw the request"},
			from: open(), applicant: true, to: always(town.PhaseWithdrawn),
		},
		{
			action: town.ActionNote, label: sdk.Text{IT: "Aggiungi una nota", EN: "Add a note"},
			from: all(), acts: []access.Act{access.CaseHandle}, applicant: true,
		},
		{
			action: town.ActionTransferOffice, label: sdk.Text{IT: "Passa a un altro ufficio", EN: "Hand over to another office"},
			from: open(), acts: []access.Act{access.CaseTransfer}, to: always(town.PhaseTriage),
		},
		{
			action: town.ActionEscalate, label: sdk.Text{IT: "Chiedi all'Help Point", EN: "Ask the Help Point"},
			from: all(), acts: []access.Act{access.EscalationRaise}, applicant: true,
		},
		{
			action: town.ActionRate, label: sdk.Text{IT: "Valuta", EN: "Rate"},
			from: all(), applicant: true, guard: notRated,
		},
	}
}

// open are the phases in which a case waits for somebody's act.
func open() []town.Phase {
	return []town.Phase{
		town.PhaseSubmitted, town.PhaseRegistered, town.PhaseTriage, town.PhaseInProgress,
		town.PhaseAwaitingApplicant, town.PhaseAwaitingThirdParty, town.PhaseRejectionNotice, town.PhaseReadyToDecide,
	}
}

// ended are the phases after the outcome.
func ended() []town.Phase {
	return []town.Phase{
		town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDecidedRefused,
		town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseInadmissible,
		town.PhaseWithdrawn, town.PhaseFulfilled, town.PhaseArchived,
	}
}

func all() []town.Phase { return append(open(), ended()...) }

func always(p town.Phase) func(Facts) town.Phase { return func(Facts) town.Phase { return p } }

// startWork begins the examination of a case that nobody had.
func startWork(f Facts) town.Phase {
	if f.Phase == town.PhaseSubmitted || f.Phase == town.PhaseRegistered || f.Phase == town.PhaseTriage {
		return town.PhaseInProgress
	}
	return f.Phase
}

// received goes on with the examination once nothing that was asked is missing.
// It reads the facts as they are after the receipt.
func received(f Facts) town.Phase {
	if f.Phase == town.PhaseAwaitingApplicant && f.Requested == 0 {
		return town.PhaseInProgress
	}
	return f.Phase
}

func notTaken(f Facts) *sdk.Text {
	switch {
	case f.Responsible && !f.Mine:
		return &sdk.Text{
			IT: "La pratica ha già un altro responsabile: serve una nuova assegnazione.",
			EN: "Another officer is responsible: the case must be assigned anew.",
		}
	case f.Taken:
		return &sdk.Text{IT: "La pratica è già in carico.", EN: "The case is already in charge."}
	}
	return nil
}

func notRated(f Facts) *sdk.Text {
	if !f.Rated {
		return nil
	}
	return &sdk.Text{IT: "La pratica è già stata valutata.", EN: "The case was rated already."}
}

func somethingMissing(f Facts) *sdk.Text {
	if f.Missing > 0 {
		return nil
	}
	return &sdk.Text{IT: "Non manca alcun documento.", EN: "No document is missing."}
}

func papersComplete(f Facts) *sdk.Text {
	if f.Missing == 0 {
		return nil
	}
	return &sdk.Text{
		IT: "Mancano documenti: vanno ricevuti prima della proposta.",
		EN: "Documents are missing: receive them before the proposal.",
	}
}

func decidedOrOnTheSpot(f Facts) *sdk.Text {
	switch f.Phase {
	case town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDeemedGranted:
		return nil
	}
	if f.OnTheSpot {
		return nil
	}
	return &sdk.Text{
		IT: "La pratica richiede prima una decisione.",
		EN: "The case needs a decision first.",
	}
}
