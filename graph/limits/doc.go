// Package limits keeps hostile or careless operations away from validation, resolvers and SQL.
//
// An operation is judged in three steps, each cheap enough to be applied to anything a client sends:
//
//  1. on its text: length, tokens, nesting (CheckText);
//  2. on its parsed document, before validation: depth, aliases, directives, root fields, fragments, repeats (CheckDocument).
//     It has to come first because validation is quadratic in repeated fields and never looks at the clock;
//  3. after validation, when types and variables are known: pages, nodes and cost with list sizes counted (CheckOperation).
//
// Guard is the gqlgen extension that applies the three steps. All figures stand in one Table.
package limits
