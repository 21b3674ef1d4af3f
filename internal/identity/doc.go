// Package identity says who asks: it makes and checks tokens, knows the holders of
// printed tickets, keeps the demo people, and reads and writes persons. Personal data
// stand in one column, sealed.
package identity
