package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// EventStreamConfig says how long an event stream may last.
type EventStreamConfig struct {
	// Open returns the context that the operation of a stream runs in, derived from the request's, and the end of the
	// session (zero for none). When that context is cancelled with a cause, or at the end, the stream tells why in a last
	// result and completes. Nil takes the request's context.
	Open func(ctx context.Context) (context.Context, time.Time)
}

// EventStream is the transport of every kind of operation as server-sent events, in the distinct connections mode of
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md: one POST that accepts text/event-stream, one
// operation. Events are `next` with a result and `complete`; a stream that the server ends for a reason sends the reason
// as the errors of a last `next`.
type EventStream struct {
	http  HTTP
	cfg   EventStreamConfig
	user  func(ctx context.Context) string
	seats places
	open  atomic.Int64

	stopping context.Context
	stop     context.CancelFunc
}

var _ graphql.Transport = (*EventStream)(nil)

func newEventStream(h HTTP, cfg EventStreamConfig, sockets SocketConfig, seats places) *EventStream {
	t := &EventStream{http: h, cfg: cfg, user: sockets.UserKey, seats: seats}
	parent := sockets.ServerContext
	if parent == nil {
		parent = context.Background()
	}
	t.stopping, t.stop = context.WithCancel(parent)
	return t
}

// Supports says whether a request posts an operation and asks for events rather than for one answer.
func (t *EventStream) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && prefersEvents(r.Header.Values("Accept"))
}

// Do answers one request, which may last.
func (t *EventStream) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	params, refused := t.http.read(w, r)
	if refused != nil {
		t.http.refuse(w, mediaJSON, refused)
		return
	}
	if t.stopping.Err() != nil {
		t.http.write(w, mediaJSON, http.StatusServiceUnavailable, refusalOf(codeUnavailable, stoppingText))
		return
	}
	user := ""
	if t.user != nil {
		user = t.user(r.Context())
	}
	address := addressOf(r)
	if !t.seats.addresses.take(address) {
		t.http.write(w, mediaJSON, http.StatusTooManyRequests, refusalOf(codeRateLimited, tooManyText))
		return
	}
	defer t.seats.addresses.leave(address)
	if !t.seats.users.take(user) {
		t.http.write(w, mediaJSON, http.StatusTooManyRequests, refusalOf(codeRateLimited, tooManyText))
		return
	}
	defer t.seats.users.leave(user)
	t.open.Add(1)
	defer t.open.Add(-1)

	ctx, cancel := t.session(r)
	defer cancel(nil)
	events, err := newEventWriter(w, t.http.Limits, t.http.Hooks.Sent)
	if err != nil { // below a server that cannot stream
		t.http.write(w, mediaJSON, http.StatusInternalServerError, internalError())
		return
	}
	t.run(ctx, events, params, exec)
}

