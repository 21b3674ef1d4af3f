package transport

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// operation is one in progress on a socket.
type operation struct {
	id        string
	s         *socket
	start     time.Time
	cancel    context.CancelFunc // of one that is executed for itself
	completed atomic.Bool        // by the client: nothing more may be sent for it
	// Of one that is executed in a group, guarded by the crowd; the quoted id never changes.
	group  *group
	quoted []byte
}

// stop ends what is executed for the operation.
func (op *operation) stop() {
	if op.cancel != nil {
		op.cancel()
	}
	op.s.t.crowd.leave(op, 0)
}

// subscribe starts an operation of any kind. Parsing, validation and the limits run here, on the reading goroutine: the
// limits bound them to milliseconds, and a client that floods the server waits for itself.
func (s *socket) subscribe(m message) {
	if s.session == nil {
		s.shut(CloseUnauthorized, "Unauthorized")
		return
	}
	params, err := decodeParams(m.payload)
	if err != nil {
		s.shut(CloseBadMessage, err.Error())
		return
	}
	op := s.register(m.id)
	if op == nil {
		return
	}
	params.ReadTime = graphql.TraceTiming{Start: op.start, End: op.start}
	ctx := graphql.StartOperationTrace(s.session)
	if opCtx := s.prepare(ctx, op, params); opCtx != nil {
		s.execute(ctx, op, opCtx)
	}
}

// execute runs an operation: in a group if it may be shared, else for itself.
func (s *socket) execute(ctx context.Context, op *operation, opCtx *graphql.OperationContext) {
	if s.t.crowd.join(ctx, op, opCtx) {
		return
	}
	ctx, op.cancel = context.WithCancel(ctx)
	go s.operate(ctx, op, opCtx)
}

// prepare parses and judges an operation, or ends it with what is wrong.
func (s *socket) prepare(ctx context.Context, op *operation, params *graphql.RawParams) *graphql.OperationContext {
	defer s.failOnPanic(ctx, op)
	opCtx, errs := s.exec.CreateOperationContext(ctx, params)
	if len(errs) == 0 {
		return opCtx
	}
	resp := s.exec.DispatchError(graphql.WithOperationContext(ctx, opCtx), limits.Quiet(errs))
	s.t.hooks.Operation(ctx, "ws", opCtx, time.Since(op.start), len(resp.Errors))
	s.fail(op, resp.Errors)
	return nil
}

// failOnPanic is deferred: a panic ends its operation, not the socket.
func (s *socket) failOnPanic(ctx context.Context, op *operation) {
	if value := recover(); value != nil {
		s.t.hooks.Panic(ctx, value)
		s.fail(op, internalError().Errors)
	}
}

// register makes room for an operation, or answers why there is none.
func (s *socket) register(id string) *operation {
	s.mu.Lock()
	twice := s.operation(id) != nil
	full := len(s.operations) >= s.t.table.Subscriptions
	var op *operation
	if !twice && !full {
		op = &operation{id: id, s: s, start: time.Now()}
		s.operations = append(s.operations, op)
	}
	s.mu.Unlock()
	switch {
	case twice:
		s.shut(CloseDuplicateOperation, "Subscriber already exists")
	case full:
		s.out.force(errorFrame(id, refusalOf(codeRateLimited, "Too many operations on this socket.").Errors))
	}
	return op
}

// operation is the one in progress under the id, nil if there is none; s.mu is held.
func (s *socket) operation(id string) *operation {
	for _, op := range s.operations {
		if op.id == id {
			return op
		}
	}
	return nil
}

// forget frees the id of an operation; s.mu is held.
func (s *socket) forget(op *operation) {
	s.operations = slices.DeleteFunc(s.operations, func(o *operation) bool { return o == op })
}

// complete ends an operation at the client's word. One that is unknown has ended in the meantime.
func (s *socket) complete(id string) {
	s.mu.Lock()
	op := s.operation(id)
	s.forget(op)
	s.mu.Unlock()
	if op != nil {
		op.completed.Store(true)
		op.stop()
	}
}

