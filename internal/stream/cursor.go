package stream

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// position is a place in the log: the number of an event and the end of its id.
// The id tells a cursor of another database, or of the time before a restore,
// from one of this log. The zero value is the place before the first event.
type position struct {
	seq int64
	tag string
}

// tagLen is how much of an event's id a cursor keeps.
const tagLen = 6

func positionOf(e *town.Event) position {
	return position{seq: e.Seq, tag: tagOf(e.ID)}
}

func tagOf(id string) string { return id[max(0, len(id)-tagLen):] }

// cursor is the position as clients keep it: opaque, valid on every replica.
func (p position) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", p.seq, p.tag))
}

// maxCursor bounds what a client may send as a cursor.
const maxCursor = 64

// parseCursor reads what cursor wrote, and BAD_USER_INPUT for anything else.
func parseCursor(cursor string) (position, error) {
	bad := town.Errorf(town.BadUserInput, "This is not a cursor of this stream.", "Questo non è un cursore di questo flusso.").At("after")
	if len(cursor) > maxCursor {
		return position{}, bad
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return position{}, bad
	}
	number, tag, found := strings.Cut(string(text), ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	p := position{seq: seq, tag: tag}
	if !found || err != nil || seq < 0 || p.cursor() != cursor {
		return position{}, bad
	}
	return p, nil
}

// errSnapshotNeeded says that the log cannot continue from the client's cursor.
func errSnapshotNeeded() *town.Error {
	return town.Errorf(town.SnapshotNeeded,
		"The stream cannot continue from this cursor. Subscribe again without it to get a new snapshot.",
		"Il flusso non può riprendere da questo cursore. Sottoscrivere di nuovo senza cursore per avere una nuova istantanea.")
}
