// Command minimal is the smallest department: the benchmarks measure what the
// host and the contract cost, not what a department does.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

type minimal struct{ definition sdk.Definition }

func (m *minimal) Describe(context.Context, sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	return &sdk.DescribeResponse{Definition: &m.definition}, nil
}

func (m *minimal) Review(_ context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return &sdk.ReviewResponse{Computed: []sdk.Computed{{Name: "echo", Value: string(req.Answers["nome"]), Kind: "text"}}}, nil
}

func main() {
	var m minimal
	if err := json.Unmarshal([]byte(os.Args[1]), &m.definition); err != nil {
		panic(err)
	}
	rpc.Serve(&m)
}
