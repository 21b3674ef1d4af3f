package sdk

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"

	"go.yaml.in/yaml/v3"
)

// The files of a department's folder.
const (
	serviceFile    = "service.yaml"
	practiceFolder = "practices"
)

// serviceYAML is service.yaml: the card of the service and the order of its
// practices, each of which has a file of its own.
type serviceYAML struct {
	Service      string   `yaml:"service"`
	Version      string   `yaml:"version"`
	Series       string   `yaml:"series"`
	Kind         string   `yaml:"kind"`
	Title        Text     `yaml:"title"`
	Description  Text     `yaml:"description"`
	Category     string   `yaml:"category"`
	Topics       []Text   `yaml:"topics"`
	DefaultRoute string   `yaml:"default_route"`
	Practices    []string `yaml:"practices"`
	// FieldGroups and CommonDocuments come on top of those of the town.
	FieldGroups     map[string]FieldGroup `yaml:"field_groups"`
	CommonDocuments []Document            `yaml:"common_documents"`
	Parameters      []Parameter           `yaml:"parameters"`
}

// LoadDefinition reads a department's folder: service.yaml and one file per
// practice, practices/ID.yaml. Unknown keys are refused. The field groups and
// the common documents of the town become part of the definition, so that it
// stands alone. Conditions and references are not checked here: see [Compile].
func LoadDefinition(folder fs.FS, town *Town) (*Definition, error) {
	var card serviceYAML
	if err := DecodeYAML(folder, serviceFile, &card); err != nil {
		return nil, err
	}
	def := &Definition{
		Service: card.Service, Version: card.Version, Series: card.Series, Kind: card.Kind,
		Title: card.Title, Description: card.Description, Category: card.Category, Topics: card.Topics,
		DefaultRoute: card.DefaultRoute, Parameters: card.Parameters,
		FieldGroups: map[string]FieldGroup{},
	}
	if town != nil {
		maps.Copy(def.FieldGroups, town.FieldGroups)
		def.CommonDocuments = append(def.CommonDocuments, town.CommonDocuments...)
	}
	maps.Copy(def.FieldGroups, card.FieldGroups)
	def.CommonDocuments = append(def.CommonDocuments, card.CommonDocuments...)
	for _, id := range card.Practices {
		var practice Practice
		file := practicePath(id)
		if err := DecodeYAML(folder, file, &practice); err != nil {
			return nil, err
		}
		if practice.ID != id {
			return nil, fmt.Errorf("%s: it has the id %q", file, practice.ID)
		}
		def.Practices = append(def.Practices, practice)
	}
	return def, checkFiles(folder, len(card.Practices))
}

// checkFiles refuses a file of a practice that service.yaml does not list.
func checkFiles(folder fs.FS, listed int) error {
	files, err := fs.ReadDir(folder, practiceFolder)
	if err != nil {
		return fmt.Errorf("list the practices: %w", err)
	}
	if len(files) != listed {
		return fmt.Errorf("%s lists %d practices, the folder %s has %d files", serviceFile, listed, practiceFolder, len(files))
	}
	return nil
}

func practicePath(id string) string { return path.Join(practiceFolder, id+".yaml") }

// DecodeYAML reads one YAML file into out and refuses unknown and repeated keys.
func DecodeYAML(folder fs.FS, name string, out any) error {
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(out); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
