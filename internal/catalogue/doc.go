// Package catalogue is the host of the departments: it verifies, starts and
// supervises their processes, asks them, and remembers what they published, so
// that forms render and cases go on while a process is down.
//
// A department of the house and one of somebody else go through the same code:
// the first is a child process of the platform's own executable, the second of
// a registered binary.
//
// Deadlines, back-off and supervision follow real time; only the stamps on what
// is remembered come from the business clock.
package catalogue
