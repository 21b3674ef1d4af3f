// Package results makes figures of what the town hall does, out of the log of events alone:
// it counts them day by day as they come (internal/results/tally), keeps the counts, and
// counts the whole log anew when somebody wants to know that they are right.
package results
