package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	stock "github.com/99designs/gqlgen/graphql/handler/transport"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph"
	"github.com/spazio-in-comune/sportello/graph/generated"
	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// serveLimit serves what the house is compared with, until the context ends:
//
//	/graphql   the same contract under gqlgen as it comes, with answers from memory
//	/shared    the same answers through the transport of the house
//	/raw       WebSockets to which a prepared message is written, and nothing else
//	/publish/  tells all who follow: on /raw the body of the request, else a board
func serveLimit(ctx context.Context) error {
	boards, raw := &boards{}, newRawSockets()
	gql := handler.New(generated.NewExecutableSchema(generated.Config{Resolvers: memory{&graph.Resolver{}, boards}}))
	gql.AddTransport(stock.Websocket{})
	gql.AddTransport(stock.POST{})
	mux := http.NewServeMux()
	mux.Handle("/graphql", gql)
	mux.Handle("/raw", raw)
	mux.Handle(pathShared, transport.New(generated.NewExecutableSchema(generated.Config{Resolvers: memory{&graph.Resolver{}, boards}}),
		transport.Config{Limits: forCrowds(), Share: shareAll}))
	mux.HandleFunc("/publish/raw", raw.publish)
	mux.HandleFunc("/publish/graphql", boards.publish)

	return listen(ctx, mux)
}

// memory answers what is measured without a database; the rest of the contract is
// not asked.
type memory struct {
	*graph.Resolver
	boards *boards
}

func (m memory) Mutation() generated.MutationResolver { return mutations{} }

func (m memory) Subscription() generated.SubscriptionResolver { return subscriptions{boards: m.boards} }

type mutations struct{ generated.MutationResolver }

// IssueTicket stores nothing.
func (mutations) IssueTicket(context.Context, desk.IssueTicketInput) (*model.IssueTicketPayload, error) {
	code := "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	return &model.IssueTicketPayload{Visit: &ent.Visit{ID: "vis_1", Letter: "A", Number: 1, Version: 1}, Code: &code}, nil
}

type subscriptions struct {
	generated.SubscriptionResolver
	boards *boards
}

// BoardChanged gives a board at once, and one at each publication.
func (s subscriptions) BoardChanged(ctx context.Context, _ string, _ *string) (<-chan *model.BoardUpdate, error) {
	if newcomers := transport.Newcomers(ctx); newcomers != nil {
		return s.boards.followForAll(ctx, newcomers), nil
	}
	return s.boards.follow(ctx), nil
}

// forCrowds are the limits of the house, but for a crowd that comes from one address.
func forCrowds() limits.Table {
	table := limits.Default()
	table.SocketsPerAddress = mostSockets
	return table
}

// shareAll lets every subscription be executed once.
func shareAll(_ context.Context, op *graphql.OperationContext) (*transport.Shared, error) {
	return &transport.Shared{Context: context.Background(), Variables: op.Variables}, nil
}

// boards passes boards on to each who follows.
type boards struct {
	mu        sync.Mutex
	followers map[chan *model.BoardUpdate]struct{}
}

func (b *boards) follow(ctx context.Context) <-chan *model.BoardUpdate {
	updates := make(chan *model.BoardUpdate, 16)
	updates <- board()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.followers == nil {
		b.followers = map[chan *model.BoardUpdate]struct{}{}
	}
	b.followers[updates] = struct{}{}
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.followers, updates)
		close(updates)
	})
	return updates
}

// followForAll is follow for one execution that serves many: who joins gets a board, and of those published while one is
// on its way the last.
func (b *boards) followForAll(ctx context.Context, newcomers <-chan struct{}) <-chan *model.BoardUpdate {
	news, updates := b.follow(ctx), make(chan *model.BoardUpdate)
	<-news // newcomers ask for theirs
	go func() {
		defer close(updates)
		for {
			var update *model.BoardUpdate
			joined := false
			select {
			case <-newcomers:
				update, joined = board(), true
			case update = <-news:
				for len(news) > 0 {
					update = <-news
				}
			case <-ctx.Done():
				return
			}
			transport.Announce(ctx, joined)
			select {
			case updates <- update:
				transport.Passed(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return updates
}

func (b *boards) publish(http.ResponseWriter, *http.Request) {
	update := board()
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.followers {
		f <- update
	}
}

// board is about as large as that of the demo town.
func board() *model.BoardUpdate {
	now := time.Now()
	calls := make([]desk.BoardCall, 5)
	for i := range calls {
		calls[i] = desk.BoardCall{Label: "A012", Counter: "3", CalledAt: now, State: town.LegServing, CallCount: 1}
	}
	return &model.BoardUpdate{
		Kind: model.UpdateKindEvent, Cursor: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		Board: &desk.Board{At: now, Calls: calls, Queues: make([]desk.BoardQueue, 6), OpenCounters: 5},
	}
}
