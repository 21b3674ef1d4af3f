package transport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

const (
	graphqlResponse = "application/graphql-response+json"
	plainJSON       = "application/json"
)

// answer is what came back over HTTP. Body is decoded; Raw is as received.
type answer struct {
	Status int
	Header http.Header
	Raw    string
	Body   map[string]json.RawMessage
}

func (a answer) code(t *testing.T) string {
	t.Helper()
	var errs []struct {
		Extensions struct{ Code string } `json:"extensions"`
	}
	if err := json.Unmarshal(a.Body["errors"], &errs); err != nil || len(errs) == 0 {
		t.Fatalf("no errors in %s", a.Raw)
	}
	return errs[0].Extensions.Code
}

func send(t *testing.T, h http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{Status: w.Code, Header: w.Header(), Raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.Body); err != nil {
		t.Fatalf("the answer is no JSON: %q", a.Raw)
	}
	return a
}

// post builds a POST; the headers are name, value, name, value.
func post(body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", plainJSON)
	setHeaders(r, headers)
	return r
}

func get(params url.Values, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/graphql?"+params.Encode(), nil)
	setHeaders(r, headers)
	return r
}

func setHeaders(r *http.Request, headers []string) {
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
}

// TestSpecification holds the requirements of GraphQL over HTTP that the audits of graphql-http try out.
func TestSpecification(t *testing.T) {
	srv, _ := newServer(t, nil)
	const typename = `{"query":"{ __typename }"}`
	const named = `query Type($name: String!) { __type(name: $name) { name } }`
	as := func(media string) []string { return []string{"Accept", media} }
	type want struct {
		status   int
		media    string
		noErrors bool
		noData   bool
	}
	tests := []struct {
		name    string
		request *http.Request
		want    want
	}{
		{"accepts graphql-response+json", post(typename, as(graphqlResponse)...), want{200, graphqlResponse, true, false}},
		{"accepts json", post(typename, as(plainJSON)...), want{200, plainJSON, true, false}},
		{"anything acceptable is json", post(typename, as("*/*")...), want{200, plainJSON, true, false}},
		{"no accept is json", post(typename), want{200, plainJSON, true, false}},
		{"the highest quality wins", post(typename, as(plainJSON+";q=0.8, "+graphqlResponse)...), want{200, graphqlResponse, true, false}},
		{"the first named wins a tie", post(typename, as(plainJSON+", "+graphqlResponse)...), want{200, plainJSON, true, false}},
		{"quality zero is a refusal", post(typename, as(plainJSON+";q=0, application/*")...), want{200, graphqlResponse, true, false}},
		{"accept with charset", post(typename, as(graphqlResponse+"; charset=utf-8")...), want{200, graphqlResponse, true, false}},
		{"nothing acceptable", post(typename, as("text/html")...), want{406, plainJSON, false, true}},
		{"another charset", post(typename, as(plainJSON+"; charset=utf-16")...), want{406, plainJSON, false, true}},

		{"utf-8 body", post(`{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}`, "Content-Type", "application/json; charset=utf-8"), want{200, plainJSON, true, false}},
		{"other charset in content type", post(typename, "Content-Type", "application/json; charset=iso-8859-1"), want{415, plainJSON, false, true}},
		{"no content type", post(typename, "Content-Type", ""), want{415, plainJSON, false, true}},
		{"form", post("query={__typename}", "Content-Type", "application/x-www-form-urlencoded"), want{415, plainJSON, false, true}},
		{"plain text", post(typename, "Content-Type", "text/plain"), want{415, plainJSON, false, true}},
		{"multipart", post("--x--", "Content-Type", "multipart/form-data; boundary=x"), want{415, plainJSON, false, true}},
		{"application/graphql", post("{ __typename }", "Content-Type", "application/graphql"), want{415, plainJSON, false, true}},

		{"get", get(url.Values{"query": {"{ __typename }"}}), want{200, plainJSON, true, false}},
		{"get with variables", get(url.Values{"query": {named}, "variables": {`{"name":"some"}`}}, as(graphqlResponse)...), want{200, graphqlResponse, true, false}},
		{"get with empty optional parameters", get(url.Values{"query": {"{ __typename }"}, "variables": {""}, "operationName": {""}, "extensions": {""}}), want{200, plainJSON, true, false}},
		{"get with variables that are no JSON", get(url.Values{"query": {named}, "variables": {`name`}}), want{400, plainJSON, false, true}},
		{"get with variables that are a list", get(url.Values{"query": {named}, "variables": {`[1]`}}), want{400, plainJSON, false, true}},
		{"get with a parameter twice", get(url.Values{"query": {"{ __typename }", "{ __typename }"}}), want{400, plainJSON, false, true}},
		{"get without a query", get(url.Values{}), want{400, plainJSON, false, true}},
		{"mutation by get", get(url.Values{"query": {`mutation { take(code: "x") }`}}, as(graphqlResponse)...), want{405, graphqlResponse, false, true}},
		{"mutation by get as json", get(url.Values{"query": {`mutation { take(code: "x") }`}}), want{405, plainJSON, false, true}},
		{"subscription by get", get(url.Values{"query": {"subscription { waits }"}}, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"subscription by post", post(`{"query":"subscription { waits }"}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"subscription by post as json", post(`{"query":"subscription { waits }"}`), want{200, plainJSON, false, true}},

		{"no body", post(""), want{400, plainJSON, false, true}},
		{"no query", post(`{"notquery":"{ __typename }"}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"query null", post(`{"query":null}`), want{400, plainJSON, false, true}},
		{"query object", post(`{"query":{}}`), want{400, plainJSON, false, true}},
		{"query number", post(`{"query":0}`), want{400, plainJSON, false, true}},
		{"query boolean", post(`{"query":false}`), want{400, plainJSON, false, true}},
		{"query list", post(`{"query":["a"]}`), want{400, plainJSON, false, true}},
		{"operationName object", post(`{"query":"{ __typename }","operationName":{}}`), want{400, plainJSON, false, true}},
		{"operationName number", post(`{"query":"{ __typename }","operationName":0}`), want{400, plainJSON, false, true}},
		{"operationName list", post(`{"query":"{ __typename }","operationName":[]}`), want{400, plainJSON, false, true}},
		{"operationName", post(`{"query":"query Q { __typename }","operationName":"Q"}`), want{200, plainJSON, true, false}},
		{"operationName that is not there", post(`{"query":"query Q { __typename }","operationName":"Z"}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"optional parameters null", post(`{"query":"{ __typename }","variables":null,"operationName":null,"extensions":null}`, as(graphqlResponse)...), want{200, graphqlResponse, true, false}},
		{"variables string", post(`{"query":"{ __typename }","variables":"s"}`), want{400, plainJSON, false, true}},
		{"variables number", post(`{"query":"{ __typename }","variables":0}`), want{400, plainJSON, false, true}},
		{"variables boolean", post(`{"query":"{ __typename }","variables":false}`), want{400, plainJSON, false, true}},
		{"variables list", post(`{"query":"{ __typename }","variables":["a"]}`), want{400, plainJSON, false, true}},
		{"variables", post(`{"query":"`+named+`","variables":{"name":"some"}}`, as(graphqlResponse)...), want{200, graphqlResponse, true, false}},
		{"extensions string", post(`{"query":"{ __typename }","extensions":"s"}`), want{400, plainJSON, false, true}},
		{"extensions list", post(`{"query":"{ __typename }","extensions":["a"]}`), want{400, plainJSON, false, true}},
		{"extensions", post(`{"query":"{ __typename }","extensions":{"some":"value"}}`), want{200, plainJSON, true, false}},
		{"unknown members are ignored", post(`{"query":"{ __typename }","id":1,"Query":"{"}`), want{200, plainJSON, true, false}},

		{"document that does not parse", post(`{"query":"{"}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"document that does not parse as json", post(`{"query":"{"}`), want{200, plainJSON, false, true}},
		{"empty document", post(`{"query":""}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"document that is not valid", post(`{"query":"{ a8f31403dfe4 }"}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"document that is not valid as json", post(`{"query":"{ a8f31403dfe4 }"}`), want{200, plainJSON, false, true}},
		{"variable that cannot be coerced", post(`{"query":"query Q($id: ID!) { id(id: $id) }","variables":{"id":null}}`, as(graphqlResponse)...), want{400, graphqlResponse, false, true}},
		{"variable that cannot be coerced as json", post(`{"query":"query Q($id: ID!) { id(id: $id) }","variables":{"id":null}}`), want{200, plainJSON, false, true}},
		{"partial answer", post(`{"query":"{ fails __typename }"}`, as(graphqlResponse)...), want{200, graphqlResponse, false, false}},
		{"answer that is null", post(`{"query":"{ failsWhole }"}`, as(graphqlResponse)...), want{200, graphqlResponse, false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, srv, tt.request)
			_, hasErrors := got.Body["errors"]
			_, hasData := got.Body["data"]
			if got.Status != tt.want.status || got.Header.Get("Content-Type") != tt.want.media+"; charset=utf-8" ||
				hasErrors == tt.want.noErrors || hasData == tt.want.noData {
				t.Errorf("got %d %s %s, want %+v", got.Status, got.Header.Get("Content-Type"), got.Raw, tt.want)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	srv, office := newServer(t, nil)
	for _, method := range []string{"HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} {
		r := post(`{"query":"mutation { take(code: \"x\") }"}`)
		r.Method = method
		if got := send(t, srv, r); got.Status != 405 || got.Header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: got %d, Allow %q", method, got.Status, got.Header.Get("Allow"))
		}
	}
	got := send(t, srv, get(url.Values{"query": {`mutation { take(code: "x") }`}}))
	if got.Status != 405 || got.Header.Get("Allow") != "POST" {
		t.Errorf("mutation by GET: got %d, Allow %q", got.Status, got.Header.Get("Allow"))
	}
	if n := office.taken.Load(); n != 0 {
		t.Errorf("%d mutations were executed", n)
	}
}

func TestMalformedBodies(t *testing.T) {
	srv, office := newServer(t, nil)
	const secret = "RSSMRA85T10A562S"
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	mutation := `{"query":"mutation { take(code: \"` + secret + `\") }"}`
	bodies := map[string]string{
		"not closed":               `{"query":"` + secret,
		"trailing comma":           `{"query":"{ hello }",}`,
		"single quotes":            `{'query':'` + secret + `'}`,
		"bare word":                secret,
		"number":                   `1`,
		"string":                   `"` + secret + `"`,
		"null":                     `null`,
		"batch":                    `[` + mutation + `]`,
		"empty batch":              `[]`,
		"two documents":            mutation + mutation,
		"two documents with space": mutation + "\n" + mutation,
		"trailing bytes":           mutation + secret,
		"trailing NUL":             mutation + "\x00",
		"leading NUL":              "\x00" + mutation,
		"byte order mark":          "\ufeff" + mutation,
		"UTF-16":                   "{\x00\"\x00q\x00\"\x00}\x00",
		"invalid UTF-8":            `{"query":"{ hello }","operationName":"` + "\xff\xfe" + `"}`,
		"overlong UTF-8":           `{"query":"{ hello }","operationName":"` + "\xc0\xaf" + `"}`,
		"surrogate in UTF-8":       `{"query":"{ hello }","operationName":"` + "\xed\xa0\x80" + `"}`,
		"control in string":        "{\"query\":\"{ hello\n }\"}",
		"bad escape":               `{"query":"\x"}`,
		"comment":                  `{/* ` + secret + ` */"query":"{ hello }"}`,
		"NaN":                      `{"query":"{ hello }","variables":{"a":NaN}}`,
		"leading zero":             `{"query":"{ hello }","variables":{"a":01}}`,
		"plus sign":                `{"query":"{ hello }","variables":{"a":+1}}`,
		"hexadecimal":              `{"query":"{ hello }","variables":{"a":0x1}}`,
		"deep list":                `{"query":"{ hello }","variables":{"a":` + deep + `}}`,
		"deep unclosed":            strings.Repeat(`{"a":`, 100_000),
		"query twice":              `{"query":"{ hello }","query":"mutation { take(code: \"x\") }"}`,
		"query twice, escaped":     `{"query":"{ hello }","\u0071uery":"mutation { take(code: \"x\") }"}`,
		"key without value":        `{"query"}`,
		"values by the ten thousand": `{"query":"{ hello }","variables":{"a":[` +
			strings.Repeat("0,", 30_000) + `0]}}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			for _, accept := range []string{plainJSON, graphqlResponse} {
				got := send(t, srv, post(body, "Accept", accept))
				if got.Status != 400 || got.code(t) != "BAD_USER_INPUT" {
					t.Errorf("got %d %s", got.Status, got.Raw)
				}
				if strings.Contains(got.Raw, secret) || len(got.Raw) > 500 {
					t.Errorf("the answer repeats the body: %s", got.Raw)
				}
				if got.Header.Get("Content-Type") != accept+"; charset=utf-8" {
					t.Errorf("content type %q", got.Header.Get("Content-Type"))
				}
			}
		})
	}
	if n := office.taken.Load(); n != 0 {
		t.Errorf("%d mutations were executed", n)
	}
}

func TestSizes(t *testing.T) {
	srv, _ := newServer(t, nil)
	server := httptest.NewServer(srv)
	t.Cleanup(server.Close)
	large := `{"query":"{ hello }","variables":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	if _, err := zip.Write(make([]byte, 10<<20)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	fits := `{"query":"{ hello }","extensions":{"a":"` + strings.Repeat("x", 900<<10) + `"}}`
	tests := []struct {
		name   string
		body   io.Reader
		zipped bool
		want   int
	}{
		{"within the limit", strings.NewReader(fits), false, 200},
		{"within the limit, chunked", io.MultiReader(strings.NewReader(fits)), false, 200},
		{"too large", strings.NewReader(large), false, 413},
		{"too large, chunked", io.MultiReader(strings.NewReader(large)), false, 413},
		{"64 MiB without a length", io.LimitReader(zeros{}, 64<<20), false, 413},
		{"gzip bomb", &zipped, true, 415},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", plainJSON)
			if tt.zipped {
				r.Header.Set("Content-Encoding", "gzip")
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("got %d, want %d", resp.StatusCode, tt.want)
			}
		})
	}
	long := send(t, srv, get(url.Values{"query": {"{ hello }" + strings.Repeat(" ", 200_000)}}))
	if long.Status != 414 {
		t.Errorf("GET of 200 kB: got %d, want 414", long.Status)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestErrorsRepeatNothing(t *testing.T) {
	srv, _ := newServer(t, nil)
	const secret = "RSSMRA85T10A562S"
	for name, body := range map[string]string{
		"syntax":          `{"query":"{ hello(name: ) \"` + secret + `\" }"}`,
		"literal":         `{"query":"{ big(kilobytes: \"` + secret + `\") }"}`,
		"enum literal":    `{"query":"{ big(kilobytes: ` + secret + `) }"}`,
		"operation name":  `{"query":"query Q { hello }","operationName":"` + secret + `"}`,
		"variable":        `{"query":"query Q($n: Int!) { big(kilobytes: $n) }","variables":{"n":"` + secret + `"}}`,
		"panic's message": `{"query":"{ panics hello(name: \"` + secret + `\") }"}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, srv, post(body))
			if strings.Contains(got.Raw, secret) || strings.Contains(got.Raw, "a resolver's secret") {
				t.Errorf("the answer repeats it: %s", got.Raw)
			}
			if _, ok := got.Body["errors"]; !ok {
				t.Errorf("no error: %s", got.Raw)
			}
		})
	}
	if got := send(t, srv, post(`{"query":"{ helo(nam: 1) }"}`)); strings.Contains(got.Raw, "hello") {
		t.Errorf("a suggestion tells the schema: %s", got.Raw)
	}
}

func TestTimeLimit(t *testing.T) {
	srv, _ := newServer(t, func(c *transport.Config) { c.Limits.Request = 20 * time.Millisecond })
	start := time.Now()
	got := send(t, srv, post(`{"query":"{ slow }"}`))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	if !strings.Contains(got.Raw, `"slow":null`) || !strings.Contains(got.Raw, "deadline") {
		t.Errorf("got %s", got.Raw)
	}
}

func TestStatusOfRefusedOperations(t *testing.T) {
	for code, want := range map[string]int{
		"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "RATE_LIMITED": 429, "UNAVAILABLE": 503, "INTERNAL": 500, "QUERY_TOO_COMPLEX": 400,
	} {
		srv, _ := newServer(t, nil)
		srv.AroundOperations(func(ctx context.Context, _ graphql.OperationHandler) graphql.ResponseHandler {
			resp := graphql.ErrorResponse(ctx, "no")
			resp.Errors[0].Extensions = map[string]any{"code": code}
			return graphql.OneShot(resp)
		})
		if got := send(t, srv, post(`{"query":"{ hello }"}`, "Accept", graphqlResponse)); got.Status != want {
			t.Errorf("%s: got %d, want %d", code, got.Status, want)
		}
		if got := send(t, srv, post(`{"query":"{ hello }"}`)); got.Status != 200 {
			t.Errorf("%s as json: got %d, want 200", code, got.Status)
		}
	}
}

func TestPanicIsTold(t *testing.T) {
	told := make(chan any, 1)
	srv, _ := newServer(t, func(c *transport.Config) {
		c.Hooks.Panic = func(_ context.Context, value any) { told <- value }
	})
	got := send(t, srv, post(`{"query":"{ panics }"}`, "Accept", graphqlResponse))
	if got.Status != 500 || got.code(t) != "INTERNAL" {
		t.Errorf("got %d %s", got.Status, got.Raw)
	}
	if value := <-told; value != "a resolver's secret" {
		t.Errorf("told %v", value)
	}
}

func TestAnswersAreNotStored(t *testing.T) {
	srv, _ := newServer(t, nil)
	got := send(t, srv, get(url.Values{"query": {"{ hello }"}}))
	if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", got.Header)
	}
}
