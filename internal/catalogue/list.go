package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sort"
)

// Listed is one line of "plugin list".
type Listed struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	State   State  `json:"state"`
	// Practices are the ids of the practice types, never null.
	Practices []string `json:"practices"`
}

// List reads from the memory what any host last knew, by name. It needs no
// running host.
func List(ctx context.Context, memory Memory) ([]Listed, error) {
	instances, err := memory.Instances(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the plug-ins: %w", err)
	}
	list := make([]Listed, 0, len(instances))
	for _, i := range instances {
		list = append(list, Listed{
			Name: i.Name, Version: i.Version, SHA256: i.SHA256, State: i.State,
			Practices: append([]string{}, i.Practices...),
		})
	}
	sort.Slice(list, func(a, b int) bool { return list[a].Name < list[b].Name })
	return list, nil
}

// WriteList writes the list as a JSON array, the output of "plugin list --json".
func WriteList(w io.Writer, list []Listed) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
