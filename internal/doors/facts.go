package doors

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Fact is one thing a source file has: an import, a name it uses, a function it
// declares. What is written as in Door.
type Fact struct {
	File string // "./internal/desk/queue.go"
	Line int
	Test bool // the file is a test
	What string
}

// Read gives the facts of every Go file under root that a person wrote, for
// every platform. Generated files are left out: their generators decide.
func Read(root fs.FS) ([]Fact, error) {
	var facts []Fact
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && ignored(entry.Name()) {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		found, err := readFile(name, source)
		facts = append(facts, found...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the source: %w", err)
	}
	return facts, nil
}

// ignored folders are those the go command passes over as well.
func ignored(folder string) bool {
	return folder[0] == '.' || folder[0] == '_' || folder == "testdata" || folder == "node_modules"
}

func readFile(name string, source []byte) ([]Fact, error) {
	files := token.NewFileSet()
	head, err := parser.ParseFile(files, name, source, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(head) {
		return nil, nil
	}
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var facts []Fact
	note := func(at ast.Node, what string) {
		facts = append(facts, Fact{
			File: "./" + name,
			Line: files.Position(at.Pos()).Line,
			Test: strings.HasSuffix(name, "_test.go"),
			What: what,
		})
	}
	imports := map[string]string{} // the name in this file: the package
	for _, spec := range file.Imports {
		pkg, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		pkg = ours(pkg)
		imports[localName(spec, pkg)] = pkg
		note(spec, pkg)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil {
				note(n, "declare "+n.Name.Name)
			} else {
				note(n, "method "+n.Name.Name)
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" {
				note(n, "use "+imports[x.Name]+"."+n.Sel.Name)
			}
		case *ast.CallExpr:
			if called := calledName(n); called != "" {
				note(n, "call "+called)
			}
		}
		return true
	})
	return facts, nil
}

// ours writes a package of this module as "./…".
func ours(pkg string) string {
	if rest, ok := strings.CutPrefix(pkg, Module); ok && (rest == "" || rest[0] == '/') {
		return "." + rest
	}
	return pkg
}

// localName is the name a file calls an import by. Without type information a
// package is taken to be called like its folder, a version aside.
func localName(spec *ast.ImportSpec, pkg string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	base := path.Base(pkg)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(pkg))
	}
	return base
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
