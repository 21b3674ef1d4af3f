// Package rpc carries a department over the process boundary. A department's
// main is one statement:
//
//	func main() { rpc.Main(tributi.New) }
//
// The platform starts that binary, shakes hands with it over its standard
// output, and talks gRPC over a private socket with certificates made for this
// one start. The author of a department never sees any of it; the author of a
// department in another language finds the messages in department.proto.
package rpc
