package cpsv

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Offer is a service of the catalogue.
type Offer struct {
	Service *sdk.Service
	// Updated is the day on which its definition came in; zero if that is not known.
	Updated town.Date
}

// Export writes the catalogue as one JSON-LD document, indented. day is the day of the
// export: on it the roles of the town and its offices are stated. The same offers on
// the same day give the same bytes.
func Export(offers []Offer, shared *sdk.Town, day town.Date) ([]byte, error) {
	m := shared.Municipality
	if m.Belfiore == "" || m.Web == "" || m.Name == "" {
		return nil, errors.New("export the catalogue: the town's data name no municipality")
	}
	w := &writer{base: strings.TrimSuffix(m.Web, "/"), town: shared, day: day, offered: map[string]bool{}}
	for _, o := range offers {
		for _, p := range o.Service.Definition().Practices {
			w.offered[p.ID] = true
		}
	}
	doc := document{Context: context(), Graph: w.house()}
	for _, o := range offers {
		for i := range o.Service.Definition().Practices {
			node, err := w.service(o, &o.Service.Definition().Practices[i])
			if err != nil {
				return nil, err
			}
			doc.Graph = append(doc.Graph, node)
		}
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the catalogue: %w", err)
	}
	return append(raw, '\n'), nil
}

// writer makes the nodes of one export.
type writer struct {
	base    string
	town    *sdk.Town
	day     town.Date
	offered map[string]bool // practices
}

func (w *writer) iri(parts ...string) string {
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return w.base + "/" + strings.Join(parts, "/")
}

// house are the town and its offices.
func (w *writer) house() []any {
	m := w.town.Municipality
	name := words{"it": m.Name}
	nodes := []any{
		organization{ID: w.iri("ente"), Type: "cov:PublicOrganization", Identifier: m.Belfiore, Name: name},
		feature{ID: w.iri("territorio"), Type: "clv:Feature", Identifier: m.ISTAT, Name: name},
	}
	for _, d := range w.town.Destinations {
		if d.External {
			continue
		}
		nodes = append(nodes, organization{
			ID: w.office(d.ID), Type: "cov:Office", Identifier: m.Belfiore + ":" + d.ID, Name: both(d.Label), PartOf: &ref{w.iri("ente")},
		})
		if d.Place.IT != "" {
			nodes = append(nodes, feature{ID: w.place(d.ID), Type: "clv:Feature", Name: both(d.Label), Description: both(d.Place)})
		}
	}
	return nodes
}

func (w *writer) office(id string) string { return w.iri("uffici", id) }

func (w *writer) place(id string) string { return w.office(id) + "#luogo" }

func both(t sdk.Text) words { return words{"it": t.IT, "en": t.EN} }

func (w *writer) service(o Offer, p *sdk.Practice) (*service, error) {
	card, ok := o.Service.Card(p.ID, sdk.CardContext{Town: w.town, Day: w.day})
	if !ok {
		return nil, fmt.Errorf("export %s: it has no card", p.ID)
	}
	id := w.iri("servizi", p.ID)
	s := &service{
		ID: id, Type: "cpsv:Service", Identifier: w.town.Municipality.Belfiore + ":" + p.ID, OtherCode: p.ID,
		Name: both(p.Title), Description: both(p.Summary),
		Authentication: []concept{authentication(p.Online)}, Channels: channels(id, p.Online), Roles: w.roles(id, card),
		Status: status(card.Status), Time: answerTime(id, p.Deadline),
		Inputs: inputs(id, card), Outputs: []thing{{ID: id + "#esito", Type: "cpsv:Output", Name: both(p.Outcome)}},
		Costs: w.costs(id, p, card), Rules: w.rules(id, p), Related: w.related(card), Keywords: keywords(p.Keywords),
		Coverage: ref{w.iri("territorio")}, Contact: contact(id, card.Unit.Contacts),
	}
	if p.Summary.IT == "" { // of a definition older than summaries
		s.Description = both(o.Service.Definition().Description)
	}
	if card.Unit.Place.IT != "" && !card.Unit.External {
		s.Place = &ref{w.place(card.Unit.ID)}
	}
	if card.Category.Code != "" {
		s.Subject = &ref{vocabulary + "public-services-subject-matters/" + card.Category.Code}
	}
	for _, theme := range card.Category.Themes {
		s.Themes = append(s.Themes, ref{themes + theme})
	}
	if !o.Updated.IsZero() {
		s.Modified = o.Updated.String()
	}
	return s, nil
}

// authentication is the concept of AgID's vocabulary for the level of assurance; who
// comes in person needs none of its electronic ones.
func authentication(online sdk.Online) concept {
	code, name := "NONE", words{"it": "Nessuna - accesso libero", "en": "None - free access"}
	if online.Possible {
		switch online.MinLoA {
		case "L1":
			code, name = "SPIDL1", words{"it": "Credenziale SPID Livello 1", "en": "SPID Credential Level 1"}
		case "L2":
			code, name = "SPIDL2", words{"it": "SPID Livello 2", "en": "SPID Level 2"}
		case "L3":
			code, name = "SPIDL3", words{"it": "SPID Livello 3", "en": "SPID Level 3"}
		}
	}
	return concept{vocabulary + "authentication-type/" + code, "cpsv:Authentication", name}
}

