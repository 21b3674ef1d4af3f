// Package sdk is all that a department of the town hall needs to offer its
// services: a small interface, [Department], and a way to write a whole service as
// data.
//
// # The walk through
//
// The platform owns what all services have in common: the counter, storage,
// protocol numbers, terms, permissions, the API. A department says what it offers
// and answers one question about one request. It sees no database, no network and
// no clock.
//
//	Describe   once after each start: the whole service as data
//	Review     once per request: which rules hold, what is to be paid
//
// Between the two the platform draws the form, checks the answers against it and
// drops what is hidden. After the review it merges the department's rules with
// those of the whole town into one [Decision], and opens the case.
//
// Begin with `sportello plugin new NAME --out DIR`, which writes a department that
// works, or read the example of this package, which is one as well.
//
// # A department as data
//
// A department is a folder:
//
//	service.yaml            the card: id, series of its tickets, titles, figures
//	practices/ID.yaml       one practice type: form, papers, fees, terms, rules
//	cases/ID.yaml           proof: answers in, decision out
//	department.go           a few lines: embed the folder, name the computations
//	main.go                 one statement
//
// department.go is this, and stays it:
//
//	//go:embed service.yaml practices
//	var folder embed.FS
//
//	func New() (sdk.Department, error) {
//		shared, err := town.Load()
//		if err != nil {
//			return nil, err
//		}
//		return sdk.FromFS(folder,
//			sdk.WithTown(shared),
//			sdk.WithComputation("imu_due", imuDue),
//		)
//	}
//
// and main.go is
//
//	func main() { rpc.Main(New) }
//
// [FromFS] reads the folder and refuses what is wrong in it, all at once, with
// file, rule and field. The files decode into a [Definition]; its documentation
// says what each key means. Whoever knows the office can read and correct them.
//
// # The form
//
// A form starts with the group "richiedente", the interested person; then come
// the groups of include, then the own fields. The types of a field:
//
//	string text address          text; min and max count characters
//	int decimal money            money is decimal text: '12.50'
//	bool date time               date YYYY-MM-DD, time HH:MM
//	enum multi_enum              codes of the list enum
//	list file                    objects with the keys of item; names of files
//	codice_fiscale partita_iva iban nav
//	comune nazione phone email targa isee_protocollo
//
// A field with a when is hidden unless it holds; the answer of a hidden field is
// dropped and is no fault. A conditional field is compulsory when it is visible.
//
// # Errors are data
//
// [CompiledPractice.Check] finds all faults of a form at once, each a [Problem]:
// the path of the field, a code, words for the person in both languages. What a
// form cannot express, a department says in the same way, in the problems of its
// [ReviewResponse]. A reason to stop that the person cannot mend is an effect of a
// rule, a block. An error returned by a method means that the department itself is
// broken; it goes to the log of the platform and never to a person.
//
// # Conditions and rules
//
// Every when is an expression of package expr: names of fields, what the
// platform knows ([AmbientNames]), sets, today and now. A missing value makes
// every comparison false, so that nobody is refused because a register is down.
//
// A limit of law or tariff is not written into a when: it is a dated parameter of
// service.yaml with its source, and figure('maternita.isee') reads the one in force
// on the day of the decision. Fee lines are dated the same way, by from and to; a
// fixed amount has its source. to_verify marks what the town must confirm, and
// [Definition.DatedFigures] lists it all.
//
// A rule has words, a when and an [Effect]. The rules of the department and
// those of the town meet in [Merge], which gives the [Decision].
//
// # Computations
//
// What data cannot say is a [Computation]: a Go function from the answers and
// the dated figures of the definition to results with their working, which the
// operator sees. It is pure: the moment, the calendar and the figures come in
// with the intake. Package calc has the arithmetic: terms, tax codes, taxes,
// benefits, in exact decimals.
//
// A figure of law or tariff is never a constant in code: it is a [Parameter], with
// its days and its source, and marked to_verify while the town has to confirm it.
//
// # Proof
//
// A department's test is one line of package sdktest:
//
//	sdktest.Run(t, department, shared, os.DirFS("cases"))
//
// It puts every clause of the contract to the test, runs the case files, and fails
// for every rule, paper, fee and milestone that no case proves.
//
// `sportello plugin test COMMAND` does the same with a process in any language.
// `sportello plugin diff OLD NEW` says which decisions a new version would change.
//
// # Without data
//
// A department may implement [Department] itself, and must if it is written in
// another language: it then builds its [Definition] as it likes. Both methods take
// and give structs, so that a field can be added without breaking anybody.
// plugins/sdk/python is a whole department in Python, in one file that can be copied,
// with a guide for other languages.
//
// What a later platform can do beyond the two methods will be optional: an
// interface that a department may implement beside [Department], as io.WriterTo is
// beside io.Reader. There is none yet.
//
// # The contract
//
// What a department promises, in whatever language it is written. The checks of
// sdktest and of `sportello plugin test` name these clauses.
//
//  1. Describe gives the whole service as data: one service, with a semantic
//     version, all of whose conditions can be read and whose references lead
//     somewhere (see [Compile]).
//  2. As long as the executable is the same, so is the definition.
//  3. Every text is there in Italian and in English.
//  4. A review depends on its request alone: not on the wall clock, on chance, on
//     other requests before or beside it. now is a moment; its civil date is that
//     of Europe/Rome. Calls come from several callers at once.
//  5. Describe answers within 5 seconds, a review within 2. A call that the
//     platform gives up ends soon after.
//  6. What the person can mend is a [Problem], with the path of a field of the
//     form. With at least one problem the rest of the answer is ignored.
//  7. An error means that the department is broken. A form that passed its checks
//     is never answered with one; a practice that is not in the definition always
//     is.
//  8. A request may hold anything. What is missing or cannot be read counts as
//     missing; names that the department does not know are ignored. It gives an
//     answer, problems or an error, and goes on as before.
//  9. Fired rules are rules of that practice in the definition, with their words,
//     effect and law, in its order, once each. A rule with a when fires exactly
//     when that holds.
//  10. Effects refer only to what exists: destinations, papers, fees, practices.
//  11. A computed value has a name, a label in both languages, and a value in the
//     form of its kind.
//  12. Case files prove each rule, paper, fee and milestone.
//  13. A process keeps to the rules of package rpc: handshake, socket, health,
//     log, and its end.
//
// The platform promises in return: it asks Describe once after each start, and
// Review only for forms that passed their checks; it starts only the executable
// whose checksum is registered, with nothing of its own environment; it holds
// every case to the definition that took it in; and while a department is down it
// takes requests in by the stored definition and has them reviewed later.
//
// # Versions
//
// This module follows semantic versioning (semver.org). Within a major version:
// what compiles goes on to compile, struct fields and optional interfaces are only
// added, YAML keys keep their meaning, and the conformance suite grows only by
// checks of what The contract already says. Unkeyed struct literals of this
// package's types are not covered.
//
// The wire has a version of its own, rpc.ProtocolVersion, an integer. Messages
// grow by fields, which are never renumbered and which either side may not know;
// only what cannot be said so raises the number. A platform speaks the newest
// version N and N-1, and each department says at the handshake which it speaks. So
// an executable that was built once goes on to run while the platform is upgraded.
// Today N is 1, the first.
//
// A department has its semantic version in service.yaml. PATCH: texts and faults
// mended. MINOR: more practices, fields that need no answer, rules. MAJOR: stored
// answers no longer fit, as when a field or a code has gone. The platform reads no
// meaning into the numbers; it keeps every definition under its hash and says with
// each case which version took it in. Two different definitions under one version
// are a mistake that `sportello plugin diff` shows.
package sdk
