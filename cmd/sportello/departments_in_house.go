package main

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/simulate"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// inHouse are the bundled departments asked in this process, for a simulated year alone: what is served to people goes
// through processes of their own.
type inHouse struct {
	departments map[string]sdk.Department
	services    map[string]desk.Service
	byHash      map[string]*sdk.Service
	offers      map[string]casework.Offer // by practice
	practices   []simulate.Practice
	forms       map[string]*fill.Form
}

func departmentsInHouse(ctx context.Context, common *sdk.Town) (*inHouse, error) {
	d := &inHouse{
		departments: map[string]sdk.Department{}, services: map[string]desk.Service{}, byHash: map[string]*sdk.Service{},
		offers: map[string]casework.Offer{}, forms: map[string]*fill.Form{},
	}
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", bundled.Name, err)
		}
		if err := d.add(ctx, department, common); err != nil {
			return nil, fmt.Errorf("department %s: %w", bundled.Name, err)
		}
	}
	return d, nil
}

func (d *inHouse) add(ctx context.Context, department sdk.Department, common *sdk.Town) error {
	described, err := department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return fmt.Errorf("describe it: %w", err)
	}
	def := described.Definition
	service, err := sdk.Compile(def, common)
	if err != nil {
		return err
	}
	hash, err := def.Hash()
	if err != nil {
		return err
	}
	d.departments[def.Service], d.services[def.Service], d.byHash[hash] = department, queueFacts(def), service
	for _, p := range def.Practices {
		compiled, _ := service.Practice(p.ID)
		d.offers[p.ID] = casework.Offer{Service: service, Practice: compiled, Hash: hash}
		d.forms[p.ID] = fill.Of(compiled)
		d.practices = append(d.practices, simulate.Practice{
			Code: p.ID, Service: def.Service, Kind: string(def.Kind), Minutes: float64(p.Handling.TypicalMinutes),
			Weekly: p.Handling.WeeklyVolume, Online: p.Online.Possible,
		})
	}
	return nil
}

// Service implements desk.Services.
func (d *inHouse) Service(code string) (desk.Service, bool) {
	s, ok := d.services[code]
	return s, ok
}

// Practice implements casework.Departments.
func (d *inHouse) Practice(code string) (casework.Offer, bool) {
	o, ok := d.offers[code]
	return o, ok
}

// ByHash implements casework.Departments.
func (d *inHouse) ByHash(_ context.Context, hash string) (*sdk.Service, error) {
	s, ok := d.byHash[hash]
	if !ok {
		return nil, town.ErrNotFound()
	}
	return s, nil
}

// Serves implements casework.Departments.
func (d *inHouse) Serves(hash string) bool { return d.byHash[hash] != nil }

// Review implements casework.Departments.
func (d *inHouse) Review(ctx context.Context, service, _ string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return d.departments[service].Review(ctx, req)
}
