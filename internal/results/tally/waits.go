package tally

import "github.com/spazio-in-comune/sportello/internal/town"

// Wait counts waits from joining a queue to the first call, by office, service and level;
// the detail is the class of the person, the measure the seconds, in steps of [WaitStep].
const Wait Figure = "wait"

// WaitStep is how finely waits are told apart, in seconds: a wait counts as the step that
// it has reached.
const WaitStep = 15

func waits(e town.Event) []Key {
	seconds, ok := number(e, town.DataWaited)
	if e.Type != town.EventLegCalled || !ok {
		return nil
	}
	key := about(Wait, e, e.Data[town.DataClass])
	key.Measure = seconds / WaitStep * WaitStep
	return []Key{key}
}
