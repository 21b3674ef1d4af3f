// Package voice is what citizens say of the town hall and what comes of it:
// satisfaction after each contact, and the ladder from the Help Point over the
// sector head to Sindaco e Assessori.
//
// Every step of the ladder is a record with owner, term and outcome. None ends
// without an outcome and a date; a term that passes goes one step up by itself,
// and is counted. The case, if there is one, keeps its owner and its clock. The
// pure rules are in ladder.
package voice
