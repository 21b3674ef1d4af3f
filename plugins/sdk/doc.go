// Package sdk is all that a department of the town hall needs: a small
// interface, [Department], and a way to write a whole service as data.
//
// # A department in an afternoon
//
// A department is a folder:
//
//	service.yaml            the card: id, series of its tickets, titles, practices
//	practices/ID.yaml       one practice type: form, papers, fees, terms, rules
//	cases/ID.yaml           proof: answers in, decision out
//	department.go           a few lines: embed the folder, name the computations
//	README.md
//
// In department.go:
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
// The example of this package is a whole department.
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
// [CompiledPractice.Check] finds all faults at once, each a [Problem] with the
// path of its field and words for the person, in both languages.
//
// # Conditions and rules
//
// Every when is an expression of package expr: names of fields, what the
// platform knows ([AmbientNames]), sets, today and now. A missing value makes
// every comparison false, so that nobody is refused because a register is down.
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
// # Proof
//
// sdktest.RunCases runs the case files and fails for every rule, paper and fee
// that no case proves.
package sdk
