package simulate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Practice is a practice type as far as a week is drawn from it.
type Practice struct {
	Code, Service string
	// Kind of the service: counter or office.
	Kind string
	// Minutes that it typically takes.
	Minutes float64
	// Weekly is how many there are in a launch week.
	Weekly int
	// Online says whether it may be filed from home.
	Online bool
}

// stop is one practice of one person, with all that chance decides about it.
type stop struct {
	practice Practice
	lasts    time.Duration
	// faulty forms come first with a fault, then right; incomplete lacks papers;
	// asItComes is filled in without asking whether one is entitled.
	faulty, incomplete, override, asItComes bool
	decision                                string
	seed                                    uint64
	course                                  course
}

// visit is somebody who comes to the town hall. Without stops the person only
// asks at the information point.
type visit struct {
	at       time.Time
	stops    []stop
	priority string
	language string
	// noShow does not come when called, returns says that they come in time after
	// all; leaves is how long they wait at most, zero for ever.
	noShow, returns bool
	leaves          time.Duration
	// transferTo is the office to which the counter sends the person on.
	transferTo string
	lasts      time.Duration // at the information point
	opinion    opinion
}

// filing is a request that comes without a visit.
type filing struct {
	at   time.Time
	stop stop
	// citizen counts those who file from home; -1 came by post.
	citizen int
	opinion opinion
}

// opinion is what a person will say if asked, and how far they will go.
type opinion struct {
	given   bool
	score   int
	cause   string
	accepts bool // the Help Point's offer
	// wish draws how far up the ladder the person wants to go.
	wish   float64
	rating int
	// silent is the step that its holder lets lie; empty for none.
	silent string
}

// plan is a week before it begins.
type plan struct {
	visits  []visit
	filings []filing
}

