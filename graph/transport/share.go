package transport

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// ShareFunc says whether a subscription may be executed once for all who ask the same: nil is that it runs for itself, an
// error refuses it. ctx is that of whoever asks. It is asked when somebody subscribes and again when Shared.Changed is
// closed, from many goroutines.
type ShareFunc func(ctx context.Context, op *graphql.OperationContext) (*Shared, error)

// Shared is how an operation is executed for a group. Only fields of which the latest state counts are for groups:
// whoever joins begins with a snapshot, and while a state is on its way those in between are left out.
type Shared struct {
	// Context is what the group executes in. It is made from the scope alone and not derived from anybody's: no resolver
	// of the group can find out who is in it.
	Context context.Context
	// Scope names all of a viewer that decides the result, with the version of the policy it comes from.
	Scope string
	// Variables are those of the operation without what is each client's own, such as the cursor it comes back with.
	Variables map[string]any
	// Changed is closed when everybody in the group has to be judged again; nil never is.
	Changed <-chan struct{}
}

// key names the group: the document, the operation in it, its variables and the scope.
func (s *Shared) key(op *graphql.OperationContext) (string, error) {
	variables, err := json.Marshal(s.Variables) // sorts names
	if err != nil {
		return "", err
	}
	parts := []string{s.Scope, op.OperationName, string(variables), op.RawQuery}
	var key strings.Builder
	for _, part := range parts {
		key.WriteString(strconv.Itoa(len(part)))
		key.WriteByte(' ')
		key.WriteString(part)
	}
	return key.String(), nil
}

// operationOf is the operation as the group executes it: without headers, extensions and whatever else came with the
// request of the first who asked.
func (s *Shared) operationOf(op *graphql.OperationContext) *graphql.OperationContext {
	return &graphql.OperationContext{
		RawQuery: op.RawQuery, Variables: s.Variables, OperationName: op.OperationName, Doc: op.Doc, Operation: op.Operation,
		DisableIntrospection: true, RecoverFunc: op.RecoverFunc,
		ResolverMiddleware: op.ResolverMiddleware, RootResolverMiddleware: op.RootResolverMiddleware,
		Stats: graphql.Stats{OperationStart: graphql.Now()},
	}
}

// groupName is where an operation keeps its group among gqlgen's own per-operation data.
const groupName = "sportello.group"

func groupOf(ctx context.Context) *group {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	g, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(groupName).(*group)
	return g
}

// Newcomers tells a resolver that executes for a group that somebody has joined, who is owed a snapshot: one value for
// any number of them. The channel is nil where nobody can join.
func Newcomers(ctx context.Context) <-chan struct{} {
	if g := groupOf(ctx); g != nil {
		return g.asked
	}
	return nil
}

// Announce says for whom the next result of a group's resolver is: for newcomers alone, to whom it is the snapshot, or
// for everybody else. Call it before each result; outside of a group nothing happens.
func Announce(ctx context.Context, forNewcomers bool) {
	if g := groupOf(ctx); g != nil {
		g.announce(forNewcomers)
	}
}

// Passed waits until the result announced last is well on its way, or ctx ends: the next one is best made after, when it
// stands for all that has happened meanwhile. It overtakes the last one where that has not come yet. Outside of a group it
// returns at once.
func Passed(ctx context.Context) {
	if g := groupOf(ctx); g != nil {
		select {
		case <-g.passed:
		case <-ctx.Done():
		}
	}
}
