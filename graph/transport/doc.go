// Package transport carries GraphQL over HTTP (POST, and GET for queries) and over WebSocket (graphql-transport-ws),
// on gqlgen's public API: resolvers, schema and generated code know nothing of it.
//
// HTTP follows the GraphQL-over-HTTP specification as audited by the graphql-http suite. Where the audits and the
// newest draft of the specification differ (the draft moves validation failures from 400 to 422 and partial answers
// from 200 to 294) the audits are kept, because clients in use expect them; see status.go.
//
// Nothing a client sends is repeated in an error that is made here, and every body and message is decoded once, by one
// strict decoder (request.go).
package transport
