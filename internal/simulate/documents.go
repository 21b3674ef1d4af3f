package simulate

// The operations of the people, as their screens would send them. Pieces that
// several share are fragments.

const legPiece = `
fragment Leg on Leg {
  id state version label callCount queuedAt calledAt startedAt endedAt office { code }
  visit { id version label }
}`

const casePiece = `
fragment File on Case {
  id protocol version phase office { code external } practice { code } flags dueOn
  documents { code state }
  availableActions { action allowed }
}`

const stepPiece = `
fragment Step on Escalation { id ladderId step level state version ownerOffice { code } office { code } dueOn }`

const errorsPiece = ` userErrors { code message path detail } `

// Queries.
const (
	queryServices = `query Services { services { code kind state practices { code typicalMinutes online } } }`
	queryForm     = `query Form($code: String!) { practice(code: $code) { form { fields {
  name label { it en } type required when min max pattern check item choices { code label { it en } } } } } }`
	querySites   = `query Sites { sites { id timezone openHours counters { id label office { code } } } }`
	queryOffices = `query Offices { offices { code level external } }`
	queryVisit   = `query Visit($id: ID!) { visit(id: $id) { id version closedAt ahead legs { id state version office { code } } } }`
	queryCase    = `query Case($id: ID!) { case(id: $id) { ...File } }` + casePiece
	queryCases   = `query Cases($first: Int, $after: PageCursor, $filter: CaseFilter) { cases(first: $first, after: $after, filter: $filter) {
  edges { node { id office { code } } } pageInfo { hasNextPage endCursor } } }`
	queryStep    = `query Step($id: ID!) { escalation(id: $id) { ...Step } }` + stepPiece
	querySteps   = `query Steps { escalations(first: 100, filter: {open: true}) { edges { node { ...Step } } } }` + stepPiece
	queryNode    = `query Node($id: ID!) { node(id: $id) { __typename id } }`
	queryQueue   = `query Queue($siteId: ID!, $officeCode: String!) { queue(siteId: $siteId, officeCode: $officeCode) { waiting { id } } }`
	queryBoard   = `query Board($siteId: ID!) { board(siteId: $siteId) { calls { label calledAt } } }`
	queryPreview = `query PreviewIntake($input: PreviewIntakeInput!) { previewIntake(input: $input) {` + errorsPiece + `decision { blocks { ruleId } } } }`
	queryViewer  = `query Viewer { viewer { id } }`
	queryPerson  = `query Person($id: ID!) { node(id: $id) { ... on Person { id givenName familyName taxCode } } }`
)

