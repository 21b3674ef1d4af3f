// Package orientation is the information point: "where do I go, what do I need",
// asked in the citizen's own words, in Italian or English, with typing errors.
//
// It is a room of its own because it belongs to no department and to no case: it
// reads what all departments publish, and nothing else. It stores nothing and
// imports no other room, only the leaf values of package town. [Point.Ask] is its door.
//
// # How it finds
//
// An index is built from the definitions, and again when one of them changes. A
// question is cut into words: folded to small letters without accents, cut at
// apostrophes, without the words that say nothing. Each word is looked up by its
// stem in both languages; by the words that people use for it; by its beginning
// while it is being typed; and, if nobody knows it, by its spelling. A practice
// scores by its words: how rare the word is, in which part of the practice it
// stands, how sure it is that it is meant. Titles and keywords that are in the
// question as a whole add to it. Each answer says which words found it, where, and
// for how many points, so that who keeps the keywords sees what to mend.
//
// words.yaml has what is not of any department: stop words, and words that are
// alike. Words for one practice are its keywords, in its own file.
//
// # What it stands on
//
// The stems are those of snowballstem (Italian and English), 0.2 MB in the binary.
// The obvious library for the rest, bleve, was tried: it has the two languages and
// fuzzy search, but brings 53 modules and 13 MB, a store with segments and merging,
// and a score (tf-idf over long texts) that neither knows that a keyword is a whole
// nor says in plain words why an answer came first. For a few thousand words that
// fit in memory, the index is two maps and a sorted list. Edit distance is here and
// not from a library because two letters swapped must count as one slip, and
// because it stops as soon as the limit is passed.
package orientation
