// Package simulate plays a week of a town hall through its public API: people
// arrive, take numbers, are called and served, file requests from home and at the
// counter, bring papers, get decisions, say what they think of it and go up the
// ladder; staff of every role do their part; displays, counters, offices, citizens
// and the Mayor follow live over WebSockets and are cut off now and then.
//
// The week is drawn from a seed before it begins. It is played one action at a
// time, in the order of virtual time, against a server whose clock the simulator
// moves; so the same seed gives the same table, latencies aside. At the end it is
// checked that nothing was lost, doubled or seen by the wrong people. After the week the
// offices go on alone until what came in is concluded and terms have passed, and a clerk
// with a wall calendar says of each clock when it must be.
package simulate
