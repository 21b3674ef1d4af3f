package privacy

// Wipes reports whether retention empties the column, for tests.
func Wipes(table, column string) bool {
	for _, j := range append(ofCase(), ofVisit()...) {
		if _, ok := j.set[column]; ok && j.table == table {
			return true
		}
	}
	return false
}
