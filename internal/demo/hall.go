package demo

import "github.com/spazio-in-comune/sportello/internal/town"

// arrival is somebody who takes a number, for a service.
type arrival struct {
	service  string
	priority town.Priority // P3 unless given
}

// arrivals are those of the last two hours, in their order: about as many for each
// service as a busy week has.
func arrivals() []arrival {
	const (
		anagrafe, isee, tributi, ecologia, pos = "anagrafe", "isee", "tributi-patrimonio", "ecologia", "pagamenti-pos"
		edilizia, atti, autentiche, mobilita   = "edilizia-catasto", "richiesta-ritiro-atti", "autentiche", "mobilita-trasporti"
		scuola, cultura, sociali               = "pubblica-istruzione", "cultura-sport-tempo-libero", "servizi-sociali"
		civile, segretariato, messi            = "stato-civile", "segretariato-sociale", "sportello-messi"
		dueToday, protected, booked, walkIn    = town.P0, town.P1, town.P2, town.Priority("")
	)
	return []arrival{
		// At the door when the hall opens.
		{anagrafe, walkIn},
		{anagrafe, protected},
		{autentiche, walkIn},
		{atti, walkIn},
		{tributi, booked},
		{civile, walkIn},
		{messi, walkIn},
		// Then one by one.
		{anagrafe, walkIn},
		{pos, walkIn},
		{segretariato, booked},
		{anagrafe, walkIn},
		{scuola, walkIn},
		{anagrafe, booked},
		{isee, walkIn},
		{edilizia, walkIn},
		{civile, walkIn},
		{anagrafe, walkIn},
		{ecologia, walkIn},
		{atti, walkIn},
		{messi, walkIn},
		{anagrafe, protected},
		{sociali, protected},
		{tributi, walkIn},
		{scuola, walkIn},
		{anagrafe, walkIn},
		{civile, dueToday},
		{anagrafe, booked},
		{mobilita, walkIn},
		{anagrafe, walkIn},
		{pos, walkIn},
		{segretariato, walkIn},
		{anagrafe, walkIn},
		{edilizia, walkIn},
		{autentiche, walkIn},
		{messi, walkIn},
		{anagrafe, protected},
		{tributi, walkIn},
		{civile, walkIn},
		{cultura, walkIn},
		{anagrafe, walkIn},
		{scuola, walkIn},
		{ecologia, walkIn},
		{anagrafe, walkIn},
		{atti, walkIn},
		{anagrafe, protected},
		{anagrafe, walkIn},
	}
}

// atTheDoor is how many stand at the door when the hall opens.
const atTheDoor = 7

// minuteOf is when the nth of so many people takes a number.
func minuteOf(n, people int) float64 {
	if n < atTheDoor {
		return 0.1 * float64(n+1)
	}
	return 1 + 118*float64(n-atTheDoor+1)/float64(people-atTheDoor)
}

// shift is one morning at a counter: a call every so many minutes, and what comes of
// each; the one that the present interrupts is still there.
type shift struct {
	who          string
	first, every float64 // minutes
	turns        []turn
}

// turn is one call at a counter and what comes of it.
type turn struct {
	then  ending
	file  paperwork // filed meanwhile
	score int       // the citizen's word; 0 for none
	cause town.FeedbackCause
}

// ending is how a turn ends.
type ending int

// The endings.
const (
	done ending = iota
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

// taxOffice is where a person is sent on to.
const taxOffice = "tributi-patrimonio"

// shifts are those of the four operators and of the offices where people come.
func shifts() []shift {
	filed, talked := turn{file: onTheSpot}, turn{}
	rated := func(t turn, score int) turn { t.score = score; return t }
	officer := func(office string) string { return "officer." + office }
	return []shift{
		{"operator1", 1.5, 19.5, []turn{rated(filed, 5), filed, rated(talked, 4), rated(filed, 5), talked, talked, talked}},
		{"operator2", 2, 20, []turn{{then: goesToTaxes}, rated(filed, 4), {then: parked}, rated(filed, 5), talked, talked}},
		{"operator3", 3, 19.4, []turn{rated(talked, 4), {then: nobodyCame}, rated(filed, 5), filed, rated(filed, 4), talked, talked}},
		{"operator4", 4, 22, []turn{
			{then: papersMissing, file: refusedCard, score: 2, cause: town.CauseDocuments},
			rated(filed, 5),
			{score: 1, cause: town.CauseWaiting},
			filed, talked, talked,
		}},
		{officer(taxOffice), 5, 36, []turn{rated(filed, 3), talked, talked, talked}},
		{officer("stato-civile"), 6, 32.5, []turn{rated(filed, 5), filed, talked, talked}},
		{officer("sportello-messi"), 7, 46, []turn{rated(filed, 4), filed, talked}},
		{officer("segretariato-sociale"), 22, 62, []turn{rated(talked, 5), talked}},
	}
}

// spotPractices are done at once, one for each service.
func spotPractices() map[string]string {
	return map[string]string{
		"anagrafe":                   "certificato-anagrafico",
		"autentiche":                 "copia-conforme",
		"cultura-sport-tempo-libero": "corsi-biblioteca",
		"ecologia":                   "tessera-ecocentro-sacchi",
		"edilizia-catasto":           "numero-civico-visura",
		"isee":                       "bonus-sociali-verifica",
		"mobilita-trasporti":         "permesso-sosta-transito",
		"pagamenti-pos":              "pagamento-avviso-pagopa",
		"pubblica-istruzione":        "mensa-scolastica",
		"richiesta-ritiro-atti":      "ritiro-pratica-pronta",
		"servizi-sociali":            "prenotazione-assistente-sociale",
		"sportello-messi":            "ritiro-atto-casa-comunale",
		"stato-civile":               "estratti-stato-civile",
		"tributi-patrimonio":         "imu-calcolo",
	}
}
