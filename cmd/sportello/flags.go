package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// defaultData is the data folder where no flag names one.
const defaultData = "sportello-data"

// databaseFlags say which database a command works on.
type databaseFlags struct {
	data, database string
}

func (f *databaseFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", defaultData, "data folder: SQLite's database and the sockets of the departments")
	cmd.Flags().StringVar(&f.database, "database", "", "mysql://user:password@host:port/name for MySQL, MariaDB or TiDB; empty means SQLite in the data folder")
}

// registerKeyFile adds the flag of the key file.
func registerKeyFile(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "key-file", "", "file of the key that seals the keys of personal data; empty means keys/kek.json in the data folder")
}

// keyFile is the key-encryption key that the flags name.
func keyFile(path, data string) vault.KEK {
	return vault.NewKeyFile(cmp.Or(path, vault.DefaultKeyFile(data)))
}

// registerPlugins adds the flag of the folder of the plug-ins.
func registerPlugins(cmd *cobra.Command, folder *string) {
	cmd.Flags().StringVar(folder, "plugins", "", "folder of the departments' plug-ins; empty means plugins in the data folder")
}

// again are the flags that lead a further command to the same database. A password is
// not repeated.
func (f *databaseFlags) again() string {
	switch {
	case f.database != "":
		return " --database DSN"
	case f.data != defaultData:
		return " --data " + f.data
	}
	return ""
}

func (f *databaseFlags) config() store.Config {
	return store.Config{DSN: f.database, Dir: f.data}
}
