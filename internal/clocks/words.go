package clocks

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// language has the sentences of an explanation.
type language struct {
	weekdays, months string
	units            map[calc.Unit][2]string // one, many

	pending, started, startedAt, restarted, shifted, suspended, atMost string
	resumed, resumedByItself, extended, stopped                        string
	unknown, was, due, dueHour, wait, moved                            string
	recordedLate, unmoved, nowUnknown, nowKnown, movedTo               string
	next, nextDue                                                      string
	events                                                             [3]string // by [Event]
}

func italian() language {
	return language{
		weekdays: "domenica lunedì martedì mercoledì giovedì venerdì sabato",
		months:   "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		units: map[calc.Unit][2]string{
			calc.CalendarDays: {"giorno", "giorni"}, calc.WorkingDays: {"giorno lavorativo", "giorni lavorativi"},
			calc.Months: {"mese", "mesi"}, Hours: {"ora", "ore"},
		},
		pending:         "Il termine di %s non è ancora iniziato.",
		started:         "Il termine parte da %s e dura %s; il primo giorno non si conta.",
		startedAt:       "Il termine parte da %s e dura %s.",
		restarted:       "Da %s il termine ricomincia da capo%s.",
		shifted:         "L'inizio del termine si sposta a %s%s.",
		suspended:       "Da %s il termine è sospeso%s: tempo trascorso %s, tempo rimasto %s.",
		atMost:          "La sospensione finisce al più tardi %s.",
		resumed:         "Da %s il termine riprende, con %s a disposizione.",
		resumedByItself: "Da %s il termine riprende da sé, con %s a disposizione.",
		extended:        "%s il termine è prorogato di %s%s.",
		stopped:         "Il termine è cessato %s.",
		unknown:         "La scadenza si saprà quando il termine riprende.",
		was:             "La scadenza era %s.",
		due:             "La scadenza è %s.",
		dueHour:         "La scadenza è %s alle %s.",
		wait:            "L'atto non può essere compiuto prima che sia passato il giorno %s.",
		recordedLate:    "Ricevuto %s e registrato %s:",
		unmoved:         "la scadenza non cambia",
		nowUnknown:      "la scadenza era %s e si saprà quando il termine riprende",
		nowKnown:        "la scadenza è ora %s",
		movedTo:         "la scadenza passa da %s a %s",
		next:            "Poi decorre il termine «%s», di %s.",
		nextDue:         "Poi decorre il termine «%s», di %s, fino a %s.",
		events:          [3]string{"Si conta da: %s.", "Inizia con: %s, quando l'ufficio ne registra il giorno.", "Inizia da sé con: %s."},
		moved:           "L'ultimo giorno sarebbe %s, che è festivo: la scadenza si sposta a %s.",
	}
}

func english() language {
	return language{
		weekdays: "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		months:   "January February March April May June July August September October November December",
		units: map[calc.Unit][2]string{
			calc.CalendarDays: {"day", "days"}, calc.WorkingDays: {"working day", "working days"},
			calc.Months: {"month", "months"}, Hours: {"hour", "hours"},
		},
		pending:         "The term of %s has not started yet.",
		started:         "The term runs from %s and lasts %s; the first day does not count.",
		startedAt:       "The term runs from %s and lasts %s.",
		restarted:       "From %s the term starts over%s.",
		shifted:         "The start of the term moves to %s%s.",
		suspended:       "From %s the term is suspended%s: %s used, %s left.",
		atMost:          "The suspension ends on %s at the latest.",
		resumed:         "From %s the term goes on, with %s left.",
		resumedByItself: "From %s the term goes on by itself, with %s left.",
		extended:        "On %s the term is extended by %s%s.",
		stopped:         "The clock stopped on %s.",
		unknown:         "The due date will be known when the term goes on.",
		was:             "The term would have ended on %s.",
		due:             "The term ends on %s.",
		dueHour:         "The term ends on %s at %s.",
		wait:            "The act may not come before %s has passed.",
		recordedLate:    "Received on %s and recorded on %s:",
		unmoved:         "the term ends on the same day",
		nowUnknown:      "the term ended on %s; the day will be known when it goes on",
		nowKnown:        "the term now ends on %s",
		movedTo:         "the term ends on %[2]s instead of %[1]s",
		next:            "Then the term “%s” runs, of %s.",
		nextDue:         "Then the term “%s” runs, of %s, until %s.",
		events:          [3]string{"It counts from: %s.", "It starts with: %s, once the office records the day.", "It starts by itself with: %s."},
		moved:           "The last day would be %s, which is a holiday: the term ends on %s.",
	}
}

// UnitWords is the name of a unit, for that many of it.
func UnitWords(u calc.Unit, n int) sdk.Text {
	at := 1
	if n == 1 {
		at = 0
	}
	return sdk.Text{IT: italian().units[u][at], EN: english().units[u][at]}
}

// length is an amount with its unit: "30 days".
func (l language) length(n int, u calc.Unit) string {
	words := l.units[u]
	if n == 1 {
		return "1 " + words[0]
	}
	return fmt.Sprintf("%d %s", n, words[1])
}

// capital writes the first letter of a sentence large.
func (language) capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// date is a day with its name: "Monday 23 November 2026".
func (l language) date(d town.Date) string {
	weekday := strings.Fields(l.weekdays)[d.Weekday()]
	month := strings.Fields(l.months)[d.Month-1]
	return fmt.Sprintf("%s %d %s %d", weekday, d.Day, month, d.Year)
}
