package catalogue

import "time"

// Limits are the times of supervision, in real time. A zero value stands for the
// default.
type Limits struct {
	// Start bounds a start up to the first healthy answer, and the description
	// after it; 5 s.
	Start time.Duration
	// Review bounds one review; a process that takes longer is killed; 2 s.
	Review time.Duration
	// Restart is how long a review waits for a process that is being started; 1 s.
	Restart time.Duration
	// Stop is how long a process may take to end by itself; 2 s.
	Stop time.Duration
	// HealthEvery is the time between two checks of a process; 10 s.
	HealthEvery time.Duration
	// Health bounds one check; 2 s. After three failed ones the process is killed.
	Health time.Duration
	// Remember bounds one write to the memory; 2 s.
	Remember time.Duration
}

func (l Limits) withDefaults() Limits {
	defaults := []struct {
		limit *time.Duration
		value time.Duration
	}{
		{&l.Start, 5 * time.Second},
		{&l.Review, 2 * time.Second},
		{&l.Restart, time.Second},
		{&l.Stop, 2 * time.Second},
		{&l.HealthEvery, 10 * time.Second},
		{&l.Health, 2 * time.Second},
		{&l.Remember, 2 * time.Second},
	}
	for _, d := range defaults {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}
