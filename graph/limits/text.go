package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// CheckText refuses a document by its text alone, in one pass that stops at the first limit it meets. Text that is not
// GraphQL passes: the parser says what is wrong with it.
func (t Table) CheckText(query string) *gqlerror.Error {
	if len(query) > t.QueryBytes {
		return tooMany("bytes", t.QueryBytes, len(query))
	}
	lex := lexer.New(&ast.Source{Input: query})
	tokens, nesting := 0, 0
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil
		}
		if tokens++; tokens > t.Tokens {
			return tooMany("tokens", t.Tokens, tokens)
		}
		switch token.Kind {
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if nesting++; nesting > t.Nesting {
				return tooMany("levels of nesting", t.Nesting, nesting)
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			nesting--
		}
	}
}
