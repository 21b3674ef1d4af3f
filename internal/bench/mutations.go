package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// clients is how many ask at the same time.
const clients = 16

const (
	issueTicket = `mutation($input: IssueTicketInput!) { issueTicket(input: $input) { userErrors { code } code visit { id label version } } }`
	leaveVisit  = `mutation($input: LeaveVisitInput!) { leaveVisit(input: $input) { userErrors { code } } }`
	submit      = `mutation($input: SubmitIntakeInput!) { submitIntake(input: $input) { userErrors { code } status case { id protocol } } }`
)

// volley is what all clients sent in short bursts: how long each call took, and what
// the server computed for it.
type volley struct {
	calls        int
	seconds, cpu float64
	took         []float64 // seconds
}

// fire has every client make some calls, one after the other.
func (v *volley) fire(ctx context.Context, server *process, each int, call func(context.Context) error) error {
	before, err := server.cpu()
	if err != nil {
		return err
	}
	var group errgroup.Group
	var mu sync.Mutex
	begin := time.Now()
	for range clients {
		group.Go(func() error {
			for range each {
				start := time.Now()
				if err := call(ctx); err != nil {
					return err
				}
				mu.Lock()
				v.took = append(v.took, time.Since(start).Seconds())
				mu.Unlock()
			}
			return nil
		})
	}
	err = group.Wait()
	v.seconds += time.Since(begin).Seconds()
	v.calls += clients * each
	after, cpuErr := server.cpu()
	v.cpu += after - before
	return errors.Join(err, cpuErr)
}

// mutationRows are the figures of one mutation.
type mutationRows struct{ rate, cpu, slow *row }

func newMutationRows(t *report, name string) mutationRows {
	against := "the same that stores nothing"
	return mutationRows{
		rate: t.add(&row{path: name + " over HTTP, 16 clients", unit: "1/s", rate: true, against: against, target: "≥ 0.25"}),
		cpu:  t.add(&row{path: name + " over HTTP, server's CPU", unit: "µs", against: against, target: "≤ 120 ambitious"}),
		slow: t.add(&row{path: name + " over HTTP, p99", unit: "ms", against: against, target: "≤ 50"}),
	}
}

func (r mutationRows) add(ours, limit *volley) {
	for v, into := range map[*volley]func(*row, float64){
		ours:  func(r *row, x float64) { r.ours = append(r.ours, x) },
		limit: func(r *row, x float64) { r.limit = append(r.limit, x) },
	} {
		into(r.rate, float64(v.calls)/v.seconds)
		into(r.cpu, v.cpu/float64(v.calls)*1e6)
		into(r.slow, quantile(v.took, 0.99)*1e3)
	}
}

// askers are those who send the mutations to one server.
type askers struct{ kiosk, counter *api }

func askersOf(ctx context.Context, h *house) (a askers, err error) {
	desk, err := h.token(ctx, "operator1")
	if err != nil {
		return a, err
	}
	kiosk, err := h.token(ctx, "kiosk")
	return askers{newAPI(h.url, kiosk), newAPI(h.url, desk)}, err
}

// measureMutations sends the two mutations that a hall sends most, and the same to
// the limit.
func measureMutations(ctx context.Context, o options, h *house, folder string, t *report) (err error) {
	n, err := startNothing(ctx, o.programs, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	ours, err := askersOf(ctx, h)
	if err != nil {
		return err
	}
	nothing, err := askersOf(ctx, n)
	if err != nil {
		return err
	}
	tickets, intakes := newMutationRows(t, "issueTicket"), newMutationRows(t, "submitIntake")
	for round := range o.rounds {
		progress("round %d of %d: mutations over HTTP", round+1, o.rounds)
		var did, limit volley
		if err := ticketBursts(ctx, h, ours.kiosk, ours.counter, &did); err != nil {
			return err
		}
		if err := limit.fire(ctx, n.process, 50, func(ctx context.Context) error { return ticket(ctx, nothing.kiosk, nil) }); err != nil {
			return err
		}
		tickets.add(&did, &limit)
		did, limit = volley{}, volley{}
		if err := did.fire(ctx, h.process, 15, func(ctx context.Context) error { return intake(ctx, ours.counter) }); err != nil {
			return err
		}
		if err := limit.fire(ctx, n.process, 15, func(ctx context.Context) error { return intake(ctx, nothing.counter) }); err != nil {
			return err
		}
		intakes.add(&did, &limit)
	}
	return nil
}

// visit is what is kept of a number, to give it back.
type visit struct {
	ID      string
	Version int
}

// ticketBursts takes numbers in bursts and gives them back in between, so that the
// hall stays as full as halls are.
func ticketBursts(ctx context.Context, h *house, kiosk, counter *api, v *volley) error {
	for range 5 {
		issued := make(chan visit, clients*3)
		if err := v.fire(ctx, h.process, 3, func(ctx context.Context) error { return ticket(ctx, kiosk, issued) }); err != nil {
			return err
		}
		close(issued)
		for one := range issued {
			input := variables{"visitId": one.ID, "expectedVersion": one.Version}
			if err := counter.ask(ctx, leaveVisit, variables{"input": input}, &struct{}{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func ticket(ctx context.Context, a *api, issued chan<- visit) error {
	var got struct{ IssueTicket struct{ Visit *visit } }
	input := variables{"idempotencyKey": rand.Text(), "siteId": demo.SiteID, "serviceCode": "anagrafe"}
	if err := a.ask(ctx, issueTicket, variables{"input": input}, &got); err != nil {
		return err
	}
	if got.IssueTicket.Visit == nil {
		return errors.New("no number was given")
	}
	if issued != nil {
		issued <- *got.IssueTicket.Visit
	}
	return nil
}

// intake files for one of ten thousand people, so that nobody has many cases open.
func intake(ctx context.Context, a *api) error {
	var got struct{ SubmitIntake struct{ Status string } }
	born := calc.Date{Year: 1960, Month: 1, Day: 1}.AddDays(mathrand.IntN(10_000))
	code, err := calc.NewTaxCode("Rossi", "Mario", born, false, "F205")
	if err != nil {
		return fmt.Errorf("make a person: %w", err)
	}
	input := variables{"idempotencyKey": rand.Text(), "practice": "tari-riduzioni-rateizzazione", "answers": variables{
		"nome": "Mario", "cognome": "Rossi", "codice_fiscale": code, "data_nascita": born.String(),
		"luogo_nascita": "F205", "cittadinanza": "IT", "agisce_per_altri": false,
		"isee_presentato": false, "tributo": "imu", "richiesta_tipo": "rateizzazione",
		"debito_totale": "1000.00", "rate_chieste": 7, "temporanea_difficolta": true,
	}}
	if err := a.ask(ctx, submit, variables{"input": input}, &got); err != nil {
		return err
	}
	if got.SubmitIntake.Status != "ACCEPTED" {
		return errors.New("the request was not accepted")
	}
	return nil
}
