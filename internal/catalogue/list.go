package catalogue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Listed is one line of "plugin list": one version of a department.
type Listed struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	State   State  `json:"state"`
	// Practices are the ids of the practice types, never null.
	Practices []string `json:"practices"`
	// Standing is left out of the JSON of a current version.
	Standing Standing `json:"standing,omitempty"`
	// Why says what is wrong: the reason of who disabled it, or the last fault.
	Why string `json:"-"`
}

// List reads from the memory what any host last knew, by name and with the current
// version last. Retired versions come where all are asked for. It needs no running
// host.
func List(ctx context.Context, memory Memory, all bool) ([]Listed, error) {
	instances, err := memory.Instances(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the plug-ins: %w", err)
	}
	slices.SortStableFunc(instances, func(a, b Instance) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(rank(b.Standing), rank(a.Standing)))
	})
	list := make([]Listed, 0, len(instances))
	for _, i := range instances {
		if i.Standing == Retired && !all {
			continue
		}
		one := Listed{
			Name: i.Name, Version: i.Version, SHA256: i.SHA256, State: i.State, Standing: i.Standing,
			Practices: append([]string{}, i.Practices...), Why: cmp.Or(i.Disabled, i.LastError),
		}
		if i.Disabled != "" {
			one.State = Disabled // even where no host has run since
		}
		list = append(list, one)
	}
	return list, nil
}

// WriteList writes the list as a JSON array, the output of "plugin list --json".
func WriteList(w io.Writer, list []Listed) error {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Standing == Current {
			list[i].Standing = ""
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
