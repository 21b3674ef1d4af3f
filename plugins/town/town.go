// Package town holds what all departments of the town hall share, as data: the
// destinations, the common documents, the groups of fields, the calendar and
// opening hours, the rules of every practice, the ids of the practice types.
//
// The files stand in data/, one per subject; someone who knows the office can
// read and correct them.
package town

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

//go:embed data/*.yaml
var data embed.FS

// Load reads and checks the shared data. An error means that a
// file in data/ is wrong and names it.
func Load() (*sdk.Town, error) {
	folder, err := fs.Sub(data, "data")
	if err != nil {
		return nil, fmt.Errorf("open the data of the town: %w", err)
	}
	return load(folder)
}

// files each fill their part of the town.
func files() []string {
	return []string{
		"municipality.yaml", "destinations.yaml", "documents.yaml", "field_groups.yaml",
		"calendar.yaml", "global_rules.yaml", "practices.yaml",
	}
}

func load(folder fs.FS) (*sdk.Town, error) {
	town := &sdk.Town{}
	for _, name := range files() {
		if err := sdk.DecodeYAML(folder, name, town); err != nil {
			return nil, fmt.Errorf("load the town: %w", err)
		}
	}
	if err := town.Validate(); err != nil {
		return nil, fmt.Errorf("load the town: %w", err)
	}
	return town, nil
}

// Department makes a department of this town hall out of its folder of data: see
// [sdk.FromFS].
func Department(folder fs.FS, options ...sdk.Option) (sdk.Department, error) {
	shared, err := Load()
	if err != nil {
		return nil, err
	}
	return sdk.FromFS(folder, append([]sdk.Option{sdk.WithTown(shared)}, options...)...)
}
