package chain

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// errForm is what every text that is no entry gives.
var errForm = errors.New("this is not an entry of the audit")

// Decode reads what [Entry.Encode] wrote, and nothing else: a text that could have been
// written otherwise is refused.
func Decode(body []byte) (Entry, error) {
	text, ok := strings.CutPrefix(string(body), lineVersion)
	if !ok {
		return Entry{}, fmt.Errorf("%w: it does not begin with %q", errForm, strings.TrimSpace(lineVersion))
	}
	var e Entry
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		if !ended {
			return Entry{}, fmt.Errorf("%w: its last line has no end", errForm)
		}
		if err := e.read(line); err != nil {
			return Entry{}, fmt.Errorf("%w: the line %q: %w", errForm, line, err)
		}
		text = rest
	}
	if !bytes.Equal(e.Encode(), body) {
		return Entry{}, fmt.Errorf("%w: it is not written as entries are", errForm)
	}
	return e, nil
}

// read takes one line.
func (e *Entry) read(line string) (err error) {
	first, rest, _ := strings.Cut(line, " ")
	one, two, _ := strings.Cut(rest, " ")
	switch first + " " {
	case lineID:
		e.ID, err = unescape(rest)
	case lineAt:
		e.At, err = time.Parse(atLayout, rest)
	case lineKind:
		e.Kind = Kind(rest)
		if e.Kind != Write && e.Kind != Read {
			err = errors.New("no such kind")
		}
	case lineActor:
		err = both(&e.ActorKind, one, &e.ActorID, two)
	case lineFor:
		err = both(&e.OnBehalfOf, one, &e.MandateID, two)
	case lineAction:
		e.Action, err = unescape(rest)
	case lineObject:
		err = e.readObject(one, two)
	case lineSubject:
		err = more(&e.Subjects, rest)
	case lineEvent:
		err = more(&e.Events, rest)
	case lineOffice:
		err = more(&e.Offices, rest)
	case lineRule:
		err = more(&e.Rules, rest)
	case lineSignIn:
		e.SignInID, err = unescape(rest)
	case lineAddress:
		e.Address, err = unescape(rest)
	case lineReason:
		e.Reason, err = base64.StdEncoding.DecodeString(rest)
	default:
		err = errors.New("an unknown first word")
	}
	return err
}

func (e *Entry) readObject(id, columns string) error {
	var o Object
	var err error
	if o.ID, err = unescape(id); err != nil {
		return err
	}
	if columns != "" {
		for column := range strings.SplitSeq(columns, ",") {
			if err := more(&o.Fields, column); err != nil {
				return err
			}
		}
	}
	e.Objects = append(e.Objects, o)
	return nil
}

func both(a *string, one string, b *string, two string) (err error) {
	if *a, err = unescape(one); err == nil {
		*b, err = unescape(two)
	}
	return err
}

func more(list *[]string, word string) error {
	value, err := unescape(word)
	*list = append(*list, value)
	return err
}

// unescape reads what escape wrote.
func unescape(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("a cut escape")
		}
		high, low := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
		if high < 0 || low < 0 {
			return "", errors.New("an escape without digits")
		}
		b = append(b, byte(high<<4|low))
		i += 2
	}
	return string(b), nil
}