// Mutations of the hall.
const (
	issueTicket = `mutation IssueTicket($input: IssueTicketInput!) { issueTicket(input: $input) {` + errorsPiece + `
  code visit { id version label day arrivedAt legs { id state version office { code } } } } }`
	leaveVisit    = `mutation LeaveVisit($input: LeaveVisitInput!) { leaveVisit(input: $input) {` + errorsPiece + `visit { id version } } }`
	openCounter   = `mutation OpenCounter($input: OpenCounterInput!) { openCounter(input: $input) {` + errorsPiece + `session { id version state } } }`
	pauseCounter  = `mutation PauseCounter($input: CounterSessionInput!) { pauseCounter(input: $input) {` + errorsPiece + `session { id version state } } }`
	resumeCounter = `mutation ResumeCounter($input: CounterSessionInput!) { resumeCounter(input: $input) {` + errorsPiece + `session { id version state } } }`
	closeCounter  = `mutation CloseCounter($input: CounterSessionInput!) { closeCounter(input: $input) {` + errorsPiece + `session { id version state } } }`
	closeDay      = `mutation CloseDay($input: CloseDayInput!) { closeDay(input: $input) {` + errorsPiece + `expiredLegs closedSessions } }`
	callNext      = `mutation CallNext($input: CallNextInput!) { callNext(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	recallLeg     = `mutation RecallLeg($input: LegInput!) { recallLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	startLeg      = `mutation StartLeg($input: LegInput!) { startLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	noShowLeg     = `mutation NoShowLeg($input: LegInput!) { noShowLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	reinstateLeg  = `mutation ReinstateLeg($input: LegInput!) { reinstateLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	completeLeg   = `mutation CompleteLeg($input: CompleteLegInput!) { completeLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	transferLeg   = `mutation TransferLeg($input: TransferLegInput!) { transferLeg(input: $input) {` + errorsPiece + `leg { ...Leg } } }` + legPiece
	submitIntake  = `mutation SubmitIntake($input: SubmitIntakeInput!) { submitIntake(input: $input) {` + errorsPiece + `
  status case { ...File } linkedCase { id office { code } } decision { to { code } blocks { ruleId words { it } reason { it } } } } }` + casePiece
	giveFeedback = `mutation GiveFeedback($input: GiveFeedbackInput!) { giveFeedback(input: $input) {` + errorsPiece + `
  feedback { id level } offer { ...Step } } }` + stepPiece
)

// Mutations of the offices and of the ladder.
const (
	takeInCharge          = `mutation TakeCaseInCharge($input: CaseInput!) { takeCaseInCharge(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	requestDocuments      = `mutation RequestDocuments($input: RequestDocumentsInput!) { requestDocuments(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	receiveDocument       = `mutation ReceiveDocument($input: ReceiveDocumentInput!) { receiveDocument(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	proposeDecision       = `mutation ProposeDecision($input: ProposeDecisionInput!) { proposeDecision(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	decideCase            = `mutation DecideCase($input: DecideCaseInput!) { decideCase(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	fulfilCase            = `mutation FulfilCase($input: CaseNoteInput!) { fulfilCase(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	suspendForAcquisition = `mutation SuspendForAcquisition($input: SuspendCaseInput!) { suspendForAcquisition(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	endAcquisition        = `mutation EndAcquisition($input: CaseAnswerInput!) { endAcquisition(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	extendTerm            = `mutation ExtendTerm($input: ExtendTermInput!) { extendTerm(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	serveRejectionNotice  = `mutation ServeRejectionNotice($input: CaseReasonInput!) { serveRejectionNotice(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	recordObservations    = `mutation RecordObservations($input: CaseAnswerInput!) { recordObservations(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	attestSilence         = `mutation AttestSilence($input: CaseNoteInput!) { attestSilence(input: $input) {` + errorsPiece + `case { ...File } } }` + casePiece
	raiseEscalation       = `mutation RaiseEscalation($input: RaiseEscalationInput!) { raiseEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } next { ...Step } } }` + stepPiece
	declineEscalation     = `mutation DeclineEscalation($input: EscalationInput!) { declineEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } } }` + stepPiece
	acknowledge           = `mutation AcknowledgeEscalation($input: EscalationInput!) { acknowledgeEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } } }` + stepPiece
	answerEscalation      = `mutation AnswerEscalation($input: AnswerEscalationInput!) { answerEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } } }` + stepPiece
	passUpEscalation      = `mutation PassUpEscalation($input: PassUpEscalationInput!) { passUpEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } next { ...Step } } }` + stepPiece
	acceptEscalation      = `mutation AcceptEscalation($input: AcceptEscalationInput!) { acceptEscalation(input: $input) {` + errorsPiece + `escalation { ...Step } } }` + stepPiece
)

// Subscriptions, each with the cursor to resume from.
const (
	followBoard  = `subscription BoardChanged($siteId: ID!, $after: EventCursor) { update: boardChanged(siteId: $siteId, after: $after) { kind cursor board { calls { label calledAt } } } }`
	followVisit  = `subscription VisitChanged($visitId: ID, $after: EventCursor) { update: visitChanged(visitId: $visitId, after: $after) { kind cursor event { id type at } visit { id } } }`
	followQueue  = `subscription QueueChanged($siteId: ID!, $officeCode: String!, $after: EventCursor) { update: queueChanged(siteId: $siteId, officeCode: $officeCode, after: $after) { kind cursor event { id type at } leg { id office { code } } } }`
	followOffice = `subscription OfficeCasesChanged($officeCode: String!, $after: EventCursor) { update: officeCasesChanged(officeCode: $officeCode, after: $after) { kind cursor event { id type at } case { id office { code } } } }`
	followCase   = `subscription CaseChanged($caseId: ID!, $after: EventCursor) { update: caseChanged(caseId: $caseId, after: $after) { kind cursor event { id type at } case { id } } }`
	followWords  = `subscription FeedbackGiven($after: EventCursor) { update: feedbackGiven(after: $after) { kind cursor event { id type at } feedback { id level } } }`
	followSteps  = `subscription EscalationsChanged($level: Level!, $after: EventCursor) { update: escalationsChanged(level: $level, after: $after) { kind cursor event { id type at } escalation { id level } } }`
)
