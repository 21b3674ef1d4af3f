// Package stream reads the one log of events and passes it on: to subscriptions
// that follow live and resume by cursor, and to durable consumers in other rooms.
//
// The database is the record; a doorbell only says that there may be something
// new, and polling stands in for a doorbell that is lost. Events have one order
// without gaps or doubles. On SQLite the commit numbers them; on MySQL a relay
// does, one replica at a time.
//
// Several servers on one MySQL ring each other's doorbells through NATS ([Bells]). The log
// is never cut: retention says which cursors of clients are still served.
//
//	unit commits → doorbell → relay (MySQL: numbers) → doorbell → hub → subscriptions
package stream
