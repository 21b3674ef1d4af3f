// Package fill answers the forms of practices as people would: right, or with
// one fault of a known kind. It reads nothing but the published form, so it works
// for any department. The same random source gives the same answers.
package fill
