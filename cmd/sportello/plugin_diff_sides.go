package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// sides starts what OLD and NEW name.
type sides struct {
	flags diffFlags
	store *store.Store // nil unless a database is needed
}

// isRegistered tells a registered version, NAME or NAME@VERSION, from a command,
// which has a slash.
func isRegistered(what string) bool { return !strings.ContainsRune(what, filepath.Separator) }

func (s sides) run(ctx context.Context, what string) (*catalogue.Running, error) {
	cfg, err := s.config(ctx, what)
	if err != nil {
		return nil, err
	}
	return catalogue.Run(ctx, cfg)
}

func (s sides) config(ctx context.Context, what string) (cfg catalogue.RunConfig, err error) {
	if isRegistered(what) {
		return s.registered(ctx, what)
	}
	words := strings.Fields(what)
	if len(words) == 0 {
		return cfg, errors.New("an empty command")
	}
	cfg.Registration, err = registrationOf(words[0], words[1:], s.flags.plain)
	return cfg, err
}

// registered is a version as the host would start it.
func (s sides) registered(ctx context.Context, what string) (cfg catalogue.RunConfig, err error) {
	name, version, exact := strings.Cut(what, "@")
	instances, err := catalogue.NewStored(s.store).Instances(ctx)
	if err != nil {
		return cfg, err
	}
	i := slices.IndexFunc(instances, func(i catalogue.Instance) bool {
		if exact {
			return i.Name == name && i.Version == version
		}
		return i.Name == name && i.Standing == catalogue.Current
	})
	switch {
	case i < 0 && exact:
		return cfg, fmt.Errorf("version %s of %s is not registered; \"sportello plugin list --all\" shows what is, and a command has a slash: ./%s", version, name, name)
	case i < 0:
		return cfg, fmt.Errorf("%s has no current version; \"sportello plugin list\" shows what is registered, and a command has a slash: ./%s", name, name)
	case instances[i].Bundled:
		return bundledConfig(name)
	}
	row := instances[i]
	if cfg.Folder, err = filepath.Abs(appConfig{Data: s.flags.data, Plugins: s.flags.plugins}.pluginFolder()); err != nil {
		return cfg, fmt.Errorf("find the folder of the plug-ins: %w", err)
	}
	cfg.Registration = catalogue.Registration{
		Name: row.Name, Version: row.Version, Command: row.Command, Args: row.Args, SHA256: row.SHA256, PlainSocket: row.PlainSocket,
	}
	if !filepath.IsAbs(row.Command) {
		cfg.Registration.Command = filepath.Join(cfg.Folder, row.Command)
	}
	return cfg, nil
}

// bundledConfig is the department that came with this program.
func bundledConfig(name string) (cfg catalogue.RunConfig, err error) {
	all, err := bundledDepartments()
	if err != nil {
		return cfg, err
	}
	i := slices.IndexFunc(all, func(r catalogue.Registration) bool { return r.Name == name })
	if i < 0 {
		return cfg, fmt.Errorf("%s did not come with this program", name)
	}
	cfg.Registration = all[i]
	return cfg, nil
}
