package town

// Level is one of the five access levels of Spazio In Comune.
type Level int

// The access levels.
const (
	LevelInfoPoint Level = 1 // Punto Informazioni
	LevelCounter   Level = 2 // Sportello Polifunzionale
	LevelOffice    Level = 3 // uffici specialistici
	LevelHelpPoint Level = 4 // Help Point e capisettore
	LevelMayor     Level = 5 // Sindaco e Assessori
)

// Priority is the class of a person in the queue; P0 comes first.
type Priority string

// The classes.
const (
	P0 Priority = "P0" // same day, before everything
	P1 Priority = "P1" // protected: 75 or more, disabled, pregnant, infant
	P2 Priority = "P2" // booked and on time, or urgent with reason
	P3 Priority = "P3" // ordinary
)

// LegState is the state of one stop of a visit.
type LegState string

// The states of a leg.
const (
	LegWaiting     LegState = "WAITING"
	LegCalled      LegState = "CALLED"
	LegServing     LegState = "SERVING"
	LegParked      LegState = "PARKED"
	LegCompleted   LegState = "COMPLETED"
	LegTransferred LegState = "TRANSFERRED"
	LegNoShow      LegState = "NO_SHOW"
	LegLeft        LegState = "LEFT"
	LegCancelled   LegState = "CANCELLED"
	LegExpired     LegState = "EXPIRED"
)

// LegOutcome says how a completed leg ended.
type LegOutcome string

// The outcomes of a completed leg.
const (
	OutcomeServed         LegOutcome = "SERVED"
	OutcomeInfoOnly       LegOutcome = "INFO_ONLY"
	OutcomeNotCompetent   LegOutcome = "NOT_COMPETENT"
	OutcomeIncompleteDocs LegOutcome = "INCOMPLETE_DOCS"
)

// SessionState is the state of a counter's shift.
type SessionState string

// The states of a counter session.
const (
	SessionOpen   SessionState = "OPEN"
	SessionPaused SessionState = "PAUSED"
	SessionClosed SessionState = "CLOSED"
)

// Channel is how a contact came in.
type Channel string

// The channels.
const (
	ChannelKiosk   Channel = "KIOSK"
	ChannelPhone   Channel = "PHONE"
	ChannelDesk    Channel = "DESK"
	ChannelOnline  Channel = "ONLINE"
	ChannelPostPEC Channel = "POST_PEC"
)

// Phase is the legal phase of a case, the same for all services.
type Phase string

// The phases.
const (
	PhaseDraft              Phase = "DRAFT"
	PhaseSubmitted          Phase = "SUBMITTED"
	PhaseRegistered         Phase = "REGISTERED"
	PhaseTriage             Phase = "TRIAGE"
	PhaseInProgress         Phase = "IN_PROGRESS"
	PhaseAwaitingApplicant  Phase = "AWAITING_APPLICANT"
	PhaseAwaitingThirdParty Phase = "AWAITING_THIRD_PARTY"
	PhaseRejectionNotice    Phase = "REJECTION_NOTICE"
	PhaseReadyToDecide      Phase = "READY_TO_DECIDE"
	PhaseDecidedGranted     Phase = "DECIDED_GRANTED"
	PhaseDecidedPartial     Phase = "DECIDED_PARTIAL"
	PhaseDecidedRefused     Phase = "DECIDED_REFUSED"
	PhaseDeemedGranted      Phase = "DEEMED_GRANTED"
	PhaseDeemedRefused      Phase = "DEEMED_REFUSED"
	PhaseInadmissible       Phase = "INADMISSIBLE"
	PhaseWithdrawn          Phase = "WITHDRAWN"
	PhaseFulfilled          Phase = "FULFILLED"
	PhaseArchived           Phase = "ARCHIVED"
)

// CaseAction is what may be done with a case.
type CaseAction string

// The actions on a case.
const (
	ActionAssign           CaseAction = "ASSIGN"
	ActionTakeInCharge     CaseAction = "TAKE_IN_CHARGE"
	ActionRequestDocuments CaseAction = "REQUEST_DOCUMENTS"
	ActionReceiveDocument  CaseAction = "RECEIVE_DOCUMENT"
	ActionAttach           CaseAction = "ATTACH_DOCUMENT"
	ActionPropose          CaseAction = "PROPOSE"
	ActionDecide           CaseAction = "DECIDE"
	ActionFulfil           CaseAction = "FULFIL"
	ActionWithdraw         CaseAction = "WITHDRAW"
	ActionNote             CaseAction = "NOTE"
	ActionTransferOffice   CaseAction = "TRANSFER_OFFICE"
	ActionEscalate         CaseAction = "ESCALATE"
	ActionRate             CaseAction = "RATE"
	ActionStartNotice      CaseAction = "SEND_START_NOTICE"
	ActionAnswer           CaseAction = "ANSWER_INTEGRATION"
	ActionSuspend          CaseAction = "SUSPEND_FOR_ACQUISITION"
	ActionResume           CaseAction = "END_ACQUISITION"
	ActionRejectionNotice  CaseAction = "SERVE_REJECTION_NOTICE"
	ActionObserve          CaseAction = "RECORD_OBSERVATIONS"
	ActionExtend           CaseAction = "EXTEND_TERM"
	ActionReopen           CaseAction = "REOPEN"
	ActionAttest           CaseAction = "ATTEST_SILENCE"
	ActionArchive          CaseAction = "ARCHIVE"
	ActionStartTerm        CaseAction = "START_TERM"
)

