package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// service answers the platform from an [sdk.Department].
type service struct {
	departmentpb.UnimplementedDepartmentServer
	dep sdk.Department
}

// Describe implements departmentpb.DepartmentServer.
func (s *service) Describe(ctx context.Context, _ *departmentpb.DescribeRequest) (_ *departmentpb.DescribeResponse, err error) {
	defer recoverCall("Describe", &err)
	resp, err := s.dep.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return nil, broken(ctx, err)
	}
	if resp == nil || resp.Definition == nil {
		return nil, status.Error(codes.Unknown, "the department describes nothing")
	}
	body, err := json.Marshal(resp.Definition)
	if err != nil {
		return nil, status.Errorf(codes.Unknown, "encode the definition: %v", err)
	}
	return &departmentpb.DescribeResponse{Definition: body}, nil
}

// Review implements departmentpb.DepartmentServer.
func (s *service) Review(ctx context.Context, in *departmentpb.ReviewRequest) (_ *departmentpb.ReviewResponse, err error) {
	defer recoverCall("Review", &err)
	req, err := decodeReview(in)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	resp, err := s.dep.Review(ctx, req)
	if err != nil {
		return nil, broken(ctx, err)
	}
	if resp == nil {
		return nil, status.Error(codes.Unknown, "the department answers nothing")
	}
	body, err := json.Marshal(resp)
	if err != nil {
		return nil, status.Errorf(codes.Unknown, "encode the review: %v", err)
	}
	return &departmentpb.ReviewResponse{Review: body}, nil
}

// decodeReview turns the message into the SDK's request.
func decodeReview(in *departmentpb.ReviewRequest) (sdk.ReviewRequest, error) {
	req := sdk.ReviewRequest{Practice: in.GetPractice(), Parameters: in.GetParameters()}
	now, err := time.Parse(time.RFC3339Nano, in.GetNow())
	if err != nil {
		return req, fmt.Errorf("field now: %w", err)
	}
	req.Now = now
	documents := []struct {
		name string
		body []byte
		into any
	}{
		{"answers", in.GetAnswers(), &req.Answers},
		{"ambient", in.GetAmbient(), &req.Ambient},
		{"calendar", in.GetCalendar(), &req.Calendar},
	}
	for _, d := range documents {
		if len(d.body) == 0 {
			continue
		}
		if err := json.Unmarshal(d.body, d.into); err != nil {
			return req, fmt.Errorf("field %s: %w", d.name, err)
		}
	}
	return req, nil
}

// broken reports a department's error; a call that the platform has given up is
// told apart, as it says nothing about the department.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unknown, cut(err.Error()))
}

// recoverCall turns a panic into the error of this one call, so that one intake
// that a department cannot stand does not end the reviews of everybody else.
func recoverCall(method string, err *error) {
	if p := recover(); p != nil {
		fmt.Fprintf(os.Stderr, "panic in %s: %v\n%s", method, p, debug.Stack())
		*err = status.Error(codes.Unknown, cut(fmt.Sprintf("panic: %v", p)))
	}
}

// maxErrorText bounds what a department's error may say, in bytes.
const maxErrorText = 500

func cut(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxErrorText)], "")
}
