package demoissuer

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"net/http"
	"net/url"

	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/town"
)

//go:embed page.html
var pageText string

// choice is the page where one chooses who to be.
type choice struct {
	ID     string
	Client string
	Levels []level
	Groups []group
}

type level struct {
	Level  town.Assurance
	IT, EN string
	Chosen bool
}

type group struct {
	IT, EN string
	People []shown
}

type shown struct {
	Login, Name, Office string
	Roles               []words
}

type words struct{ IT, EN string }

// roleWords are what a role is called; a role without words is called by its code.
func roleWords(role town.Role) (it, en string) {
	named := map[town.Role]words{
		town.RoleInfoPoint: {"punto informazioni", "information point"}, town.RoleOperator: {"operatore di sportello", "counter operator"},
		town.RoleOfficer: {"istruttore", "office officer"}, town.RoleHead: {"capo settore", "sector head"},
		town.RoleHelpPoint: {"Help Point", "Help Point"}, town.RoleAssessore: {"Assessore", "Assessore"}, town.RoleMayor: {"Sindaco", "Mayor"},
		town.RoleAdmin: {"amministratore", "administrator"}, town.RoleAuditor: {"revisore, DPO", "auditor, DPO"},
		town.RoleConfidential: {"pratiche riservate", "confidential cases"},
	}
	if w, ok := named[role]; ok {
		return w.IT, w.EN
	}
	return string(role), string(role)
}

// choose shows the page.
func (i *Issuer) choose(w http.ResponseWriter, r *http.Request) {
	asked, err := i.store.requests.get(r.URL.Query().Get("id"))
	if err != nil {
		http.Error(w, "Accesso scaduto: ricominciare. · This sign-in has expired: begin again.", http.StatusBadRequest)
		return
	}
	page, err := i.render(asked)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// A form may be sent here alone, and the answer leads back to who asked.
	h.Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+origin(asked.asked.RedirectURI))
	_, _ = w.Write(page) // the browser may have gone
}

func (i *Issuer) render(asked *request) ([]byte, error) {
	var out bytes.Buffer
	if err := i.page.Execute(&out, choice{ID: asked.id, Client: asked.asked.ClientID, Levels: offered(asked), Groups: groups()}); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return out.Bytes(), nil
}

// offered are the levels, with the one that was asked chosen.
func offered(asked *request) []level {
	wanted := town.AssuranceSubstantial
	for _, acr := range asked.asked.ACRValues {
		if l := claims.Level(acr); l != "" {
			wanted = l
			break
		}
	}
	list := []level{
		{Level: town.AssuranceLow, IT: "1 · password", EN: "password"},
		{Level: town.AssuranceSubstantial, IT: "2 · password e codice", EN: "password and code"},
		{Level: town.AssuranceHigh, IT: "3 · carta d'identità", EN: "identity card"},
	}
	for i := range list {
		list[i].Chosen = list[i].Level == wanted
	}
	return list
}

// groups are the people of the town: citizens, then those who work there.
func groups() []group {
	citizens, staff := group{IT: "Cittadini", EN: "Citizens"}, group{IT: "Chi lavora in Comune", EN: "Who works in the town hall"}
	for _, p := range identity.DemoPeople() {
		who := shown{Login: p.Login, Name: p.Name, Office: p.Office}
		for _, role := range p.Roles {
			it, en := roleWords(role)
			who.Roles = append(who.Roles, words{it, en})
		}
		if len(p.Roles) == 0 {
			citizens.People = append(citizens.People, who)
			continue
		}
		staff.People = append(staff.People, who)
	}
	return []group{citizens, staff}
}

// chosen signs the person in and sends the browser back.
func (i *Issuer) chosen(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	id, login, chosen := r.PostFormValue("id"), r.PostFormValue("as"), town.Assurance(r.PostFormValue("level"))
	if _, known := i.store.people[login]; !known || claims.ACR(chosen) == "" {
		http.Error(w, "Scegliere una persona e un livello. · Choose a person and a level.", http.StatusBadRequest)
		return
	}
	asked, err := i.store.requests.take(id)
	if err != nil {
		http.Error(w, "Accesso scaduto: ricominciare. · This sign-in has expired: begin again.", http.StatusBadRequest)
		return
	}
	done := *asked
	done.login, done.level, done.at = login, chosen, i.store.requests.now()
	code := random()
	i.store.codes.put(code, &done)
	back, err := url.Parse(done.asked.RedirectURI)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	query := back.Query()
	query.Set("code", code)
	query.Set("state", done.asked.State)
	query.Set("iss", i.url)
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// origin is the scheme and the host of an address that the library has checked.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
