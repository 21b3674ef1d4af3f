package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed files
var files embed.FS

// Plan says what to write.
type Plan struct {
	// Name is the id of the service: lower case letters, digits and hyphens.
	Name string
	// Out is the folder to make. It must not exist, or be empty.
	Out string
	// SDK is the folder of the platform's source: the module that go.mod requires
	// and replaces while it is unpublished.
	SDK string
	// Series is the letter of the tickets; empty stands for [DefaultSeries].
	Series string
	// Program is the path of the platform's program, for the Makefile.
	Program string
	// Taken are the names of the services that there are already.
	Taken []string
}

// DefaultSeries is a letter that no service or office of the town has.
const DefaultSeries = "W"

// ErrPlan marks what whoever asked for the department can mend.
var ErrPlan = errors.New("cannot write the department")

// Write writes the department and gives the files, relative to its folder. It
// writes all of it or nothing: the folder appears when it is complete.
func Write(plan Plan) ([]string, error) {
	if plan.Series == "" {
		plan.Series = DefaultSeries
	}
	if err := plan.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	contents, err := plan.render()
	if err != nil {
		return nil, err
	}
	parent := filepath.Dir(plan.Out)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	draft, err := os.MkdirTemp(parent, ".new-department-")
	if err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(draft) }() // by then it has another name, or has failed
	if err := contents.writeTo(draft); err != nil {
		return nil, err
	}
	if err := os.Remove(plan.Out); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("put the department in the place of the empty folder: %w", err)
	}
	if err := os.Rename(draft, plan.Out); err != nil {
		return nil, fmt.Errorf("put the department into its place: %w", err)
	}
	return contents.names(), nil
}

// contents are files by path.
type contents []struct {
	path string
	text []byte
}

func (c contents) names() []string {
	names := make([]string, len(c))
	for i, file := range c {
		names[i] = file.path
	}
	return names
}

func (c contents) writeTo(folder string) error {
	if err := os.Chmod(folder, 0o755); err != nil { // a temporary folder is private
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, file := range c {
		path := filepath.Join(folder, file.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		if err := os.WriteFile(path, file.text, 0o644); err != nil {
			return fmt.Errorf("write a file: %w", err)
		}
	}
	return nil
}

// render makes all files: those of the templates, and the module's.
func (p Plan) render() (contents, error) {
	var all contents
	add := func(path string, text []byte) {
		all = append(all, struct {
			path string
			text []byte
		}{path, text})
	}
	mod, sum, err := p.module()
	if err != nil {
		return nil, err
	}
	add("go.mod", mod)
	add("go.sum", sum)
	err = fs.WalkDir(files, "files", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := p.fill(path)
		add(p.target(path), text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("render the department: %w", err)
	}
	return all, nil
}

// target is where a template goes.
func (p Plan) target(path string) string {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "files/"), ".tmpl")
	path = strings.Replace(path, "/domanda.", "/domanda-"+p.Name+".", 1)
	if path == "gitignore" {
		return ".gitignore"
	}
	return path
}

func (p Plan) fill(path string) ([]byte, error) {
	t, err := template.ParseFS(files, path)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, p); err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".go.tmpl") {
		return format.Source(text.Bytes())
	}
	return text.Bytes(), nil
}

// Title is the name as a person writes it: "orti-urbani" is "Orti urbani".
func (p Plan) Title() string {
	words := strings.ReplaceAll(p.Name, "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
