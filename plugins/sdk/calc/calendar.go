package calc

// Calendar says which days are holidays. The zero value knows only Sundays.
type Calendar struct {
	// Fixed are holidays of every year as MM-DD.
	Fixed []MonthDay `json:"fixed" yaml:"fixed_holidays"`
	// FixedFrom gives the first year of a fixed holiday that is not of always,
	// such as 4 October from 2026 (L. 151/2025).
	FixedFrom map[MonthDay]int `json:"fixedFrom,omitempty" yaml:"holiday_from"`
	// Local are the holidays of the town, as MM-DD: the patron saint. A term of
	// another body leaves them out.
	Local []MonthDay `json:"local,omitempty" yaml:"local_holidays"`
	// EasterMonday is true where the Monday after Easter is a holiday.
	EasterMonday bool `json:"easterMonday" yaml:"easter_monday"`
	// SaturdayOff is true for bodies that work five days a week.
	SaturdayOff bool `json:"saturdayOff,omitempty" yaml:"saturday_off"`
}

// MonthDay is a day of the year in the form MM-DD.
type MonthDay string
