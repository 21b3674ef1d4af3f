package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// A whole tiny department: allotments for who has no garden. A real one embeds
// its folder and takes the group "richiedente" from the town.
func Example() {
	folder := fstest.MapFS{
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
  - {name: canone.mq, value: '1.20', from: '2026-01-01', source: Delibera 12/2025}
`)},
		"practices/domanda-orto.yaml": {Data: []byte(`
id: domanda-orto
title: {it: Domanda di orto, en: Request of an allotment}
summary: {it: Chiedere un orto del Comune., en: Ask for an allotment of the town.}
for_whom: {it: Residenti, en: Residents}
outcome: {it: Assegnazione, en: Assignment}
form:
  fields:
    - {name: mq, label: {it: Superficie, en: Area}, type: int, required: true, min: 20, max: 60}
    - {name: ha_giardino, label: {it: Ha un giardino, en: Has a garden}, type: bool, required: true}
fees: []
deadline: {amount: 30, unit: calendar_days, from: protocol}
silence: none
handling: {typical_minutes: 8}
online: {possible: true, min_loa: L2}
computations: [canone]
rules:
  - id: domanda-orto/r1
    words: {it: 'Chi ha un giardino non ha orto', en: Who has a garden gets no allotment}
    when: ha_giardino
    effect: {block: {it: Ha già un giardino, en: Has a garden already}}
  - id: domanda-orto/r2
    words: {it: Dai 65 anni orto vicino, en: From 65 years an allotment nearby}
    when: age(data_nascita) >= 65
    effect: {set: settore=vicino}
confidence: low
`)},
	}
	department, err := sdk.FromFS(folder, sdk.WithComputation("canone", yearlyFee))
	if err != nil {
		fmt.Println(err)
		return
	}

	// What follows is the platform's side: check the form, ask the department,
	// merge.
	ctx := context.Background()
	described, err := department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := sdk.Compile(described.Definition, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	practice, _ := service.Practice("domanda-orto")
	facts := sdk.Facts{Now: time.Date(2026, 11, 23, 9, 0, 0, 0, calc.Rome())}

	_, problems := practice.Check(map[string]json.RawMessage{
		"nome": json.RawMessage(`"  "`), "data_nascita": json.RawMessage(`"1950-03-05"`), "mq": json.RawMessage(`80`),
	}, facts)
	for _, p := range problems {
		fmt.Printf("%s: %s %s\n", p.Path, p.Code, p.Message.EN)
	}

	in, _ := practice.Check(map[string]json.RawMessage{
		"nome": json.RawMessage(`"Anna"`), "data_nascita": json.RawMessage(`"1950-03-05"`),
		"mq": json.RawMessage(`40`), "ha_giardino": json.RawMessage(`false`),
	}, facts)
	reviewed, err := department.Review(ctx, sdk.ReviewRequest{Practice: "domanda-orto", Answers: in.Answers(), Now: facts.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	decision := sdk.Merge(in, reviewed.Fired, nil, reviewed.Computed)
	fmt.Println(decision.To, decision.Priority, decision.Set)
	fmt.Println(decision.Computed[0].Value, "=", decision.Computed[0].Working)

	// Output:
	// nome: required This answer is required.
	// mq: range The value must be between 20 and 60.
	// ha_giardino: required This answer is required.
	// sportello P3 map[settore:vicino]
	// 48.00 = 40 × 1.20
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
	label := sdk.Text{IT: "Canone di un anno", EN: "Fee of a year"}
	return []sdk.Computed{sdk.ComputedMoney(label, area.Mul(unit), fmt.Sprintf("%s × %s", area, unit.StringFixed(2)))}, nil
}
