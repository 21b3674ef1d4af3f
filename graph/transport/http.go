package transport

import (
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// HTTP is the transport of queries and mutations by POST and of queries by GET. It answers every other method too, with
// 405, so it stands last in a server.
type HTTP struct {
	Limits limits.Table
	Hooks  Hooks // all set
}

var _ graphql.Transport = HTTP{}

// Supports says that the transport answers everything.
func (h HTTP) Supports(*http.Request) bool { return true }

// Do answers one request.
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	defer func() {
		if value := recover(); value != nil {
			h.Hooks.Panic(r.Context(), value)
			h.write(w, mediaJSON, http.StatusInternalServerError, internalError())
		}
	}()
	media := negotiate(r.Header.Values("Accept"))
	params, refused := h.read(w, r)
	switch {
	case refused != nil:
		if media == "" {
			media = mediaJSON
		}
		h.refuse(w, media, refused)
	case media == "":
		h.refuse(w, mediaJSON, &refusedRequest{
			status:  http.StatusNotAcceptable,
			message: "Accept application/graphql-response+json or application/json.",
		})
	default:
		h.execute(w, r, media, params, exec)
	}
}

func (h HTTP) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusedRequest) {
	start := graphql.Now()
	var params *graphql.RawParams
	var refused *refusedRequest
	switch r.Method {
	case http.MethodPost:
		params, refused = readPost(h.Limits, w, r)
	case http.MethodGet:
		params, refused = readGet(h.Limits, r)
	default:
		refused = &refusedRequest{
			status: http.StatusMethodNotAllowed, header: "Allow", value: "GET, POST",
			message: "Send queries and mutations by POST; queries by GET as well.",
		}
	}
	if refused != nil {
		return nil, refused
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	return params, nil
}

func (h HTTP) execute(w http.ResponseWriter, r *http.Request, media string, params *graphql.RawParams, exec graphql.GraphExecutor) {
	start := graphql.Now()
	ctx, cancel := context.WithTimeout(r.Context(), h.Limits.Request)
	defer cancel()

	op, errs := exec.CreateOperationContext(ctx, params)
	ctx = graphql.WithOperationContext(ctx, op)
	var resp *graphql.Response
	switch {
	case len(errs) > 0:
		resp = exec.DispatchError(ctx, limits.Quiet(errs))
		resp.Data = nil
	case op.Operation.Operation == ast.Subscription:
		resp = refusalOf(codeBadInput, "Subscriptions need a WebSocket speaking "+subprotocol+", or a POST that accepts "+mediaEvents+".")
	case op.Operation.Operation == ast.Mutation && r.Method == http.MethodGet:
		h.refuse(w, media, &refusedRequest{
			status: http.StatusMethodNotAllowed, header: "Allow", value: "POST",
			message: "Mutations are sent by POST.",
		})
		return
	default:
		resp = dispatch(ctx, op, exec)
	}
	h.Hooks.Operation(ctx, "http", op, time.Since(start), len(resp.Errors))
	h.write(w, media, statusOf(media, resp), resp)
}

// dispatch executes a query or a mutation.
func dispatch(ctx context.Context, op *graphql.OperationContext, exec graphql.GraphExecutor) *graphql.Response {
	responses, ctx := exec.DispatchOperation(ctx, op)
	if resp := responses(ctx); resp != nil {
		return resp
	}
	return refusalOf(codeUnavailable, "The operation took too long.")
}

// refusedRequest is a request that is not a well-formed GraphQL request: its status, a sentence that holds nothing of
// it and, for some statuses, a header that belongs to them.
type refusedRequest struct {
	status        int
	message       string
	header, value string
}

func (h HTTP) refuse(w http.ResponseWriter, media string, refused *refusedRequest) {
	if refused.header != "" {
		w.Header().Set(refused.header, refused.value)
	}
	h.write(w, media, refused.status, refusalOf(codeBadInput, refused.message))
}

func (h HTTP) write(w http.ResponseWriter, media string, status int, resp *graphql.Response) {
	resp.Errors = h.Limits.Trim(resp.Errors)
	header := w.Header()
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// The answer is complete or the client is gone: there is nobody to tell.
	_, _ = w.Write(appendResponse(nil, resp))
}
