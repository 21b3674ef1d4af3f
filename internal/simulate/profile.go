package simulate

import (
	"embed"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

//go:embed profile.yaml
var assumptions embed.FS

// profile is profile.yaml.
type profile struct {
	FirstDay   calc.Date            `yaml:"first_day"`
	Profiles   map[string]float64   `yaml:"profiles"`
	DayWeights map[string]float64   `yaml:"day_weights"`
	HalfHours  map[string][]float64 `yaml:"half_hours"`

	LongDayMorning float64 `yaml:"long_day_morning"`
	AtTheDoor      float64 `yaml:"at_the_door"`
	Second         byKind  `yaml:"second_practice"`
	Sigma          byKind  `yaml:"service_sigma"`
	InfoMinutes    float64 `yaml:"info_minutes"`

	Channels struct {
		Online float64 `yaml:"online"`
		Post   float64 `yaml:"post"`
	} `yaml:"channels"`
	InfoOnly      float64            `yaml:"info_only"`
	Priorities    map[string]float64 `yaml:"priorities"`
	OtherLanguage float64            `yaml:"other_language"`
	NoShow        float64            `yaml:"no_show"`
	ComesBack     float64            `yaml:"comes_back"`
	Abandon       float64            `yaml:"abandon"`
	Incomplete    float64            `yaml:"incomplete_documents"`
	FaultyForm    float64            `yaml:"faulty_form"`
	AsItComes     float64            `yaml:"as_it_comes"`
	Tries         uint64             `yaml:"tries"`
	Override      float64            `yaml:"override"`
	ToOffice      float64            `yaml:"counter_to_office"`
	TransferTo    map[string]int     `yaml:"transfer_to"`
	Outcomes      struct {
		Granted float64 `yaml:"granted"`
		Partial float64 `yaml:"partial"`
	} `yaml:"outcomes"`

	Feedback    float64   `yaml:"feedback"`
	Scores      []float64 `yaml:"scores"`
	AcceptsHelp float64   `yaml:"accepts_help"`
	ToHead      float64   `yaml:"help_point_to_head"`
	ToMayor     float64   `yaml:"help_point_to_mayor"`

	// Courses are what offices do with cases besides deciding them.
	Courses struct {
		Lies       float64 `yaml:"lies"`
		Acquires   float64 `yaml:"acquires"`
		Extends    float64 `yaml:"extends"`
		Forewarned float64 `yaml:"forewarned"`
		Observed   float64 `yaml:"observed"`
		Silent     float64 `yaml:"silent"`
	} `yaml:"courses"`
	// DaysAfter the week the house goes on without visitors.
	DaysAfter int `yaml:"days_after"`

	Cuts           int `yaml:"cuts"`
	FollowedVisits int `yaml:"followed_visits"`
	FollowedCases  int `yaml:"followed_cases"`
}

// byKind is a figure for the counter and one for the offices.
type byKind struct {
	Counter float64 `yaml:"counter"`
	Office  float64 `yaml:"office"`
}

func (k byKind) of(kind string) float64 {
	if kind == kindOffice {
		return k.Office
	}
	return k.Counter
}

// The kinds of services.
const (
	kindCounter = "counter"
	kindOffice  = "office"
)

func loadProfile() (*profile, error) {
	p := &profile{}
	if err := sdk.DecodeYAML(assumptions, "profile.yaml", p); err != nil {
		return nil, fmt.Errorf("read how a week goes: %w", err)
	}
	return p, nil
}

// weights are the arrivals by half hour of one stretch of opening.
func (p *profile) weights(day time.Weekday, afternoon bool) []float64 {
	switch {
	case day == time.Saturday:
		return p.HalfHours["saturday"]
	case afternoon:
		return p.HalfHours["afternoon"]
	default:
		return p.HalfHours["morning"]
	}
}

// dayName is the key of a weekday in opening hours and weights.
func dayName(day time.Weekday) string {
	return [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day]
}
