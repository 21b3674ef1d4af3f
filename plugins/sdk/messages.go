package sdk

import "fmt"

// The codes of the problems of a form.
const (
	CodeRequired     = "required"
	CodeType         = "type"
	CodeEnum         = "enum"
	CodeDuplicate    = "duplicate"
	CodeRange        = "range"
	CodeLength       = "length"
	CodePattern      = "pattern"
	CodeTaxCode      = "cf"
	CodeBirthDate    = "cf_birth_date"
	CodeCheck        = "check"
	CodeDateRange    = "date_range"
	CodeUnknownField = "unknown_field"
)

func requiredMessage() Text {
	return Text{"Questo dato è obbligatorio.", "This answer is required."}
}

func unknownMessage() Text {
	return Text{"Il modulo non ha questo campo.", "The form does not have this field."}
}

func enumMessage() Text {
	return Text{"Scegliere una delle voci dell'elenco.", "Choose one of the listed options."}
}

func duplicateMessage() Text {
	return Text{"La stessa voce è indicata più volte.", "The same option is given more than once."}
}

func taxCodeMessage() Text {
	return Text{
		"Il codice fiscale non è valido: controllare le lettere e le cifre.",
		"The tax code is not valid: check its letters and digits.",
	}
}

func typeMessage(t FieldType) Text {
	switch t.kind() {
	case kindNumber:
		if t == TypeMoney {
			return Text{"Indicare un importo in euro, con al massimo due decimali, per esempio 1250.00.", "Enter an amount in EUR with at most two decimals, for instance 1250.00."}
		}
		if t == TypeInt {
			return Text{"Indicare un numero intero.", "Enter a whole number."}
		}
		return Text{"Indicare un numero.", "Enter a number."}
	case kindBool:
		return Text{"Rispondere sì o no.", "Answer yes or no."}
	case kindDate:
		return Text{"Indicare un giorno che esiste, nella forma AAAA-MM-GG.", "Enter a day that exists, in the form YYYY-MM-DD."}
	case kindTime:
		return Text{"Indicare un'ora nella forma HH:MM.", "Enter a time in the form HH:MM."}
	case kindList:
		return Text{"L'elenco non è nella forma prevista.", "The list is not in the expected form."}
	default:
		return Text{"Indicare un testo.", "Enter a text."}
	}
}

func patternMessage(t FieldType) Text {
	switch t {
	case TypeTown:
		return Text{"Indicare il codice catastale del Comune: una lettera e tre cifre, per esempio G488.", "Enter the cadastral code of the municipality: a letter and three digits, for instance G488."}
	case TypeCountry:
		return Text{"Indicare lo Stato con due lettere maiuscole, per esempio IT.", "Enter the country as two capital letters, for instance IT."}
	case TypePhone:
		return Text{"Indicare un numero di telefono con sole cifre e spazi.", "Enter a phone number with digits and spaces only."}
	case TypeEmail:
		return Text{"Indicare un indirizzo di posta elettronica, per esempio nome@esempio.it.", "Enter an e-mail address, for instance name@example.it."}
	default:
		return Text{"Il valore non ha la forma prevista.", "The value does not have the expected form."}
	}
}

func checkDigitMessage(t FieldType) Text {
	if t == TypeIBAN {
		return Text{"L'IBAN non è valido: controllare le cifre.", "The IBAN is not valid: check its digits."}
	}
	return Text{"La partita IVA non è valida: controllare le cifre.", "The VAT number is not valid: check its digits."}
}

func rangeMessage(low, high string) Text {
	return bounds(low, high, Text{"Il valore deve essere", "The value must be"}, Text{})
}

func lengthMessage(low, high string) Text {
	return bounds(low, high, Text{"Il testo deve avere", "The text must have"}, Text{" caratteri", " characters"})
}

func sizeMessage(low, high string) Text {
	return bounds(low, high, Text{"L'elenco deve avere", "The list must have"}, Text{" voci", " items"})
}

func bounds(low, high string, subject, unit Text) Text {
	switch {
	case low == "":
		return Text{
			fmt.Sprintf("%s al massimo %s%s.", subject.IT, high, unit.IT),
			fmt.Sprintf("%s at most %s%s.", subject.EN, high, unit.EN),
		}
	case high == "":
		return Text{
			fmt.Sprintf("%s almeno %s%s.", subject.IT, low, unit.IT),
			fmt.Sprintf("%s at least %s%s.", subject.EN, low, unit.EN),
		}
	default:
		return Text{
			fmt.Sprintf("%s tra %s e %s%s.", subject.IT, low, high, unit.IT),
			fmt.Sprintf("%s between %s and %s%s.", subject.EN, low, high, unit.EN),
		}
	}
}

func (in *Intake) checkMessage(c check) Text {
	switch c.name {
	case checkPast:
		return Text{"La data non può essere nel futuro.", "The date cannot be in the future."}
	case checkFuture:
		return Text{"La data deve essere da domani in poi.", "The date must be from tomorrow on."}
	case checkYounger:
		return Text{
			fmt.Sprintf("La persona deve avere meno di %d anni.", c.age),
			fmt.Sprintf("The person must be younger than %d.", c.age),
		}
	case checkAtMost:
		return Text{
			fmt.Sprintf("La persona può avere al massimo %d anni.", c.age),
			fmt.Sprintf("The person can be at most %d years old.", c.age),
		}
	case checkBirth:
		return Text{
			"Il codice fiscale e la data di nascita non concordano.",
			"The tax code and the date of birth do not agree.",
		}
	}
	label := in.practice.label(c.other)
	if c.name == checkAfter {
		return Text{"Deve essere dopo «" + label.IT + "».", "It must be after “" + label.EN + "”."}
	}
	return Text{"Non può essere prima di «" + label.IT + "».", "It cannot be before “" + label.EN + "”."}
}
