package simulate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// published are the practices of the departments that ship.
func published(t *testing.T) []Practice {
	t.Helper()
	var all []Practice
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range described.Definition.Practices {
			all = append(all, Practice{
				Code: p.ID, Service: described.Definition.Service, Kind: described.Definition.Kind,
				Minutes: float64(p.Handling.TypicalMinutes), Weekly: p.Handling.WeeklyVolume, Online: p.Online.Possible,
			})
		}
	}
	return all
}

func week6(t *testing.T) (*profile, []stretch) {
	t.Helper()
	p, err := loadProfile()
	if err != nil {
		t.Fatal(err)
	}
	shared, err := towndata.Load()
	if err != nil {
		t.Fatal(err)
	}
	open, err := openings(p, shared.OpeningHours, 6)
	if err != nil {
		t.Fatal(err)
	}
	return p, open
}

func (p plan) stops() []stop {
	var all []stop
	for _, v := range p.visits {
		all = append(all, v.stops...)
	}
	for _, f := range p.filings {
		all = append(all, f.stop)
	}
	return all
}

func TestOpenings(t *testing.T) {
	t.Parallel()
	_, open := week6(t)
	hours, weight := 0.0, 0.0
	for _, s := range open {
		hours += s.to.Sub(s.from).Hours()
		weight += s.weight
	}
	if len(open) != 8 || hours != 29.5 || math.Abs(weight-1) > 1e-9 {
		t.Errorf("%d stretches of %g hours with a weight of %g, want 8 of 29.5 with 1", len(open), hours, weight)
	}
	if first := open[0].from; first.Weekday() != time.Monday || first.Format("2006-01-02 15:04") != "2026-11-23 08:30" {
		t.Errorf("the week begins on %s", first)
	}
}

func TestOpeningsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, _ := week6(t)
	for name, hours := range map[string]map[string][]string{
		"no span":     {"mon": {"morning"}},
		"backwards":   {"mon": {"12:30-08:30"}},
		"never opens": {},
	} {
		if _, err := openings(p, hours, 6); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A week has exactly the practices that it must have, of each type as many as the
// volumes say, and all of them in opening hours.
func TestWeekHasItsPractices(t *testing.T) {
	t.Parallel()
	p, open := week6(t)
	practices := published(t)
	weekly := 0
	for _, practice := range practices {
		weekly += practice.Weekly
	}
	for name, scale := range p.Profiles {
		drawn := draw(p, practices, open, scale, 1, 6)
		want := int(math.Round(float64(weekly) * scale))
		if got := len(drawn.stops()); got != want {
			t.Errorf("%s: %d practices, want %d", name, got, want)
		}
		for _, v := range drawn.visits {
			if at := workTime(open, v.at); !at.Equal(v.at) {
				t.Errorf("%s: somebody comes at %s, when the site is closed", name, v.at)
			}
		}
	}
	counts := map[string]int{}
	for _, s := range draw(p, practices, open, 1, 1, 6).stops() {
		counts[s.practice.Code]++
	}
	for _, practice := range practices {
		if counts[practice.Code] != practice.Weekly {
			t.Errorf("%s: %d, want %d", practice.Code, counts[practice.Code], practice.Weekly)
		}
	}
}

func TestSameSeedSameWeek(t *testing.T) {
	t.Parallel()
	p, open := week6(t)
	practices := published(t)
	compare := cmp.AllowUnexported(plan{}, visit{}, filing{}, stop{}, opinion{}, course{})
	one, same, other := draw(p, practices, open, 1, 7, 6), draw(p, practices, open, 1, 7, 6), draw(p, practices, open, 1, 8, 6)
	if diff := cmp.Diff(one, same, compare); diff != "" {
		t.Errorf("the same seed (-one +two):\n%s", diff)
	}
	if cmp.Equal(one, other, compare) {
		t.Error("another seed gives the same week")
	}
}

// The shares are those of the profile, over many weeks.
func TestShares(t *testing.T) {
	t.Parallel()
	p, open := week6(t)
	practices := published(t)
	var visits, monday, second, noShow, withAppointment, counters, all, online, byPost int
	for seed := range uint64(40) {
		drawn := draw(p, practices, open, 1, seed, 6)
		all += len(drawn.stops())
		for _, f := range drawn.filings {
			if f.citizen >= 0 {
				online++
			} else {
				byPost++
			}
			if !f.stop.practice.Online {
				t.Fatalf("%s, which needs the person, was filed from a distance", f.stop.practice.Code)
			}
		}
		for _, v := range drawn.visits {
			if len(v.stops) == 0 {
				continue
			}
			visits++
			if v.at.Weekday() == time.Monday {
				monday++
			}
			if v.noShow {
				noShow++
			}
			if v.priority == booked {
				withAppointment++
			}
			if v.stops[0].practice.Kind == kindCounter {
				counters++
				if len(v.stops) == 2 {
					second++
				}
			}
		}
	}
	for name, tt := range map[string]struct{ got, want float64 }{
		"Monday":          {float64(monday) / float64(visits), 0.16},
		"appointments":    {float64(withAppointment) / float64(visits), 0.25},
		"no-show":         {float64(noShow) / float64(withAppointment), 0.08},
		"from home":       {float64(online) / float64(all), 0.17},
		"by post":         {float64(byPost) / float64(all), 0.05},
		"second practice": {float64(second) / float64(counters), 0.2},
	} {
		if math.Abs(tt.got-tt.want) > 0.015 {
			t.Errorf("%s: share %.3f, want %.3f", name, tt.got, tt.want)
		}
	}
}

func TestServiceTimes(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	total := time.Duration(0)
	const n = 20_000
	for range n {
		total += lasting(rng, 8, 0.55)
	}
	if mean := (total / n).Minutes(); math.Abs(mean-8) > 0.2 {
		t.Errorf("a mean of %.2f minutes, want 8", mean)
	}
}

func TestWorkTime(t *testing.T) {
	t.Parallel()
	_, open := week6(t)
	at := func(text string) time.Time {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, open[0].from.Location())
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	tests := map[string]struct{ from, want time.Time }{
		"open":           {at("2026-11-23 09:00"), at("2026-11-23 09:00")},
		"evening":        {at("2026-11-23 20:10"), at("2026-11-24 08:40")},
		"lunch":          {at("2026-11-24 13:20"), at("2026-11-24 15:20")},
		"after the week": {at("2026-11-28 13:00"), time.Time{}},
	}
	for name, tt := range tests {
		if got := workTime(open, tt.from); !got.Equal(tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestAgendaKeepsOrder(t *testing.T) {
	t.Parallel()
	var a agenda
	var got []int
	moment := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i, minutes := range []int{5, 1, 1, 3} {
		a.add(moment.Add(time.Duration(minutes)*time.Minute), func() { got = append(got, i) })
	}
	for {
		next, found := a.next()
		if !found {
			break
		}
		next.do()
	}
	if diff := cmp.Diff([]int{1, 2, 3, 0}, got); diff != "" {
		t.Error(diff)
	}
}