// session is the context of the stream: it ends with the request, with the session of whoever asks, or when the server
// stops.
func (t *EventStream) session(r *http.Request) (context.Context, context.CancelCauseFunc) {
	ctx, end := r.Context(), time.Time{}
	if t.cfg.Open != nil {
		ctx, end = t.cfg.Open(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(t.stopping, func() { cancel(gone(codeUnavailable, stoppingText)) })
	context.AfterFunc(ctx, func() { stop() })
	if !end.IsZero() {
		over := time.AfterFunc(time.Until(end), func() { cancel(gone(codeUnauthenticated, sessionEndedText)) })
		context.AfterFunc(ctx, func() { over.Stop() })
	}
	return ctx, cancel
}

// run executes the operation and writes its results until it ends, or its session does.
func (t *EventStream) run(ctx context.Context, events *eventWriter, params *graphql.RawParams, exec graphql.GraphExecutor) {
	calm := context.AfterFunc(ctx, events.hurry)
	defer calm()
	operation, stop := context.WithCancel(ctx)
	defer stop()
	p := &production{t: t, exec: exec, results: make(chan *graphql.Response)}
	go p.run(operation, params)

	ping := time.NewTicker(t.http.Limits.Ping)
	defer ping.Stop()
	err := events.ping()
	for err == nil {
		select {
		case <-ctx.Done():
			events.finish(p.reason(ctx))
			return
		case <-ping.C:
			err = events.ping()
		case resp, ok := <-p.results:
			switch {
			case ctx.Err() != nil: // nothing more, even if it was ready
				events.finish(p.reason(ctx))
				return
			case !ok:
				events.finish(nil)
				return
			default:
				err = events.next(resp)
			}
		}
	}
}

// production executes one operation for a stream. It knows nothing of the response: it may end after it.
type production struct {
	t       *EventStream
	exec    graphql.GraphExecutor
	results chan *graphql.Response // closed when there are no more
	op      atomic.Pointer[graphql.OperationContext]
}

func (p *production) run(ctx context.Context, params *graphql.RawParams) {
	defer close(p.results)
	defer func() {
		if value := recover(); value != nil {
			p.t.http.Hooks.Panic(ctx, value)
			p.send(ctx, internalError())
		}
	}()
	start, failed := time.Now(), 1 // unless it ends otherwise than by a panic
	ctx = graphql.StartOperationTrace(ctx)
	op, errs := p.exec.CreateOperationContext(ctx, params)
	p.op.Store(op)
	defer func() { p.t.http.Hooks.Operation(ctx, "sse", op, time.Since(start), failed) }()
	var last gqlerror.List
	switch {
	case len(errs) > 0:
		last = p.exec.DispatchError(graphql.WithOperationContext(ctx, op), limits.Quiet(errs)).Errors
	case op.Operation.Operation == ast.Subscription:
		last = follow(ctx, p.exec, op, func(ctx context.Context, resp *graphql.Response) bool { return p.send(ctx, resp) })
	default:
		last = p.answer(ctx, op)
	}
	failed = len(last)
	if failed > 0 {
		p.send(ctx, &graphql.Response{Errors: last})
	}
}

// answer executes a query or mutation and sends its one result; the errors are those of one that failed.
func (p *production) answer(ctx context.Context, op *graphql.OperationContext) gqlerror.List {
	limited, cancel := context.WithTimeout(ctx, p.t.http.Limits.Request)
	defer cancel()
	resp := dispatch(limited, op, p.exec)
	if len(resp.Data) == 0 {
		return resp.Errors
	}
	p.send(ctx, resp)
	return nil
}

// send hands a result over to whoever writes; false means that there is no sense in another. What is written must be a
// copy: the next result of a subscription is made in the memory of the last.
func (p *production) send(ctx context.Context, resp *graphql.Response) bool {
	own := *resp
	own.Data = bytes.Clone(resp.Data)
	select {
	case p.results <- &own:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// reason is why the session of a stream ended, as the errors of its last result; nil where nobody is left to read it.
func (p *production) reason(ctx context.Context) *graphql.Response {
	cause := context.Cause(ctx)
	if own := closeErrorOf(cause); own != nil {
		if cause = own.Err; cause == nil {
			cause = gone(codeUnauthenticated, sessionEndedText)
		}
	} else if !told(cause) {
		return nil
	}
	op := p.op.Load()
	if op == nil { // the session ended before the document was read
		op = &graphql.OperationContext{}
	}
	ctx = graphql.WithOperationContext(context.WithoutCancel(ctx), op)
	return p.exec.DispatchError(ctx, listOf(cause))
}

// close ends every stream, and takes no more.
func (t *EventStream) close() { t.stop() }

const (
	stoppingText     = "The server is stopping. Connect again and resume with the last cursor."
	sessionEndedText = "The session has ended. Sign in again."
)

// gone is a reason of the transport's own for which a stream ends.
func gone(code, message string) error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// listOf is the error as DispatchError takes it.
func listOf(err error) gqlerror.List {
	var own *gqlerror.Error
	if errors.As(err, &own) {
		return gqlerror.List{own}
	}
	return gqlerror.List{{Err: err, Message: err.Error()}}
}

// told reports whether the cause is such a reason; the request's own end is none.
func told(cause error) bool {
	_, ok := cause.(*gqlerror.Error) //nolint:errorlint // made by gone, never wrapped
	return ok
}

// prefersEvents reports whether an Accept header names text/event-stream before, or with a higher quality than, what
// HTTP answers with.
func prefersEvents(accept []string) bool {
	best, bestQuality := "", 0.0
	for _, entry := range strings.Split(strings.Join(accept, ","), ",") {
		media, quality := acceptable(entry)
		if quality > bestQuality {
			best, bestQuality = media, quality
		}
	}
	return best == mediaEvents
}
