package sdk

import "github.com/spazio-in-comune/sportello/plugins/sdk/expr"

// The types of a field. Money, decimals and dates travel as text, so that no
// number that takes part in a decision is ever a binary float.
const (
	TypeString    FieldType = "string"
	TypeText      FieldType = "text"
	TypeAddress   FieldType = "address"
	TypeInt       FieldType = "int"
	TypeDecimal   FieldType = "decimal"
	TypeMoney     FieldType = "money"
	TypeBool      FieldType = "bool"
	TypeDate      FieldType = "date"
	TypeTime      FieldType = "time"
	TypeEnum      FieldType = "enum"
	TypeMultiEnum FieldType = "multi_enum"
	TypeList      FieldType = "list"
	TypeFile      FieldType = "file"
	TypeTaxCode   FieldType = "codice_fiscale"
	TypeVAT       FieldType = "partita_iva"
	TypeIBAN      FieldType = "iban"
	TypeNotice    FieldType = "nav"
	TypeTown      FieldType = "comune"
	TypeCountry   FieldType = "nazione"
	TypePhone     FieldType = "phone"
	TypeEmail     FieldType = "email"
	TypePlate     FieldType = "targa"
	TypeISEE      FieldType = "isee_protocollo"
)

// kind groups the types that are read and limited alike.
type kind int

const (
	kindUnknown kind = iota
	kindText
	kindNumber
	kindBool
	kindDate
	kindTime
	kindList
)

func (t FieldType) kind() kind {
	switch t {
	case TypeString, TypeText, TypeAddress, TypeEnum, TypeTaxCode, TypeVAT, TypeIBAN, TypeNotice,
		TypeTown, TypeCountry, TypePhone, TypeEmail, TypePlate, TypeISEE:
		return kindText
	case TypeInt, TypeDecimal, TypeMoney:
		return kindNumber
	case TypeBool:
		return kindBool
	case TypeDate:
		return kindDate
	case TypeTime:
		return kindTime
	case TypeMultiEnum, TypeList, TypeFile:
		return kindList
	default:
		return kindUnknown
	}
}

// Applicant is the group of fields that every form starts with: the interested
// person.
const Applicant = "richiedente"

// euMembers are the member states of the European Union.
func euMembers() []string {
	return []string{
		"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
		"IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
	}
}

// euWide are the member states and the states whose citizens move like theirs:
// Switzerland, Iceland, Liechtenstein, Norway.
func euWide() []string { return append(euMembers(), "CH", "IS", "LI", "NO") }

// Sets returns the sets that expressions may name.
func Sets() map[string][]string {
	return map[string][]string{"EU_MEMBERS": euMembers(), "EU": euWide()}
}

// setValues has the sets in the form that expressions read.
func setValues() map[string]expr.Value {
	sets := map[string]expr.Value{}
	for name, codes := range Sets() {
		values := make([]expr.Value, len(codes))
		for i, code := range codes {
			values[i] = code
		}
		sets[name] = values
	}
	return sets
}

// StartsWithRequest reports the events that a request itself is: it comes in, at the counter
// or as a declaration, and is registered at once. The clock of any other event waits for
// its day.
func StartsWithRequest(event string) bool {
	switch event {
	case "counter", "declaration", "protocol", "request":
		return true
	default:
		return false
	}
}

// StartsOfOthers returns the events from which somebody else's term runs: the person's own, or
// that of another body. The town owes nothing by it, and its measure does not end it.
func StartsOfOthers() []string {
	return []string{"service", "birth", "death", "separation", "decree service", "departure", "data sent", "end of posting"}
}

// ClockStarts returns the events that may start the clock of a term, with their
// words.
func ClockStarts() map[string]Text {
	return map[string]Text{
		"counter":                 {"visita allo sportello", "visit to the counter"},
		"declaration":             {"ricevimento della dichiarazione", "declaration received"},
		"protocol":                {"registrazione al protocollo", "protocol registration"},
		"booking":                 {"conferma della prenotazione", "booking confirmed"},
		"request":                 {"ricevimento della richiesta", "request received"},
		"service":                 {"notifica dell'atto", "service of the document"},
		"birth":                   {"nascita", "birth of the child"},
		"death":                   {"ora del decesso", "hour of death"},
		"agreement":               {"firma dell'accordo", "agreement signed"},
		"call closing":            {"chiusura del bando", "last day of the call"},
		"provisional ranking":     {"pubblicazione della graduatoria provvisoria", "publication of the provisional ranking"},
		"decree service":          {"notifica del decreto", "service of the decree"},
		"departure":               {"partenza per l'estero", "departure abroad"},
		"data sent":               {"dati completi presso INPS", "complete data at INPS"},
		"notice to third parties": {"avviso ricevuto dai controinteressati", "notice received by the third parties"},
		"refusal":                 {"rifiuto espresso o per silenzio", "refusal given or by silence"},
		"review request":          {"richiesta di riesame al RPCT", "review asked of the RPCT"},
		"end of examination":      {"fine dell'istruttoria", "end of the examination term"},
		"end of posting":          {"ultimo giorno di pubblicazione", "last day of posting"},
		"separation":              {"comparizione davanti al giudice o firma dell'accordo", "appearance in court or agreement signed"},
	}
}
