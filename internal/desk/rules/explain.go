package rules

import "fmt"

// Explain says in English and Italian why a ticket was called when it was. It
// names the rule, never the reason for somebody's class.
func Explain(rule, label string, waiting int) (en, it string) {
	others := max(waiting-1, 0)
	switch rule {
	case RuleAged:
		return fmt.Sprintf("%s was called before the other %d waiting because its wait was over the longest that the rules allow.", label, others),
			fmt.Sprintf("%s è stato chiamato prima degli altri %d in attesa perché la sua attesa superava il massimo previsto dalle regole.", label, others)
	case RuleClass:
		return fmt.Sprintf("%s was called before the other %d waiting because its class has precedence.", label, others),
			fmt.Sprintf("%s è stato chiamato prima degli altri %d in attesa perché la sua classe ha la precedenza.", label, others)
	case RuleChosen:
		return fmt.Sprintf("%s was called back by its operator after a pause for a form or a paper; it had already been served in its turn.", label),
			fmt.Sprintf("%s è stato richiamato dall'operatore dopo una pausa per un modulo o un documento; era già stato servito al suo turno.", label)
	default:
		return fmt.Sprintf("%s was called because it had been waiting the longest of %d.", label, max(waiting, 1)),
			fmt.Sprintf("%s è stato chiamato perché era in attesa da più tempo (in attesa: %d).", label, max(waiting, 1))
	}
}
