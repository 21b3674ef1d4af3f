package catalogue

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPlaceOfAPlugin has a good plug-in moved, linked and exposed.
func TestPlaceOfAPlugin(t *testing.T) {
	chmod := func(path string, mode fs.FileMode) func(*testing.T, string, string) {
		return func(t *testing.T, folder, _ string) { must(t, os.Chmod(filepath.Join(folder, path), mode)) }
	}
	tests := map[string]struct {
		do   func(t *testing.T, folder, plugin string)
		name string // of the plug-in, "plugin" if empty
		want error
	}{
		"as it should be":      {do: func(*testing.T, string, string) {}},
		"changed on disk":      {do: func(t *testing.T, _, plugin string) { appendTo(t, plugin) }, want: ErrChecksum},
		"writable by others":   {do: chmod("plugin", 0o757), want: ErrExposed},
		"writable by group":    {do: chmod("plugin", 0o775), want: ErrExposed},
		"folder writable":      {do: chmod(".", 0o777), want: ErrExposed},
		"folder of the group":  {do: chmod(".", 0o770), want: ErrExposed},
		"in another folder":    {do: func(*testing.T, string, string) {}, name: "../plugin", want: ErrOutside},
		"in a folder below":    {do: func(*testing.T, string, string) {}, name: "sub/plugin", want: ErrOutside},
		"out and in again":     {do: func(*testing.T, string, string) {}, name: "sub/../plugin"},
		"gone":                 {do: func(t *testing.T, _, plugin string) { must(t, os.Remove(plugin)) }, want: fs.ErrNotExist},
		"a link out of it":     {do: linkAway, want: ErrLink},
		"a link within it":     {do: func(t *testing.T, _, plugin string) { must(t, os.Symlink(plugin, plugin+"-2")) }, name: "plugin-2", want: ErrLink},
		"a link to nothing":    {do: func(t *testing.T, _, plugin string) { must(t, os.Symlink("none", plugin+"-2")) }, name: "plugin-2", want: ErrLink},
		"the folder is a link": {do: linkFolder, want: ErrLink},
		"a pipe": {do: func(t *testing.T, _, plugin string) {
			must(t, os.Remove(plugin))
			must(t, syscall.Mkfifo(plugin, 0o600))
		}, want: errNotRegular},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plugin, sum := pluginFile(t)
			folder := filepath.Dir(plugin)
			tt.do(t, folder, plugin)
			if tt.name != "" {
				plugin = folder + "/" + tt.name
			}
			exe, err := openPlugin(folder, plugin, sum)
			if exe != nil {
				must(t, exe.file.Close())
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := openPlugin("", "/bin/true", ""); !errors.Is(err, ErrNoFolder) {
		t.Errorf("without a folder: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString("\n")
	must(t, errors.Join(err, file.Close()))
}

func linkAway(t *testing.T, _, plugin string) {
	t.Helper()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.Rename(plugin, elsewhere))
	must(t, os.Symlink(elsewhere, plugin))
}

func linkFolder(t *testing.T, folder, _ string) {
	t.Helper()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.Rename(folder, elsewhere))
	must(t, os.Symlink(elsewhere, folder))
}

// What is put under the path between the check and the start does not run; what is
// written into the checked file in that time is found before it runs.
func TestSwappedBetweenCheckAndStart(t *testing.T) {
	start := func(t *testing.T, plugin, sum string, meanwhile func()) error {
		t.Helper()
		exe, err := openPlugin(filepath.Dir(plugin), plugin, sum)
		must(t, err)
		defer func() { must(t, exe.file.Close()) }()
		meanwhile()
		folder, spawner := t.TempDir(), newSpawner()
		defer spawner.close()
		c := &child{
			exe: exe, args: []string{plugin, "-test.run", "^$"}, folder: folder, spawner: spawner, limits: Limits{}.withDefaults(),
			family: &family{census: &census{root: filepath.Dir(folder)}, folder: folder}, exited: make(chan struct{}),
		}
		if err := c.Start(t.Context()); err != nil {
			return err
		}
		<-c.exited
		if !c.cmd.ProcessState.Success() {
			t.Errorf("what was verified ended with %v", c.cmd.ProcessState)
		}
		return nil
	}
	t.Run("another file under the path", func(t *testing.T) {
		plugin, sum := pluginFile(t)
		must(t, start(t, plugin, sum, func() {
			copyFile(t, "/bin/false", plugin+"-2", 0o755)
			must(t, os.Rename(plugin+"-2", plugin))
		}))
	})
	t.Run("another content in the file", func(t *testing.T) {
		plugin, sum := pluginFile(t)
		if err := start(t, plugin, sum, func() { appendTo(t, plugin) }); !errors.Is(err, ErrChecksum) {
			t.Errorf("got %v, want %v", err, ErrChecksum)
		}
	})
}
