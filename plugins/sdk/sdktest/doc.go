// Package sdktest proves a department. [RunCases] runs its case files, answers
// in and decision out, and fails for every rule, document and fee that no case
// proves.
package sdktest
