package limits

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// CheckOperation refuses a validated operation whose pages are out of bounds or which could return too many objects.
// variables are the coerced ones. Each fragment is counted once.
//
// An object costs 1 and a scalar 0. A list multiplies what is selected below it: by `first` or `last` of the field
// itself or of the connection around it, by the number of `ids` asked for, else by Table.ListItems. Connections, their
// edges and PageInfo are wrappers and cost nothing themselves.
func (t Table) CheckOperation(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	c := &coster{table: t, schema: schema, variables: variables, counted: map[fragmentInPage]bill{}}
	b := c.set(op.SelectionSet, 0)
	switch {
	case c.refused != nil:
		return c.refused
	case b.nodes > t.Nodes:
		return tooMany("nodes", t.Nodes, b.nodes)
	case b.cost > t.Cost:
		return refusal(CodeTooComplex, fmt.Sprintf("The operation costs too much: %d, at most %d.", b.cost, t.Cost), t.Cost, b.cost)
	}
	return nil
}

// bill is what a selection may return at most: nodes counts the items of lists only, cost every object.
type bill struct{ nodes, cost int }

// fragmentInPage is what a fragment's bill depends on: a fragment on a connection multiplies its edges by the page.
type fragmentInPage struct {
	name string
	page int
}

type coster struct {
	table     Table
	schema    *ast.Schema
	variables map[string]any
	counted   map[fragmentInPage]bill
	refused   *gqlerror.Error // the first page out of bounds
}

// set counts a selection set; page is the page size of the connection it is selected on, 0 elsewhere.
func (c *coster) set(set ast.SelectionSet, page int) bill {
	var sum bill
	for _, s := range set {
		var b bill
		switch s := s.(type) {
		case *ast.Field:
			b = c.field(s, page)
		case *ast.InlineFragment:
			b = c.set(s.SelectionSet, page)
		case *ast.FragmentSpread:
			b = c.fragment(s, page)
		}
		sum.nodes, sum.cost = plus(sum.nodes, b.nodes), plus(sum.cost, b.cost)
	}
	return sum
}

func (c *coster) fragment(s *ast.FragmentSpread, page int) bill {
	key := fragmentInPage{s.Name, page}
	if b, ok := c.counted[key]; ok || s.Definition == nil {
		return b
	}
	b := c.set(s.Definition.SelectionSet, page)
	c.counted[key] = b
	return b
}

func (c *coster) field(f *ast.Field, page int) bill {
	if strings.HasPrefix(f.Name, "__") || f.Definition == nil {
		return bill{}
	}
	asked := c.pageOf(f)
	def := c.schema.Types[f.Definition.Type.Name()]
	if def == nil || def.IsLeafType() {
		return bill{}
	}
	if f.Definition.Type.Elem == nil {
		if asked == 0 && strings.HasSuffix(def.Name, "Connection") {
			asked = c.table.DefaultPage
		}
		b := c.set(f.SelectionSet, asked)
		b.cost = plus(b.cost, weight(def))
		return b
	}
	size := c.table.ListItems
	if asked > 0 {
		size = asked
	} else if page > 0 {
		size = page
	}
	b := c.set(f.SelectionSet, 0)
	return bill{nodes: times(size, plus(b.nodes, 1)), cost: times(size, plus(b.cost, weight(def)))}
}

func weight(def *ast.Definition) int {
	if def.Name == "PageInfo" || strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge") {
		return 0
	}
	return 1
}

// pageArguments are the arguments that say how many items a field returns: a number, or a list with one entry an item.
func pageArguments() []string { return []string{"first", "last", "ids"} }

// pageOf returns how many items a field is asked for, 0 when it does not say, and refuses a number out of bounds.
func (c *coster) pageOf(f *ast.Field) int {
	takes := func(arg *ast.ArgumentDefinition) bool { return slices.Contains(pageArguments(), arg.Name) }
	if !slices.ContainsFunc(f.Definition.Arguments, takes) {
		return 0
	}
	page := 0
	given := f.ArgumentMap(c.variables)
	for _, name := range pageArguments() {
		n, said := itemsOf(given[name])
		if !said {
			continue
		}
		if _, isList := given[name].([]any); isList {
			if n > c.table.PageMax {
				c.refuse(tooMany("entries in "+name, c.table.PageMax, n))
			}
		} else if n < c.table.PageMin || n > c.table.PageMax {
			c.refuse(refusal(CodeBadInput, fmt.Sprintf("A page has %d to %d items: %s is %d.",
				c.table.PageMin, c.table.PageMax, name, n), c.table.PageMax, n))
		}
		page = max(page, n)
	}
	return page
}

func (c *coster) refuse(err *gqlerror.Error) {
	if c.refused == nil {
		c.refused = err
	}
}

// itemsOf reads a page argument's value, literal or variable. A number that is none passes: its resolver's type
// refuses it.
func itemsOf(value any) (n int, said bool) {
	switch v := value.(type) {
	case []any:
		return len(v), true
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		return int(v), true
	case json.Number:
		i, err := v.Int64()
		return int(i), err == nil
	}
	return 0, false
}
