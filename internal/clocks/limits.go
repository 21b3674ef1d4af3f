package clocks

import (
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The articles under which a term may be suspended, counted anew or lengthened.
const (
	// ArticleFacts: facts and data that no administration holds or can obtain.
	ArticleFacts = "L. 241/1990 art. 2 c. 7"
	// ArticleNotice: the notice before a refusal. The window for observations is
	// 10 days, see [WindowEnd]; observations give another 10 from their arrival.
	ArticleNotice = "L. 241/1990 art. 10-bis"
	// ArticleThirdParties: notice to third parties in generalised civic access.
	ArticleThirdParties = "D.Lgs. 33/2013 art. 5 c. 5"
	// ArticleAccess: third parties in documentary access; their 10 days run inside
	// the 30, with no suspension.
	ArticleAccess = "DPR 184/2006 art. 3"
	// ArticleIrregular: a request that must first be made regular; the term counts from
	// that day.
	ArticleIrregular = "DPR 445/2000 art. 71 c. 3"
	// ArticleIncomplete: an access request that is irregular or incomplete. The notice
	// comes within 10 days, and the term starts over with the corrected request.
	ArticleIncomplete = "DPR 184/2006 art. 6 c. 5"
	// ArticleInterruption: what an office asked for its opinion or consent needs to know;
	// the term starts over with the answer, once.
	ArticleInterruption = "L. 241/1990 artt. 16 c. 4 e 17-bis c. 1"
	// ArticleExtension: a longer term, once, for at most as long again.
	ArticleExtension = "L. 241/1990 art. 2 c. 4"
	// ArticleSubstitute: half of the term for whoever concludes in place of an office
	// that let it pass.
	ArticleSubstitute = "L. 241/1990 art. 2 c. 9-ter"
	// ArticleProposal: the proposal of a measure ends the examination of a building permit,
	// and the term of the measure counts from it.
	ArticleProposal = "DPR 380/2001 art. 20 c. 6"
	// ArticleReview: a measure is opened again of the office's own accord.
	ArticleReview = "L. 241/1990 artt. 21-quinquies e 21-nonies"
)

// WindowDays is how long a notice of refusal suspends the term, and how long observations do
// so after they came.
const WindowDays = 10

// limit is what an article allows.
type limit struct {
	days   int // at most, for one entry; 0 is until the answer
	times  int // in the life of a clock; 0 is any number
	within int // days from the start in which it may be used; 0 is while the term runs
	never  bool
}

func limitOf(article string) (limit, bool) {
	switch article {
	case ArticleFacts:
		return limit{days: 30, times: 1}, true
	case ArticleNotice:
		return limit{days: WindowDays, times: 2}, true
	case ArticleThirdParties:
		return limit{days: 10, times: 1}, true
	case ArticleInterruption:
		return limit{times: 1}, true
	case ArticleIncomplete:
		return limit{within: 10}, true
	case ArticleAccess:
		return limit{never: true}, true
	default:
		return limit{}, false
	}
}

// Spent refuses a suspension in the second part of a term that was used up in the first one:
// what the law allows once, it allows once in the whole.
func Spent(e Entry, first []Entry) error {
	l, _ := limitOf(e.Article)
	if e.Effect != town.ClockSuspend || l.times == 0 {
		return nil
	}
	for _, before := range first {
		if before.Effect == town.ClockSuspend && before.Article == e.Article {
			return refuseTimes(e.Article)
		}
	}
	return nil
}

// ArticleIn finds the article of a suspension in an officer's words, such as
// "art. 2 c. 7"; empty if they name none, and then the term goes on.
func ArticleIn(ground string) string {
	words := strings.ToLower(strings.Join(strings.Fields(ground), " "))
	for _, known := range []struct{ mark, article string }{
		{"art. 2 c. 7", ArticleFacts},
		{"art. 2 co. 7", ArticleFacts},
		{"art. 10-bis", ArticleNotice},
		{"art. 5 c. 5", ArticleThirdParties},
	} {
		if strings.Contains(words, known.mark) {
			return known.article
		}
	}
	return ""
}

func refuse(en, it string, args ...any) error {
	return town.Errorf(town.PreconditionFailed, fmt.Sprintf(en, args...), fmt.Sprintf(it, args...))
}

func refuseTimes(article string) error {
	return refuse("%s allows only one suspension, and it was used.", "%s consente una sola sospensione, già utilizzata.", article)
}

func refuseNever(article string) error {
	return refuse("%s allows no suspension.", "%s non consente alcuna sospensione.", article)
}

func refuseWithin(article string, l limit) error {
	return refuse("%s allows it within %d days from the start only.", "%s lo consente solo entro %d giorni dall'inizio.", article, l.within)
}

func refuseDays(article string, l limit) error {
	return refuse("%s allows at most %d days.", "%s consente al massimo %d giorni.", article, l.days)
}
