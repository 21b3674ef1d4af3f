package expr

// Tree is an expression as it was parsed, for who says it in words or draws it.
// Evaluation does not use it.
type Tree struct {
	// Op is "or", "and", "not", a comparison operator, "+", "-", "list", "name",
	// "value", "none", "figure", or the name of another function.
	Op string
	// Name is the name read; only where Op is "name" or "figure".
	Name string
	// Value is the constant; only where Op is "value".
	Value Value
	// Args are the parts, in the order in which they are written.
	Args []Tree
}

// Tree gives the parsed form. Comparisons with None stay comparisons; a list of
// constants is one value.
func (e *Expr) Tree() Tree { return treeOf(e.root) }

func treeOf(n node) Tree {
	switch n := n.(type) {
	case anyOf:
		return branch("or", n...)
	case allOf:
		return branch("and", n...)
	case negation:
		return branch("not", n.n)
	case name:
		return Tree{Op: "name", Name: string(n)}
	case figure:
		return Tree{Op: "figure", Name: string(n)}
	case constant:
		return Tree{Op: "value", Value: n.v}
	case list:
		return branch("list", n...)
	case addition:
		if n.minus {
			return branch("-", n.left, n.right)
		}
		return branch("+", n.left, n.right)
	case absence:
		op := "!="
		if n.want {
			op = "=="
		}
		return branch(op, n.n, none{})
	case comparison:
		return branch(n.op, n.left, n.right)
	case call:
		return branch(n.name, n.arguments...)
	default:
		return Tree{Op: "none"}
	}
}

func branch(op string, parts ...node) Tree {
	t := Tree{Op: op, Args: make([]Tree, len(parts))}
	for i, part := range parts {
		t.Args[i] = treeOf(part)
	}
	return t
}
