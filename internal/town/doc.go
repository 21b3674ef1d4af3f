// Package town has the leaf values that every room may name: ids, enums, dates,
// money, the clock and the one error type. It imports nothing of the house but
// the calculations of the plug-in SDK.
package town
