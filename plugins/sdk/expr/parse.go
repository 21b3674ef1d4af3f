package expr

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// The limits of an expression. The longest one in the town's catalogue has 250
// bytes.
const (
	MaxLength = 2000
	MaxDepth  = 32
)

// Expr is a parsed expression. It is immutable and safe for concurrent use.
type Expr struct {
	source  string
	root    node
	names   []string
	figures []string
}

// Parse reads an expression and refuses everything outside the grammar, unknown
// functions and wrong numbers of arguments. Names are not checked here: see
// [Expr.Names]. An empty source means always, and so does "True".
func Parse(source string) (*Expr, error) {
	if source == "" {
		return &Expr{root: constant{true}}, nil
	}
	if len(source) > MaxLength {
		return nil, fmt.Errorf("read expression: longer than %d bytes", MaxLength)
	}
	tokens, err := split(source)
	if err != nil {
		return nil, fmt.Errorf("read expression %q: %w", source, err)
	}
	p := &parser{tokens: tokens}
	root, err := p.or()
	if err == nil && p.peek().kind != tokenEnd {
		err = p.unexpected("the end")
	}
	if err != nil {
		return nil, fmt.Errorf("read expression %q: %w", source, err)
	}
	return &Expr{source, root, p.names, p.figures}, nil
}

// Names are the names that the expression reads, in order of appearance, each
// once. The clock counts as the names today and now.
func (e *Expr) Names() []string { return e.names }

// Figures are the names of the dated figures that the expression reads, in order
// of appearance, each once.
func (e *Expr) Figures() []string { return e.figures }

// String is the source.
func (e *Expr) String() string { return e.source }

// Value evaluates the expression; nil is a missing value.
func (e *Expr) Value(env Env) Value { return e.root.value(env) }

// True reports whether the value is true: a missing value, a number or a text
// are not.
func (e *Expr) True(env Env) bool { return truth(e.root, env) }

type parser struct {
	tokens  []token
	at      int
	depth   int
	names   []string
	figures []string
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take(kind tokenKind, text string) bool {
	if t := p.peek(); t.kind != kind || t.text != text {
		return false
	}
	p.at++
	return true
}

func (p *parser) unexpected(want string) error {
	return fmt.Errorf("at %d: found %s, want %s", p.peek().at, p.peek(), want)
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	return nil
}

func (p *parser) or() (node, error) {
	return p.chain("or", p.and, func(parts []node) node { return anyOf(parts) })
}

func (p *parser) and() (node, error) {
	return p.chain("and", p.not, func(parts []node) node { return allOf(parts) })
}

// chain reads one or more parts joined by a keyword.
func (p *parser) chain(word string, part func() (node, error), join func([]node) node) (node, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	parts := []node{first}
	for p.take(tokenWord, word) {
		n, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return join(parts), nil
}

func (p *parser) not() (node, error) {
	if !p.take(tokenWord, "not") {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	return negation{n}, nil
}

func (p *parser) comparison() (node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	op := p.operator()
	if op == "" {
		return left, nil
	}
	right, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.operator() != "" {
		return nil, fmt.Errorf("comparisons do not chain")
	}
	return compare(op, left, right), nil
}

// operator takes a comparison operator; empty if there is none.
func (p *parser) operator() string {
	t := p.peek()
	switch {
	case t.kind == tokenSign && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text),
		t.kind == tokenWord && t.text == "in":
		p.at++
		return t.text
	case t.kind == tokenWord && t.text == "not" && p.tokens[p.at+1].kind == tokenWord && p.tokens[p.at+1].text == "in":
		p.at += 2
		return "not in"
	}
	return ""
}

func (p *parser) sum() (node, error) {
	left, err := p.item()
	if err != nil {
		return nil, err
	}
	for {
		minus := p.take(tokenSign, "-")
		if !minus && !p.take(tokenSign, "+") {
			return left, nil
		}
		// A chain of sums is as deep as it is long when it is evaluated.
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer func() { p.depth-- }()
		right, err := p.item()
		if err != nil {
			return nil, err
		}
		left = addition{left, right, minus}
	}
}

func (p *parser) item() (node, error) {
	if !p.take(tokenSign, "-") {
		return p.atom()
	}
	n, err := p.atom()
	if err != nil {
		return nil, err
	}
	return addition{constant{decimal.Zero}, n, true}, nil
}

func (p *parser) atom() (node, error) {
	t := p.peek()
	p.at++
	switch t.kind {
	case tokenNumber:
		n, err := decimal.NewFromString(t.text)
		if err != nil {
			return nil, fmt.Errorf("at %d: %q is not a number", t.at, t.text)
		}
		return constant{n}, nil
	case tokenText:
		return constant{t.text}, nil
	case tokenWord:
		return p.word(t)
	case tokenSign:
		switch t.text {
		case "(":
			return p.group()
		case "[":
			elements, err := p.list("]")
			return listOf(elements), err
		}
	}
	p.at--
	return nil, p.unexpected("a value")
}

func (p *parser) word(t token) (node, error) {
	switch t.text {
	case "True":
		return constant{true}, nil
	case "False":
		return constant{false}, nil
	case "None":
		return none{}, nil
	case "and", "or", "not", "in":
		p.at--
		return nil, p.unexpected("a value")
	}
	if p.take(tokenSign, "(") {
		arguments, err := p.list(")")
		if err != nil {
			return nil, err
		}
		n, err := callOf(t.text, arguments)
		if f, ok := n.(figure); ok && !slices.Contains(p.figures, string(f)) {
			p.figures = append(p.figures, string(f))
		}
		return n, err
	}
	if !slices.Contains(p.names, t.text) {
		p.names = append(p.names, t.text)
	}
	return name(t.text), nil
}

func (p *parser) group() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.take(tokenSign, ")") {
		return nil, p.unexpected(`")"`)
	}
	return n, nil
}

// list reads the elements up to the closing bracket.
func (p *parser) list(end string) ([]node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	var elements []node
	if p.take(tokenSign, end) {
		return elements, nil
	}
	for {
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		elements = append(elements, n)
		if p.take(tokenSign, end) {
			return elements, nil
		}
		if !p.take(tokenSign, ",") {
			return nil, p.unexpected(`"," or "` + end + `"`)
		}
	}
}
