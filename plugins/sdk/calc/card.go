package calc

// CardRules are the terms of the electronic identity card.
type CardRules struct {
	// Years of validity for who is under ChildAge, under AdultAge, older.
	ChildYears, MinorYears, AdultYears int
	ChildAge, AdultAge                 int
	// UnlimitedAge is the age from which a card issued on UnlimitedFrom or later
	// has no expiry.
	UnlimitedAge  int
	UnlimitedFrom Date
}

// CardExpiry is the expiry of a card: the term of the age at issue, moved
// forward to the next birthday (D.L. 5/2012 art. 7). Unlimited is true where
// there is none.
func CardExpiry(rules CardRules, birth, issued Date) (expiry Date, unlimited bool) {
	age := Age(birth, issued)
	if age >= rules.UnlimitedAge && !rules.UnlimitedFrom.IsZero() && !issued.Before(rules.UnlimitedFrom) {
		return Date{}, true
	}
	years := rules.AdultYears
	switch {
	case age < rules.ChildAge:
		years = rules.ChildYears
	case age < rules.AdultAge:
		years = rules.MinorYears
	}
	nominal := issued.AddMonths(12 * years)
	birthday := birth.AddMonths(12 * (nominal.Year - birth.Year))
	if birthday.Before(nominal) {
		birthday = birth.AddMonths(12 * (nominal.Year - birth.Year + 1))
	}
	return birthday, false
}
