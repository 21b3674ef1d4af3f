package expr

import (
	"github.com/shopspring/decimal"
)

// node is a part of a parsed expression.
type node interface {
	value(env Env) Value
}

// truth is the value of a condition: only true is true.
func truth(n node, env Env) bool {
	b, ok := n.value(env).(bool)
	return ok && b
}

type constant struct{ v Value }

func (n constant) value(Env) Value { return n.v }

// none is the literal None: missing, and the only way to test absence.
type none struct{}

func (none) value(Env) Value { return nil }

type name string

func (n name) value(env Env) Value { return env.Lookup(string(n)) }

// figure is a dated figure of law or tariff.
type figure string

func (n figure) value(env Env) Value { return env.Figure(string(n)) }

type anyOf []node

func (n anyOf) value(env Env) Value {
	for _, part := range n {
		if truth(part, env) {
			return true
		}
	}
	return false
}

type allOf []node

func (n allOf) value(env Env) Value {
	for _, part := range n {
		if !truth(part, env) {
			return false
		}
	}
	return true
}

type negation struct{ n node }

func (n negation) value(env Env) Value { return !truth(n.n, env) }

// list is a list literal; a missing element does not count.
type list []node

func (n list) value(env Env) Value {
	values := make([]Value, 0, len(n))
	for _, element := range n {
		if v := element.value(env); v != nil {
			values = append(values, v)
		}
	}
	return values
}

// listOf folds a list of constants, the usual case, so that it is built once.
func listOf(elements []node) node {
	for _, element := range elements {
		switch element.(type) {
		case constant, none:
		default:
			return list(elements)
		}
	}
	return constant{list(elements).value(nil)}
}

type addition struct {
	left, right node
	minus       bool
}

func (n addition) value(env Env) Value {
	left, okLeft := n.left.value(env).(decimal.Decimal)
	right, okRight := n.right.value(env).(decimal.Decimal)
	switch {
	case !okLeft || !okRight:
		return nil
	case n.minus:
		return left.Sub(right)
	default:
		return left.Add(right)
	}
}

// absence is a comparison with the literal None.
type absence struct {
	n    node
	want bool
}

func (n absence) value(env Env) Value { return (n.n.value(env) == nil) == n.want }

type comparison struct {
	op          string
	left, right node
}

func compare(op string, left, right node) node {
	if op == "==" || op == "!=" {
		if _, ok := right.(none); ok {
			return absence{left, op == "=="}
		}
		if _, ok := left.(none); ok {
			return absence{right, op == "=="}
		}
	}
	return comparison{op, left, right}
}

func (n comparison) value(env Env) Value {
	left, right := n.left.value(env), n.right.value(env)
	if left == nil || right == nil {
		return false
	}
	switch n.op {
	case "==":
		return equal(left, right)
	case "!=":
		return !equal(left, right)
	case "in", "not in":
		elements, ok := right.([]Value)
		return ok && contains(elements, left) == (n.op == "in")
	}
	sign, ok := order(left, right)
	if !ok {
		return false
	}
	switch n.op {
	case "<":
		return sign < 0
	case "<=":
		return sign <= 0
	case ">":
		return sign > 0
	default:
		return sign >= 0
	}
}
