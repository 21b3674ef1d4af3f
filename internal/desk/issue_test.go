package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestIssueTicket(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		in := desk.IssueTicketInput{
			IdempotencyKey: "k1", SiteID: siteID, ServiceCode: ptr("anagrafe"), PracticeCode: ptr("certificati"),
			Language: ptr("en"), PartySize: ptr(2),
		}
		first, err := h.desk.IssueTicket(h.as("per_kiosk"), in)
		h.must(err)
		v := first.Visit
		if v.Number != 1 || v.Letter != "A" || v.Channel != town.ChannelKiosk || v.PersonID != "" || v.IssuedBy != "per_kiosk" ||
			v.Priority != town.P3 || v.Language != "en" || v.PartySize != 2 || !v.ArrivedAt.Equal(monday) || first.Replayed {
			t.Errorf("issued %+v", v)
		}
		again, err := h.desk.IssueTicket(h.as("per_kiosk"), in)
		h.must(err)
		if again.Visit.ID != v.ID || again.Code != nil || !again.Replayed {
			t.Errorf("repeated: %+v", again)
		}
		in.PartySize = ptr(3)
		_, err = h.desk.IssueTicket(h.as("per_kiosk"), in)
		wantCode(t, err, town.IdempotencyKeyReused)

		followsByCode(t, h, v.ID, *first.Code)
		legs, err := h.desk.LegsOfVisits(h.as("per_kiosk"), []string{v.ID})
		h.must(err)
		l := legs[v.ID][0]
		if l.Label != "A001" || l.OfficeID != counterArea || l.State != town.LegWaiting || !l.SeniorAt.Equal(monday) || l.PracticeID != "certificati" {
			t.Errorf("leg %+v", l)
		}
		tells(t, h, v.ID, "visit.opened", "ticket.issued", "leg.queued", "eta.promised")
	})
}

// followsByCode checks that the code leads to the visit, that nothing but its hash
// is kept, and that its holder sees that visit and nobody else's.
func followsByCode(t *testing.T, h *hall, visitID, code string) {
	t.Helper()
	v, err := h.desk.Visit(h.system(), visitID)
	h.must(err)
	if len(code) != 26 || v.CodeHash != town.HashTicketCode(code) {
		t.Errorf("code %q is kept as %q", code, v.CodeHash)
	}
	holder := access.With(t.Context(), h.authority.Ticket(visitID))
	held, err := h.desk.TicketVisit(holder)
	if h.must(err); held.ID != visitID {
		t.Errorf("the holder of the ticket has visit %s", held.ID)
	}
	none, err := h.desk.TicketVisit(h.as("per_c1"))
	if h.must(err); none != nil {
		t.Errorf("somebody without a ticket has visit %s", none.ID)
	}
	other := h.issue("isee", town.P3)
	_, err = h.desk.Visit(holder, other.ID)
	wantCode(t, err, town.NotFound)
}

// tells checks the events of a visit, in their order.
func tells(t *testing.T, h *hall, visitID string, want ...string) {
	t.Helper()
	rows, err := h.store.Reader().Event.Query().Where(event.VisitID(visitID)).Order(event.ByID()).All(h.system())
	h.must(err)
	var got []string
	for _, e := range rows {
		got = append(got, string(e.Type))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestIssueTicketByWhom is who may give what to whom.
func TestIssueTicketByWhom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		tests := []struct {
			name   string
			who    string
			in     desk.IssueTicketInput
			want   town.Code // empty: accepted
			person string
		}{
			{"kiosk, protected", "per_kiosk", desk.IssueTicketInput{Priority: ptr(town.P1)}, "", ""},
			{"kiosk, urgent", "per_kiosk", desk.IssueTicketInput{Priority: ptr(town.P0)}, town.NotAllowed, ""},
			{"kiosk, booked", "per_kiosk", desk.IssueTicketInput{Priority: ptr(town.P2)}, town.NotAllowed, ""},
			{"kiosk, for a person", "per_kiosk", desk.IssueTicketInput{PersonID: ptr("per_x")}, town.NotAllowed, ""},
			{"staff, urgent, for a person", operator(1), desk.IssueTicketInput{Priority: ptr(town.P0), PersonID: ptr("per_c8")}, "", "per_c8"},
			{"information point, for a citizen whom it does not see", "per_info", desk.IssueTicketInput{PersonID: ptr("per_c7")}, town.Invalid, ""},
			{"staff, for another office", operator(1), desk.IssueTicketInput{ServiceCode: ptr("stato-civile"), PersonID: ptr("per_c9")}, "", "per_c9"},
			{"staff, urgent elsewhere", operator(1), desk.IssueTicketInput{ServiceCode: ptr("stato-civile"), Priority: ptr(town.P0)}, town.NotAllowed, ""},
			{"citizen", "per_c1", desk.IssueTicketInput{}, "", "per_c1"},
			{"citizen, protected by own word", "per_c2", desk.IssueTicketInput{Priority: ptr(town.P1)}, town.NotAllowed, ""},
			{"citizen, for another", "per_c2", desk.IssueTicketInput{PersonID: ptr("per_c1")}, town.NotAllowed, ""},
			{"staff, for nobody known", operator(1), desk.IssueTicketInput{PersonID: ptr("per_x")}, town.Invalid, ""},
			{"staff, for a colleague", operator(1), desk.IssueTicketInput{PersonID: ptr("per_info")}, town.Invalid, ""},
			{"staff, for an id that fits no column", operator(1), desk.IssueTicketInput{PersonID: ptr(strings.Repeat("x", 600))}, town.Invalid, ""},
			{"in no language", "per_kiosk", desk.IssueTicketInput{Language: ptr("a\x00b")}, town.Invalid, ""},
			{"in too long a language", "per_kiosk", desk.IssueTicketInput{Language: ptr("it-IT-x-y")}, town.Invalid, ""},
			{"no such class", "per_info", desk.IssueTicketInput{Priority: ptr(town.Priority("P9"))}, town.Invalid, ""},
			{"no such service", "per_kiosk", desk.IssueTicketInput{ServiceCode: ptr("magic")}, town.Invalid, ""},
			{"no such practice", "per_kiosk", desk.IssueTicketInput{PracticeCode: ptr("magic")}, town.Invalid, ""},
			{"no such site", "per_kiosk", desk.IssueTicketInput{SiteID: "site_9"}, town.Invalid, ""},
			{"to the Mayor", "per_kiosk", desk.IssueTicketInput{ServiceCode: ptr(""), OfficeCode: ptr(town.OfficeMayor)}, town.Invalid, ""},
			{"to a body outside", "per_kiosk", desk.IssueTicketInput{ServiceCode: ptr(""), OfficeCode: ptr("caf")}, town.Invalid, ""},
			{"to nowhere", "per_kiosk", desk.IssueTicketInput{ServiceCode: ptr("")}, town.Required, ""},
			{"an office without a letter", "per_kiosk", desk.IssueTicketInput{ServiceCode: ptr(""), OfficeCode: ptr(counterArea)}, town.Invalid, ""},
			{"a party of 21", "per_kiosk", desk.IssueTicketInput{PartySize: ptr(21)}, town.Invalid, ""},
			{"no key", "per_kiosk", desk.IssueTicketInput{IdempotencyKey: "-"}, town.Invalid, ""},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				in := tt.in
				switch in.IdempotencyKey {
				case "":
					in.IdempotencyKey = h.key()
				case "-":
					in.IdempotencyKey = ""
				}
				if in.SiteID == "" {
					in.SiteID = siteID
				}
				if in.ServiceCode == nil {
					in.ServiceCode = ptr("anagrafe")
				}
				issued, err := h.desk.IssueTicket(h.as(tt.who), in)
				if tt.want != "" {
					wantCode(t, err, tt.want)
					return
				}
				h.must(err)
				if issued.Visit.PersonID != tt.person {
					t.Errorf("issued to %q, want %q", issued.Visit.PersonID, tt.person)
				}
			})
		}
		// What was refused took no number.
		if v := h.issue("anagrafe", town.P3); v.Number != 4 {
			t.Errorf("number %d after three tickets", v.Number)
		}
	})
}

func TestIssueTicketWithoutSigningIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		for name, ctx := range map[string]context.Context{"nobody": t.Context(), "the public": access.With(t.Context(), access.Public())} {
			t.Run(name, func(t *testing.T) {
				_, err := h.desk.IssueTicket(ctx, desk.IssueTicketInput{IdempotencyKey: "k", SiteID: siteID, ServiceCode: ptr("anagrafe")})
				wantCode(t, err, town.Unauthenticated)
			})
		}
	})
}

// TestOneOpenVisitPerPersonAndService also when both are asked for at once.
func TestOneOpenVisitPerPersonAndService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		take := func(key, service string) (desk.Issued, error) {
			return h.desk.IssueTicket(h.as("per_c1"), desk.IssueTicketInput{IdempotencyKey: key, SiteID: siteID, ServiceCode: &service})
		}
		const tries = 8
		errs := make(chan error, tries)
		for i := range tries {
			go func() {
				_, err := take("race"+string(rune('a'+i)), "anagrafe")
				errs <- err
			}()
		}
		taken := 0
		for range tries {
			if err := <-errs; err == nil {
				taken++
			} else {
				wantCode(t, err, town.PreconditionFailed)
			}
		}
		if taken != 1 {
			t.Fatalf("%d numbers for one person and service", taken)
		}
		_, err := take("other", "isee")
		h.must(err)
		mine, err := h.desk.MyVisits(h.as("per_c1"))
		h.must(err)
		if len(mine) != 2 {
			t.Fatalf("%d visits of mine", len(mine))
		}
		for _, v := range mine {
			_, err = h.desk.LeaveVisit(h.as("per_c1"), desk.LeaveVisitInput{VisitID: v.ID, ExpectedVersion: v.Version})
			h.must(err)
		}
		if issued, err := take("after", "anagrafe"); err != nil || issued.Visit.Number != 2 {
			t.Errorf("after leaving: %+v, %v", issued.Visit, err)
		}
		others, err := h.desk.MyVisits(h.as("per_c2"))
		if h.must(err); len(others) != 0 {
			t.Errorf("somebody else's visits: %v", others)
		}
		h.clock.Advance(24 * time.Hour)
		tomorrow, err := h.desk.MyVisits(h.as("per_c1"))
		if h.must(err); len(tomorrow) != 0 {
			t.Errorf("%d visits on the day after", len(tomorrow))
		}
	})
}

// TestSameRequestAtOnce: one effect and the same answer, however many times it is sent.
func TestSameRequestAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		ctx := h.as("per_c1")
		const times = 20
		type answer struct {
			issued desk.Issued
			err    error
		}
		answers := make(chan answer, times)
		for range times {
			go func() {
				issued, err := h.desk.IssueTicket(ctx, desk.IssueTicketInput{IdempotencyKey: "one", SiteID: siteID, ServiceCode: ptr("anagrafe")})
				answers <- answer{issued, err}
			}()
		}
		visits, codes := map[string]bool{}, 0
		for range times {
			a := <-answers
			h.must(a.err)
			visits[a.issued.Visit.ID] = true
			if a.issued.Code != nil {
				codes++
			}
		}
		if len(visits) != 1 || codes != 1 {
			t.Errorf("%d visits and %d codes from one request", len(visits), codes)
		}
	})
}
