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
	// Applicant says that who asks is the interested person; Party that they signed in well
	// enough to read what is personal in the case.
	Applicant, Party bool
	// Political says that who asks sits at level 5.
	Political bool
	// OnRequest marks a case that the applicant started with a request.
	OnRequest bool
	// Integration and Acquisition say that an answer is awaited: of the applicant, or of
	// somebody else.
	Integration, Acquisition bool
	// Notice is the state of the last notice of refusal; empty if there is none.
	Notice town.ActState
	// StartNotice and Attested say that the start notice was sent, and that consent by
	// silence was attested.
	StartNotice, Attested bool
	// TermAwaited says that a term of the case waits for an event whose day the office records.
	TermAwaited bool
	// TermRuns says that the term of the case runs or stands still, so that it can move.
	TermRuns bool
	// SuspensionRefused and ExtensionRefused are the reasons of law, by the term's ledger,
	// against a suspension to acquire facts and against a longer term; nil for none.
	SuspensionRefused, ExtensionRefused *sdk.Text
	// Examined says that the examination has a term of its own, which runs and ends with the
	// proposal of a measure.
	Examined bool
	// Papers says that the case has papers to which a content can be added.
	Papers bool
	// Substituted says that somebody holds the substitute power over the case, Substitute
	// that it is who asks.
	Substituted, Substitute bool
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
	// do it without any, and party only if what is personal is open to them.
	acts             []access.Act
	applicant, party bool
	// substitute lets whoever holds the substitute power do it without any.
	substitute bool
	// guard is the reason against it, nil if there is none.
	guard func(Facts) *sdk.Text
	// effect is what it does to the term, in words; empty for nothing. Where moves is set it
	// does so only if that holds.
	effect sdk.Text
	moves  func(Facts) bool
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
			acts: []access.Act{access.CaseHandle}, substitute: true, guard: nothingAwaited, to: always(town.PhaseAwaitingApplicant),
			effect: sdk.Text{
				IT: "Secondo il motivo di legge: il termine resta sospeso, riparte o decorre da quando la richiesta è regolare; oppure continua.",
				EN: "By the legal ground: the term is suspended, starts over, or counts from when the request is regular; or it goes on.",
			},
		},
		{
			action: town.ActionAnswer, label: sdk.Text{IT: "Rispondi alla richiesta di integrazione", EN: "Answer the request for integration"},
			from: []town.Phase{town.PhaseAwaitingApplicant},
			acts: []access.Act{access.CaseHandle, access.CaseFileFor}, applicant: true, substitute: true,
			guard: integrationOpen, to: always(town.PhaseInProgress),
			effect: sdk.Text{
				IT: "Il termine riprende, ricomincia o inizia, secondo il motivo della richiesta.",
				EN: "The term goes on, starts over or starts, by the ground of the request.",
			},
		},
		{
			action: town.ActionReceiveDocument, label: sdk.Text{IT: "Ricevi un documento", EN: "Receive a document"},
			from: open(), acts: []access.Act{access.CaseHandle, access.CaseFileFor}, guard: somethingMissing, to: received,
			effect: sdk.Text{
				IT: "Con l'ultimo documento richiesto il termine riprende, ricomincia o inizia.",
				EN: "With the last paper asked for the term goes on, starts over or starts.",
			},
		},
		{
			action: town.ActionAttach, label: sdk.Text{IT: "Allega un documento", EN: "Attach a document"},
			from: open(), acts: []access.Act{access.CaseHandle, access.CaseFileFor}, party: true, guard: hasPapers, to: received,
			effect: sdk.Text{
				IT: "Con l'ultimo documento richiesto il termine riprende, ricomincia o inizia.",
				EN: "With the last paper asked for the term goes on, starts over or starts.",
			},
		},
		{
			action: town.ActionStartNotice, label: sdk.Text{IT: "Invia la comunicazione di avvio", EN: "Send the start notice"},
			from: open(), acts: []access.Act{access.CaseHandle}, substitute: true, guard: startNoticeReady,
		},
		{
			action: town.ActionSuspend, label: sdk.Text{IT: "Sospendi per acquisire informazioni", EN: "Suspend to acquire information"},
			from: []town.Phase{town.PhaseInProgress},
			acts: []access.Act{access.CaseHandle}, substitute: true, guard: maySuspend, to: always(town.PhaseAwaitingThirdParty),
			effect: sdk.Text{
				IT: "Il termine è sospeso, una sola volta e per al massimo 30 giorni (art. 2 c. 7 L. 241/1990), poi riprende da sé.",
				EN: "The term is suspended, once and for at most 30 days (art. 2 c. 7 L. 241/1990), then goes on by itself.",
			},
		},
		{
			action: town.ActionResume, label: sdk.Text{IT: "Registra le informazioni acquisite", EN: "Record the information acquired"},
			from: []town.Phase{town.PhaseAwaitingThirdParty},
			acts: []access.Act{access.CaseHandle}, substitute: true, guard: acquisitionOpen, to: always(town.PhaseInProgress),
			effect: sdk.Text{IT: "Il termine riprende con i giorni rimasti.", EN: "The term goes on with the days left."},
		},
		{
			action: town.ActionRejectionNotice, label: sdk.Text{IT: "Invia il preavviso di rigetto", EN: "Serve the notice of refusal"},
			from: []town.Phase{town.PhaseInProgress, town.PhaseAwaitingApplicant, town.PhaseReadyToDecide},
			acts: []access.Act{access.CaseHandle}, substitute: true, guard: mayForewarn, to: always(town.PhaseRejectionNotice),
			effect: sdk.Text{
				IT: "Il termine è sospeso: riprende 10 giorni dopo le osservazioni o, senza osservazioni, alla fine dei 10 giorni.",
				EN: "The term is suspended: it goes on 10 days after the observations, or at the end of the 10 days without any.",
			},
		},
		{
			action: town.ActionObserve, label: sdk.Text{IT: "Registra le osservazioni", EN: "Record observations"},
			from: []town.Phase{town.PhaseRejectionNotice, town.PhaseInProgress, town.PhaseReadyToDecide},
			acts: []access.Act{access.CaseHandle, access.CaseFileFor}, applicant: true, substitute: true, guard: forewarned,
			effect: sdk.Text{IT: "Il termine riprende 10 giorni dopo le osservazioni.", EN: "The term goes on 10 days after the observations."},
		},
		{
			// The term of a payment or of a review runs after the measure too.
			action: town.ActionStartTerm, label: sdk.Text{IT: "Registra l'inizio di un termine", EN: "Record what starts a term"},
			from: unclosed(), acts: []access.Act{access.CaseHandle}, substitute: true, guard: termAwaited,
			effect: sdk.Text{
				IT: "Il termine che attendeva l'evento decorre dal giorno in cui è avvenuto.",
				EN: "The term that waited for the event counts from the day on which it happened.",
			},
		},
		{
			action: town.ActionExtend, label: sdk.Text{IT: "Proroga il termine", EN: "Extend the term"},
			from: open(), acts: []access.Act{access.CaseDecide}, guard: mayExtend,
			effect: sdk.Text{
				IT: "Il termine si allunga, una sola volta e al massimo di quanto dura.",
				EN: "The term gets longer, once and at most by its own length.",
			},
		},
		{
			action: town.ActionPropose, label: sdk.Text{IT: "Proponi la decisione", EN: "Propose the decision"},
			from: []town.Phase{town.PhaseInProgress}, acts: []access.Act{access.CaseHandle}, substitute: true,
			guard: papersComplete, to: always(town.PhaseReadyToDecide), moves: examined,
			effect: sdk.Text{
				IT: "Finisce il termine dell'istruttoria e inizia quello del provvedimento.",
				EN: "The term of the examination ends and that of the measure starts.",
			},
		},
		{
			action: town.ActionDecide, label: sdk.Text{IT: "Decidi", EN: "Decide"},
			// Papers that never come must not keep a case open for ever.
			from: []town.Phase{
				town.PhaseInProgress, town.PhaseAwaitingApplicant, town.PhaseAwaitingThirdParty,
				town.PhaseRejectionNotice, town.PhaseReadyToDecide,
				// What silence refused may still be granted, late; consent by silence is not
				// undone by a late measure (art. 2 c. 8-bis) but by a review.
				town.PhaseDeemedRefused,
			},
			acts: []access.Act{access.CaseDecide}, substitute: true,
			effect: sdk.Text{IT: "Il termine cessa.", EN: "The term ends."},
		},
		{
			action: town.ActionFulfil, label: sdk.Text{IT: "Concludi", EN: "Fulfil"},
			from: []town.Phase{
				town.PhaseRegistered, town.PhaseTriage, town.PhaseInProgress,
				town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDeemedGranted,
			},
			acts: []access.Act{access.CaseHandle}, guard: decidedOrOnTheSpot, to: always(town.PhaseFulfilled),
			effect: sdk.Text{IT: "Il termine, se ancora aperto, cessa.", EN: "The term ends, if it is still open."},
		},
		{
			action: town.ActionReopen, label: sdk.Text{IT: "Riesamina in autotutela", EN: "Review of one's own accord"},
			from: []town.Phase{
				town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDecidedRefused, town.PhaseInadmissible,
				town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseFulfilled,
			},
			acts: []access.Act{access.CaseDecide}, to: always(town.PhaseInProgress),
			effect: sdk.Text{IT: "Inizia un nuovo termine; la decisione precedente resta agli atti.", EN: "A new term starts; the earlier decision stays on record."},
		},
		{
			action: town.ActionAttest, label: sdk.Text{IT: "Attesta il silenzio-assenso", EN: "Attest consent by silence"},
			from: []town.Phase{town.PhaseDeemedGranted}, acts: []access.Act{access.CaseHandle}, applicant: true, guard: notAttested,
		},
		{
			action: town.ActionArchive, label: sdk.Text{IT: "Archivia", EN: "Archive"},
			from: []town.Phase{
				town.PhaseFulfilled, town.PhaseDecidedRefused, town.PhaseDeemedRefused, town.PhaseInadmissible, town.PhaseWithdrawn,
			},
			acts: []access.Act{access.CaseHandle}, to: always(town.PhaseArchived),
		},
		{
			action: town.ActionWithdraw, label: sdk.Text{IT: "Ritira la richiesta", EN: "Withdraw the request"},
			from: open(), applicant: true, to: always(town.PhaseWithdrawn),
			effect: sdk.Text{IT: "Tutti i termini cessano.", EN: "All terms end."},
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

// unclosed are the phases of a case that was neither withdrawn nor put away.
func unclosed() []town.Phase {
	return append(open(), town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDecidedRefused,
		town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseInadmissible, town.PhaseFulfilled)
}

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

func nothingAwaited(f Facts) *sdk.Text {
	if !f.Integration {
		return nil
	}
	return &sdk.Text{
		IT: "Una richiesta di integrazione è già in attesa di risposta.",
		EN: "A request for integration already waits for its answer.",
	}
}

func integrationOpen(f Facts) *sdk.Text {
	if f.Integration {
		return nil
	}
	return &sdk.Text{IT: "Nessuna richiesta di integrazione attende risposta.", EN: "No request for integration waits for an answer."}
}

func acquisitionOpen(f Facts) *sdk.Text {
	if f.Acquisition {
		return nil
	}
	return &sdk.Text{IT: "Non si attende alcuna informazione.", EN: "No information is awaited."}
}

// startNoticeReady: the notice names the responsible officer (art. 8 c. 2 lett. c).
func startNoticeReady(f Facts) *sdk.Text {
	switch {
	case f.StartNotice:
		return &sdk.Text{IT: "La comunicazione di avvio è già stata inviata.", EN: "The start notice was sent already."}
	case !f.Responsible:
		return &sdk.Text{
			IT: "Manca il responsabile del procedimento: la comunicazione di avvio deve nominarlo (art. 8 L. 241/1990).",
			EN: "No responsible officer is named: the start notice must name one (art. 8 L. 241/1990).",
		}
	}
	return nil
}

func mayForewarn(f Facts) *sdk.Text {
	switch {
	case !f.OnRequest:
		return &sdk.Text{
			IT: "Il preavviso di rigetto spetta solo nei procedimenti a istanza di parte (art. 10-bis L. 241/1990).",
			EN: "A notice of refusal is for cases that the applicant started (art. 10-bis L. 241/1990).",
		}
	case f.Notice != "":
		return &sdk.Text{IT: "Il preavviso di rigetto è già stato inviato.", EN: "The notice of refusal was served already."}
	}
	return nil
}

func forewarned(f Facts) *sdk.Text {
	switch f.Notice {
	case town.ActOpen, town.ActLapsed:
		return nil
	case town.ActAnswered:
		return &sdk.Text{IT: "Le osservazioni sono già state registrate.", EN: "Observations were recorded already."}
	default:
		return &sdk.Text{IT: "Non è stato inviato alcun preavviso di rigetto.", EN: "No notice of refusal was served."}
	}
}

func termAwaited(f Facts) *sdk.Text {
	if f.TermAwaited {
		return nil
	}
	return &sdk.Text{IT: "Nessun termine attende un evento da registrare.", EN: "No term waits for an event to be recorded."}
}

func termRuns(f Facts) *sdk.Text {
	if f.TermRuns {
		return nil
	}
	return &sdk.Text{IT: "Nessun termine della pratica è in corso.", EN: "No term of the case runs."}
}

func maySuspend(f Facts) *sdk.Text {
	if reason := termRuns(f); reason != nil {
		return reason
	}
	return f.SuspensionRefused
}

func mayExtend(f Facts) *sdk.Text {
	if reason := termRuns(f); reason != nil {
		return reason
	}
	return f.ExtensionRefused
}

func examined(f Facts) bool { return f.Examined }

func notAttested(f Facts) *sdk.Text {
	if !f.Attested {
		return nil
	}
	return &sdk.Text{IT: "L'attestazione è già stata rilasciata.", EN: "The attestation was issued already."}
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

func hasPapers(f Facts) *sdk.Text {
	if f.Papers {
		return nil
	}
	return &sdk.Text{IT: "La pratica non ha documenti da allegare.", EN: "The case has no document to attach."}
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
