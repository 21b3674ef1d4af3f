package chain

import (
	"bytes"
)

// Glance is what is kept beside the text of an entry, so that entries can be found: the
// columns of its row, and its persons. Its slices are parts of the text.
type Glance struct {
	ID, At, ActorID []byte
	Subjects        [][]byte
}

// Look reads these facts without making the entry: a million of them in a second. It
// reuses the list of subjects that g has. False means that the text is not one of ours;
// a text that [Decode] takes is always looked through.
func (g *Glance) Look(body []byte) bool {
	rest, ok := bytes.CutPrefix(body, []byte(lineVersion))
	if !ok {
		return false
	}
	*g = Glance{Subjects: g.Subjects[:0]}
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			return false
		}
		g.take(rest[:end])
		rest = rest[end+1:]
	}
	return len(g.At) == len(atLayout)
}

func (g *Glance) take(line []byte) {
	if value, ok := bytes.CutPrefix(line, []byte(lineSubject)); ok {
		g.Subjects = append(g.Subjects, plain(value))
	} else if value, ok := bytes.CutPrefix(line, []byte(lineAt)); ok {
		g.At = value
	} else if value, ok := bytes.CutPrefix(line, []byte(lineID)); ok {
		g.ID = plain(value)
	} else if value, ok := bytes.CutPrefix(line, []byte(lineActor)); ok {
		if _, id, named := bytes.Cut(value, []byte(" ")); named {
			g.ActorID = plain(id)
		}
	}
}

// plain is the value as it was before it was written; ids of ours are the same.
func plain(value []byte) []byte {
	if bytes.IndexByte(value, '%') < 0 {
		return value
	}
	text, err := unescape(string(value))
	if err != nil {
		return value
	}
	return []byte(text)
}
