// Package ent is generated from ent/schema; see ent/schema for what is stored.
package ent

//go:generate go tool ent generate --feature sql/execquery,sql/modifier,intercept ./schema
