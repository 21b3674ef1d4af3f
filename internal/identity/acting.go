package identity

import (
	"net/http"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// ActingHeader names the mandate under which a request is made; "actingFor" does in the
// payload of connection_init.
const ActingHeader = "Sportello-Acting-For"

// actingPayload is the name in connection_init, in any case of letters.
const actingPayload = "actingFor"

// acting is the viewer under the mandate that is named, or as is where none is. A mandate
// that is not in force, not theirs, or none at all is FORBIDDEN, in the same words; so
// are two of them.
func (d *Door) acting(v *access.Viewer, mandates []string) (*access.Viewer, error) {
	switch len(mandates) {
	case 0:
		return v, nil
	case 1:
		return d.authority.Act(v, strings.TrimSpace(mandates[0]))
	default:
		return d.authority.Act(v, "")
	}
}

func actingIn(h http.Header) []string { return h.Values(ActingHeader) }

func actingInPayload(payload map[string]any) []string {
	var named []string
	for name, value := range payload {
		if strings.EqualFold(name, actingPayload) {
			text, _ := value.(string) // anything else names no mandate
			named = append(named, text)
		}
	}
	return named
}
