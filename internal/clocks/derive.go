package clocks

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Derive reads a ledger in the order of its days (entries of one day in the order
// given) and says what follows. A ledger that the law does not allow gives a
// PRECONDITION_FAILED error that cites the article; so this is also how a new
// entry is tried, wherever in the past it belongs.
func Derive(c Clock, ledger []Entry, calendar calc.Calendar) (Derived, error) {
	m := machine{clock: c, calendar: calendar, town: calendar, uses: map[string]int{}}
	if c.National {
		m.calendar = calendar.National()
	}
	m.State = town.ClockPending
	for _, e := range inOrder(ledger) {
		m.resumeByItself(e.OnDay)
		if err := m.apply(e); err != nil {
			return Derived{}, err
		}
	}
	m.setDue()
	return m.Derived, nil
}

// Follow is the last useful day of a term that starts when another one ends, on its last
// useful day; zero while nobody can tell that one.
func Follow(c Clock, end town.Date, calendar calc.Calendar) town.Date {
	if end.IsZero() {
		return town.Date{}
	}
	d, err := Derive(c, []Entry{{Effect: town.ClockStart, OnDay: end}}, calendar)
	if err != nil { // a start is all that a ledger needs
		return town.Date{}
	}
	return d.DueOn
}

func inOrder(ledger []Entry) []Entry {
	sorted := slices.Clone(ledger)
	slices.SortStableFunc(sorted, func(a, b Entry) int { return b.OnDay.DaysUntil(a.OnDay) })
	return sorted
}

// machine walks through a ledger.
type machine struct {
	Derived
	clock    Clock
	calendar calc.Calendar
	town     calc.Calendar // of what the applicant has to do, whoever does the work
	from     town.Date     // the day from which Left is counted
	startAt  time.Time     // of a term in hours
	article  string        // of the suspension that is open
	uses     map[string]int
	whole    int  // the term, in the unit in which it is counted
	extended bool // it was lengthened once
	itself   bool // the last suspension ended by itself
}

// step is one turn of the walk, for the explanation.
type step struct {
	entry      Entry
	used, left int
	resumesOn  town.Date
	itself     bool // a suspension that ended by itself
}

func (m *machine) note(e Entry) {
	m.trace = append(m.trace, step{entry: e, used: m.Used, left: m.Left, resumesOn: m.ResumesOn})
}

func (m *machine) apply(e Entry) error {
	if m.State == town.ClockStopped {
		return refuse("The clock stopped on %s: nothing can be recorded after that.", "Il termine è cessato il %s: non si può registrare altro.", m.StoppedOn)
	}
	if m.State == town.ClockPending && e.Effect != town.ClockStart && e.Effect != town.ClockStop {
		return refuse("The clock has not started.", "Il termine non è ancora iniziato.")
	}
	var err error
	switch e.Effect {
	case town.ClockStart:
		err = m.start(e)
	case town.ClockRestart, town.ClockShiftStart:
		m.begin(e)
	case town.ClockSuspend:
		err = m.suspend(e)
	case town.ClockResume:
		err = m.resume(e)
	case town.ClockExtend:
		err = m.extend(e)
	case town.ClockStop:
		m.stop(e)
	default:
		err = refuse("%q is no entry of a ledger.", "%q non è una voce ammessa.", string(e.Effect))
	}
	if err == nil {
		m.note(e)
	}
	return err
}

func (m *machine) start(e Entry) error {
	if m.State != town.ClockPending {
		return refuse("The clock has already started on %s.", "Il termine è già iniziato il %s.", m.StartedOn)
	}
	m.begin(e)
	return nil
}

// begin counts the whole term from a day: the start, a restart from zero, or a
// start that moved.
func (m *machine) begin(e Entry) {
	m.State, m.StartedOn, m.from, m.startAt = town.ClockRunning, e.OnDay, e.OnDay, e.At
	m.SuspendedOn, m.ResumesOn, m.article, m.itself = town.Date{}, town.Date{}, "", false
	m.Used, m.Left = 0, m.clock.Amount
	if m.clock.Unit == calc.Months {
		m.Left = e.OnDay.DaysUntil(e.OnDay.AddMonths(m.clock.Amount))
	}
	m.whole = m.Left
}

func (m *machine) suspend(e Entry) error {
	if m.clock.Unit == Hours {
		return refuse("A term in hours cannot be suspended.", "Un termine in ore non può essere sospeso.")
	}
	l, limited := limitOf(e.Article)
	// Observations on a notice of refusal prolong its suspension.
	prolongs := m.State == town.ClockSuspended && e.Article == ArticleNotice && m.article == ArticleNotice
	times := l.times
	if e.Article == ArticleNotice && !prolongs {
		times = 1
	}
	switch {
	case m.State == town.ClockSuspended && !prolongs:
		return refuse("The term is already suspended since %s.", "Il termine è già sospeso dal %s.", m.SuspendedOn)
	case l.never:
		return refuseNever(e.Article)
	case times > 0 && m.uses[e.Article] >= times:
		return refuseTimes(e.Article)
	case l.within > 0 && e.OnDay.After(m.StartedOn.AddDays(l.within)):
		return refuseWithin(e.Article, l)
	case limited && e.Days > l.days:
		return refuseDays(e.Article, l)
	case !prolongs && e.OnDay.After(m.lastDay()):
		return refuse("The term passed on %s: it cannot be suspended any more.", "Il termine è scaduto il %s: non può più essere sospeso.", m.lastDay())
	}
	m.uses[e.Article]++
	m.itself = false
	if !prolongs {
		m.use(e.OnDay)
		m.State, m.SuspendedOn, m.article = town.ClockSuspended, e.OnDay, e.Article
	}
	days := e.Days
	if days == 0 {
		days = l.days
	}
	m.ResumesOn = town.Date{}
	if days > 0 {
		m.ResumesOn = e.OnDay.AddDays(days)
	}
	if e.Article == ArticleNotice && !prolongs {
		m.ResumesOn = WindowEnd(e.OnDay, m.town)
	}
	return nil
}

// WindowEnd is the last useful day of the applicant for observations on a notice of refusal
// of that day: a term like any other, so that a last day that is a holiday moves to the next
// working day (L. 241/1990 art. 10-bis, art. 2963 c.c.). The case's own term goes on from it.
//
// The 10 days after observations are not one: nobody has to act in them, and the law says
// from when the term goes on, so that they end on the tenth day whichever it is.
func WindowEnd(served town.Date, calendar calc.Calendar) town.Date {
	return calendar.LastUsefulDay(served, WindowDays, calc.CalendarDays)
}

func (m *machine) resume(e Entry) error {
	if m.State == town.ClockSuspended {
		m.runFrom(e.OnDay)
		return nil
	}
	if m.itself {
		return nil // it had resumed by itself; the act came late and changes nothing
	}
	return refuse("The term is not suspended.", "Il termine non è sospeso.")
}

// resumeByItself ends a suspension whose longest time was over before the day.
func (m *machine) resumeByItself(day town.Date) {
	if m.State != town.ClockSuspended || m.ResumesOn.IsZero() || !day.After(m.ResumesOn) {
		return
	}
	on := m.ResumesOn
	m.runFrom(on)
	m.itself = true
	m.trace = append(m.trace, step{
		entry: Entry{Effect: town.ClockResume, OnDay: on}, used: m.Used, left: m.Left, itself: true,
	})
}

func (m *machine) runFrom(day town.Date) {
	m.State, m.from = town.ClockRunning, day
	m.SuspendedOn, m.ResumesOn, m.article = town.Date{}, town.Date{}, ""
}

func (m *machine) extend(e Entry) error {
	switch {
	case m.clock.Unit == Hours || e.Days <= 0:
		return refuse("An extension needs a number of days, and a term in days.", "La proroga richiede un numero di giorni e un termine in giorni.")
	case m.extended:
		return refuse("%s allows only one extension, and it was used.", "%s consente una sola proroga, già utilizzata.", ArticleExtension)
	case e.Days > m.whole:
		return refuse("An extension is of %d days at most, as long as the term itself.", "La proroga è al massimo di %d giorni, quanto il termine stesso.", m.whole)
	case m.State == town.ClockRunning && e.OnDay.After(m.lastDay()):
		return refuse("The term passed on %s: it cannot be extended any more.", "Il termine è scaduto il %s: non può più essere prorogato.", m.lastDay())
	}
	m.Left += e.Days
	m.extended = true
	return nil
}

// stop ends the clock. The due day stays, to compare with.
func (m *machine) stop(e Entry) {
	if m.State != town.ClockPending {
		m.setDue()
	}
	if m.State == town.ClockRunning && m.clock.Unit != Hours {
		m.use(e.OnDay)
	}
	m.State, m.StoppedOn = town.ClockStopped, e.OnDay
}

// use moves the units that passed since the count began from Left to Used.
func (m *machine) use(day town.Date) {
	passed := m.from.DaysUntil(day)
	if m.clock.Unit == calc.WorkingDays {
		passed = 0
		for d := m.from.AddDays(1); !d.After(day); d = d.AddDays(1) {
			if m.calendar.IsWorkingDay(d) {
				passed++
			}
		}
	}
	passed = max(passed, 0)
	m.Used += passed
	m.Left = max(m.Left-passed, 0)
}

// lastDay is the last useful day of the present count.
func (m *machine) lastDay() town.Date {
	switch {
	case m.clock.Unit == Hours:
		return town.Today(m.moment())
	case m.clock.Amount == 0 || m.clock.Wait:
		return m.nominalDay()
	default:
		return m.calendar.NextWorkingDay(m.nominalDay())
	}
}

// nominalDay is the last day before it moves off a holiday.
func (m *machine) nominalDay() town.Date {
	from := m.from
	if m.State == town.ClockSuspended {
		from = m.ResumesOn
	}
	if m.clock.Unit == calc.WorkingDays {
		return m.calendar.AddWorkingDays(from, m.Left)
	}
	return from.AddDays(m.Left)
}

// moment is when a term in hours has passed.
func (m *machine) moment() time.Time {
	at := m.startAt
	if at.IsZero() {
		at = calc.Local(m.from, 0, 0, calc.Rome())
	}
	return at.Add(time.Duration(m.clock.Amount) * time.Hour).UTC()
}

func (m *machine) setDue() {
	switch {
	case m.State == town.ClockStopped:
		return // as it stood
	case m.State == town.ClockPending, m.State == town.ClockSuspended && m.ResumesOn.IsZero():
		m.DueOn, m.nominal, m.DueAt = town.Date{}, town.Date{}, time.Time{}
	case m.clock.Unit == Hours:
		m.DueAt = m.moment()
		m.DueOn = town.Today(m.DueAt)
	default:
		m.DueOn, m.nominal = m.lastDay(), m.nominalDay()
		m.DueAt = Passed(m.DueOn)
	}
}
