// Package audit keeps who did and who opened what, for whom, why, when, from where and
// under which rule.
//
// A [Scribe] makes the entry of each unit of work; the store appends it in the unit's own
// transaction, so that nothing happens without it. What an operation has opened of
// personal data becomes one entry by [Audit.Reads], stored before the answer leaves.
// All entries of the town form one chain of hashes: see package chain, which says how an
// entry is written. On SQLite an entry is linked in its own commit, on MySQL within moments
// by the process that also orders the events.
//
// Every hour, every ten thousand entries and at an orderly stop the end of the chain is
// signed: see [Audit.Heads]. A signed head that is kept elsewhere shows later that
// nothing up to there was changed or cut: see [Verify].
//
// # What leaves an entry
//
// Every unit that a person, a device, a service or the holder of a ticket has asked for,
// under the name of their mutation; and what the house does of its own accord, or for the
// public, if it appended business facts. A request that was refused, or that repeats an
// earlier one, has changed nothing and leaves none.
package audit
