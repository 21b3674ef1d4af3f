package sdk

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words says the term to a citizen: "6 giorni lavorativi (da: visita allo
// sportello)", or that there is nothing to wait for.
func (t Term) Words() Text {
	if t.Amount == 0 {
		return Text{"subito, allo sportello", "at once, at the counter"}
	}
	return duration(t.Amount, t.Unit).and(" ", startWords(t.From))
}

// Words says the milestone to a citizen, without its name.
func (m *Milestone) Words() Text {
	return duration(m.Amount, m.Unit).and(" ", startWords(m.From))
}

func startWords(event string) Text {
	from, known := ClockStarts()[event]
	if !known {
		return Text{}
	}
	return Text{"(da: " + from.IT + ")", "(from: " + from.EN + ")"}
}

func duration(amount int, unit TermUnit) Text {
	one := map[TermUnit]Text{
		Hours: {"ora", "hour"}, WorkingDays: {"giorno lavorativo", "working day"},
		CalendarDays: {"giorno", "day"}, Months: {"mese", "month"},
	}
	many := map[TermUnit]Text{
		Hours: {"ore", "hours"}, WorkingDays: {"giorni lavorativi", "working days"},
		CalendarDays: {"giorni", "days"}, Months: {"mesi", "months"},
	}
	words := many[unit]
	if amount == 1 {
		words = one[unit]
	}
	return Text{fmt.Sprintf("%d %s", amount, words.IT), fmt.Sprintf("%d %s", amount, words.EN)}
}

// Words says the amount of a fee: its euros, or that it varies, and how it is
// made up.
func (f *Fee) Words() Text {
	amount := Text{"importo variabile", "variable amount"}
	switch {
	case f.AmountEUR == "0.00":
		amount = Text{"gratuito", "free"}
	case f.AmountEUR != "":
		amount = Text{strings.Replace(f.AmountEUR, ".", ",", 1) + " euro", "EUR " + f.AmountEUR}
	}
	if f.Basis.isEmpty() {
		return amount
	}
	return Text{amount.IT + " (" + f.Basis.IT + ")", amount.EN + " (" + f.Basis.EN + ")"}
}

func (t Text) isEmpty() bool { return t.IT == "" && t.EN == "" }

// and joins two texts, leaving out what is empty.
func (t Text) and(separator string, other Text) Text {
	return joinTexts(separator, t, other)
}

// joinTexts joins texts in both languages, leaving out what is empty.
func joinTexts(separator string, texts ...Text) Text {
	var it, en []string
	for _, t := range texts {
		if t.IT != "" {
			it = append(it, t.IT)
		}
		if t.EN != "" {
			en = append(en, t.EN)
		}
	}
	return Text{strings.Join(it, separator), strings.Join(en, separator)}
}

// sentence starts with a capital and ends with a full stop.
func (t Text) sentence() Text { return Text{sentence(t.IT), sentence(t.EN)} }

func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}
