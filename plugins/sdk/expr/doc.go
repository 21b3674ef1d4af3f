// Package expr reads and evaluates the conditions of forms and rules: the
// "when" of a field, a document, a fee, a milestone or a routing rule.
//
//	expr  = and { "or" and }
//	and   = not { "and" not }
//	not   = "not" not | cmp
//	cmp   = sum [ op sum ]        op: == != < <= > >= in "not in"
//	sum   = item { ("+" | "-") item }
//	item  = [ "-" ] atom
//	atom  = number | 'text' | True | False | None | name | name "(" list ")"
//	      | "[" list "]" | "(" expr ")"
//
// Everything else is refused when the expression is parsed. Evaluation has no
// side effects, cannot fail and always ends.
//
// What sets the language apart from the ones in the libraries is how it treats
// an answer that is not there. Only the value true is true. A comparison with a
// missing side is false, whatever the operator, so "x != 4" and "x <= 4" are
// both false while x is missing, and "not (x == 4)" is true. Only the literal
// None tests absence: "x == None", "x != None". A rule that refuses somebody
// tests "resident == False": while the register is down nobody is treated as a
// stranger.
//
// A figure of law or tariff is not written into a condition: "isee_valore >
// figure('maternita.isee')" reads the dated figure of that name which is in force
// on the day of the decision, a number, a date or a text by its form. It is
// missing on a day on which none is in force. The name is written as a text, and
// who loads the expression verifies it: see [Expr.Figures].
//
// Numbers are exact decimals. Values of different types are never equal and
// never ordered.
package expr
