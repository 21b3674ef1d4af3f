package catalogue

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Inspect runs a plug-in once and has it describe itself: how a registration learns
// the name and the version, and refuses one that is broken. known is what the
// definition may refer to; nil leaves that unchecked.
func Inspect(ctx context.Context, cfg RunConfig, known *sdk.Town) (is Introduction, def *sdk.Definition, err error) {
	running, err := Run(ctx, cfg)
	if err != nil {
		return is, nil, err
	}
	defer func() { err = errors.Join(err, running.Stop()) }()
	answer, err := running.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return is, nil, fmt.Errorf("ask the plug-in for its definition: %w", err)
	}
	service, _, err := publish(answer.Definition, known)
	if err != nil {
		return is, nil, err
	}
	def = service.Definition()
	return introduce(service, running.SHA256()), def, CheckVersion(def.Service, def.Version)
}

// introduce is what a process says of itself.
func introduce(service *Service, sum string) Introduction {
	def := service.Definition()
	is := Introduction{Version: def.Version, SHA256: sum, DefinitionHash: service.Hash, Series: def.Series}
	for _, p := range def.Practices {
		is.Practices = append(is.Practices, p.ID)
	}
	return is
}
