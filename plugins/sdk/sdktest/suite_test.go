package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// A good department is found to be good, by a test in one line.
func TestAGoodDepartment(t *testing.T) {
	t.Parallel()
	Run(t, fromFolder(t, orti()), smallTown(), casesOf(orti()))
}

func TestWithoutCasesFormsAreMadeUp(t *testing.T) {
	t.Parallel()
	report := examine(t, fromFolder(t, orti()), nil, rpc.Limits{})
	if got := failures(report); len(got) > 0 {
		t.Errorf("failed: %v", got)
	}
	for _, c := range report.Checks {
		if (c.Skipped != "") != (c.Group == "cases") {
			t.Errorf("%s/%s: skipped because %q", c.Group, c.Name, c.Skipped)
		}
	}
}

type (
	described = sdk.DescribeResponse
	request   = sdk.ReviewRequest
	reviewed  = sdk.ReviewResponse
)

// bad is a department with one fault and the check that finds it.
type bad struct {
	finds    string
	describe func(*described) (*described, error)
	review   func(context.Context, request, *reviewed, error) (*reviewed, error)
	folder   func(fstest.MapFS)
	limit    time.Duration // of a review; zero is the platform's
}

// changed gives a copy of the definition to spoil.
func changed(change func(*sdk.Definition)) func(*described) (*described, error) {
	return func(d *described) (*described, error) {
		raw, err := json.Marshal(d.Definition)
		if err != nil {
			return nil, err
		}
		var def sdk.Definition
		if err := json.Unmarshal(raw, &def); err != nil {
			return nil, err
		}
		change(&def)
		return &described{Definition: &def}, nil
	}
}

// added spoils every good answer.
func added(change func(*reviewed)) func(context.Context, request, *reviewed, error) (*reviewed, error) {
	return func(_ context.Context, _ request, r *reviewed, err error) (*reviewed, error) {
		if err == nil {
			change(r)
		}
		return r, err
	}
}

