package catalogue

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// RegisterInput registers a version of a department from outside.
type RegisterInput struct {
	IdempotencyKey string
	// File is the name of a file in the plug-ins folder.
	File          string
	Name, Version string
	SHA256        string
	Args          []string
	PlainSocket   *bool
}

// RollBackInput makes an earlier version current again; without one, the one before.
type RollBackInput struct {
	IdempotencyKey string
	Name           string
	Version        *string
}

// DisableInput ends all processes of a department. The reason may be left out.
type DisableInput struct {
	IdempotencyKey string
	Name           string
	Reason         *string
}

// ManageInput names a department to enable or to restart.
type ManageInput struct {
	IdempotencyKey string
	Name           string
}

// Register makes a version the next one of its department: it is started, and becomes
// current once its process is ready and its definition is sound. Errors: FORBIDDEN;
// what can be mended of the file, the name or the version.
func (c *Catalogue) Register(ctx context.Context, in RegisterInput) (*Instance, error) {
	return c.administer(ctx, "registerPlugin", in.IdempotencyKey, in, func(l *Ledger, by string) (*Instance, error) {
		reg := Registration{
			Name: in.Name, Version: in.Version, Command: in.File, SHA256: in.SHA256, Args: in.Args,
			PlainSocket: in.PlainSocket != nil && *in.PlainSocket,
		}
		return l.Register(reg, nil, by)
	}, func() error { return c.checkInput(in) })
}

// checkInput looks at the file before anything is written.
func (c *Catalogue) checkInput(in RegisterInput) error {
	if in.File == "" || filepath.Base(in.File) != in.File {
		return errFile(errors.New("name a file in the folder of the plug-ins, without a path"))
	}
	if err := CheckVersion(in.Name, in.Version); err != nil {
		return err
	}
	reg, _ := c.registration(Instance{Name: in.Name, Version: in.Version, Command: in.File, SHA256: in.SHA256, Args: in.Args})
	if err := reg.check(); err != nil {
		return errRegistration(err)
	}
	exe, err := openPlugin(c.plugins, reg.Command, in.SHA256)
	if err != nil {
		return errFile(err)
	}
	return errors.Join(exe.runnable(), exe.file.Close())
}

// The shapes of what is registered. The name of a file is made of both.
var (
	nameShape    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	versionShape = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+-]{0,62}$`)
)

// CheckVersion refuses a name or a version that cannot be registered.
func CheckVersion(name, version string) error {
	if !nameShape.MatchString(name) {
		return town.Errorf(town.Invalid, "The name is the code of a service: small letters, digits and hyphens.",
			"Il nome è il codice di un servizio: lettere minuscole, cifre e trattini.").At("input", "name")
	}
	if !versionShape.MatchString(version) {
		return town.Errorf(town.Invalid, "The version is one such as 1.2.0.", "La versione è del tipo 1.2.0.").At("input", "version")
	}
	return nil
}

// RollBack makes an earlier version current again, at once if it runs.
func (c *Catalogue) RollBack(ctx context.Context, in RollBackInput) (*Instance, error) {
	return c.administer(ctx, "rollbackPlugin", in.IdempotencyKey, in, func(l *Ledger, by string) (*Instance, error) {
		var version string
		if in.Version != nil {
			version = *in.Version
		}
		return l.RollBack(in.Name, version, by)
	}, nil)
}

// Disable ends all processes of a department until somebody enables it. Its forms stay
// readable and its intakes are taken by the declared fallback.
func (c *Catalogue) Disable(ctx context.Context, in DisableInput) (*Instance, error) {
	return c.administer(ctx, "disablePlugin", in.IdempotencyKey, in, func(l *Ledger, by string) (*Instance, error) {
		var reason string
		if in.Reason != nil {
			reason = *in.Reason
		}
		return l.Disable(in.Name, reason, by)
	}, nil)
}

// Enable starts a disabled department again.
func (c *Catalogue) Enable(ctx context.Context, in ManageInput) (*Instance, error) {
	return c.administer(ctx, "enablePlugin", in.IdempotencyKey, in, func(l *Ledger, by string) (*Instance, error) {
		return l.Enable(in.Name, by)
	}, nil)
}

// Restart gives each version of a department that runs a new process.
func (c *Catalogue) Restart(ctx context.Context, in ManageInput) (*Instance, error) {
	return c.administer(ctx, "restartPlugin", in.IdempotencyKey, in, func(l *Ledger, by string) (*Instance, error) {
		return l.Restart(in.Name, by)
	}, nil)
}

// administer makes a change that an administrator wants, once, and has the host follow
// it before it answers.
func (c *Catalogue) administer(ctx context.Context, mutation, key string, input any, f func(*Ledger, string) (*Instance, error), check func() error) (*Instance, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := viewer.Require(access.PluginManage, ""); err != nil {
		return nil, err
	}
	if check != nil {
		if err := check(); err != nil {
			return nil, err
		}
	}
	id, err := c.memory.ChangeOnce(ctx, store.Once{Actor: viewer.ID, Mutation: mutation, Key: key, Input: input}, func(l *Ledger) (string, error) {
		i, err := f(l, viewer.ID)
		if err != nil {
			return "", err
		}
		return i.ID, nil
	})
	if err != nil {
		return nil, err
	}
	if err := c.look(ctx); err != nil {
		return nil, err
	}
	return c.Instance(ctx, id)
}

// Instance is a registered version for whoever may see it; NOT_FOUND if there is none.
func (c *Catalogue) Instance(ctx context.Context, id string) (*Instance, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	for _, d := range c.departments() {
		if d.id() == id {
			i := d.instance()
			return &i, nil
		}
	}
	rows, err := c.memory.Instances(ctx)
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(rows, func(i Instance) bool { return i.ID == id }); at >= 0 {
		return &rows[at], nil
	}
	return nil, town.ErrNotFound()
}

// Instances are the versions that run, or should, for whoever may see them; with
// retired, the others too. FORBIDDEN for everybody else.
func (c *Catalogue) Instances(ctx context.Context, retired bool) ([]*Instance, error) {
	if err := mayRead(ctx); err != nil {
		return nil, err
	}
	all := c.Plugins()
	if retired {
		rows, err := c.memory.Instances(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !slices.ContainsFunc(all, func(i Instance) bool { return i.ID == row.ID }) {
				all = append(all, row)
			}
		}
		slices.SortStableFunc(all, func(a, b Instance) int {
			return cmp.Or(cmp.Compare(c.place(a.Name), c.place(b.Name)), cmp.Compare(a.Name, b.Name), cmp.Compare(rank(b.Standing), rank(a.Standing)))
		})
	}
	list := make([]*Instance, len(all))
	for i := range all {
		list[i] = &all[i]
	}
	return list, nil
}

func mayRead(ctx context.Context) error {
	viewer, err := access.From(ctx)
	if err != nil {
		return err
	}
	return viewer.Require(access.PluginRead, "")
}
