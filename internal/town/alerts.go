package town

import "time"

// AlertKind says what an alert to the mayor's office is about.
type AlertKind string

// The kinds of alerts.
const (
	AlertEscalation          AlertKind = "ESCALATION_ARRIVED"   // a step of the ladder reached level 4 or 5
	AlertTermNear            AlertKind = "TERM_NEAR"            // a term of a case or of a step is about to pass
	AlertTermBroken          AlertKind = "TERM_BROKEN"          // a term has passed
	AlertWaitLong            AlertKind = "WAIT_LONG"            // whoever takes a number now waits too long
	AlertDepartmentDown      AlertKind = "DEPARTMENT_DOWN"      // a department's process does not answer
	AlertSatisfactionLow     AlertKind = "SATISFACTION_LOW"     // the mean of the scores is low
	AlertSatisfactionFalling AlertKind = "SATISFACTION_FALLING" // the mean of the scores falls
)

// AlertKinds returns all kinds.
func AlertKinds() []AlertKind {
	return []AlertKind{
		AlertEscalation, AlertTermNear, AlertTermBroken, AlertWaitLong, AlertDepartmentDown, AlertSatisfactionLow, AlertSatisfactionFalling,
	}
}

// AlertState is what became of an alert.
type AlertState string

// The states of an alert.
const (
	AlertOpen         AlertState = "OPEN"
	AlertAcknowledged AlertState = "ACKNOWLEDGED"
	AlertSnoozed      AlertState = "SNOOZED"
	AlertHandedOver   AlertState = "HANDED_OVER"
	AlertResolved     AlertState = "RESOLVED" // its cause has ended
)

// AlertAction is what was done with an alert.
type AlertAction string

// What is done with an alert, by people or by the house.
const (
	AlertRaise       AlertAction = "RAISE"       // the house found its cause
	AlertAcknowledge AlertAction = "ACKNOWLEDGE" // somebody looks after it
	AlertSnooze      AlertAction = "SNOOZE"      // somebody wants to be told again later
	AlertWake        AlertAction = "WAKE"        // it is later
	AlertHandOver    AlertAction = "HAND_OVER"   // somebody else looks after it
	AlertResolve     AlertAction = "RESOLVE"     // its cause has ended
)

// AlertAct is one thing that was done with an alert, as it is kept.
type AlertAct struct {
	At     time.Time   `json:"at"`
	Action AlertAction `json:"action"`
	// By is the person who did it, or the name of system work.
	By string `json:"by"`
	// Until is when a snoozed alert comes again.
	Until *time.Time `json:"until,omitempty"`
	// To is the person to whom it was handed over.
	To string `json:"to,omitempty"`
}

// AlertChannel is a way by which alerts leave the house.
type AlertChannel string

// The channels of alerts.
const (
	AlertByWebhook AlertChannel = "WEBHOOK"
	AlertByMail    AlertChannel = "MAIL"
)

// DeliveryState is what became of a message about an alert.
type DeliveryState string

// The states of a message.
const (
	DeliveryPending DeliveryState = "PENDING"
	DeliverySent    DeliveryState = "SENT"
	// DeliveryDead messages were tried as often as is worth it.
	DeliveryDead DeliveryState = "DEAD"
)
