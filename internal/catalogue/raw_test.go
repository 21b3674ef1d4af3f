package catalogue

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that rawCodec wraps
	"google.golang.org/grpc/mem"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// serveRaw serves the contract without the SDK and breaks it.
func serveRaw() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  rpc.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{rpc.ProtocolVersion: {rpc.PluginName: rawPlugin{}}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, grpc.MaxSendMsgSize(2<<30-1),
				grpc.ForceServerCodecV2(rawCodec{encoding.GetCodecV2("proto")}))...)
		},
	})
}

// rawCodec says "gigabyte" as a review of 2^30 bytes, which are one MiB many
// times over, so that only the host could be short of memory.
type rawCodec struct{ encoding.CodecV2 }

func (c rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	response, ok := v.(*departmentpb.ReviewResponse)
	if !ok || string(response.GetReview()) != "gigabyte" {
		return c.CodecV2.Marshal(v)
	}
	const fieldOneBytes = 1<<3 | 2
	message := mem.BufferSlice{mem.SliceBuffer(binary.AppendUvarint([]byte{fieldOneBytes}, 1<<30))}
	mebibyte := make([]byte, 1<<20)
	for range 1 << 10 {
		message = append(message, mem.SliceBuffer(mebibyte))
	}
	return message, nil
}

type rawPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (rawPlugin) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	departmentpb.RegisterDepartmentServer(s, rawService{broker: broker})
	return nil
}

func (rawPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("only a server")
}

type rawService struct {
	broker *plugin.GRPCBroker
	departmentpb.UnimplementedDepartmentServer
}

func (rawService) Describe(context.Context, *departmentpb.DescribeRequest) (*departmentpb.DescribeResponse, error) {
	body, err := json.Marshal(testDefinition("raw"))
	return &departmentpb.DescribeResponse{Definition: body}, err
}

func (s rawService) Review(_ context.Context, req *departmentpb.ReviewRequest) (*departmentpb.ReviewResponse, error) {
	bodies := map[string][]byte{
		"garbage":      []byte("\x00\x01 no JSON"),
		"invalid-utf8": []byte("{\"problems\":[{\"path\":\"a\xff\"}]}"),
		"wrong-type":   []byte(`{"problems":"many"}`),
		"null":         []byte("null"),
		"nothing":      nil,
	}
	switch req.GetPractice() {
	case "gigabyte":
		return &departmentpb.ReviewResponse{Review: []byte("gigabyte")}, nil // see rawCodec
	case "ask-the-host":
		return s.askTheHost()
	}
	return &departmentpb.ReviewResponse{Review: bodies[req.GetPractice()]}, nil
}

// askTheHost tries every way that the plug-in library has to reach the host: it
// asks for a service of the host's, and it reports what else it holds a connection
// to.
func (s rawService) askTheHost() (*departmentpb.ReviewResponse, error) {
	said := "connected"
	if _, err := s.broker.Dial(1); err != nil {
		said = err.Error()
	}
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	sockets := 0
	for _, name := range names {
		target, _ := os.Readlink("/proc/self/fd/" + name.Name()) // may be closed again
		if strings.HasPrefix(target, "socket:") {
			sockets++
		}
	}
	body, err := json.Marshal(sdk.ReviewResponse{Computed: []sdk.Computed{
		{Name: "broker", Value: said, Kind: "text"}, {Name: "sockets", Value: strconv.Itoa(sockets), Kind: "text"},
	}})
	return &departmentpb.ReviewResponse{Review: body}, err
}

// serveStream serves no unary call: what it is asked it answers with messages
// without end.
func serveStream() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  rpc.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{rpc.ProtocolVersion: {rpc.PluginName: streamPlugin{}}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, grpc.UnknownServiceHandler(endless))...)
		},
	})
}

type streamPlugin struct{ rawPlugin }

func (streamPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func endless(_ any, stream grpc.ServerStream) error {
	if method, _ := grpc.Method(stream.Context()); strings.HasSuffix(method, "/Describe") {
		body, err := json.Marshal(testDefinition("stream"))
		if err != nil {
			return err
		}
		return stream.SendMsg(&departmentpb.DescribeResponse{Definition: body})
	}
	answer := &departmentpb.ReviewResponse{Review: []byte(`{"problems":[]}`)}
	for {
		if err := stream.SendMsg(answer); err != nil {
			return err
		}
	}
}