// ActKind says which formal act of a case it is.
type ActKind string

// The kinds of formal acts.
const (
	ActStartNotice     ActKind = "START_NOTICE"     // comunicazione di avvio, L. 241/1990 art. 8
	ActIntegration     ActKind = "INTEGRATION"      // richiesta di integrazione
	ActAcquisition     ActKind = "ACQUISITION"      // sospensione per acquisire fatti o pareri
	ActRejectionNotice ActKind = "REJECTION_NOTICE" // preavviso di rigetto, art. 10-bis
	ActMeasure         ActKind = "MEASURE"          // provvedimento
	ActExtension       ActKind = "EXTENSION"        // proroga
	ActTermStart       ActKind = "TERM_START"       // fatto da cui decorre un termine
	ActReopening       ActKind = "REOPENING"        // riesame in autotutela
	ActSubstitution    ActKind = "SUBSTITUTION"     // potere sostitutivo, art. 2 c. 9-bis
	ActAttestation     ActKind = "ATTESTATION"      // attestazione del silenzio-assenso, art. 20 c. 2-bis
)

// ActState is the state of a formal act.
type ActState string

// The states: only requests and notices wait for an answer.
const (
	ActDone     ActState = "DONE"
	ActOpen     ActState = "OPEN"     // an answer is awaited
	ActAnswered ActState = "ANSWERED" // the answer came
	ActLapsed   ActState = "LAPSED"   // the case went on without an answer
	ActReviewed ActState = "REVIEWED" // a measure that was opened again
)

// Ground is the legal ground of a request for integration. It decides what the request
// does to the term, and what the answer does.
type Ground string

// The grounds.
const (
	GroundNone         Ground = "NONE"              // the term goes on
	GroundFacts        Ground = "FACTS"             // art. 2 c. 7: suspended, then it goes on with the rest
	GroundIrregular    Ground = "IRREGULAR_REQUEST" // it counts from the day the request is regular
	GroundAccess       Ground = "INCOMPLETE_ACCESS" // DPR 184/2006 art. 6 c. 5: it starts over
	GroundInterruption Ground = "INTERRUPTION"      // arts. 16 and 17-bis: it starts over
)

// Grounds are all of them.
func Grounds() []Ground {
	return []Ground{GroundNone, GroundFacts, GroundIrregular, GroundAccess, GroundInterruption}
}

// IntakeStatus says what became of an intake.
type IntakeStatus string

// Every intake ends as one of these.
const (
	IntakeAccepted IntakeStatus = "ACCEPTED" // became a case
	IntakeBlocked  IntakeStatus = "BLOCKED"  // refused with a reason and its legal basis
	IntakeProblems IntakeStatus = "PROBLEMS" // came back with problems by field
)

// DocumentState is the state of a paper of a case.
type DocumentState string

// The states of a document.
const (
	DocumentRequired  DocumentState = "REQUIRED"
	DocumentRequested DocumentState = "REQUESTED"
	DocumentReceived  DocumentState = "RECEIVED"
	DocumentWaived    DocumentState = "WAIVED"
)

// ContentState is the state of the content of a paper that came in.
type ContentState string

// The states of a content.
const (
	ContentQuarantined ContentState = "QUARANTINED" // waits to be scanned: nobody is given it
	ContentClean       ContentState = "CLEAN"       // may be read
	ContentRefused     ContentState = "REFUSED"     // the scanner found something: nobody is given it
)

// ClockState is the state of a term.
type ClockState string

// The states of a clock.
const (
	ClockPending   ClockState = "PENDING"
	ClockRunning   ClockState = "RUNNING"
	ClockSuspended ClockState = "SUSPENDED"
	ClockStopped   ClockState = "STOPPED"
	ClockExpired   ClockState = "EXPIRED"
)

// ClockEffect is the kind of an entry in a clock's ledger.
type ClockEffect string

