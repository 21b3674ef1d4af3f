package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Module is the path of the platform's module, of which the SDK is a part.
const Module = "github.com/spazio-in-comune/sportello"

// unpublished is the version under which go.mod requires the replaced module.
const unpublished = "v0.0.0"

// needed are the modules that a department needs for its build and its tests: those
// behind the SDK, what its processes speak, and its tests. A test compares the list
// with what the packages import.
func needed() []string {
	return []string{
		"github.com/fatih/color",
		"github.com/golang/protobuf",
		"github.com/google/go-cmp",
		"github.com/hashicorp/go-hclog",
		"github.com/hashicorp/go-plugin",
		"github.com/hashicorp/yamux",
		"github.com/mattn/go-colorable",
		"github.com/mattn/go-isatty",
		"github.com/oklog/run",
		"github.com/santhosh-tekuri/jsonschema/v6",
		"github.com/shopspring/decimal",
		"go.yaml.in/yaml/v3",
		"golang.org/x/net",
		"golang.org/x/sys",
		"golang.org/x/text",
		"google.golang.org/genproto/googleapis/rpc",
		"google.golang.org/grpc",
		"google.golang.org/protobuf",
	}
}

// module makes go.mod and go.sum. The versions are those with which the SDK was
// tested, and their checksums come with them: no network is needed beyond what the
// SDK needed itself.
func (p Plan) module() (mod, sum []byte, err error) {
	theirs, err := readModule(p.SDK)
	if err != nil {
		return nil, nil, err
	}
	sdk, err := filepath.Abs(p.SDK)
	if err != nil {
		return nil, nil, fmt.Errorf("find the SDK: %w", err)
	}
	own := &modfile.File{}
	var faults []error
	faults = append(faults,
		own.AddModuleStmt("example.org/"+p.Name), own.AddGoStmt(theirs.Go.Version),
		own.AddReplace(Module, "", sdk, ""))
	require := []*modfile.Require{{Mod: module.Version{Path: Module, Version: unpublished}}}
	for _, r := range theirs.Require {
		if slices.Contains(needed(), r.Mod.Path) {
			require = append(require, &modfile.Require{Mod: r.Mod, Indirect: true})
		}
	}
	own.SetRequireSeparateIndirect(require)
	own.Cleanup()
	mod, formatErr := own.Format()
	sum, sumErr := os.ReadFile(filepath.Join(p.SDK, "go.sum"))
	if err := errors.Join(append(faults, formatErr, sumErr)...); err != nil {
		return nil, nil, fmt.Errorf("write the module: %w", err)
	}
	return mod, sum, nil
}

func readModule(folder string) (*modfile.File, error) {
	path := filepath.Join(folder, "go.mod")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the SDK's module: %w", err)
	}
	file, err := modfile.ParseLax(path, text, nil)
	if err != nil {
		return nil, fmt.Errorf("read the SDK's module: %w", err)
	}
	if file.Module == nil || file.Go == nil {
		return nil, fmt.Errorf("%s names no module or no version of Go", path)
	}
	return file, nil
}

// checkSDK refuses a folder that is not the source of the platform.
func checkSDK(folder string) error {
	if folder == "" {
		return errors.New("the SDK is not published yet, and its source was not found near here: give the folder of the platform's source with --sdk PATH")
	}
	file, err := readModule(folder)
	if err != nil {
		return fmt.Errorf("--sdk %s is not the platform's source: %w", folder, err)
	}
	if file.Module.Mod.Path != Module {
		return fmt.Errorf("--sdk %s is the module %s, not %s", folder, file.Module.Mod.Path, Module)
	}
	return nil
}

// FindSDK looks for the source of the platform in the folders and those above them;
// empty if it is in none.
func FindSDK(folders ...string) string {
	for _, folder := range folders {
		for {
			if checkSDK(folder) == nil {
				return folder
			}
			above := filepath.Dir(folder)
			if above == folder {
				break
			}
			folder = above
		}
	}
	return ""
}
