package audit

import (
	"fmt"
)

// String says what was found, where, and what it means.
func (f Finding) String() string {
	where := fmt.Sprintf("entry %d", f.Seq)
	if f.ID != "" {
		where += fmt.Sprintf(" (%s, of %s)", f.ID, f.At)
	}
	switch f.Problem {
	case BodyChanged:
		return where + ": its text is not the one that was linked. Somebody has changed it, or the entry before together with its hash"
	case HashChanged:
		return where + ": its hash was changed; its text is whole"
	case ColumnChanged:
		return where + ": the column " + f.Detail + " says something else than the entry; the entry is right"
	case SubjectMissing:
		return where + ": it is about " + f.Detail + ", but was taken out of the list by which that person finds it"
	case SubjectAdded:
		return where + ": the list of persons names " + f.Detail + ", whom the entry is not about"
	case EntryMissing:
		return fmt.Sprintf("entries %d to %d: taken out", f.Seq, f.Other)
	case EntriesSwapped:
		return where + fmt.Sprintf(": swapped with entry %d", f.Other)
	case ChainBroken:
		return where + ": it does not follow from the entry before. One of the two was changed, or entries between them were taken out and the rest renumbered"
	case TailCut:
		return fmt.Sprintf("entries %d to %d: the end of the audit was cut off", f.Seq, f.Other)
	case EntryAdded:
		return where + ": an entry where none belongs: " + f.Detail
	case HeadForged:
		return fmt.Sprintf("the signed head of entry %d, %s: the signature is not the town's", f.Seq, f.Detail)
	case HeadMissing:
		return fmt.Sprintf("the signed head of entry %d was kept elsewhere and is gone from the database", f.Seq)
	case HeadDiffers:
		return where + ": the town has signed another hash here. The audit was written anew from some entry up to this one"
	default:
		return where + ": " + string(f.Problem)
	}
}
