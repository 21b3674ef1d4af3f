package access

// Act is something that the policy allows or not. Its two parts are the object
// and the act of the files in policies/.
type Act string

// The acts. Each is held in an office, or in all.
const (
	VisitIssue      Act = "visit:issue"      // take or give a number
	VisitRead       Act = "visit:read"       // see visits and legs of the office
	VisitPrioritise Act = "visit:prioritise" // set the class of a visit
	QueueRead       Act = "queue:read"       // see the queue
	LegHandle       Act = "leg:handle"       // call, start, park, complete, transfer
	CounterOpen     Act = "counter:open"     // open a counter for oneself
	DayClose        Act = "day:close"        // end-of-day closing

	CaseFileOwn      Act = "case:file_own"      // file a request for oneself
	CaseFileFor      Act = "case:file_for"      // file a request on behalf of a citizen
	CaseRead         Act = "case:read"          // see cases of the office
	CaseReadPersonal Act = "case:read_personal" // see applicant and answers
	CaseConfidential Act = "case:confidential"  // see confidential cases of the office
	CaseOverride     Act = "case:override"      // go past a block with a note
	CaseAssign       Act = "case:assign"        // name the responsible officer
	CaseHandle       Act = "case:handle"        // take in charge, documents, propose, notes, fulfil
	CaseDecide       Act = "case:decide"        // decide; never level 5 (art. 107 TUEL)
	CaseTransfer     Act = "case:transfer"      // hand over to another office
	CaseHold         Act = "case:hold"          // keep a case from erasure, and let it go again

	FeedbackGive Act = "feedback:give" // rate a contact of one's own
	FeedbackRead Act = "feedback:read" // see feedback on the office: score, cause, contact
	FeedbackText Act = "feedback:text" // see what the citizen wrote with it

	EscalationRaise      Act = "escalation:raise"       // ask the Help Point, for oneself or a citizen
	EscalationRead       Act = "escalation:read"        // see steps that the office holds
	EscalationReadOrigin Act = "escalation:read_origin" // see steps about the office's answers
	EscalationHelp       Act = "escalation:help"        // answer as Help Point
	EscalationReview     Act = "escalation:review"      // answer as sector head
	EscalationPolitical  Act = "escalation:political"   // answer as Mayor or Assessore
	EscalationOpen       Act = "escalation:open"        // open, with a reason, the personal data behind a step of level 5
	EscalationSubstitute Act = "escalation:substitute"  // conclude in the place of an office that let a term pass
	EscalationAccess     Act = "escalation:access"      // review refusals of access
	EscalationReport     Act = "escalation:report"      // report to the holder of a step who asks the office

	AlertRead   Act = "alert:read"   // see alerts to the mayor's office: all, or those on the own office
	AlertHandle Act = "alert:handle" // acknowledge, snooze and hand over alerts
	AlertManage Act = "alert:manage" // say where alerts are sent, and send again what could not be

	PersonRead   Act = "person:read"   // find citizens and see their personal data at the desk
	PersonExport Act = "person:export" // export all that is kept about one person
	PersonErase  Act = "person:erase"  // erase a person by destroying their key
	MandateGrant Act = "mandate:grant" // enter a mandate (delega) that was shown at a desk, and end one
	StaffRead    Act = "staff:read"    // see names of colleagues
	PluginRead   Act = "plugin:read"   // see the departments' processes
	PluginManage Act = "plugin:manage" // register, roll back, disable, restart departments
	RoleGrant    Act = "role:grant"    // give and take roles
	AuditRead    Act = "audit:read"    // see who saw what
	ResultsRead  Act = "results:read"  // see the figures of the office, small counts included
)

// Acts returns all acts, in the order of the policy files.
func Acts() []Act {
	return []Act{
		VisitIssue, VisitRead, VisitPrioritise, QueueRead, LegHandle, CounterOpen, DayClose,
		CaseFileOwn, CaseFileFor, CaseRead, CaseReadPersonal, CaseConfidential, CaseOverride, CaseAssign, CaseHandle, CaseDecide, CaseTransfer, CaseHold,
		FeedbackGive, FeedbackRead, FeedbackText,
		EscalationRaise, EscalationRead, EscalationReadOrigin, EscalationHelp, EscalationReview, EscalationPolitical, EscalationOpen,
		EscalationSubstitute, EscalationAccess, EscalationReport,
		AlertRead, AlertHandle, AlertManage,
		PersonRead, PersonExport, PersonErase, MandateGrant, StaffRead, PluginRead, PluginManage, RoleGrant, AuditRead, ResultsRead,
	}
}
