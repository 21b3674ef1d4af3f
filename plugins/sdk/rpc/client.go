package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// Limits are the longest times a department may take, in real time. A zero value
// stands for the default.
type Limits struct {
	// Describe bounds the description after a start; 5 s by default.
	Describe time.Duration
	// Review bounds the review of one intake; 2 s by default.
	Review time.Duration
}

// WithDefaults are the limits with the platform's own where none is given.
func (l Limits) WithDefaults() Limits {
	if l.Describe == 0 {
		l.Describe = 5 * time.Second
	}
	if l.Review == 0 {
		l.Review = 2 * time.Second
	}
	return l
}

// Client is a department in another process. Its errors are [*Error], or the
// caller's own context error where the caller gave up first.
type Client struct {
	pb     departmentpb.DepartmentClient
	limits Limits
}

var _ sdk.Department = (*Client)(nil)

// NewClient talks to a department over a connection. The bounds on the size of
// messages hold whatever the connection's own are.
func NewClient(conn grpc.ClientConnInterface, limits Limits) *Client {
	return &Client{pb: departmentpb.NewDepartmentClient(conn), limits: limits.WithDefaults()}
}

// Describe implements [sdk.Department].
func (c *Client) Describe(ctx context.Context, _ sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	limited, cancel := context.WithTimeout(ctx, c.limits.Describe)
	defer cancel()
	answer, err := c.pb.Describe(limited, &departmentpb.DescribeRequest{}, callOptions()...)
	if err != nil {
		return nil, callError(ctx, limited, "Describe", err)
	}
	var definition sdk.Definition
	if err := decodeAnswer(answer.GetDefinition(), &definition); err != nil {
		return nil, &Error{Method: "Describe", Fault: BadAnswer, Cause: err}
	}
	return &sdk.DescribeResponse{Definition: &definition}, nil
}

// Review implements [sdk.Department].
func (c *Client) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	message, err := encodeReview(req)
	if err != nil {
		return nil, fmt.Errorf("encode the review of %q: %w", req.Practice, err)
	}
	limited, cancel := context.WithTimeout(ctx, c.limits.Review)
	defer cancel()
	answer, err := c.pb.Review(limited, message, callOptions()...)
	if err != nil {
		return nil, callError(ctx, limited, "Review", err)
	}
	var review sdk.ReviewResponse
	if err := decodeAnswer(answer.GetReview(), &review); err != nil {
		return nil, &Error{Method: "Review", Fault: BadAnswer, Cause: err}
	}
	return &review, nil
}

func callOptions() []grpc.CallOption {
	return []grpc.CallOption{grpc.MaxCallRecvMsgSize(MaxAnswer), grpc.MaxCallSendMsgSize(MaxRequest)}
}

// encodeReview turns the SDK's request into the message.
func encodeReview(req sdk.ReviewRequest) (*departmentpb.ReviewRequest, error) {
	answers, err := object(req.Answers)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	ambient, err := object(req.Ambient)
	if err != nil {
		return nil, fmt.Errorf("ambient values: %w", err)
	}
	calendar, err := json.Marshal(req.Calendar)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return &departmentpb.ReviewRequest{
		Practice:   req.Practice,
		Answers:    answers,
		Now:        req.Now.Format(time.RFC3339Nano),
		Ambient:    ambient,
		Calendar:   calendar,
		Parameters: req.Parameters,
	}, nil
}

// object joins values to a JSON object, in the order of their names. It only checks the
// values, where package json would write each of them again; none gives {}, which
// spares a department in another language the JSON null.
func object(values map[string]json.RawMessage) ([]byte, error) {
	size := 2
	for name, value := range values {
		size += len(name) + len(value) + 4
	}
	body := append(make([]byte, 0, size), '{')
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if !json.Valid(value) {
			return nil, fmt.Errorf("the value of %q is no JSON", name)
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, fmt.Errorf("the name %q: %w", name, err)
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(append(body, key...), ':'), value...)
	}
	return append(body, '}'), nil
}

// decodeAnswer reads one JSON object in valid UTF-8 and nothing else. Unknown
// members are ignored: a newer department may say more.
func decodeAnswer(body []byte, into any) error {
	if !utf8.Valid(body) {
		return fmt.Errorf("the answer is not valid UTF-8")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return fmt.Errorf("the answer is not a JSON object")
	}
	return json.Unmarshal(body, into)
}