// draw draws a week: the same seed, the same week.
func draw(p *profile, practices []Practice, open []stretch, scale float64, seed uint64, citizens int) plan {
	d := &drawer{
		profile: p, open: open, citizens: citizens, scale: scale,
		rng: rand.New(rand.NewPCG(seed, 0)),
	}
	d.practices(practices)
	d.info()
	d.atTheDoor()
	slices.SortStableFunc(d.plan.visits, func(a, b visit) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(d.plan.filings, func(a, b filing) int { return a.at.Compare(b.at) })
	d.rng = rand.New(rand.NewPCG(seed, 3))
	d.courses()
	return d.plan
}

type drawer struct {
	*profile
	open     []stretch
	citizens int
	scale    float64
	rng      *rand.Rand
	plan     plan
}

func (d *drawer) chance(share float64) bool { return d.rng.Float64() < share }

// booked is the class of those with an appointment.
const booked = "P2"

// practices deals every practice of the week to a visit, or to somebody at home or
// who writes, if it can be filed from a distance. Given their number, Poisson
// arrivals are independent of each other.
func (d *drawer) practices(all []Practice) {
	waiting := map[string][]Practice{} // at the door, by kind
	cards := d.deal(all)
	distant := 0
	for _, p := range cards {
		if p.Online {
			distant++
		}
	}
	// The channels' shares are of all practices.
	whole := float64(max(distant, 1)) / float64(max(len(cards), 1))
	online, post := d.Channels.Online/whole, d.Channels.Post/whole
	for _, p := range cards {
		switch u := d.rng.Float64(); {
		case p.Online && u < online:
			d.plan.filings = append(d.plan.filings, d.filing(p, d.rng.IntN(d.citizens)))
		case p.Online && u < online+post:
			d.plan.filings = append(d.plan.filings, d.filing(p, -1))
		default:
			waiting[p.Kind] = append(waiting[p.Kind], p)
		}
	}
	for _, kind := range []string{kindCounter, kindOffice} {
		for queue := waiting[kind]; len(queue) > 0; {
			take := 1
			if len(queue) > 1 && d.chance(d.Second.of(kind)) {
				take = 2
			}
			d.plan.visits = append(d.plan.visits, d.visit(queue[:take]))
			queue = queue[take:]
		}
	}
}

// deal lists every practice as often as the week has it, in any order. Scaled
// volumes are rounded so that their sum is right.
func (d *drawer) deal(all []Practice) []Practice {
	var cards []Practice
	exact, dealt := 0.0, 0
	for _, p := range all {
		exact += float64(p.Weekly) * d.scale
		for ; float64(dealt)+0.5 <= exact; dealt++ {
			cards = append(cards, p)
		}
	}
	d.rng.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
	return cards
}

func (d *drawer) visit(practices []Practice) visit {
	v := visit{at: d.arrival(), opinion: d.opinion(), priority: d.priority(), language: d.language()}
	for _, p := range practices {
		v.stops = append(v.stops, d.stop(p))
	}
	switch {
	case v.priority == booked && d.chance(d.NoShow):
		v.noShow, v.returns = true, d.chance(d.ComesBack)
	case d.chance(d.Abandon):
		v.leaves = time.Duration(2+d.rng.IntN(10)) * time.Minute
	case practices[0].Kind == kindCounter && d.chance(d.ToOffice):
		v.transferTo = d.elsewhere()
	}
	return v
}

// info draws those who only ask.
func (d *drawer) info() {
	for range int(float64(len(d.plan.visits)) * d.InfoOnly) {
		d.plan.visits = append(d.plan.visits, visit{
			at: d.arrival(), priority: "P3", language: d.language(),
			lasts: lasting(d.rng, d.InfoMinutes, d.Sigma.Counter), opinion: d.opinion(),
		})
	}
}

// atTheDoor moves some of the first half hour to the moment of opening.
func (d *drawer) atTheDoor() {
	opening := d.open[0].from
	most := int(d.AtTheDoor * float64(len(d.plan.visits)) / 1000)
	for i := range d.plan.visits {
		v := &d.plan.visits[i]
		if most > 0 && v.at.Sub(opening) < 30*time.Minute {
			v.at = opening.Add(time.Duration(most) * time.Second)
			most--
		}
	}
}

func (d *drawer) filing(p Practice, citizen int) filing {
	f := filing{stop: d.stop(p), citizen: citizen, opinion: d.opinion(), at: d.arrival()}
	if citizen >= 0 { // at home people file in the evening as well
		f.at = f.at.Add(time.Duration(d.rng.IntN(6*60)) * time.Minute)
	}
	return f
}

func (d *drawer) stop(p Practice) stop {
	s := stop{
		practice: p, lasts: lasting(d.rng, p.Minutes, d.Sigma.of(p.Kind)),
		faulty: d.chance(d.FaultyForm), incomplete: d.chance(d.Incomplete), override: d.chance(d.Override),
		asItComes: d.chance(d.AsItComes), decision: "REFUSED", seed: d.rng.Uint64(),
	}
	switch u := d.rng.Float64(); {
	case u < d.Outcomes.Granted:
		s.decision = "GRANTED"
	case u < d.Outcomes.Granted+d.Outcomes.Partial:
		s.decision = "PARTIAL"
	}
	return s
}

func (d *drawer) opinion() opinion {
	o := opinion{given: d.chance(d.Feedback), accepts: d.chance(d.AcceptsHelp), wish: d.rng.Float64(), rating: 2 + d.rng.IntN(4)}
	o.score = 1 + weighted(d.rng, d.Scores)
	o.cause = [...]string{"WAITING", "CLARITY", "DOCUMENTS", "COURTESY", "OUTCOME"}[d.rng.IntN(5)]
	return o
}

// way is how the word comes in: whoever was at a desk says it on its tablet, at the kiosk
// or by the link on the ticket, whoever writes about a case is signed in.
func (o opinion) way(stop bool) town.FeedbackWay {
	switch {
	case !stop:
		return town.WayOnline
	case o.wish < 1.0/3:
		return town.WayDeskTablet
	case o.wish < 2.0/3:
		return town.WayKiosk
	default:
		return town.WayPhoneLink
	}
}

func (d *drawer) priority() string {
	u := d.rng.Float64()
	for _, class := range []string{"P0", "P1", "P2"} {
		if u -= d.Priorities[class]; u < 0 {
			return class
		}
	}
	return "P3"
}

func (d *drawer) language() string {
	if d.chance(d.OtherLanguage) {
		return "en"
	}
	return "it"
}

func (d *drawer) elsewhere() string {
	offices := make([]string, 0, len(d.TransferTo))
	for office := range d.TransferTo {
		offices = append(offices, office)
	}
	slices.SortFunc(offices, cmp.Compare)
	weights := make([]float64, len(offices))
	for i, office := range offices {
		weights[i] = float64(d.TransferTo[office])
	}
	return offices[weighted(d.rng, weights)]
}

// arrival is a moment of the week: a stretch, a half hour, a moment in it.
func (d *drawer) arrival() time.Time {
	weights := make([]float64, len(d.open))
	for i, s := range d.open {
		weights[i] = s.weight
	}
	s := d.open[weighted(d.rng, weights)]
	slots := d.weights(s.from.Weekday(), s.afternoon())
	slot := s.to.Sub(s.from) / time.Duration(len(slots))
	at := s.from.Add(time.Duration(weighted(d.rng, slots)) * slot)
	return at.Add(time.Duration(d.rng.Int64N(int64(slot)))).Truncate(time.Second)
}
