package simulate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// yearClerk is who files a request.
type yearClerk struct {
	login   string
	legID   string
	citizen bool
	opinion opinion
}

// file is a request that comes without a visit.
func (y *year) file(f *filing) {
	c := yearClerk{login: byPost, opinion: f.opinion}
	if f.citizen >= 0 {
		c.login, c.citizen = citizens()[f.citizen], true
	}
	y.submit(c, &f.stop)
}

// submit files a form without a fault, of somebody entitled where there is one.
func (y *year) submit(c yearClerk, s *stop) {
	answers, err := y.answers(c, s)
	if err != nil {
		y.fault("%s fills in %s: %v", c.login, s.practice.Code, err)
		return
	}
	input := casework.SubmitIntakeInput{IdempotencyKey: y.key(), Practice: s.practice.Code, Answers: answers}
	if c.legID != "" {
		input.LegID = &c.legID
	}
	got, err := y.rooms.Cases.SubmitIntake(y.as(c.login), input)
	if err != nil {
		y.fault("%s files %s: %v", c.login, s.practice.Code, err)
		return
	}
	y.report.Filed++
	y.report.Intakes[string(got.Status)]++
	if got.Case == nil {
		return
	}
	y.begin(c, s, got.Case)
	if got.LinkedCase != nil {
		y.begin(yearClerk{login: c.login}, s, got.LinkedCase)
	}
}

// answers are those of the first of some people who is entitled to what the form asks for.
func (y *year) answers(c yearClerk, s *stop) (json.RawMessage, error) {
	var first json.RawMessage
	for try := range yearTries {
		rng := rand.New(rand.NewPCG(s.seed, try))
		who := fill.NewPerson(rng, town.Today(y.now))
		if c.citizen {
			var err error
			if who, err = y.citizen(c.login); err != nil {
				return nil, err
			}
		}
		answers, err := json.Marshal(y.rooms.Forms[s.practice.Code].Valid(rng, y.now, who))
		if err != nil {
			return nil, fmt.Errorf("write the answers: %w", err)
		}
		if try == 0 {
			first = answers
		}
		if s.asItComes {
			break
		}
		seen, err := y.rooms.Cases.PreviewIntake(y.as(c.login), casework.PreviewIntakeInput{Practice: s.practice.Code, Answers: answers})
		if err != nil {
			return nil, err
		}
		if seen.Decision != nil && len(seen.Decision.Blocks) == 0 {
			return answers, nil
		}
	}
	return first, nil
}

// yearTries is how many people are drawn until one is entitled.
const yearTries = uint64(8)

func (y *year) citizen(login string) (fill.Person, error) {
	if me, known := y.citizens[login]; known {
		return me, nil
	}
	me, err := y.rooms.Citizen(y.as(login), login)
	if err == nil {
		y.citizens[login] = me
	}
	return me, err
}
