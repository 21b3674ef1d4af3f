package tally

import (
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The figures of waits, by office, service and level.
const (
	// Wait counts waits from joining a queue to the first call; the detail is the class of
	// the person, the measure the seconds, in steps of [WaitStep].
	Wait Figure = "wait"
	// Promise counts waits that had a promise; the detail is the class and whether it was
	// kept, as [PromiseDetail] writes them.
	Promise Figure = "wait_promise"
)

// WaitStep is how finely waits are told apart, in seconds: a wait counts as the step that
// it has reached.
const WaitStep = 15

// PromiseDetail is the detail of [Promise]; how is [Kept] or [Late].
func PromiseDetail(class, how string) string { return class + "/" + how }

// ParsePromiseDetail takes apart what [PromiseDetail] made.
func ParsePromiseDetail(detail string) (class, how string) {
	class, how, _ = strings.Cut(detail, "/")
	return class, how
}

func waits(e town.Event) []Key {
	seconds, ok := number(e, town.DataWaited)
	if e.Type != town.EventLegCalled || !ok {
		return nil
	}
	class := e.Data[town.DataClass]
	key := about(Wait, e, class)
	key.Measure = seconds / WaitStep * WaitStep
	keys := []Key{key}
	switch e.Data[town.DataPromiseKept] {
	case "true":
		keys = append(keys, about(Promise, e, PromiseDetail(class, Kept)))
	case "false":
		keys = append(keys, about(Promise, e, PromiseDetail(class, Late)))
	}
	return keys
}
