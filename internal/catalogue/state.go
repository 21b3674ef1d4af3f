package catalogue

import "time"

// State is what the host knows of a department's process.
type State string

// The states of a department.
const (
	// Starting: the process is being started or describes itself.
	Starting State = "starting"
	// Ready: it answers.
	Ready State = "ready"
	// Degraded: it is there, but its last health check or a call since then failed.
	Degraded State = "degraded"
	// BackingOff: it ended or did not start, and is started again shortly.
	BackingOff State = "backing_off"
	// Disabled: an administrator wants it so, or it was lost too often and the next
	// try waits for a minute.
	Disabled State = "disabled"
	// Stopped: the host was closed in order.
	Stopped State = "stopped"
)

// The figures of the restart. A department that fails at every start is tried
// after 0.5, 1, 2 and 4 s, then once a minute.
const (
	firstWait     = 500 * time.Millisecond
	longestWait   = time.Minute
	breakerLosses = 5                // so many lost processes ...
	breakerWindow = 10 * time.Minute // ... in this time open the breaker
	coolDown      = time.Minute      // and this is how long it stays open
	forgiveAfter  = time.Minute      // good service that makes the next wait short again
	maxBadHealth  = 3                // failed checks in a row until the process is killed
)

// machine is the state of one department: pure, told what happens and when. It
// is not safe for concurrent use.
type machine struct {
	state     State
	failures  int         // in a row
	losses    []time.Time // in the window of the breaker
	readyAt   time.Time   // of the present process; zero if it never was
	badHealth int         // failed checks in a row
	badCall   bool        // a call failed since the last check
}

// start notes that a process is being started.
func (m *machine) start() {
	m.state = Starting
	m.readyAt, m.badHealth, m.badCall = time.Time{}, 0, false
}

// ready notes that the process answers.
func (m *machine) ready(now time.Time) {
	m.state, m.readyAt = Ready, now
}

// callFailed notes a failed call of a process that lives on.
func (m *machine) callFailed() {
	m.state, m.badCall = Degraded, true
}

// checked notes a health check and reports whether the process must be killed.
func (m *machine) checked(healthy bool) (kill bool) {
	if !healthy {
		m.state = Degraded
		m.badHealth++
		return m.badHealth >= maxBadHealth
	}
	m.badHealth = 0
	if !m.badCall {
		m.state = Ready
	}
	m.badCall = false
	return false
}

// fail notes that the process is gone and says how long to wait before the next
// start. jitter, from 0 to 1, spreads the departments: a tenth to either side.
func (m *machine) fail(now time.Time, jitter float64) time.Duration {
	if !m.readyAt.IsZero() && now.Sub(m.readyAt) >= forgiveAfter {
		m.failures = 0
	}
	m.failures++
	m.losses = append(m.since(now.Add(-breakerWindow)), now)
	if len(m.losses) >= breakerLosses {
		m.state = Disabled
		return coolDown
	}
	m.state = BackingOff
	wait := longestWait
	if doublings := m.failures - 1; doublings < 7 {
		wait = min(firstWait<<doublings, longestWait)
	}
	return time.Duration(float64(wait) * (0.9 + 0.2*jitter))
}

// since are the losses after a moment.
func (m *machine) since(t time.Time) []time.Time {
	for i, at := range m.losses {
		if at.After(t) {
			return m.losses[i:]
		}
	}
	return nil
}