// The entries of the ledger.
const (
	ClockStart      ClockEffect = "START"
	ClockSuspend    ClockEffect = "SUSPEND"
	ClockResume     ClockEffect = "RESUME"
	ClockRestart    ClockEffect = "RESTART"
	ClockShiftStart ClockEffect = "SHIFT_START"
	ClockExtend     ClockEffect = "EXTEND"
	ClockStop       ClockEffect = "STOP"
)

// EscalationStep is a rung of the ladder.
type EscalationStep string

// The rungs, from the first sign of dissatisfaction to the Mayor.
const (
	StepSignal     EscalationStep = "E0_SIGNAL"      // segnalazione di insoddisfazione
	StepHelpPoint  EscalationStep = "E1_HELP_POINT"  // reclamo all'Help Point
	StepSectorHead EscalationStep = "E2_SECTOR_HEAD" // riesame del responsabile di settore
	StepMayor      EscalationStep = "E3_MAYOR"       // istanza al Sindaco e agli Assessori
)

// The routes beside the ladder, for what has a remedy of its own in law.
const (
	StepSubstitute   EscalationStep = "S_SUBSTITUTE"    // potere sostitutivo, L. 241/1990 art. 2 c. 9-bis
	StepAccessReview EscalationStep = "R_ACCESS_REVIEW" // riesame al RPCT, D.Lgs. 33/2013 art. 5 c. 7
)

// Level is the access level that answers the step.
func (s EscalationStep) Level() Level {
	if s == StepMayor {
		return LevelMayor
	}
	return LevelHelpPoint
}

// EscalationKind says what the citizen is not satisfied with.
type EscalationKind string

// The kinds, each with a route of its own.
const (
	KindDissatisfaction EscalationKind = "DISSATISFACTION"
	KindDelay           EscalationKind = "DELAY"
	KindMerits          EscalationKind = "MERITS"
	KindAccess          EscalationKind = "ACCESS"
)

// EscalationState is the state of one step.
type EscalationState string

// The states of a step; a closed one always has an outcome and a date.
const (
	EscalationOffered      EscalationState = "OFFERED"
	EscalationOpen         EscalationState = "OPEN"
	EscalationAcknowledged EscalationState = "ACKNOWLEDGED"
	EscalationInReview     EscalationState = "IN_REVIEW"
	EscalationAnswered     EscalationState = "ANSWERED"
	EscalationAccepted     EscalationState = "ACCEPTED"
	EscalationPassedUp     EscalationState = "PASSED_UP"
	EscalationLapsed       EscalationState = "LAPSED"
	EscalationDeclined     EscalationState = "DECLINED"
)

// EscalationOutcome is how a step ended.
type EscalationOutcome string

// The outcomes.
const (
	OutcomeExplained       EscalationOutcome = "EXPLAINED"
	OutcomeRemedied        EscalationOutcome = "REMEDIED"
	OutcomeDecisionChanged EscalationOutcome = "DECISION_CHANGED"
	OutcomeNotUpheld       EscalationOutcome = "NOT_UPHELD"
	OutcomePassedUp        EscalationOutcome = "PASSED_UP"
	OutcomeLapsed          EscalationOutcome = "LAPSED"
	OutcomeDeclined        EscalationOutcome = "DECLINED"
	OutcomeConcluded       EscalationOutcome = "CONCLUDED" // the case that was late has its measure
	OutcomeUpheld          EscalationOutcome = "UPHELD"    // access is to be given
)

// NoteKind says what a note on a step is.
type NoteKind string

// The kinds of notes.
const (
	NoteReport   NoteKind = "REPORT"   // richiesta di relazione a un ufficio
	NoteGuidance NoteKind = "GUIDANCE" // indirizzo del Sindaco o di un Assessore
)

// ContactChannel is how a person is told.
type ContactChannel string

// The channels. What is in the personal area is there in any case.
const (
	ContactInApp ContactChannel = "IN_APP"
	ContactEmail ContactChannel = "EMAIL"
)

// FeedbackCause is why someone was not, or was, satisfied. Which may be given depends on
// the score, as the national rules on satisfaction ask.
type FeedbackCause string

// The closed list of causes.
const (
	CauseWaiting   FeedbackCause = "WAITING"
	CauseClarity   FeedbackCause = "CLARITY"
	CauseDocuments FeedbackCause = "DOCUMENTS"
	CauseCourtesy  FeedbackCause = "COURTESY"
	CauseOutcome   FeedbackCause = "OUTCOME"
	// CauseOther is neither of these; the comment may say what.
	CauseOther FeedbackCause = "OTHER"

	// What was good, for the high scores.
	CauseQuick    FeedbackCause = "QUICK"    // it did not take long
	CauseClear    FeedbackCause = "CLEAR"    // one knew what to do
	CauseHelpful  FeedbackCause = "HELPFUL"  // one was treated well
	CauseResolved FeedbackCause = "RESOLVED" // it is done
)