func channels(id string, online sdk.Online) []channel {
	list := []channel{{id + "#sportello", "cpsv:OfflineChannel", concept{
		vocabulary + "channel/011", "cpsv:ChannelType", words{"it": "Non telematico diretto", "en": "Direct non-electronic"},
	}}}
	if online.Possible {
		list = append(list, channel{id + "#web", "cpsv:WebSiteChannel", concept{
			vocabulary + "channel/023", "cpsv:ChannelType", words{"it": "Applicazione Web", "en": "Web Application"},
		}})
	}
	return list
}

// roles are who is responsible and who provides, on the day of the export.
func (w *writer) roles(id string, card *sdk.ServiceCard) []role {
	list := []role{w.role(id, "responsabile", w.iri("ente"), "cpsv:RightsHolder")}
	if !card.Unit.External {
		list = append(list, w.role(id, "erogatore", w.office(card.Unit.ID), "cpsv:Provider"))
	}
	return list
}

func (w *writer) role(id, name, agent, with string) role {
	day := w.day.String()
	return role{
		ID: id + "#" + name, Type: "ro:TimeIndexedRole", For: ref{id}, Of: ref{agent}, With: ref{with},
		When: instant{w.iri("giorni", day), "ti:TimeInstant", day},
	}
}

func status(s sdk.Status) ref {
	switch s {
	case sdk.StatusInactive:
		return ref{"cpsv:NonActive"}
	case sdk.StatusDevelopment:
		return ref{"cpsv:UnderDev"}
	default:
		return ref{"cpsv:Active"}
	}
}

// answerTime is the maximum answer time. The profile knows no working days: the exact
// words stand in the description.
func answerTime(id string, t sdk.Term) processingTime {
	unit := "cpsv:Day"
	if t.Unit == sdk.Months {
		unit = "cpsv:Month"
	}
	return processingTime{id + "#tempo", "cpsv:ServiceProcessingTime", strconv.Itoa(t.Amount), ref{unit}, both(t.Words())}
}

func inputs(id string, card *sdk.ServiceCard) []thing {
	var list []thing
	for _, need := range card.Needs {
		input := thing{ID: id + "#documento-" + need.Code, Type: "cpsv:Input", Name: both(need.Label)}
		if need.Condition.IT != "" {
			input.Description = words{"it": "Se " + need.Condition.IT, "en": "If " + need.Condition.EN}
		}
		list = append(list, input)
	}
	return list
}

// costs are the fees in force on the day, which are those of the card.
func (w *writer) costs(id string, p *sdk.Practice, card *sdk.ServiceCard) []cost {
	var list []cost
	for i := range p.Fees {
		fee := &p.Fees[i]
		if !fee.InForce(w.day) {
			continue
		}
		c := cost{ID: id + "#costo-" + fee.Code, Type: "cpsv:VariableCost", Description: both(card.Costs[len(list)].Words())}
		if !fee.Variable {
			c.Type, c.Value, c.Unit = "cpsv:FixedCost", fee.AmountEUR, &ref{currencies + "EUR"}
		}
		list = append(list, c)
	}
	return list
}

// rules are the routing rules, each with the laws that it stands on.
func (w *writer) rules(id string, p *sdk.Practice) []rule {
	var list []rule
	for _, r := range p.Rules {
		laws := r.LegalBasis
		if len(laws) == 0 {
			laws = p.LegalBasis
		}
		_, name, _ := strings.Cut(r.ID, "/")
		list = append(list, rule{
			ID: id + "#regola-" + name, Type: "cpsv:Rule", Identifier: w.town.Municipality.Belfiore + ":" + r.ID,
			Name: both(r.Words), Description: both(r.Words), Frameworks: w.frameworks(laws),
		})
	}
	return list
}

func (w *writer) frameworks(laws []string) []framework {
	var list []framework
	for _, law := range laws {
		list = append(list, framework{w.iri("norme", law), "cpsv:FormalFramework", law, words{"it": law}})
	}
	return list
}

// related are the linked practices that the catalogue has.
func (w *writer) related(card *sdk.ServiceCard) []ref {
	var list []ref
	for _, practice := range card.Linked {
		if w.offered[practice] {
			list = append(list, ref{w.iri("servizi", practice)})
		}
	}
	return list
}

func keywords(k sdk.Keywords) map[string]any {
	if k.IsZero() {
		return nil
	}
	return map[string]any{"it": k.IT, "en": k.EN}
}

// contact is how to reach the office, if the town has confirmed it.
func contact(id string, c sdk.Contacts) *contactPoint {
	if c.ToVerify || c.Email == "" {
		return nil
	}
	point := &contactPoint{ID: id + "#contatto", Type: "sm:OnlineContactPoint"}
	of := ref{point.ID}
	point.Emails = append(point.Emails, email{id + "#email", "sm:Email", "mailto:" + c.Email, ref{"sm:TraditionalEmail"}, of})
	if c.PEC != "" {
		point.Emails = append(point.Emails, email{id + "#pec", "sm:Email", "mailto:" + c.PEC, ref{"sm:PEC"}, of})
	}
	if c.Web != "" {
		point.WebSite = &site{id + "#sito", "sm:WebSite", c.Web, of}
	}
	return point
}
