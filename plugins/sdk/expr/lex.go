package expr

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenText
	tokenWord // a name or a keyword
	tokenSign // an operator or a bracket
)

type token struct {
	kind tokenKind
	text string
	at   int
}

func (t token) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return fmt.Sprintf("%q", t.text)
}

const signs = "==|!=|<=|>=|<|>|+|-|(|)|[|]|,"

// split cuts the source into tokens; the last one is tokenEnd.
func split(src string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(src); {
		if src[at] == ' ' || src[at] == '\t' || src[at] == '\n' || src[at] == '\r' {
			at++
			continue
		}
		t, err := next(src, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at += len(t.text)
		if t.kind == tokenText {
			tokens[len(tokens)-1].text = strings.Trim(t.text, "'")
		}
	}
	return append(tokens, token{kind: tokenEnd, at: len(src)}), nil
}

func next(src string, at int) (token, error) {
	rest := src[at:]
	switch c := rest[0]; {
	case c == '\'':
		end := strings.IndexByte(rest[1:], '\'')
		if end < 0 || strings.ContainsAny(rest[1:1+end], "\\\n") {
			return token{}, fmt.Errorf("at %d: a text must end on its line and has no backslash", at)
		}
		return token{tokenText, rest[:end+2], at}, nil
	case isDigit(c):
		return number(rest, at)
	case isLetter(c):
		return token{tokenWord, rest[:prefix(rest, func(c byte) bool { return isLetter(c) || isDigit(c) })], at}, nil
	}
	for sign := range strings.SplitSeq(signs, "|") {
		if strings.HasPrefix(rest, sign) {
			return token{tokenSign, sign, at}, nil
		}
	}
	return token{}, fmt.Errorf("at %d: unexpected %q", at, rest[:1])
}

// number reads digits with at most one point, which needs digits on both sides.
func number(rest string, at int) (token, error) {
	n := prefix(rest, isDigit)
	if n < len(rest) && rest[n] == '.' {
		decimals := prefix(rest[n+1:], isDigit)
		if decimals == 0 {
			return token{}, fmt.Errorf("at %d: a point needs digits after it", at)
		}
		n += 1 + decimals
	}
	if n < len(rest) && (isLetter(rest[n]) || rest[n] == '.') {
		return token{}, fmt.Errorf("at %d: %q is not a number", at, rest[:n+1])
	}
	return token{tokenNumber, rest[:n], at}, nil
}

func prefix(s string, ok func(byte) bool) int {
	n := 0
	for n < len(s) && ok(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