// FeedbackWay is how a word came in.
type FeedbackWay string

// The ways.
const (
	WayDeskTablet FeedbackWay = "DESK_TABLET" // at the desk, with the ticket shown to its tablet
	WayKiosk      FeedbackWay = "KIOSK"       // in the hall, with the ticket shown to the kiosk
	WayPhoneLink  FeedbackWay = "PHONE_LINK"  // by the code printed on the ticket
	WayOnline     FeedbackWay = "ONLINE"      // signed in
)

// FeedbackWays are all of them.
func FeedbackWays() []FeedbackWay {
	return []FeedbackWay{WayDeskTablet, WayKiosk, WayPhoneLink, WayOnline}
}

// Role is what a person or device is in the town hall.
type Role string

// The roles.
const (
	RoleCitizen   Role = "citizen"
	RoleKiosk     Role = "kiosk"
	RoleDisplay   Role = "display"
	RoleInfoPoint Role = "info"
	RoleOperator  Role = "operator"
	RoleOfficer   Role = "officer"
	RoleHead      Role = "head"
	RoleHelpPoint Role = "helppoint"
	RoleAssessore Role = "assessore"
	RoleMayor     Role = "mayor"
	RoleAdmin     Role = "admin"
	RoleAuditor   Role = "auditor"
	RoleTicket    Role = "ticket" // the holder of a printed ticket
	// RoleConfidential is the separate grant for the confidential cases of an
	// office (social, minors, violence, health). It is held beside another role.
	RoleConfidential Role = "confidential"
	// RoleSubstitute holds the substitute power over offices that let a term pass, often
	// the municipal secretary (L. 241/1990 art. 2 c. 9-bis).
	RoleSubstitute Role = "substitute"
	// RoleRPCT is the officer for the prevention of corruption and for transparency, who
	// reviews refusals of access.
	RoleRPCT Role = "rpct"
)

// Roles returns all roles.
func Roles() []Role {
	return []Role{
		RoleCitizen, RoleKiosk, RoleDisplay, RoleInfoPoint, RoleOperator, RoleOfficer, RoleHead, RoleHelpPoint,
		RoleAssessore, RoleMayor, RoleAdmin, RoleAuditor, RoleTicket, RoleConfidential, RoleSubstitute, RoleRPCT,
	}
}

// The kinds of persons. A citizen holds the role of that name without being
// given it.
const (
	PersonCitizen = "citizen"
	PersonStaff   = "staff"
	PersonDevice  = "device"
	PersonService = "service" // another system of the town, or of others
)

// The offices that the ladder names; the others are data.
const (
	OfficeInfoPoint = "info-point"
	OfficeCounter   = "sportello"
	OfficeHelpPoint = "help-point"
	OfficeMayor     = "sindaco-assessori"
	OfficeSecretary = "segretario-generale" // who holds the substitute power
	OfficeRPCT      = "rpct"                // who reviews refusals of access
)

// MandateClass says what lets somebody act for another, and how far it reaches.
type MandateClass string

// The classes of mandates. Those of law reach over all services, as art. 64-ter CAD
// and the decree on the national system of delegations allow; a delegation of one's own
// names its services.
const (
	MandateDelegation MandateClass = "DELEGATION" // delega personale, for named services
	MandateParent     MandateClass = "PARENT"     // responsabilità genitoriale
	MandateGuardian   MandateClass = "GUARDIAN"   // tutore
	MandateCurator    MandateClass = "CURATOR"    // curatore
	MandateSupport    MandateClass = "SUPPORT"    // amministratore di sostegno
)

// MandateClasses are all of them.
func MandateClasses() []MandateClass {
	return []MandateClass{MandateDelegation, MandateParent, MandateGuardian, MandateCurator, MandateSupport}
}

// Assurance is how surely a person is known who is not standing there: the level of the
// sign-in (eIDAS low, substantial, high; SPID L1 to L3, CIE L3). Empty is not known.
type Assurance string

// The levels of assurance.
const (
	AssuranceLow         Assurance = "L1" // a password
	AssuranceSubstantial Assurance = "L2" // and a one-time code, or an app
	AssuranceHigh        Assurance = "L3" // an identity card, or a smart card
)

// Reaches reports whether the level is at least the one wanted; an empty wish is
// always met.
func (a Assurance) Reaches(wanted Assurance) bool { return wanted == "" || a >= wanted }