// badDepartments are by name; each makes state of its own.
func badDepartments() map[string]func() bad {
	text := sdk.Text{IT: "Prova", EN: "Test"}
	return map[string]func() bad{
		"describe fails": func() bad {
			return bad{finds: "definition/it describes itself", describe: func(*described) (*described, error) { return nil, errors.New("no file") }}
		},
		"describes nothing": func() bad {
			return bad{finds: "definition/it describes itself", describe: func(*described) (*described, error) { return &described{}, nil }}
		},
		"routes to nowhere": func() bad {
			return bad{finds: "definition/the definition is sound", describe: changed(func(d *sdk.Definition) { d.DefaultRoute = "nowhere" })}
		},
		"version is a word": func() bad {
			return bad{finds: "definition/the version is semantic", describe: changed(func(d *sdk.Definition) { d.Version = "newest" })}
		},
		"another definition each time": func() bad {
			var n atomic.Int64
			return bad{finds: "definition/the same at every call", describe: changed(func(d *sdk.Definition) { d.Version = fmt.Sprintf("1.0.%d", n.Add(1)) })}
		},
		"a text of one character and a half": func() bad {
			return bad{finds: "definition/forms are JSON Schemas", describe: changed(func(d *sdk.Definition) {
				d.Practices[0].Form.Fields = append(d.Practices[0].Form.Fields,
					sdk.Field{Name: "motivo", Label: text, Type: sdk.TypeString, Required: sdk.RequiredNever, Min: "1.5"})
			})}
		},
		"a note in Italian alone": func() bad {
			return bad{finds: "texts/both languages", describe: changed(func(d *sdk.Definition) { d.Practices[0].Note.IT = "Solo italiano" })}
		},
		"an error for a good form": func() bad {
			return bad{finds: "answers/a good form is answered", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				if string(req.Answers["mq"]) == "40" {
					return nil, errors.New("40 is too much")
				}
				return r, err
			}}
		},
		"neither answer nor error": func() bad {
			return bad{finds: "answers/a good form is answered", review: func(context.Context, request, *reviewed, error) (*reviewed, error) { return nil, nil }}
		},
		"a problem elsewhere": func() bad {
			return bad{finds: "answers/problems can be mended", review: added(func(r *reviewed) {
				r.Problems = []sdk.Problem{{Path: "cognome", Code: "orti/x", Message: text}}
			})}
		},
		"a problem with a foreign code": func() bad {
			return bad{finds: "answers/problems can be mended", review: added(func(r *reviewed) {
				r.Problems = []sdk.Problem{{Path: "mq", Code: "too-large", Message: text}}
			})}
		},
		"a problem in Italian alone": func() bad {
			return bad{finds: "answers/problems can be mended", review: added(func(r *reviewed) {
				r.Problems = []sdk.Problem{{Path: "mq", Code: "orti/x", Message: sdk.Text{IT: "No"}}}
			})}
		},
		"an amount as a float": func() bad {
			return bad{finds: "answers/computed values have the form of their kind", review: added(func(r *reviewed) {
				r.Computed = []sdk.Computed{{Name: "canone", Label: text, Kind: sdk.KindMoney, Value: "48.000000001"}}
			})}
		},
		"a value without a name": func() bad {
			return bad{finds: "answers/computed values have the form of their kind", review: added(func(r *reviewed) {
				r.Computed = []sdk.Computed{{Label: text, Kind: sdk.KindText, Value: "x"}}
			})}
		},
		"a rule that nobody wrote": func() bad {
			return bad{finds: "rules/fired rules are those of the definition", review: added(func(r *reviewed) {
				r.Fired = append(r.Fired, sdk.Fired{RuleID: "domanda-orto/r9", Words: text})
			})}
		},
		"a rule with another effect": func() bad {
			return bad{finds: "rules/fired rules are those of the definition", review: added(func(r *reviewed) {
				for i := range r.Fired {
					r.Fired[i].Effect.Priority = "P1"
				}
			})}
		},
		"a rule twice": func() bad {
			return bad{finds: "rules/fired rules are those of the definition", review: added(func(r *reviewed) {
				r.Fired = append(r.Fired, r.Fired...)
			})}
		},
		"a rule left out": func() bad {
			return bad{finds: "rules/a rule fires exactly when its condition holds", review: added(func(r *reviewed) { r.Fired = nil })}
		},
		"an effect that leads nowhere": func() bad {
			return bad{finds: "merge/answers merge with the rules of the town", review: added(func(r *reviewed) {
				for i := range r.Fired {
					r.Fired[i].Effect.To = "nowhere"
				}
			})}
		},
		"counts its calls": func() bad {
			var n atomic.Int64
			return bad{finds: "determinism/the same request has the same answer", review: added(func(r *reviewed) { r.Computed[0].Working = fmt.Sprint(n.Add(1)) })}
		},
		"remembers who came before": func() bad {
			// The same thing twice in a row looks the same.
			var last atomic.Value
			last.Store("")
			var previous atomic.Value
			previous.Store("")
			return bad{finds: "determinism/in another order", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				key := asText(req)
				if key != last.Load() {
					previous.Store(last.Load())
					last.Store(key)
				}
				if err == nil {
					r.Computed[0].Working = fmt.Sprint(len(previous.Load().(string)))
				}
				return r, err
			}}
		},
		"answers somebody else's question": func() bad {
			var shared atomic.Value
			shared.Store("")
			return bad{finds: "determinism/from several callers at once", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				if err != nil {
					return r, err
				}
				shared.Store(asText(req.Answers))
				time.Sleep(2 * time.Millisecond)
				r.Computed[0].Working = shared.Load().(string)
				return r, nil
			}}
		},
		"takes the day as it comes": func() bad {
			return bad{finds: "determinism/the same moment in another time zone", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				if err == nil {
					r.Computed[0].Working = req.Now.Format(time.DateOnly)
				}
				return r, err
			}}
		},
		"thinks for long": func() bad {
			return bad{finds: "deadlines/each call within its limit", limit: 150 * time.Millisecond, review: func(ctx context.Context, _ request, r *reviewed, err error) (*reviewed, error) {
				time.Sleep(300 * time.Millisecond)
				return r, err
			}}
		},
		"goes on for nobody": func() bad {
			return bad{finds: "deadlines/a call that was given up", review: func(ctx context.Context, _ request, r *reviewed, err error) (*reviewed, error) {
				time.Sleep(5 * time.Millisecond)
				if ctx.Err() != nil {
					time.Sleep(3 * time.Second)
				}
				return r, err
			}}
		},
		"answers any practice": func() bad {
			return bad{finds: "bad input/a practice that it does not have", review: func(_ context.Context, _ request, r *reviewed, err error) (*reviewed, error) {
				if err != nil {
					return &reviewed{}, nil
				}
				return r, nil
			}}
		},
		"fears what it does not know": func() bad {
			return bad{finds: "bad input/names that it does not know", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				if _, ok := req.Ambient["name_of_the_future"]; ok {
					return nil, errors.New("unknown ambient name")
				}
				return r, err
			}}
		},
		"needs every answer": func() bad {
			return bad{finds: "bad input/answers that are missing", review: panicsWhen(func(req request) bool { return req.Answers["nome"] == nil })}
		},
		"trusts the types": func() bad {
			return bad{finds: "bad input/answers of another type", review: panicsWhen(func(req request) bool { return string(req.Answers["nome"]) == "{}" })}
		},
		"trusts the size": func() bad {
			return bad{finds: "bad input/huge answers", review: panicsWhen(func(req request) bool { return len(req.Answers["nome"]) > 10_000 })}
		},
		"trusts the numbers": func() bad {
			return bad{finds: "bad input/values that are hardly JSON", review: panicsWhen(func(req request) bool { return string(req.Answers["mq"]) == "1e400" })}
		},
		"knows our century alone": func() bad {
			return bad{finds: "bad input/days far away", review: panicsWhen(func(req request) bool { return req.Now.Year() < 1950 })}
		},
		"is worn out": func() bad {
			var worn atomic.Bool
			return bad{finds: "bad input/after all that, as before", review: func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
				if req.Now.Year() > 9000 {
					worn.Store(true)
				}
				if worn.Load() {
					return nil, errors.New("out of order")
				}
				return r, err
			}}
		},
		"decides otherwise": func() bad {
			return bad{finds: "cases/case files come out as they say", folder: func(f fstest.MapFS) {
				replace(f, "'48.00'", "'49.00'")
			}}
		},
		"a case file that cannot be read": func() bad {
			return bad{finds: "cases/case files come out as they say", folder: func(f fstest.MapFS) { replace(f, "answers:", "antworten:") }}
		},
		"a rule that no case fires": func() bad {
			return bad{finds: "cases/every rule, paper, fee and milestone is proved", folder: func(f fstest.MapFS) {
				replace(f, "'1950-03-05'", "'1981-03-05'")
				replace(f, "{fired: [domanda-orto/r2], set: {settore: vicino}}", "{fired: []}")
			}}
		},
	}
}

