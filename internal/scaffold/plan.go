package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
)

// maxName keeps the ids that are made of the name within the limits of the SDK.
const maxName = 40

// check finds everything that is wrong in a plan.
func (p Plan) check() error {
	return errors.Join(p.checkName(), p.checkSeries(), p.checkOut(), checkSDK(p.SDK))
}

func (p Plan) checkName() error {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(p.Name):
		return fmt.Errorf("the name %q is not lower case letters, digits and single hyphens, beginning with a letter, such as orti-urbani", p.Name)
	case len(p.Name) > maxName:
		return fmt.Errorf("the name %q is longer than %d characters", p.Name, maxName)
	case slices.Contains(p.Taken, p.Name):
		return fmt.Errorf("the town has a service %q already", p.Name)
	}
	return nil
}

func (p Plan) checkSeries() error {
	if len(p.Series) != 1 || strings.Trim(p.Series, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("the series %q is not one capital letter", p.Series)
	}
	return nil
}

func (p Plan) checkOut() error {
	if p.Out == "" {
		return errors.New("no folder: say where to write with --out DIR")
	}
	entries, err := os.ReadDir(p.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look into %s: %w", p.Out, err)
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty", p.Out)
	}
	return nil
}
