package graph

import "github.com/spazio-in-comune/sportello/internal/desk"

// boards are the readings of boards, by site.
type boards = readings[*desk.Board]
