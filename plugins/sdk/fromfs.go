package sdk

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// Computation works out figures for the operator from a checked intake, such as
// the tax due. It returns nothing where the answers leave nothing to compute,
// and an error only if the department itself is broken, for instance by a
// missing parameter.
type Computation func(in *Intake, figures Parameters) ([]Computed, error)

// Option completes a department made of data.
type Option func(*dataDepartment)

// WithTown gives the groups of fields, the documents and the destinations that
// the department shares with the others.
func WithTown(town *Town) Option {
	return func(d *dataDepartment) { d.town = town }
}

// WithComputation registers what a practice names in its computations.
func WithComputation(name string, compute Computation) Option {
	return func(d *dataDepartment) { d.computations[name] = compute }
}

// FromFS makes a department out of a folder of data: see [LoadDefinition] for
// its files. Its rules are those of the data; Go comes in only for computations.
// Everything that is wrong in the folder is in the error, with file and rule.
func FromFS(folder fs.FS, options ...Option) (Department, error) {
	d := &dataDepartment{computations: map[string]Computation{}}
	for _, option := range options {
		option(d)
	}
	def, err := LoadDefinition(folder, d.town)
	if err != nil {
		return nil, fmt.Errorf("load department: %w", err)
	}
	if d.service, err = compile(def, d.town, practicePath); err != nil {
		return nil, fmt.Errorf("load department: %w", err)
	}
	if err := d.checkComputations(); err != nil {
		return nil, fmt.Errorf("load department: %w", err)
	}
	return d, nil
}

// dataDepartment is a department whose rules are data.
type dataDepartment struct {
	town         *Town
	service      *Service
	computations map[string]Computation
}

func (d *dataDepartment) checkComputations() error {
	used := map[string]bool{}
	for _, p := range d.service.def.Practices {
		for _, name := range p.Computations {
			if d.computations[name] == nil {
				return fmt.Errorf("%s: unknown computation %q", practicePath(p.ID), name)
			}
			used[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.computations)) {
		if !used[name] {
			return fmt.Errorf("computation %q belongs to no practice", name)
		}
	}
	return nil
}

func (d *dataDepartment) Describe(context.Context, DescribeRequest) (*DescribeResponse, error) {
	return &DescribeResponse{Definition: d.service.def}, nil
}

func (d *dataDepartment) Review(_ context.Context, req ReviewRequest) (*ReviewResponse, error) {
	p, ok := d.service.Practice(req.Practice)
	if !ok {
		return nil, fmt.Errorf("review: service %s has no practice %q", d.service.def.Service, req.Practice)
	}
	in := p.Bind(req.Answers, Facts{Now: req.Now, Ambient: req.Ambient, Calendar: req.Calendar, Parameters: req.Parameters})
	figures := in.Parameters()
	resp := &ReviewResponse{Fired: p.Fire(in)}
	for _, name := range p.def.Computations {
		results, err := d.computations[name](in, figures)
		if err != nil {
			return nil, fmt.Errorf("review %s: compute %s: %w", req.Practice, name, err)
		}
		for i := range results {
			if results[i].Name == "" {
				results[i].Name = name
			}
		}
		resp.Computed = append(resp.Computed, results...)
	}
	return resp, nil
}
