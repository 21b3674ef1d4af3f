package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// secret is planted in every abusive request; no answer may repeat it.
const secret = "Segreto7431"

// mostOfRefusal bounds an answer to abuse, in bytes.
const mostOfRefusal = 2 << 10

// testAbuse sends what nobody sends in good faith. Each is refused by name, small,
// without repeating what was sent, and nothing of it is executed.
func testAbuse(t *testing.T, h *house) {
	operator := h.as("operator1")
	repeat := func(n int, piece string) string { return "{ " + strings.Repeat(piece, n) + " }" }
	aliases := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d: viewer { id } ", i)
		}
		return "{ " + b.String() + "}"
	}
	nested := strings.Repeat("history { ", 20) + "id" + strings.Repeat(" }", 20)
	for name, abuse := range map[string]struct {
		query  string
		vars   variables
		status int
		code   string
	}{
		"31 aliases":            {query: aliases(31), status: 400, code: "QUERY_TOO_COMPLEX"},
		"10,000 aliases":        {query: aliases(10_000), status: 400, code: "QUERY_TOO_COMPLEX"},
		"50,000 repeats":        {query: repeat(50_000, "__typename "), status: 400, code: "QUERY_TOO_COMPLEX"},
		"depth 20":              {query: `{ escalations { edges { node { ` + nested + ` } } } }`, status: 400, code: "QUERY_TOO_COMPLEX"},
		"101 directives":        {query: "{ viewer { id " + strings.Repeat("@include(if: true) ", 101) + "} }", status: 400, code: "QUERY_TOO_COMPLEX"},
		"page of 101":           {query: `{ cases(first: 101) { edges { node { id } } } }`, status: 400, code: "BAD_USER_INPUT"},
		"page of 0":             {query: `{ cases(first: 0) { edges { node { id } } } }`, status: 400, code: "BAD_USER_INPUT"},
		"page of -1":            {query: `{ cases(first: -1) { edges { node { id } } } }`, status: 400, code: "BAD_USER_INPUT"},
		"pages of pages":        {query: `{ cases(first: 100) { edges { node { timeline(first: 100) { edges { node { id actor { label } } } } } } } }`, status: 400, code: "QUERY_TOO_COMPLEX"},
		"a cursor of nobody's":  {query: `{ cases(first: 1, after: "` + secret + `") { edges { node { id } } } }`, status: 200, code: "BAD_USER_INPUT"},
		"101 nodes":             {query: `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars: variables{"ids": make([]int, 101)}, status: 400, code: "QUERY_TOO_COMPLEX"},
		"syntax error":          {query: "{ viewer { " + secret, status: 400, code: "BAD_USER_INPUT"},
		"unknown value of enum": {query: `query($p: Phase) { cases(first: 1, filter: {phase: $p}) { edges { node { id } } } }`, vars: variables{"p": secret}, status: 400, code: "BAD_USER_INPUT"},
		"fragment cycle":        {query: "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }", status: 400, code: ""},
		"doubling fragments":    {query: doubling(30), status: 400, code: "QUERY_TOO_COMPLEX"},
		"two at once":           {query: "{ viewer { id } } { viewer { id } }", status: 400, code: "BAD_USER_INPUT"},
		"a subscription":        {query: followBoard, status: 0, code: ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := operator.in(t).try(abuse.query, abuse.vars)
			checkRefused(t, a, abuse.status, abuse.code)
		})
	}
	t.Run("below GraphQL", func(t *testing.T) { testHTTPAbuse(t, operator.in(t)) })
}

// doubling is a small document that opens to 2^n fields.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{ viewer { ...F0 } } ")
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Viewer { ...F%d ...F%d } ", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment F%d on Viewer { id }", n)
	return b.String()
}

// checkRefused: an empty code or a status of 0 leaves open which.
func checkRefused(t *testing.T, a answer, status int, code string) {
	t.Helper()
	if status != 0 && a.status != status || code != "" && a.code() != code || len(a.errors) == 0 {
		t.Errorf("status %d, want %d; %.500s, want %s", a.status, status, a.body, code)
	}
	if len(a.body) > mostOfRefusal {
		t.Errorf("the refusal has %d bytes", len(a.body))
	}
	if bytes.Contains(a.body, []byte(secret)) {
		t.Errorf("the refusal repeats what was sent: %s", a.body)
	}
	if len(a.errors) > 10 {
		t.Errorf("%d errors in one answer", len(a.errors))
	}
}

// testHTTPAbuse is what is wrong before anybody reads GraphQL.
func testHTTPAbuse(t *testing.T, c *client) {
	const jsonType = "application/json"
	ticket := `mutation { issueTicket(input: {idempotencyKey: \"abuse\", siteId: \"` + site + `\", officeCode: \"polizia-locale\"}) { visit { id } } }`
	good := `{"query":"{ viewer { id } }"}`
	big := `{"query":"{ viewer { id } }","variables":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`
	deep := `{"query":"{ viewer { id } }","variables":{"x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}}`
	for name, abuse := range map[string]struct {
		method, query, body string
		header              map[string]string
		status              int
	}{
		"a body over 1 MB":             {method: "POST", body: big, status: 413},
		"JSON 2,000 deep":              {method: "POST", body: deep, status: 400},
		"a batch":                      {method: "POST", body: "[" + good + "," + good + "]", status: 400},
		"two documents":                {method: "POST", body: good + good, status: 400},
		"no JSON":                      {method: "POST", body: secret, status: 400},
		"not UTF-8":                    {method: "POST", body: "{\"query\":\"{ viewer { id } } # \xff\"}", status: 400},
		"an empty body":                {method: "POST", status: 400},
		"a form":                       {method: "POST", body: "query=" + secret, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415},
		"plain text":                   {method: "POST", body: good, header: map[string]string{"Content-Type": "text/plain"}, status: 415},
		"multipart":                    {method: "POST", body: good, header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, status: 415},
		"gzip":                         {method: "POST", body: good, header: map[string]string{"Content-Encoding": "gzip"}, status: 415},
		"a mutation by GET":            {method: "GET", query: `query=mutation{issueTicket(input:{idempotencyKey:"abuse",siteId:"x"}){visit{id}}}`, status: 405},
		"a URL of 20 kB":               {method: "GET", query: "query={viewer{id}}&variables=" + strings.Repeat("x", 20<<10), status: 414},
		"headers of 100 kB":            {method: "POST", body: good, header: map[string]string{"X-Long": strings.Repeat("x", 100<<10)}, status: 431},
		"another method":               {method: "PUT", body: good, status: 405},
		"another site's page":          {method: "POST", body: `{"query":"` + ticket + `"}`, header: map[string]string{"Origin": "https://" + secret + ".example"}, status: 403},
		"another site's page by fetch": {method: "POST", body: `{"query":"` + ticket + `"}`, header: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), abuse.method, c.h.address()+"/graphql", strings.NewReader(abuse.body))
			if err != nil {
				t.Fatal(err)
			}
			req.URL.RawQuery = strings.ReplaceAll(strings.ReplaceAll(abuse.query, "{", "%7B"), "}", "%7D")
			req.Header.Set("Content-Type", jsonType)
			for name, value := range abuse.header {
				req.Header.Set(name, value)
			}
			a, err := c.in(t).do(req)
			if err != nil {
				t.Fatal(err)
			}
			if a.status != abuse.status || len(a.body) > mostOfRefusal || bytes.Contains(a.body, []byte(secret)) || a.data.v != nil {
				t.Errorf("status %d, want %d; %d bytes: %.500s", a.status, abuse.status, len(a.body), a.body)
			}
		})
	}
}

// testSocketAbuse is the same over WebSocket, where a close code tells.
func testSocketAbuse(t *testing.T, h *house) {
	url := "ws" + strings.TrimPrefix(h.address(), "http") + "/graphql"
	origin := &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {"https://elsewhere.example"}}}
	conn, resp, err := websocket.Dial(t.Context(), url, origin) //nolint:bodyclose // Dial says that there is nothing to close
	if err == nil {
		_ = conn.CloseNow()
		t.Error("another site's page opened a socket")
	} else if resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page: %v", err)
	}

	subscribe := `{"id":"1","type":"subscribe","payload":{"query":"subscription { boardChanged(siteId: \"` + site + `\") { cursor } }"}}`
	const initiate = `{"type":"connection_init"}`
	for name, abuse := range map[string]struct {
		messages []string
		code     websocket.StatusCode
	}{
		"not JSON":                   {[]string{secret}, 4400},
		"no such type":               {[]string{initiate, `{"type":"` + secret + `"}`}, 4400},
		"subscribe before init":      {[]string{subscribe}, 4401},
		"init twice":                 {[]string{initiate, initiate}, 4429},
		"an id in use":               {[]string{initiate, subscribe, subscribe}, 4409},
		"a message over 64 kB":       {[]string{initiate, `{"id":"` + strings.Repeat("x", 70<<10) + `"}`}, websocket.StatusMessageTooBig},
		"a token that is none":       {[]string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + secret + `"}}`}, 4403},
		"an Authorization no string": {[]string{`{"type":"connection_init","payload":{"Authorization":["` + secret + `"]}}`}, 4403},
	} {
		t.Run(name, func(t *testing.T) {
			conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // Dial says that there is nothing to close
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			for _, m := range abuse.messages {
				_ = conn.Write(t.Context(), websocket.MessageText, []byte(m)) // the server may have closed meanwhile
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			for err == nil {
				var raw []byte
				_, raw, err = conn.Read(ctx)
				if bytes.Contains(raw, []byte(secret)) {
					t.Errorf("the server repeats what was sent: %s", raw)
				}
			}
			if code := websocket.CloseStatus(err); code != abuse.code || strings.Contains(err.Error(), secret) {
				t.Errorf("closed with %v, want %d", err, abuse.code)
			}
		})
	}
}

// testHealth reads what a watchman reads.
func testHealth(t *testing.T, h *house) {
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := h.get(path); status != http.StatusOK || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, page := h.get("/metrics")
	if status != http.StatusOK {
		t.Errorf("/metrics: %d", status)
	}
	for _, line := range []string{
		`sportello_operation_seconds_count{field="issueTicket",kind="mutation",via="http"}`,
		`sportello_department_up{department="anagrafe",standing="current",state="ready",version="1.0.0"} 1`,
		`sportello_stream_gaps_total 0`,
		`sportello_sockets_closed_total{code="4403"}`,
		`go_goroutines`,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("/metrics has no %s", line)
		}
	}
	if strings.Contains(page, secret) || strings.Contains(page, "RSSMRA80A01F205X") {
		t.Error("/metrics tells what clients sent")
	}
}
