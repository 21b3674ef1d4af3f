package calc

import (
	"github.com/shopspring/decimal"
)

// pagesPerSheet: a sheet has four pages of at most 25 lines (DPR 642/1972 art. 5).
const pagesPerSheet = 4

// StampOnPaper is the stamp duty of a paper act: so much for every sheet of four
// pages, also a begun one.
func StampOnPaper(perSheet decimal.Decimal, pages int) decimal.Decimal {
	sheets := (max(pages, 0) + pagesPerSheet - 1) / pagesPerSheet
	return perSheet.Mul(whole(sheets))
}

// StampDigital is the stamp duty of digital requests and acts: flat, whatever
// their size. Usually there are two: the request and the act.
func StampDigital(each decimal.Decimal, items int) decimal.Decimal {
	return each.Mul(whole(items))
}
