// Package sdktest has the tests that every department passes: the contract of
// package sdk clause by clause, and case files, in which answers and the decision
// that follows stand side by side.
//
// A department in Go calls [Run]. [Examine] does the same for whatever implements
// sdk.Department, such as a process in another language, and gives a [Report];
// `sportello plugin test` prints it.
package sdktest
