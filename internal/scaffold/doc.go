// Package scaffold writes a new department outside of this repository: a module of
// its own that builds, passes the contract's tests and can be registered as it is.
package scaffold
