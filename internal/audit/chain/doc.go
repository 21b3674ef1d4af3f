// Package chain is the audit of the town as a chain of hashes: what an entry says,
// how it is written, and how one entry is tied to the one before. It is pure: it knows
// neither a database nor who asks.
//
// An entry is kept as text, one fact a line, each line ended by "\n":
//
//	sportello-audit 1                      always; the version of this form
//	id aud_01J…                            always
//	at 2026-11-23T09:30:00.000123Z         always; UTC, six digits after the point
//	kind WRITE                             always; WRITE or READ
//	actor person per_01J…                  always; kind of the actor, then the id, if there is one
//	for per_01J… mnd_01J…                  acting for another: the principal and the mandate
//	action submitIntake                    fields of the API or the name of the unit of work
//	object case_01J… answers,decision      for each thing: its id; of reads the columns opened
//	subject per_01J…                       for each person concerned
//	event evt_01J…                         for each business fact that a write appended
//	office stato-civile                    for each office concerned
//	rule operator own case:handle sportello  for each rule that allowed it
//	sign-in sign_01J…                      the sign-in or credential of the actor
//	address 203.0.113.7                    the network address of the actor
//	reason c2VhbGVk                        why, sealed, in base64
//
// The lines come in this order; those with nothing to say are left out. Where a line may
// come several times, the lines are sorted by bytes and no two have the same first word.
// In a value, "%", "," and all bytes up to the space and 0x7F are written as "%" and two
// capital hexadecimal digits, but for the spaces of action and rule and the comma
// between columns. There is one text for an entry, and one entry for a text.
//
// The hash of an entry is SHA-256 over the hash of the entry before and the text. Before
// the first stands [Genesis].
package chain
