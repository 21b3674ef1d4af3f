package rpc

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

const (
	// ProtocolVersion is the version of department.proto. A host keeps the
	// version before the newest, too.
	ProtocolVersion = 1

	// CookieKey is the environment variable by which a process knows that it was
	// started as a department.
	CookieKey = "SPORTELLO_DEPARTMENT"
	// CookieValue is its value: a courtesy to whoever starts a department by hand,
	// no secret.
	CookieValue = "9d2c7c5e-spazio-in-comune"

	// PairEnv is the environment variable with the certificate and the key that the
	// platform has made for a department of the house, as PEM. Others get none and
	// make their own.
	PairEnv = "SPORTELLO_PAIR"

	// PluginName is the name under which host and process know the contract.
	PluginName = "department"

	// HealthService is the name that the standard gRPC health service answers for.
	HealthService = plugin.GRPCServiceName

	// MaxAnswer bounds an answer of a department, in bytes. gRPC alone would
	// take 2 GiB.
	MaxAnswer = 4 << 20
	// MaxRequest bounds a request. It is twice gRPC's own limit, so that no form
	// that the platform takes in is too large to be reviewed. Attachments never
	// cross the wire.
	MaxRequest = 8 << 20
)

// Handshake is what host and department must agree on before they talk.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{MagicCookieKey: CookieKey, MagicCookieValue: CookieValue}
}

// ClientPlugins are the versions of the contract that a host understands. The
// value that it dispenses under [PluginName] is a [*Client].
func ClientPlugins(limits Limits) map[int]plugin.PluginSet {
	return map[int]plugin.PluginSet{ProtocolVersion: {PluginName: &adapter{limits: limits}}}
}

// adapter is the piece that go-plugin asks for on both ends.
type adapter struct {
	plugin.NetRPCUnsupportedPlugin
	dep    sdk.Department // set in the department
	limits Limits         // set in the host
}

// GRPCServer implements go-plugin's GRPCPlugin in the department.
func (a *adapter) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	if a.dep == nil {
		return errors.New("no department to serve")
	}
	departmentpb.RegisterDepartmentServer(server, &service{dep: a.dep})
	return nil
}

// GRPCClient implements go-plugin's GRPCPlugin in the host.
func (a *adapter) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn, a.limits), nil
}
