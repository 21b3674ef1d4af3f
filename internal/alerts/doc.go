// Package alerts tells the mayor's office, and the offices concerned, of what reached
// them, of terms about to pass or passed, and of thresholds crossed: on the screens, by
// signed webhook and by mail.
//
// An alert is stored, raised once for each cause, and ends by itself with its cause. What
// facts lead to is a consumer of events with a durable place in the log ([Alerts.Causes]);
// what time and measures lead to is found by looks, which replicas may make side by side
// ([Alerts.Look]). Every change of an alert is an event, so that no reader misses one.
// Messages are written for each event and endpoint in a transaction ([Alerts.Enqueue]) and
// sent in order, at least once ([Alerts.RunSender]).
//
// An alert names no citizen: reference, service, office, status and age. The rules are in
// package rule, the ways out of the house in package post.
package alerts
