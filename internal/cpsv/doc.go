// Package cpsv writes the catalogue of services as open data: CPSV-AP_IT, the Italian
// profile of the European vocabulary of public services (version 1.1 of the ontology,
// 30 July 2018), in JSON-LD with its context inside, so that nothing has to be fetched
// to read it.
//
// It is a room of its own because the vocabulary is nobody else's business: it takes
// definitions and the town's data, and gives bytes. It reads no clock and no database.
//
// A practice is a Service. Its mandatory properties, and where they come from:
//
//	l0:identifier           exactly 1   Belfiore code of the town and id of the practice
//	l0:name                 1 or more   title, in both languages
//	l0:description          1 or more   summary, in both languages
//	hasAuthenticationMethod 1 or more   level of assurance; none at the counter alone
//	hasChannel              1 or more   the counter, and the web where one may file online
//	RO:hasRiT               1 or more   the town as RightsHolder, which is the profile's
//	                                    word for who is responsible, and the office as
//	                                    Provider, on the day of the export
//	hasServiceStatus        at most 1   status of the card
//	hasProcessingTime       at most 1   maximum answer time of the card
//
// Inputs are the papers, outputs the outcome, costs the fees, rules the routing rules
// with the laws they stand on, keywords the keywords. dct:subject is the subject of
// AgID's vocabulary, dcat:theme the European themes to which that vocabulary relates
// it. The narrower class PublicService is not claimed: it asks for a NACE sector, which
// departments do not state.
//
// What the town has not confirmed is no fact: contacts marked to_verify are left out.
package cpsv
