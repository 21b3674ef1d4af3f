package rpc

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// InProcess serves a department through the real messages without a process or a
// socket, so that a test sees what the wire does to its values. Call stop when
// done.
func InProcess(dep sdk.Department, limits Limits) (client *Client, stop func(), err error) {
	listener := bufconn.Listen(64 << 10)
	server := newServer(nil)
	departmentpb.RegisterDepartmentServer(server, &service{dep: dep})
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends with the error of the closed listener
	}()
	stopServer := func() {
		server.Stop()
		<-served
	}
	conn, err := grpc.NewClient("passthrough:///department",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return listener.DialContext(ctx)
		}))
	if err != nil {
		stopServer()
		return nil, nil, fmt.Errorf("connect to the department: %w", err)
	}
	return NewClient(conn, limits), func() {
		_ = conn.Close() // only fails if it was closed before
		stopServer()
	}, nil
}
