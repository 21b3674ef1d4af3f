package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins"
)

// departmentProgram is the small executable of the bundled departments, beside
// this one.
const departmentProgram = "sportello-department"

// bundledDepartments registers the departments of the house. They run in the
// small executable beside this one, which takes a third of the memory; where only
// this one was installed, it serves them itself.
func bundledDepartments() ([]catalogue.Registration, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this executable: %w", err)
	}
	program := filepath.Join(filepath.Dir(self), departmentProgram)
	sum, err := catalogue.Checksum(program)
	small := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the departments' executable: %w", err)
	}
	var all []catalogue.Registration
	for _, bundled := range plugins.All() {
		r := catalogue.Bundled(bundled.Name)
		if small {
			r.Command, r.Args, r.SHA256 = program, []string{bundled.Name}, sum
		}
		all = append(all, r)
	}
	return all, nil
}
