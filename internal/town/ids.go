package town

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// Prefix is the part of an id that says what it names.
type Prefix string

// The prefixes of ids, at most five letters each.
const (
	PrefixSite       Prefix = "site"
	PrefixOffice     Prefix = "off"
	PrefixCounter    Prefix = "ctr"
	PrefixSession    Prefix = "sess"
	PrefixPerson     Prefix = "per"
	PrefixAssignment Prefix = "role"
	PrefixVisit      Prefix = "vis"
	PrefixLeg        Prefix = "leg"
	PrefixInterval   Prefix = "intv"
	PrefixCall       Prefix = "call"
	PrefixIntake     Prefix = "ink"
	PrefixCase       Prefix = "case"
	PrefixEntry      Prefix = "entr"
	PrefixDocument   Prefix = "doc"
	PrefixClock      Prefix = "clk"
	PrefixClockEntry Prefix = "cle"
	PrefixAct        Prefix = "act"
	PrefixFeedback   Prefix = "fdb"
	PrefixEscalation Prefix = "esc"
	PrefixEvent      Prefix = "evt"
	PrefixService    Prefix = "svc"
	PrefixPractice   Prefix = "prac"
	PrefixPlugin     Prefix = "plg"
	PrefixSignIn     Prefix = "sign"
	PrefixCredential Prefix = "crd"
	PrefixMandate    Prefix = "mnd"
	PrefixOpening    Prefix = "opn"
	PrefixAudit      Prefix = "aud"
	PrefixAlert      Prefix = "alert"
	PrefixEndpoint   Prefix = "aend"
	PrefixDelivery   Prefix = "adel"
	PrefixVersion    Prefix = "docv"
	PrefixUpload     Prefix = "upl"
	PrefixDraft      Prefix = "drf"
	PrefixStepEntry  Prefix = "ste"
	PrefixStepNote   Prefix = "stn"
	PrefixNotice     Prefix = "ntc"
)

// NewID makes a time-ordered id such as "vis_01J…", 31 characters at most. Ids
// are neither secrets nor the order of events.
func NewID(prefix Prefix, at time.Time) string {
	return string(prefix) + "_" + ulid.MustNew(ulid.Timestamp(at), rand.Reader).String()
}

// PrefixOf tells what an id names; empty if it is not an id of ours.
func PrefixOf(id string) Prefix {
	prefix, _, found := strings.Cut(id, "_")
	if !found {
		return ""
	}
	return Prefix(prefix)
}
