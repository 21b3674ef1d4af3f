package life

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Available is an action with whether it may be taken now.
type Available struct {
	Action  town.CaseAction
	Label   sdk.Text
	Allowed bool
	// Reason is why not; nil when allowed.
	Reason *sdk.Text
	// ClockEffect is what it does to the term; nil for nothing.
	ClockEffect *sdk.Text
}

// Actions says of every action whether who asks may take it now, and why not.
func Actions(f Facts) []Available {
	var list []Available
	for _, r := range table() {
		_, reason := r.refuses(f)
		a := Available{Action: r.action, Label: r.label, Allowed: reason == nil, Reason: reason}
		if r.effect.IT != "" && (r.moves == nil || r.moves(f)) {
			a.ClockEffect = &r.effect
		}
		list = append(list, a)
	}
	return list
}

// Try is nil if the action may be taken now, else NOT_ALLOWED (never for who
// asks) or PRECONDITION_FAILED (not as the case stands).
func Try(action town.CaseAction, f Facts) error {
	for _, r := range table() {
		if r.action != action {
			continue
		}
		code, reason := r.refuses(f)
		if reason == nil {
			return nil
		}
		return town.Errorf(code, reason.EN, reason.IT)
	}
	return town.Errorf(town.Invalid, "There is no such action.", "Azione inesistente.")
}

// Next is the phase after the action. That of a decision is in [Decided].
func Next(action town.CaseAction, f Facts) town.Phase {
	for _, r := range table() {
		if r.action == action && r.to != nil {
			return r.to(f)
		}
	}
	return f.Phase
}

// Open reports whether the case waits for somebody's act.
func Open(p town.Phase) bool { return slices.Contains(open(), p) }

// OpenPhases are the phases in which a case waits for somebody's act.
func OpenPhases() []town.Phase { return open() }

func (r row) refuses(f Facts) (town.Code, *sdk.Text) {
	if reason := r.forbids(f); reason != nil {
		return town.NotAllowed, reason
	}
	if !slices.Contains(r.from, f.Phase) {
		return town.PreconditionFailed, &sdk.Text{
			IT: "Non si può fare nella fase «" + Label(f.Phase).IT + "».",
			EN: "This cannot be done in the phase “" + Label(f.Phase).EN + "”.",
		}
	}
	if r.guard != nil {
		return town.PreconditionFailed, r.guard(f)
	}
	return "", nil
}

// forbids is the reason why who asks may never take the action.
func (r row) forbids(f Facts) *sdk.Text {
	if r.action == town.ActionDecide && f.Political {
		// Whatever a policy file says: management acts belong to the managers.
		return &sdk.Text{
			IT: "Sindaco e Assessori non decidono le pratiche (art. 107 TUEL): vedono, chiedono, indirizzano.",
			EN: "Mayor and Assessori do not decide cases (art. 107 TUEL): they see, ask and steer.",
		}
	}
	if r.action == town.ActionDecide && f.Substituted && !f.Substitute {
		return &sdk.Text{
			IT: "Il termine è passato: decide chi esercita il potere sostitutivo (art. 2 c. 9-bis L. 241/1990).",
			EN: "The term has passed: whoever holds the substitute power decides (art. 2 c. 9-bis L. 241/1990).",
		}
	}
	if r.applicant && f.Applicant || r.party && f.Party || r.substitute && f.Substitute || slices.ContainsFunc(r.acts, f.Can) {
		return nil
	}
	switch {
	case r.party:
		return &sdk.Text{
			IT: "Solo la persona interessata e l'ufficio che ha la pratica possono aggiungere documenti.",
			EN: "Only the interested person and the office that has the case may add documents.",
		}
	case len(r.acts) == 0:
		return &sdk.Text{IT: "Solo la persona interessata può farlo.", EN: "Only the interested person may do this."}
	case slices.Contains(r.acts, access.CaseDecide):
		return &sdk.Text{IT: "Decide solo il responsabile del settore.", EN: "Only the head of the sector decides."}
	default:
		return &sdk.Text{IT: "Il suo ruolo non lo consente in questo ufficio.", EN: "Your role does not allow this in this office."}
	}
}

// Outcome is what is decided.
type Outcome string

// The outcomes of a decision.
const (
	Granted Outcome = "GRANTED"
	Partial Outcome = "PARTIAL"
	Refused Outcome = "REFUSED"
	// Inadmissible is a short reasoned measure on a request that cannot be examined.
	Inadmissible Outcome = "INADMISSIBLE"
)

// Decided is the phase after a decision; false for an unknown outcome.
func Decided(o Outcome) (town.Phase, bool) {
	switch o {
	case Granted:
		return town.PhaseDecidedGranted, true
	case Partial:
		return town.PhaseDecidedPartial, true
	case Refused:
		return town.PhaseDecidedRefused, true
	case Inadmissible:
		return town.PhaseInadmissible, true
	default:
		return "", false
	}
}

// Label is the name of a phase.
func Label(p town.Phase) sdk.Text {
	switch p {
	case town.PhaseDraft:
		return sdk.Text{IT: "Bozza", EN: "Draft"}
	case town.PhaseSubmitted:
		return sdk.Text{IT: "Presentata", EN: "Submitted"}
	case town.PhaseRegistered:
		return sdk.Text{IT: "Protocollata", EN: "Registered"}
	case town.PhaseTriage:
		return sdk.Text{IT: "Da assegnare", EN: "To be assigned"}
	case town.PhaseInProgress:
		return sdk.Text{IT: "In istruttoria", EN: "In progress"}
	case town.PhaseAwaitingApplicant:
		return sdk.Text{IT: "In attesa di integrazioni", EN: "Waiting for the applicant"}
	case town.PhaseAwaitingThirdParty:
		return sdk.Text{IT: "In attesa di pareri o di altri uffici", EN: "Waiting for opinions or other offices"}
	case town.PhaseRejectionNotice:
		return sdk.Text{IT: "Preavviso di rigetto", EN: "Notice of refusal"}
	case town.PhaseReadyToDecide:
		return sdk.Text{IT: "Alla firma", EN: "Ready to decide"}
	case town.PhaseDecidedGranted:
		return sdk.Text{IT: "Accolta", EN: "Granted"}
	case town.PhaseDecidedPartial:
		return sdk.Text{IT: "Accolta in parte", EN: "Granted in part"}
	case town.PhaseDecidedRefused:
		return sdk.Text{IT: "Respinta", EN: "Refused"}
	case town.PhaseDeemedGranted:
		return sdk.Text{IT: "Accolta per silenzio-assenso", EN: "Granted by silence"}
	case town.PhaseDeemedRefused:
		return sdk.Text{IT: "Respinta per silenzio", EN: "Refused by silence"}
	case town.PhaseInadmissible:
		return sdk.Text{IT: "Irricevibile", EN: "Inadmissible"}
	case town.PhaseWithdrawn:
		return sdk.Text{IT: "Ritirata dal richiedente", EN: "Withdrawn by the applicant"}
	case town.PhaseFulfilled:
		return sdk.Text{IT: "Conclusa", EN: "Fulfilled"}
	case town.PhaseArchived:
		return sdk.Text{IT: "Archiviata", EN: "Archived"}
	default:
		return sdk.Text{IT: string(p), EN: string(p)}
	}
}
