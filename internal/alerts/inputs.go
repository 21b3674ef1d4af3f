package alerts

import (
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The inputs are those of the API, field by field; its schema documents them.

// Filter narrows a list or a stream; nil and empty fields do not.
type Filter struct {
	Levels   []town.Level
	Services []string
	Offices  []string
	Kinds    []town.AlertKind
}

// Rule is the filter as the rules ask it.
func (f Filter) Rule() rule.Filter {
	return rule.Filter{Levels: f.Levels, Services: f.Services, Offices: f.Offices, Kinds: f.Kinds}
}

// Input names an alert as it was seen.
type Input struct {
	AlertID         string
	ExpectedVersion int
}

// SnoozeInput lets an alert come again later.
type SnoozeInput struct {
	IdempotencyKey  string
	AlertID         string
	ExpectedVersion int
	Until           time.Time
}

// HandOverInput gives an alert to somebody else.
type HandOverInput struct {
	IdempotencyKey  string
	AlertID         string
	ExpectedVersion int
	PersonID        string
}

// WebhookInput says where alerts are sent.
type WebhookInput struct {
	town.Private

	IdempotencyKey string
	Label          string
	URL            string
	Filter         *Filter
}

// MailInput asks for alerts by mail.
type MailInput struct {
	town.Private

	IdempotencyKey string
	Address        string
	Filter         *Filter
}

// EndpointInput names an endpoint as it was seen.
type EndpointInput struct {
	EndpointID      string
	ExpectedVersion int
}

// DeliveryInput names a message as it was seen.
type DeliveryInput struct {
	DeliveryID      string
	ExpectedVersion int
}

// DeliveryFilter narrows a list; nil fields do not.
type DeliveryFilter struct {
	State      *town.DeliveryState
	EndpointID *string
}

// Made is an endpoint that was made, with the secret of a webhook, which is told once.
type Made struct {
	town.Private

	Endpoint *ent.AlertEndpoint
	Secret   string
}