// operate executes an operation and sends its results, then one last message: complete or error.
func (s *socket) operate(ctx context.Context, op *operation, opCtx *graphql.OperationContext) {
	defer op.stop()
	errors := 1 // unless it ends otherwise than by a panic
	defer func() { s.t.hooks.Operation(ctx, "ws", opCtx, time.Since(op.start), errors) }()
	defer s.failOnPanic(ctx, op)
	var last gqlerror.List
	if opCtx.Operation.Operation == ast.Subscription {
		last = s.stream(ctx, op, opCtx)
	} else {
		last = s.answer(ctx, op, opCtx)
	}
	errors = len(last)
	if errors > 0 {
		s.fail(op, last)
		return
	}
	if s.session.Err() != nil {
		return // not complete: the close code tells why it ended
	}
	s.end(op, operationFrame(op.id, "complete", nil))
}

// answer executes a query or mutation; the errors it returns are those of an operation that was not executed.
func (s *socket) answer(ctx context.Context, op *operation, opCtx *graphql.OperationContext) gqlerror.List {
	limited, cancel := context.WithTimeout(ctx, s.t.table.Request)
	defer cancel()
	resp := dispatch(limited, opCtx, s.exec)
	if len(resp.Data) == 0 {
		return resp.Errors
	}
	s.next(ctx, op, resp)
	return nil
}

// stream executes a subscription until it ends; the errors it returns are why it did not begin or went no further.
func (s *socket) stream(ctx context.Context, op *operation, opCtx *graphql.OperationContext) gqlerror.List {
	return follow(ctx, s.exec, opCtx, func(ctx context.Context, resp *graphql.Response) bool { return s.next(ctx, op, resp) })
}

// follow executes a subscription and hands each result on until it ends, or next says that there is no sense in
// another; the errors it returns are why it did not begin or went no further.
func follow(ctx context.Context, exec graphql.GraphExecutor, opCtx *graphql.OperationContext, next func(context.Context, *graphql.Response) bool) gqlerror.List {
	end := &ending{}
	opCtx.Stats.SetExtension(endingName, end)
	responses, ctx := exec.DispatchOperation(ctx, opCtx)
	for {
		resp := responses(ctx)
		if resp == nil {
			break
		}
		if len(resp.Data) == 0 || isUnread(resp) {
			return resp.Errors
		}
		if !next(ctx, resp) {
			return nil
		}
	}
	if err := end.reason(); err != nil && ctx.Err() == nil {
		return exec.DispatchError(ctx, gqlerror.List{{Err: err, Message: err.Error()}}).Errors
	}
	return nil
}

// isUnread reports a result that could not be read for a fault that passes, such as a database that is away. It is not
// sent in parts: the stream ends, and whoever resumes gets it whole.
func isUnread(resp *graphql.Response) bool {
	return slices.ContainsFunc(resp.Errors, func(err *gqlerror.Error) bool { return err.Extensions["code"] == codeUnavailable })
}

// next sends one result; false means that there is no sense in another.
func (s *socket) next(ctx context.Context, op *operation, resp *graphql.Response) bool {
	resp.Errors = s.t.table.Trim(resp.Errors)
	frame := outFrame{data: operationFrame(op.id, "next", appendResponse(nil, resp)), op: op}
	if !patiently(ctx, s.t.table.Write, func() <-chan struct{} { return s.out.offer(frame) }) {
		s.tooSlow()
	}
	return ctx.Err() == nil
}

func (s *socket) fail(op *operation, errs gqlerror.List) {
	s.end(op, errorFrame(op.id, s.t.table.Trim(errs)))
}

// end sends the last message of an operation, unless the client has completed it. Its id is free again from the moment
// the message is queued, not before: otherwise a new operation's first result could overtake it.
func (s *socket) end(op *operation, frame []byte) {
	defer op.stop()
	last := outFrame{data: frame, op: op}
	queue := func() <-chan struct{} {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.operation(op.id) != op {
			return nil
		}
		full := s.out.offer(last)
		if full == nil {
			s.forget(op)
		}
		return full
	}
	if !patiently(s.ctx, s.t.table.Write, queue) {
		s.tooSlow()
	}
}

// endingName is where an operation keeps its ending among gqlgen's own per-operation data.
const endingName = "sportello.ending"

type ending struct {
	mu  sync.Mutex
	err error
}

func (e *ending) reason() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// EndWithError makes a subscription end with an `error` message instead of `complete`, once its resolver has closed its
// channel: call it before closing, with the context the resolver was given. The error goes through the server's error
// presenter. The first error stays; outside a subscription nothing happens.
func EndWithError(ctx context.Context, err error) {
	if !graphql.HasOperationContext(ctx) {
		return
	}
	e, ok := graphql.GetOperationContext(ctx).Stats.GetExtension(endingName).(*ending)
	if !ok {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}
