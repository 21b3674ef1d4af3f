package sdk

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// ConditionWords says to a citizen when a document, a fee or a term of this
// practice applies, in the words of the form: "«Motivo della richiesta» è Furto o
// Smarrimento". What is always so gives an empty text. A condition that has no
// words, as one on the state of the office, gives "in alcuni casi". A figure of law
// or tariff is said as it is on the day; the zero day stands for the last one known.
func (p *CompiledPractice) ConditionWords(when string, day calc.Date) Text {
	e, err := expr.Parse(when)
	if err != nil || when == "" || when == "True" {
		return Text{}
	}
	words, ok := p.say(p.withFigures(e.Tree(), day))
	if !ok {
		return someCases()
	}
	return words
}

// someCases stands for a condition that has no words; it is no clause, so that
// nothing may come before it as "if".
func someCases() Text { return Text{"in alcuni casi", "in some cases"} }

// withFigures puts the values of the day in the place of figures.
func (p *CompiledPractice) withFigures(t expr.Tree, day calc.Date) expr.Tree {
	if t.Op == "figure" {
		return expr.Tree{Op: "value", Value: p.figures.on(t.Name, day)}
	}
	parts := make([]expr.Tree, len(t.Args))
	for i, part := range t.Args {
		parts[i] = p.withFigures(part, day)
	}
	t.Args = parts
	return t
}

// say gives the words of a condition; ok is false where there are none.
func (p *CompiledPractice) say(t expr.Tree) (Text, bool) {
	switch t.Op {
	case "or":
		return p.sayAll(t.Args, Text{" oppure ", " or "})
	case "and":
		return p.sayAll(t.Args, Text{" e ", " and "})
	case "not":
		return p.sayNot(t.Args[0])
	case "name":
		return p.sayFlag(t.Name, true)
	case "any_in":
		return p.sayAmong(t.Args[0], t.Args[1], Text{"comprende", "includes"})
	case "==", "!=", "in", "not in", "<", "<=", ">", ">=":
		return p.sayComparison(t)
	default:
		return Text{}, false
	}
}

func (p *CompiledPractice) sayAll(parts []expr.Tree, joint Text) (Text, bool) {
	var it, en []string
	for _, part := range parts {
		words, ok := p.say(part)
		if !ok {
			return Text{}, false
		}
		it, en = append(it, words.IT), append(en, words.EN)
	}
	return Text{strings.Join(it, joint.IT), strings.Join(en, joint.EN)}, true
}

// sayNot turns the condition round, so that no double negation is read.
func (p *CompiledPractice) sayNot(t expr.Tree) (Text, bool) {
	opposite := map[string]string{
		"==": "!=", "!=": "==", "in": "not in", "not in": "in",
		"<": ">=", "<=": ">", ">": "<=", ">=": "<",
	}
	switch {
	case t.Op == "name":
		return p.sayFlag(t.Name, false)
	case t.Op == "not":
		return p.say(t.Args[0])
	case opposite[t.Op] != "":
		return p.say(expr.Tree{Op: opposite[t.Op], Args: t.Args})
	}
	return Text{}, false
}

// sayFlag is a question answered yes or no, or a fact that the office knows.
func (p *CompiledPractice) sayFlag(name string, yes bool) (Text, bool) {
	if _, isField := p.index[name]; isField {
		answer := Text{": sì", ": yes"}
		if !yes {
			answer = Text{": no", ": no"}
		}
		return p.quoted(name).and("", answer), true
	}
	facts := map[string][2]Text{
		"resident":   {{"non risiede nel Comune", "does not live in the town"}, {"risiede nel Comune", "lives in the town"}},
		"isee_valid": {{"l'ISEE non è valido", "the ISEE is not valid"}, {"l'ISEE è valido", "the ISEE is valid"}},
		"debts_open": {{"non ci sono debiti aperti", "no debts are open"}, {"ci sono debiti aperti", "there are open debts"}},
	}
	words, known := facts[name]
	if yes {
		return words[1], known
	}
	return words[0], known
}

func (p *CompiledPractice) quoted(name string) Text {
	label := p.label(name)
	return Text{"«" + label.IT + "»", "“" + label.EN + "”"}
}

func (p *CompiledPractice) sayComparison(t expr.Tree) (Text, bool) {
	left, right := t.Args[0], t.Args[1]
	switch {
	case right.Op == "none" && left.Op == "name":
		if t.Op == "==" {
			return p.quoted(left.Name).and(" ", Text{"manca", "is missing"}), true
		}
		return p.quoted(left.Name).and(" ", Text{"è compilato", "is filled in"}), true
	case isTruth(right) && left.Op == "name":
		return p.sayFlag(left.Name, (right.Value == true) == (t.Op == "=="))
	case left.Op == "value" && right.Op == "name" && strings.HasSuffix(t.Op, "in"):
		verb := Text{"comprende", "includes"}
		if t.Op == "not in" {
			verb = Text{"non comprende", "does not include"}
		}
		return p.sayAmong(right, left, verb)
	case t.Op == "==" || t.Op == "in":
		return p.sayAmong(left, right, Text{"è", "is"})
	case t.Op == "!=" || t.Op == "not in":
		return p.sayAmong(left, right, Text{"non è", "is not"})
	default:
		return p.sayOrder(t)
	}
}

