package chain

import (
	"encoding/base64"
	"strings"
	"time"
)

// The first words of the lines, in their order.
const (
	lineVersion = "sportello-audit 1\n"
	lineID      = "id "
	lineAt      = "at "
	lineKind    = "kind "
	lineActor   = "actor "
	lineFor     = "for "
	lineAction  = "action "
	lineObject  = "object "
	lineSubject = "subject "
	lineEvent   = "event "
	lineOffice  = "office "
	lineRule    = "rule "
	lineSignIn  = "sign-in "
	lineAddress = "address "
	lineReason  = "reason "
)

// atLayout writes moments: always 27 bytes, so that they sort as text.
const atLayout = "2006-01-02T15:04:05.000000Z"

// Encode writes the entry in its one form; see the package.
func (e Entry) Encode() []byte {
	e = e.normal()
	b := make([]byte, 0, 256+64*len(e.Objects))
	b = append(b, lineVersion...)
	b = appendLine(b, lineID, token(e.ID))
	b = appendLine(b, lineAt, e.At.Format(atLayout))
	b = appendLine(b, lineKind, token(string(e.Kind)))
	b = appendLine(b, lineActor, pair(token(e.ActorKind), token(e.ActorID)))
	if e.OnBehalfOf != "" {
		b = appendLine(b, lineFor, pair(token(e.OnBehalfOf), token(e.MandateID)))
	}
	b = appendIf(b, lineAction, words(e.Action))
	for _, o := range e.Objects {
		columns := make([]string, len(o.Fields))
		for i, f := range o.Fields {
			columns[i] = token(f)
		}
		b = appendLine(b, lineObject, pair(token(o.ID), strings.Join(columns, ",")))
	}
	b = appendAll(b, lineSubject, e.Subjects, token)
	b = appendAll(b, lineEvent, e.Events, token)
	b = appendAll(b, lineOffice, e.Offices, token)
	b = appendAll(b, lineRule, e.Rules, words)
	b = appendIf(b, lineSignIn, token(e.SignInID))
	b = appendIf(b, lineAddress, token(e.Address))
	b = appendIf(b, lineReason, base64.StdEncoding.EncodeToString(e.Reason))
	return b
}

func appendLine(b []byte, first, rest string) []byte {
	b = append(b, first...)
	b = append(b, rest...)
	return append(b, '\n')
}

func appendIf(b []byte, first, rest string) []byte {
	if rest == "" {
		return b
	}
	return appendLine(b, first, rest)
}

func appendAll(b []byte, first string, list []string, write func(string) string) []byte {
	for _, value := range list {
		b = appendLine(b, first, write(value))
	}
	return b
}

// pair is two words, the second of which may be missing.
func pair(one, two string) string {
	if two == "" {
		return one
	}
	return one + " " + two
}

// token writes a value that is one word.
func token(s string) string { return escape(s, false) }

// words writes a value that may have spaces.
func words(s string) string { return escape(s, true) }

const hexDigits = "0123456789ABCDEF"

func escape(s string, spaces bool) string {
	plain := true
	for i := range len(s) {
		plain = plain && !special(s[i], spaces)
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s)+8)
	for i := range len(s) {
		if special(s[i], spaces) {
			b = append(b, '%', hexDigits[s[i]>>4], hexDigits[s[i]&15])
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func special(c byte, spaces bool) bool {
	return c < ' ' || c == 0x7f || c == '%' || c == ',' || c == ' ' && !spaces
}

// formatMoment is a moment as entries write it.
func formatMoment(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(atLayout) }
