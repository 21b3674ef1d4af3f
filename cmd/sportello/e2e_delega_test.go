package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// under is the client who acts under a mandate.
func (c *client) under(mandate string) *client {
	other := *c
	other.acting = mandate
	return &other
}

// ends waits for the end of a subscription whose rights have ended.
func (l *live) ends() {
	l.t.Helper()
	for range l.updates {
		continue // what was under way is read to the end
	}
	if l.code != websocket.StatusCode(4403) {
		l.t.Errorf("%s: ended with %d, want 4403", l.what, l.code)
	}
}

func tomorrow() string { return time.Now().AddDate(0, 0, 1).Format(time.DateOnly) }

const whoFiled = `id flags applicant { id } submittedBy { id } mandate { id principalName delegateName }
	timeline(first: 5) { edges { node { kind actor { id } onBehalfOf { id } } } }`

// testDelega: a citizen gives a delegation, the delegate files for them, both names are
// recorded everywhere, and what is live ends when it is taken back.
func testDelega(t *testing.T, h *house) {
	principal, delegate := h.as("citizen"), h.as("citizen2")
	me := func(c *client) string { return c.ask(`{ viewer { id } }`, nil).text("viewer.id") }
	mandate := principal.must("grantMandate", `mandate { id inForce services principalName delegateName }`, variables{
		"delegateTaxCode": "BNCNMR75T55G488G", "class": "DELEGATION", "services": []string{"tributi-patrimonio"}, "to": tomorrow(),
	}).at("mandate")
	id := mandate.text("id")
	if !mandate.is("inForce") || mandate.text("delegateName") != "BNCNMR75T55G488G" {
		t.Errorf("the mandate is %v", mandate)
	}
	if got := delegate.ask(`{ viewer { mandates { id } actingFor { id } } }`, nil); got.text("viewer.mandates.0.id") != id || !got.isNull("viewer.actingFor") {
		t.Errorf("the delegate may use %v", got)
	}
	acting := delegate.under(id)
	if got := acting.ask(`{ viewer { id actingFor { principalName } } }`, nil); got.text("viewer.id") != me(delegate) || got.text("viewer.actingFor.principalName") != "Mario Rossi" {
		t.Errorf("acts as %v", got)
	}
	if a := h.as("citizen3").under(id).try(`{ viewer { id } }`, nil); a.status != http.StatusForbidden || a.code() != "FORBIDDEN" {
		t.Errorf("another citizen under the mandate: %d %s", a.status, a.body)
	}

	filed := file(acting).text("id")
	for _, who := range []*client{acting, principal, h.as("officer.tributi-patrimonio")} {
		got := who.ask(`query C($id: ID!) { case(id: $id) { `+whoFiled+` } }`, variables{"id": filed}).at("case")
		if !strings.Contains(got.at("flags").String(), "delegated") {
			t.Errorf("%s: flags %v", who.name, got.at("flags"))
		}
		line := got.at("timeline.edges.0.node")
		if who.name == "citizen" && (got.text("applicant.id") != me(principal) || line.text("onBehalfOf.id") != me(principal) || got.text("mandate.delegateName") != "BNCNMR75T55G488G") {
			t.Errorf("the principal sees %v", got)
		}
		if strings.HasPrefix(who.name, "officer") && (got.text("submittedBy.id") != me(delegate) || got.text("applicant.id") != me(principal) ||
			line.text("actor.id") != me(delegate) || line.text("onBehalfOf.id") != me(principal) || got.text("mandate.id") != id) {
			t.Errorf("the officer sees %v", got)
		}
	}
	if code := acting.refused("grantMandate", variables{"delegateTaxCode": "CLMGPP48C09G488N", "class": "DELEGATION", "services": []string{"tributi-patrimonio"}, "to": tomorrow()}); code != "FORBIDDEN" {
		t.Errorf("a chain of mandates: %s, want FORBIDDEN", code)
	}

	stream := acting.follow(`subscription S($id: ID!, $after: EventCursor) { update: caseChanged(caseId: $id, after: $after) { kind cursor case { id } } }`, variables{"id": filed}, "")
	stream.snapshot()
	principal.must("revokeMandate", `mandate { inForce }`, variables{"mandateId": id})
	stream.ends()
	if a := acting.try(`{ viewer { id } }`, nil); a.status != http.StatusForbidden {
		t.Errorf("under a mandate that was taken back: %d %s", a.status, a.body)
	}
}

// testDevices: a kiosk comes with a token of its own, at its site; the token is replaced
// and revoked where it is in use.
func testDevices(t *testing.T, h *house) {
	admin := h.as("admin")
	site := h.public().ask(`{ sites { id } }`, nil).text("sites.0.id")
	kiosk := admin.must("enterMember", `member { id kind login }`, variables{"kind": "DEVICE", "login": "kiosk-atrio", "label": "Eliminacode dell'atrio"}).text("member.id")
	admin.must("grantRole", `roles { role }`, variables{"personId": kiosk, "role": "kiosk", "officeCode": "*"})
	issued := admin.must("issueCredential", `secret credential { id site { id } }`, variables{"personId": kiosk, "siteId": site})
	device := h.with(issued.text("secret"))
	device.must("issueTicket", `code visit { label }`, variables{"siteId": site, "serviceCode": "anagrafe"})
	if a := device.try(`{ board(siteId: "site_elsewhere") { at } }`, nil); a.code() != "FORBIDDEN" {
		t.Errorf("at another site: %s", a.body)
	}
	const board = `subscription S($site: ID!, $after: EventCursor) { update: boardChanged(siteId: $site, after: $after) { kind cursor } }`
	stream := device.follow(board, variables{"site": site}, "")
	stream.snapshot()
	fresh := admin.must("rotateCredential", `secret credential { id replaces }`, variables{"credentialId": issued.text("credential.id")})
	stream.ends()
	if a := device.try(`{ viewer { id } }`, nil); a.status != http.StatusUnauthorized {
		t.Errorf("with the old token: %d %s", a.status, a.body)
	}
	device = h.with(fresh.text("secret"))
	stream = device.follow(board, variables{"site": site}, "")
	stream.snapshot()
	admin.must("revokeCredential", `credential { revokedAt }`, variables{"credentialId": fresh.text("credential.id")})
	stream.ends()
	listed := admin.ask(`query C($id: ID!) { credentials(personId: $id) { id revokedAt member { label } } }`, variables{"id": kiosk}).list("credentials")
	if len(listed) != 2 || slices.ContainsFunc(listed, func(c tree) bool { return c.isNull("revokedAt") }) {
		t.Errorf("the tokens of the device: %v", listed)
	}
}
