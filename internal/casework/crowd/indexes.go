package crowd

import (
	"fmt"
	"strings"
)

// tables are those that are filled.
func tables() []string {
	return []string{"case_files", "case_entries", "case_clocks", "former_offices", "escalations"}
}

// lift takes the indexes away that nothing else stands on: an index is made in a
// fraction of the time when its rows are there.
func (f *filler) lift() {
	if f.sqlite {
		f.exec("PRAGMA foreign_keys = 0")
		for _, table := range tables() {
			made := f.texts("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", table)
			for _, name := range f.texts("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", table) {
				f.exec("DROP INDEX `" + name + "`")
			}
			f.indexes = append(f.indexes, made...)
		}
		return
	}
	f.exec("SET SESSION unique_checks = 0")
	f.exec("SET SESSION foreign_key_checks = 0")
	const secondary = " FROM information_schema.statistics WHERE table_schema = database() AND table_name = 'case_files' AND non_unique = 1 GROUP BY index_name ORDER BY index_name"
	names := f.texts("SELECT index_name" + secondary)
	columns := f.texts("SELECT group_concat(column_name ORDER BY seq_in_index SEPARATOR '`, `')" + secondary)
	if f.err != nil || len(names) == 0 {
		return
	}
	drop := make([]string, len(names))
	for i, name := range names { // made one by one: a statement has half a minute
		drop[i] = "DROP INDEX `" + name + "`"
		f.indexes = append(f.indexes, fmt.Sprintf("ALTER TABLE case_files ADD INDEX `%s` (`%s`)", name, columns[i]))
	}
	f.exec("ALTER TABLE case_files " + strings.Join(drop, ", "))
}

// restore makes the indexes again, and lets the database count what it holds.
func (f *filler) restore() {
	for _, statement := range f.indexes {
		f.exec(statement)
	}
	if f.sqlite {
		f.exec("PRAGMA foreign_keys = 1")
		return
	}
	f.exec("SET SESSION unique_checks = 1")
	f.exec("SET SESSION foreign_key_checks = 1")
	f.exec("ANALYZE TABLE " + strings.Join(tables(), ", "))
}