func panicsWhen(is func(request) bool) func(context.Context, request, *reviewed, error) (*reviewed, error) {
	return func(_ context.Context, req request, r *reviewed, err error) (*reviewed, error) {
		if is(req) {
			panic("cannot stand this")
		}
		return r, err
	}
}

func replace(folder fstest.MapFS, old, text string) {
	file := folder["cases/domanda-orto.yaml"]
	if !strings.Contains(string(file.Data), old) {
		panic("the fixture has no " + old)
	}
	file.Data = []byte(strings.ReplaceAll(string(file.Data), old, text))
}

// Every check is seen to fail on a department that breaks its promise, and tells
// what was done and what came back.
func TestBadDepartments(t *testing.T) {
	t.Parallel()
	for name, make := range badDepartments() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, folder := make(), orti()
			if b.folder != nil {
				b.folder(folder)
			}
			report := examine(t, &spoiled{fromFolder(t, folder), b.describe, b.review}, casesOf(folder), rpc.Limits{Review: b.limit})
			if got := failures(report); !slices.Contains(got, b.finds) {
				t.Errorf("found %q, want %q among them", got, b.finds)
			}
			for _, c := range report.Checks {
				for _, f := range c.Failures {
					if f.Did == "" || f.Got == "" {
						t.Errorf("%s/%s tells %+v", c.Group, c.Name, f)
					}
				}
			}
		})
	}
}

// Each check has a department that breaks it, and says where its promise stands.
func TestEveryPromise(t *testing.T) {
	t.Parallel()
	broken := map[string]bool{}
	for _, make := range badDepartments() {
		broken[make().finds] = true
	}
	manual, err := os.ReadFile("../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, contract, _ := strings.Cut(string(manual), "# The contract")
	for _, p := range promises() {
		if !broken[p.group+"/"+p.name] {
			t.Errorf("no bad department breaks %s/%s", p.group, p.name)
		}
		if !strings.Contains(contract, fmt.Sprintf("\n//  %d. ", p.clause)) {
			t.Errorf("%s/%s: The contract has no clause %d", p.group, p.name, p.clause)
		}
		if p.contract == "" || p.mend == "" {
			t.Errorf("%s/%s says too little", p.group, p.name)
		}
	}
}
