package cpsv

import "strings"

// The nodes of the graph, with the properties that are used. Names of keys are terms
// of the context.

type document struct {
	Context map[string]any `json:"@context"`
	Graph   []any          `json:"@graph"`
}

// ref points at a node or at a concept of a vocabulary.
type ref struct {
	ID string `json:"@id"`
}

// words are a text by language.
type words map[string]string

type organization struct {
	ID         string `json:"@id"`
	Type       string `json:"@type"`
	Identifier string `json:"identifier"`
	Name       words  `json:"name"`
	PartOf     *ref   `json:"partOf,omitempty"`
}

// feature is a place.
type feature struct {
	ID          string `json:"@id"`
	Type        string `json:"@type"`
	Identifier  string `json:"identifier,omitempty"`
	Name        words  `json:"name"`
	Description words  `json:"description,omitempty"`
}

type service struct {
	ID             string         `json:"@id"`
	Type           string         `json:"@type"`
	Identifier     string         `json:"identifier"`
	Name           words          `json:"name"`
	Description    words          `json:"description"`
	Authentication []concept      `json:"hasAuthenticationMethod"`
	Channels       []channel      `json:"hasChannel"`
	Roles          []role         `json:"hasRiT"`
	Status         ref            `json:"hasServiceStatus"`
	Time           processingTime `json:"hasProcessingTime"`
	Inputs         []thing        `json:"hasInput,omitempty"`
	Outputs        []thing        `json:"producesOutput"`
	Costs          []cost         `json:"hasCost,omitempty"`
	Rules          []rule         `json:"isCompliantWithRule,omitempty"`
	Related        []ref          `json:"relationService,omitempty"`
	Keywords       map[string]any `json:"serviceKeyword,omitempty"`
	OtherCode      string         `json:"otherServiceCode"`
	Coverage       ref            `json:"hasSpatialCoverage"`
	Place          *ref           `json:"isPhysicallyAvailableAt,omitempty"`
	Contact        *contactPoint  `json:"hasOnlineContactPoint,omitempty"`
	Subject        *ref           `json:"subject,omitempty"`
	Themes         []ref          `json:"theme,omitempty"`
	Modified       string         `json:"modified,omitempty"`
}

// concept is an individual of a controlled vocabulary, with its label.
type concept struct {
	ID   string `json:"@id"`
	Type string `json:"@type"`
	Name words  `json:"name"`
}

type channel struct {
	ID   string  `json:"@id"`
	Type string  `json:"@type"`
	Kind concept `json:"hasChannelType"`
}

type role struct {
	ID   string  `json:"@id"`
	Type string  `json:"@type"`
	For  ref     `json:"forEntity"`
	Of   ref     `json:"isRoleInTimeOf"`
	With ref     `json:"withRole"`
	When instant `json:"hasTemporalEntity"`
}

type instant struct {
	ID   string `json:"@id"`
	Type string `json:"@type"`
	Date string `json:"date"`
}

type processingTime struct {
	ID          string `json:"@id"`
	Type        string `json:"@type"`
	Value       string `json:"value"`
	Unit        ref    `json:"hasMeasurementUnit"`
	Description words  `json:"description"`
}

// thing is an input or an output.
type thing struct {
	ID          string `json:"@id"`
	Type        string `json:"@type"`
	Name        words  `json:"name"`
	Description words  `json:"description,omitempty"`
}

type cost struct {
	ID          string `json:"@id"`
	Type        string `json:"@type"`
	Value       string `json:"value,omitempty"`
	Unit        *ref   `json:"hasMeasurementUnit,omitempty"`
	Description words  `json:"description"`
}

type rule struct {
	ID          string      `json:"@id"`
	Type        string      `json:"@type"`
	Identifier  string      `json:"identifier"`
	Name        words       `json:"name"`
	Description words       `json:"description"`
	Frameworks  []framework `json:"implementsFF,omitempty"`
}

// framework is a law.
type framework struct {
	ID         string `json:"@id"`
	Type       string `json:"@type"`
	Identifier string `json:"identifier"`
	Name       words  `json:"name"`
}

type contactPoint struct {
	ID      string  `json:"@id"`
	Type    string  `json:"@type"`
	Emails  []email `json:"hasEmail,omitempty"`
	WebSite *site   `json:"hasWebSite,omitempty"`
}

type email struct {
	ID      string `json:"@id"`
	Type    string `json:"@type"`
	Address string `json:"emailAddress"`
	Kind    ref    `json:"hasEmailType"`
	Of      ref    `json:"isEmailOf"`
}

type site struct {
	ID   string `json:"@id"`
	Type string `json:"@type"`
	URL  string `json:"URL"`
	Of   ref    `json:"isWebSiteOf"`
}

// The vocabularies.
const (
	onto       = "https://w3id.org/italia/onto/"
	vocabulary = "https://w3id.org/italia/controlled-vocabulary/classifications-for-public-services/"
	themes     = "http://publications.europa.eu/resource/authority/data-theme/"
	currencies = "http://publications.europa.eu/resource/authority/currency/"
)

// context says what the keys of the nodes mean.
func context() map[string]any {
	c := map[string]any{
		"cpsv": onto + "CPSV/", "l0": onto + "l0/", "ro": onto + "RO/", "ti": onto + "TI/", "mu": onto + "MU/",
		"clv": onto + "CLV/", "cov": onto + "COV/", "sm": onto + "SM/",
		"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#", "xsd": "http://www.w3.org/2001/XMLSchema#",
		"identifier": "l0:identifier", "value": "mu:value", "otherServiceCode": "cpsv:otherServiceCode",
		"date":         map[string]string{"@id": "ti:date", "@type": "xsd:date"},
		"modified":     map[string]string{"@id": "dct:modified", "@type": "xsd:date"},
		"URL":          map[string]string{"@id": "sm:URL", "@type": "xsd:anyURI"},
		"emailAddress": map[string]string{"@id": "sm:emailAddress", "@type": "xsd:anyURI"},
		"subject":      "dct:subject", "theme": "dcat:theme", "partOf": "cov:isPartOf",
	}
	local := func(key string) string { return key[strings.IndexByte(key, ':')+1:] }
	for _, key := range []string{"l0:name", "l0:description", "cpsv:serviceKeyword"} {
		c[local(key)] = map[string]string{"@id": key, "@container": "@language"}
	}
	for _, key := range []string{
		"cpsv:hasAuthenticationMethod", "cpsv:hasChannel", "cpsv:hasChannelType", "cpsv:hasServiceStatus", "cpsv:hasProcessingTime",
		"cpsv:hasInput", "cpsv:producesOutput", "cpsv:hasCost", "cpsv:isCompliantWithRule", "cpsv:implementsFF", "cpsv:relationService",
		"cpsv:isPhysicallyAvailableAt", "clv:hasSpatialCoverage", "ro:hasRiT", "ro:forEntity", "ro:isRoleInTimeOf", "ro:withRole",
		"ti:hasTemporalEntity", "mu:hasMeasurementUnit", "sm:hasOnlineContactPoint", "sm:hasEmail", "sm:hasEmailType", "sm:isEmailOf",
		"sm:hasWebSite", "sm:isWebSiteOf",
	} {
		c[local(key)] = key
	}
	return c
}
