// Package graph binds the contract of schema.graphql to the domain packages: one
// call per body. It builds no query, opens no transaction and checks no
// permission.
package graph

import (
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/internal/papers"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Resolver answers every field of the contract from the rooms of the house.
type Resolver struct {
	Desk     *desk.Desk
	Casework *casework.Cases
	// Papers is where the contents of documents are.
	Papers  *papers.Papers
	Voice   *voice.Voice
	Privacy *privacy.Privacy
	// Alarms is what tells the mayor's office.
	Alarms *alerts.Alerts
	// Tallies are what is counted of all that.
	Tallies   *results.Results
	Catalogue *catalogue.Catalogue
	People    *identity.People
	// Roster is who belongs to the house, DeviceTokens the tokens of devices and services,
	// Delegations who may act for whom.
	Roster       *identity.Members
	DeviceTokens *identity.Credentials
	Delegations  *identity.Mandates
	Access       *access.Authority
	Audit        *audit.Audit
	Stream       *stream.Stream
	// Sockets gives tickets for sockets; SignIns are where people are signed in.
	Sockets *identity.SocketTickets
	SignIns *identity.SignIns
	// Orientation is the information point.
	Orientation *orientation.Point
	// Town is what the departments share: service cards name its offices.
	Town *sdk.Town
	// Time says which fees a card shows.
	Time town.Clock

	boards      boards
	readFigures readings[*results.Answer]
}
