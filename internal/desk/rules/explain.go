package rules

import "fmt"

// Explain says in English and Italian why a ticket was called when it was. It
// names the rule, never the reason for somebody's class. waiting counts the one
// who was called.
func Explain(rule, label string, waiting int) (en, it string) {
	switch {
	case rule == RuleChosen:
		return label + " was called back by its operator after a pause for a form or a paper; it had already been served in its turn.",
			label + " è stato richiamato dall'operatore dopo una pausa per un modulo o un documento; era già stato servito al suo turno."
	case waiting <= 1:
		return label + " was called because nobody else was waiting.",
			label + " è stato chiamato perché non c'era nessun altro in attesa."
	case rule == RuleAged:
		return fmt.Sprintf("%s was called first of the %d waiting because its wait was over the longest that the rules allow.", label, waiting),
			fmt.Sprintf("%s è stato chiamato per primo tra i %d in attesa perché la sua attesa superava il massimo previsto dalle regole.", label, waiting)
	case rule == RuleClass:
		return fmt.Sprintf("%s was called first of the %d waiting because its class has precedence.", label, waiting),
			fmt.Sprintf("%s è stato chiamato per primo tra i %d in attesa perché la sua classe ha la precedenza.", label, waiting)
	default:
		return fmt.Sprintf("%s was called in order of arrival: it was the first of the %d waiting.", label, waiting),
			fmt.Sprintf("%s è stato chiamato secondo l'ordine di arrivo: era il primo dei %d in attesa.", label, waiting)
	}
}
