// Command sportello-department is the process of one bundled department. The
// server starts it, once per department: it holds none of the server's code, so
// that fifteen of them fit beside it. Nobody calls it by hand.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sportello-department:", err)
		os.Exit(1)
	}
}

// run serves the department named by the only argument until the server ends.
func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the name of one department")
	}
	department, err := plugins.New(args[0])
	if err != nil {
		return err
	}
	// What reading the files took is given back before the first question.
	debug.FreeOSMemory()
	rpc.Serve(department)
	return nil
}