func isTruth(t expr.Tree) bool {
	_, ok := t.Value.(bool)
	return t.Op == "value" && ok
}

// sayAmong is a field and the values that it has, or has not.
func (p *CompiledPractice) sayAmong(field, values expr.Tree, verb Text) (Text, bool) {
	if field.Op != "name" {
		return Text{}, false
	}
	words, ok := p.valueWords(field.Name, values)
	return joinTexts(" ", p.quoted(field.Name), verb, words), ok
}

func (p *CompiledPractice) valueWords(field string, t expr.Tree) (Text, bool) {
	if t.Op == "name" {
		return Text{"uno Stato dell'Unione europea o equiparato", "a country of the European Union or treated as one"},
			p.sets[t.Name] != nil
	}
	list, isList := t.Value.([]expr.Value)
	if !isList {
		list = []expr.Value{t.Value}
	}
	var it, en []string
	for _, v := range list {
		words, ok := p.oneValue(field, v)
		if !ok {
			return Text{}, false
		}
		it, en = append(it, words.IT), append(en, words.EN)
	}
	return Text{enumerate(it, "o"), enumerate(en, "or")}, t.Op == "value" && len(list) > 0
}

func (p *CompiledPractice) oneValue(field string, v expr.Value) (Text, bool) {
	switch v := v.(type) {
	case string:
		if i, ok := p.index[field]; ok {
			for _, choice := range p.fields[i].Enum {
				if choice.Code == v {
					return choice.Label, true
				}
			}
		}
		if v == "IT" {
			return Text{"Italia", "Italy"}, true
		}
		return Text{v, v}, true
	case decimal.Decimal, calc.Date:
		return Text{fmt.Sprint(v), fmt.Sprint(v)}, true
	}
	return Text{}, false
}

// enumerate gives "a, b o c".
func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// sayOrder is a number or a date beside a limit.
func (p *CompiledPractice) sayOrder(t expr.Tree) (Text, bool) {
	limit, ok := t.Args[1].Value.(decimal.Decimal)
	if !ok {
		return Text{}, false
	}
	left := t.Args[0]
	if left.Op == "name" {
		if _, isField := p.index[left.Name]; !isField {
			return Text{}, false
		}
		return joinTexts(" ", p.quoted(left.Name), Text{"è", "is"}, bound(t.Op, limit)), true
	}
	if len(left.Args) == 0 || left.Args[0].Op != "name" {
		return Text{}, false
	}
	field := p.quoted(left.Args[0].Name)
	switch left.Op {
	case "age":
		return joinTexts(" ", Text{"l'età è", "the age is"}, bound(t.Op, limit)), true
	case "count", "len":
		return joinTexts(" ", Text{"il numero di", "the number of"}, field, Text{"è", "is"}, bound(t.Op, limit)), true
	case "days_until":
		return joinTexts(" ", Text{"i giorni che mancano a", "the days left until"}, field, Text{"sono", "are"}, bound(t.Op, limit)), true
	case "days_since":
		return joinTexts(" ", Text{"i giorni passati da", "the days since"}, field, Text{"sono", "are"}, bound(t.Op, limit)), true
	case "days_past_days", "days_past_months":
		return sayLate(left, field, t.Op, limit)
	}
	return Text{}, false
}

// sayLate is how long after the last day of a term.
func sayLate(left expr.Tree, field Text, op string, limit decimal.Decimal) (Text, bool) {
	amount, ok := left.Args[1].Value.(decimal.Decimal)
	if !ok {
		return Text{}, false
	}
	unit := CalendarDays
	if left.Op == "days_past_months" {
		unit = Months
	}
	term := duration(int(amount.IntPart()), unit).and(" ", Text{"da", "from"}).and(" ", field)
	switch {
	case limit.IsZero() && (op == ">" || op == ">="):
		return Text{"sono passati più di ", "more than "}.and("", term).and("", Text{"", " have passed"}), true
	case limit.IsZero():
		return Text{"entro ", "within "}.and("", term), true
	}
	return joinTexts(" ", Text{"i giorni di ritardo oltre", "the days late after"}, term, Text{"sono", "are"}, bound(op, limit)), true
}

func bound(op string, limit decimal.Decimal) Text {
	words := map[string]Text{
		"<": {"meno di ", "less than "}, "<=": {"non più di ", "at most "},
		">": {"più di ", "more than "}, ">=": {"almeno ", "at least "},
	}[op]
	return Text{words.IT + limit.String(), words.EN + limit.String()}
}
