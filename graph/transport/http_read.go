package transport

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

func badRequest(err error) *refusedRequest {
	return &refusedRequest{status: http.StatusBadRequest, message: err.Error()}
}

// readPost reads a JSON body. No other content type is taken: forms and plain text would let a foreign page post with
// a visitor's cookies and without asking the browser's leave.
func readPost(table limits.Table, w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusedRequest) {
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, &refusedRequest{
			status: http.StatusUnsupportedMediaType, header: "Accept-Post", value: mediaJSON,
			message: "Send application/json in UTF-8.",
		}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &refusedRequest{
			status: http.StatusUnsupportedMediaType, header: "Accept-Encoding", value: "identity",
			message: "Send the body without a content encoding.",
		}
	}
	body, refused := readBody(table, w, r)
	if refused != nil {
		return nil, refused
	}
	if err := checkJSON(table, body); err != nil {
		return nil, badRequest(err)
	}
	params, err := decodeParams(body)
	if err != nil {
		return nil, badRequest(err)
	}
	return params, nil
}

func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != mediaJSON {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

func readBody(table limits.Table, w http.ResponseWriter, r *http.Request) ([]byte, *refusedRequest) {
	tooLarge := &refusedRequest{
		status: http.StatusRequestEntityTooLarge, header: "Connection", value: "close",
		message: "The request is too large.",
	}
	if r.ContentLength > table.BodyBytes {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, table.BodyBytes))
	var overLimit *http.MaxBytesError
	switch {
	case errors.As(err, &overLimit):
		return nil, tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusedRequest{
			status: http.StatusRequestTimeout, header: "Connection", value: "close",
			message: "The request took too long to arrive.",
		}
	case err != nil:
		return nil, &refusedRequest{
			status: http.StatusBadRequest, header: "Connection", value: "close",
			message: "The request did not arrive whole.",
		}
	}
	return body, nil
}

// readGet reads the parameters from the URL, each at most once.
func readGet(table limits.Table, r *http.Request) (*graphql.RawParams, *refusedRequest) {
	if len(r.URL.RawQuery) > table.URLBytes {
		return nil, &refusedRequest{status: http.StatusRequestURITooLong, message: "The URL is too long: send the query by POST."}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest(complaint("The URL's query is not well-formed."))
	}
	for _, name := range []string{"query", "operationName", "variables", "extensions"} {
		if len(values[name]) > 1 {
			return nil, badRequest(errTwice)
		}
		if !utf8.ValidString(values.Get(name)) {
			return nil, badRequest(errNotUTF8)
		}
	}
	if values.Get("query") == "" {
		return nil, badRequest(errNoQuery)
	}
	params := &graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")}
	if params.Variables, err = mapOfURL(table, values, "variables"); err != nil {
		return nil, badRequest(err)
	}
	if params.Extensions, err = mapOfURL(table, values, "extensions"); err != nil {
		return nil, badRequest(err)
	}
	return params, nil
}

// mapOfURL reads a JSON object out of a URL parameter; an empty one counts as not given.
func mapOfURL(table limits.Table, values url.Values, name string) (map[string]any, error) {
	text := values.Get(name)
	if text == "" {
		return nil, nil
	}
	if err := checkJSON(table, []byte(text)); err != nil {
		return nil, err
	}
	return decodeMap(name, json.RawMessage(strings.TrimSpace(text)))
}
