package claims

import "github.com/spazio-in-comune/sportello/internal/town"

// Level is what a value of acr is worth; empty if it is not known here.
func Level(acr string) town.Assurance {
	switch acr {
	case "https://www.spid.gov.it/SpidL1", "http://eidas.europa.eu/LoA/low", "L1":
		return town.AssuranceLow
	case "https://www.spid.gov.it/SpidL2", "http://eidas.europa.eu/LoA/substantial", "L2":
		return town.AssuranceSubstantial
	case "https://www.spid.gov.it/SpidL3", "http://eidas.europa.eu/LoA/high", "L3":
		return town.AssuranceHigh
	default:
		return ""
	}
}

// ACR is the value that asks for a level, the same for SPID and for CIE; empty for none.
func ACR(level town.Assurance) string {
	switch level {
	case town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh:
		return "https://www.spid.gov.it/Spid" + string(level)
	default:
		return ""
	}
}
