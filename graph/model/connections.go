package model

import "github.com/spazio-in-comune/sportello/internal/casework"

// CaseConnection is a page of cases. It keeps what was asked, so that the count is
// made only when asked for.
type CaseConnection struct {
	Edges    []*CaseEdge
	PageInfo *PageInfo
	Filter   casework.CaseFilter
	Order    *casework.CaseOrder
}
