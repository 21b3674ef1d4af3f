package demoissuer

import (
	"encoding/json"
	"net/http"

	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func supportedScopes() []string { return []string{"openid", "profile", "email", "phone"} }

// levels are the values of acr that a person can be signed in with, lowest first.
func levels() []town.Assurance {
	return []town.Assurance{town.AssuranceLow, town.AssuranceSubstantial, town.AssuranceHigh}
}

// describe is the issuer's description: what it can do, and no more.
func (i *Issuer) describe(w http.ResponseWriter, _ *http.Request) {
	var values []string
	for _, level := range levels() {
		values = append(values, claims.ACR(level))
	}
	answer(w, map[string]any{
		"issuer":                                         i.url,
		"authorization_endpoint":                         i.url + "/authorize",
		"token_endpoint":                                 i.url + "/token",
		"userinfo_endpoint":                              i.url + "/userinfo",
		"end_session_endpoint":                           i.url + "/end_session",
		"jwks_uri":                                       i.url + "/keys",
		"scopes_supported":                               supportedScopes(),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{algorithm},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "none"},
		"code_challenge_methods_supported":               []string{"S256"},
		"acr_values_supported":                           values,
		"claims_supported":                               []string{"sub", "acr", "given_name", "family_name", "email", "phone_number", claims.FiscalNumber},
		"claims_parameter_supported":                     false,
		"request_parameter_supported":                    false,
		"authorization_response_iss_parameter_supported": true,
		"ui_locales_supported":                           []string{"it", "en"},
	})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
