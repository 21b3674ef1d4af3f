package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// department answers with what its functions say.
type department struct {
	definition *sdk.Definition
	review     func(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error)
}

func (d department) Describe(context.Context, sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	return &sdk.DescribeResponse{Definition: d.definition}, nil
}

func (d department) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return d.review(ctx, req)
}

func connect(t *testing.T, dep sdk.Department, limits rpc.Limits) *rpc.Client {
	t.Helper()
	client, stop, err := rpc.InProcess(dep, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return client
}

func request() sdk.ReviewRequest {
	return sdk.ReviewRequest{
		Practice: "cambio-residenza",
		Answers:  map[string]json.RawMessage{"nome": json.RawMessage(`"Zoë"`), "figli": json.RawMessage(`[1,2.50]`)},
		Now:      time.Date(2026, 10, 25, 2, 30, 0, 123456000, time.FixedZone("", 3600)),
		Ambient:  map[string]json.RawMessage{"resident": json.RawMessage("true")},
		Calendar: calc.Calendar{
			Fixed: []calc.MonthDay{"12-25"}, FixedFrom: map[calc.MonthDay]int{"10-04": 2026},
			Local: []calc.MonthDay{"11-11"}, EasterMonday: true,
		},
		Parameters: map[string]string{"diritti": "5.42"},
	}
}

func TestNothingIsLostOnTheWire(t *testing.T) {
	want := request()
	answer := &sdk.ReviewResponse{
		Problems: []sdk.Problem{{Path: "figli[0]", Code: "range", Message: sdk.Text{IT: "Età?", EN: "Age?"}}},
		Fired:    []sdk.Fired{{RuleID: "r1", Words: sdk.Text{IT: "à", EN: "b"}, Effect: sdk.Effect{To: "sportello", Hint: &sdk.Text{IT: "x"}}}},
		Computed: []sdk.Computed{{Name: "imu", Value: "12.30", Kind: "money", Working: "6,15 × 2"}},
	}
	var got sdk.ReviewRequest
	definition := &sdk.Definition{Service: "anagrafe", Practices: []sdk.Practice{{ID: "cambio-residenza"}}}
	client := connect(t, department{definition, func(_ context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
		got = req
		return answer, nil
	}}, rpc.Limits{})

	review, err := client.Review(t.Context(), want)
	if diff := cmp.Diff(answer, review); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(sameMoment)); diff != "" {
		t.Error(diff)
	}
	described, err := client.Describe(t.Context(), sdk.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(definition, described.Definition, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// sameMoment also compares the offset: the civil date hangs on it.
func sameMoment(a, b time.Time) bool {
	_, x := a.Zone()
	_, y := b.Zone()
	return a.Equal(b) && x == y
}

func TestAnEmptyRequestArrives(t *testing.T) {
	client := connect(t, department{nil, func(_ context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
		if req.Answers == nil || req.Ambient == nil {
			return nil, errors.New("an object became null")
		}
		return &sdk.ReviewResponse{}, nil
	}}, rpc.Limits{})
	if _, err := client.Review(t.Context(), sdk.ReviewRequest{}); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreToldApart(t *testing.T) {
	respond := func(r *sdk.ReviewResponse, err error) func(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
		return func(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error) { return r, err }
	}
	large := strings.Repeat("x", rpc.MaxAnswer)
	tests := map[string]struct {
		review func(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error)
		req    sdk.ReviewRequest
		want   rpc.Fault
	}{
		"error":         {respond(nil, errors.New("no table")), request(), rpc.Broken},
		"long error":    {respond(nil, errors.New(strings.Repeat("è", 1<<20))), request(), rpc.Broken},
		"no answer":     {respond(nil, nil), request(), rpc.Broken},
		"large answer":  {respond(&sdk.ReviewResponse{Computed: []sdk.Computed{{Value: large}}}, nil), request(), rpc.TooLarge},
		"large request": {respond(&sdk.ReviewResponse{}, nil), sdk.ReviewRequest{Practice: strings.Repeat("x", rpc.MaxRequest)}, rpc.TooLarge},
		"panic": {func(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
			panic("no")
		}, request(), rpc.Broken},
		"too slow": {func(ctx context.Context, _ sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, request(), rpc.Timeout},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			limits := rpc.Limits{Review: time.Minute} // no fault of a busy machine
			if tt.want == rpc.Timeout {
				limits.Review = 300 * time.Millisecond
			}
			client := connect(t, department{nil, tt.review}, limits)
			_, err := client.Review(t.Context(), tt.req)
			var fault *rpc.Error
			if !errors.As(err, &fault) || fault.Fault != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if len(err.Error()) > 700 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestRequestsBeyondTheDefaultLimitOfGRPC(t *testing.T) {
	client := connect(t, department{nil, func(_ context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
		if len(req.Practice) != 5<<20 {
			return nil, errors.New("cut")
		}
		return &sdk.ReviewResponse{}, nil
	}}, rpc.Limits{})
	if _, err := client.Review(t.Context(), sdk.ReviewRequest{Practice: strings.Repeat("x", 5<<20)}); err != nil {
		t.Error(err)
	}
}

func TestTheCallersOwnEndIsNoFault(t *testing.T) {
	client := connect(t, department{nil, func(ctx context.Context, _ sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, rpc.Limits{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := client.Review(ctx, request())
	var fault *rpc.Error
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
}

func TestADepartmentWithoutADefinition(t *testing.T) {
	client := connect(t, department{}, rpc.Limits{})
	_, err := client.Describe(t.Context(), sdk.DescribeRequest{})
	var fault *rpc.Error
	if !errors.As(err, &fault) || fault.Fault != rpc.Broken {
		t.Errorf("got %v", err)
	}
}
