package limits

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
)

// Size of the cache of parsed documents: a parsed document takes about twenty times its text, so at worst some 40 MB.
const (
	cachedDocuments = 256
	cachedBytes     = 8 << 10
)

// NewDocuments returns a cache of validated documents for one server and its Guard. Long documents are not kept:
// otherwise clients could fill the memory with documents made up for the purpose.
func NewDocuments() graphql.Cache[*ast.QueryDocument] {
	return &documents{kept: lru.New[*ast.QueryDocument](cachedDocuments)}
}

type documents struct{ kept *lru.LRU[*ast.QueryDocument] }

// Get returns the validated document of a text.
func (d *documents) Get(ctx context.Context, query string) (*ast.QueryDocument, bool) {
	return d.kept.Get(ctx, query)
}

// Add keeps a validated document unless it is too long.
func (d *documents) Add(ctx context.Context, query string, doc *ast.QueryDocument) {
	if len(query) <= cachedBytes {
		d.kept.Add(ctx, query, doc)
	}
}
