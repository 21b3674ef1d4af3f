package sdktest

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// orti is a small department that keeps the whole contract.
func orti() fstest.MapFS {
	return fstest.MapFS{
		"service.yaml": {Data: []byte(`
service: orti
version: 1.0.0
series: O
kind: counter
title: {it: Orti comunali, en: Allotments}
description: {it: Assegnazione di orti., en: Allotments for residents.}
category: Ambiente
default_route: sportello
practices: [domanda-orto]
field_groups:
  richiedente:
    title: {it: Richiedente, en: Applicant}
    fields:
      - {name: nome, label: {it: Nome, en: Name}, type: string, required: true, max: 80}
      - {name: data_nascita, label: {it: Data di nascita, en: Date of birth}, type: date, required: true, check: not in the future}
parameters:
  - {name: canone.mq, value: '1.20', from: '1900-01-01', source: Delibera 12/2025}
`)},
		"practices/domanda-orto.yaml": {Data: []byte(`
id: domanda-orto
title: {it: Domanda di orto, en: Request of an allotment}
summary: {it: Chiedere un orto, en: Ask for a garden}
for_whom: {it: Residenti, en: Residents}
outcome: {it: Assegnazione, en: Assignment}
form:
  fields:
    - {name: mq, label: {it: Superficie, en: Area}, type: int, required: true, min: 20, max: 60}
    - {name: ha_giardino, label: {it: Ha un giardino, en: Has a garden}, type: bool, required: true}
    - {name: giardino_mq, label: {it: Quanto grande, en: How large}, type: int, required: conditional, when: ha_giardino}
  documents:
    - {id: planimetria, label: {it: Planimetria, en: Plan}, required: conditional, when: ha_giardino}
fees:
  - {code: canone, label: {it: Canone, en: Fee}, variable: true, basis: {it: al mq, en: by area}}
deadline: {amount: 30, unit: calendar_days, from: protocol}
silence: none
handling: {typical_minutes: 8}
online: {possible: true, min_loa: L2}
computations: [canone, apertura]
rules:
  - id: domanda-orto/r1
    words: {it: Chi ha un giardino non ha orto, en: Who has a garden gets no allotment}
    when: ha_giardino
    effect: {block: {it: Ha già un giardino, en: Has a garden already}}
  - id: domanda-orto/r2
    words: {it: Dai 65 anni orto vicino, en: From 65 years an allotment nearby}
    when: age(data_nascita) >= 65
    effect: {set: settore=vicino}
confidence: low
`)},
		"cases/domanda-orto.yaml": {Data: []byte(`
practice: domanda-orto
now: '2026-11-23T10:00'
answers: {nome: Anna, data_nascita: '1980-03-05', mq: 40, ha_giardino: false}
cases:
  - name: a plain one
    decision: {fired: [], computed: {canone: ['48.00'], apertura: ['2027-03-01']}}
  - name: an elderly person
    answers: {data_nascita: '1950-03-05'}
    decision: {fired: [domanda-orto/r2], set: {settore: vicino}}
  - name: has a garden
    answers: {ha_giardino: true, giardino_mq: 80}
    decision: {fired: [domanda-orto/r1], blocks: [domanda-orto/r1], documents: [planimetria]}
  - name: too large
    answers: {mq: 61}
    problems: [mq range]
`)},
	}
}

func yearlyFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	area, ok := in.Decimal("mq")
	if !ok {
		return nil, nil
	}
	unit, err := figures.Decimal("canone.mq")
	if err != nil {
		return nil, err
	}
	return []sdk.Computed{sdk.ComputedMoney(sdk.Text{IT: "Canone", EN: "Fee"}, area.Mul(unit), "")}, nil
}

// opening is the first of March of the year to come.
func opening(in *sdk.Intake, _ sdk.Parameters) ([]sdk.Computed, error) {
	label := sdk.Text{IT: "Apertura", EN: "Opening"}
	return []sdk.Computed{sdk.ComputedDate(label, calc.Date{Year: in.Today().Year + 1, Month: 3, Day: 1}, "")}, nil
}

// fromFolder makes the department of a folder.
func fromFolder(t *testing.T, folder fstest.MapFS) sdk.Department {
	t.Helper()
	// The folder of the practices has files of practices only; cases stand apart.
	d, err := sdk.FromFS(folder, sdk.WithComputation("canone", yearlyFee), sdk.WithComputation("apertura", opening))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// spoiled is a good department that does one thing wrong.
type spoiled struct {
	good     sdk.Department
	describe func(*sdk.DescribeResponse) (*sdk.DescribeResponse, error)
	review   func(context.Context, sdk.ReviewRequest, *sdk.ReviewResponse, error) (*sdk.ReviewResponse, error)
}

func (s *spoiled) Describe(ctx context.Context, req sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	answer, err := s.good.Describe(ctx, req)
	if err != nil || s.describe == nil {
		return answer, err
	}
	return s.describe(answer)
}

func (s *spoiled) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	answer, err := s.good.Review(ctx, req)
	if s.review == nil {
		return answer, err
	}
	return s.review(ctx, req, answer, err)
}

// examine runs the suite through the wire; zero limits are the platform's.
func examine(t *testing.T, department sdk.Department, cases fstest.MapFS, limits rpc.Limits) *Report {
	t.Helper()
	client, stop, err := rpc.InProcess(department, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	options := Options{Limits: limits, direct: department, Town: smallTown()}
	if cases != nil {
		options.Cases = cases
	}
	return Examine(t.Context(), client, options)
}

func smallTown() *sdk.Town {
	return &sdk.Town{Destinations: []sdk.Destination{{ID: "sportello", Level: 2, Label: sdk.Text{IT: "Sportello", EN: "Counter"}}}}
}

// casesOf is the folder of the cases of a department's folder.
func casesOf(folder fstest.MapFS) fstest.MapFS {
	return fstest.MapFS{"domanda-orto.yaml": folder["cases/domanda-orto.yaml"]}
}

// failures are the names of the failed checks.
func failures(r *Report) []string {
	var names []string
	for _, c := range r.Checks {
		if c.Failed > 0 {
			names = append(names, fmt.Sprintf("%s/%s", c.Group, c.Name))
		}
	}
	return names
}
