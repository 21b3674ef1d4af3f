package demo

import "github.com/spazio-in-comune/sportello/internal/town"

// arrival is somebody who takes a number.
type arrival struct {
	minute float64
	// from is who gives out the number; the office is the service's own unless given.
	from, service, office string
	priority              town.Priority
}

// arrivals are those of the last two hours.
func arrivals() []arrival {
	const kiosk, info = "kiosk", "info"
	const anagrafe, isee, tributi = "anagrafe", "isee", "tributi-patrimonio"
	return []arrival{
		{1, kiosk, anagrafe, "", town.P3},
		{3, kiosk, tributi, counterOffice, town.P3},
		{7, kiosk, isee, "", town.P3},
		{12, kiosk, anagrafe, "", town.P1},
		{18, kiosk, anagrafe, "", town.P3},
		{24, info, tributi, counterOffice, town.P3},
		{31, kiosk, isee, "", town.P3},
		{38, kiosk, anagrafe, "", town.P3},
		{47, kiosk, anagrafe, "", town.P3},
		{55, kiosk, tributi, counterOffice, town.P3},
		{63, kiosk, isee, "", town.P1},
		{72, info, anagrafe, "", town.P2},
		{81, kiosk, anagrafe, "", town.P3},
		{88, kiosk, tributi, counterOffice, town.P3},
		{92, info, tributi, taxOffice, town.P3},
		{94, kiosk, anagrafe, "", town.P3},
		{97, kiosk, isee, "", town.P3},
		{100, kiosk, anagrafe, "", town.P3},
		{104, kiosk, anagrafe, "", town.P3},
		{107, kiosk, isee, "", town.P3},
		{110, info, tributi, taxOffice, town.P3},
		{111, kiosk, anagrafe, "", town.P1},
		{114, kiosk, tributi, counterOffice, town.P3},
		{117, kiosk, anagrafe, "", town.P3},
		{119, kiosk, isee, "", town.P1},
	}
}

// The office that receives people in the demonstration's hall, and its officer.
const (
	taxOffice  = "tributi-patrimonio"
	taxOfficer = "officer." + taxOffice
)

// turn is one call at a counter and what comes of it.
type turn struct {
	who       string
	call, end float64 // minutes; end 0: still there
	then      ending
	file      paperwork // filed meanwhile
	score     int       // the citizen's word; 0 for none
	cause     town.FeedbackCause
}

// ending is how a turn ends.
type ending int

// The endings. One who was called in the last two minutes has not come yet.
const (
	stays ending = iota
	done
	papersMissing
	goesToTaxes
	parked
	nobodyCame
)

// paperwork is what an operator files during a turn.
type paperwork int

// The paperwork: none, a practice that is done on the spot, one that the rules
// refuse.
const (
	nothing paperwork = iota
	onTheSpot
	refusedCard
)

// turns are those of the counters.
func turns() []turn {
	return []turn{
		{who: "operator1", call: 2, end: 12, then: done, file: onTheSpot, score: 5},
		{who: "operator2", call: 4, end: 14, then: goesToTaxes},
		{who: "operator3", call: 8, end: 22, then: done, file: onTheSpot, score: 4},
		{who: "operator4", call: 13, end: 27, then: papersMissing, file: refusedCard, score: 2, cause: town.CauseDocuments},
		{who: taxOfficer, call: 16, end: 38, then: done, score: 3},
		{who: "operator1", call: 19, end: 33, then: done, score: 5},
		{who: "operator2", call: 25, end: 41, then: done, file: onTheSpot, score: 4},
		{who: "operator3", call: 32, end: 36, then: nobodyCame},
		{who: "operator1", call: 39, end: 52, then: done, score: 5},
		{who: "operator2", call: 48, end: 60, then: done},
		{who: "operator4", call: 56, end: 74, then: done, score: 1, cause: town.CauseWaiting},
		{who: "operator3", call: 64, end: 80, then: done, score: 4},
		{who: "operator1", call: 73, end: 89, then: done},
		{who: "operator2", call: 82, end: 95, then: parked},
		{who: "operator1", call: 90, end: 117, then: done, score: 5},
		{who: "operator3", call: 95, end: 118, then: done},
		{who: taxOfficer, call: 96},
		{who: "operator2", call: 99},
		{who: "operator4", call: 103},
		{who: "operator1", call: 118.5},
		{who: "operator3", call: 119.5},
	}
}
