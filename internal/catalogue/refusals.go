package catalogue

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// What an administrator can mend.

func errNoDepartment(name string) *town.Error {
	return town.Errorf(town.Invalid, fmt.Sprintf("There is no department %q: the list of the plug-ins names those there are.", name),
		fmt.Sprintf("Non esiste il servizio %q: l'elenco dei plug-in riporta quelli esistenti.", name)).At("input", "name")
}

func errNoVersion(name, version string) *town.Error {
	return town.Errorf(town.Invalid, fmt.Sprintf("There is no version %q of %s: the list of the plug-ins, retired ones too, names those there are.", version, name),
		fmt.Sprintf("Non esiste la versione %q di %s: l'elenco dei plug-in, anche ritirati, riporta quelle esistenti.", version, name)).At("input", "version")
}

func errNothingBefore(name string) *town.Error {
	return town.Errorf(town.PreconditionFailed, fmt.Sprintf("There is no earlier version of %s to roll back to: name one, or disable the department.", name),
		fmt.Sprintf("Non c'è una versione precedente di %s a cui tornare: indicarne una, o disabilitare il servizio.", name)).At("input", "name")
}

func errIsCurrent(i *Instance) *town.Error {
	return town.Errorf(town.PreconditionFailed, fmt.Sprintf("%s %s is the current version already.", i.Name, i.Version),
		fmt.Sprintf("%s %s è già la versione corrente.", i.Name, i.Version)).At("input", "version")
}

func errGone(i *Instance) *town.Error {
	return town.Errorf(town.PreconditionFailed,
		fmt.Sprintf("%s %s came with an earlier platform; its executable is gone.", i.Name, i.Version),
		fmt.Sprintf("%s %s faceva parte di una versione precedente della piattaforma: l'eseguibile non c'è più.", i.Name, i.Version)).At("input", "version")
}

func errBundledVersion(i *Instance) *town.Error {
	return town.Errorf(town.Conflict,
		fmt.Sprintf("%s %s came with the platform: give yours another version.", i.Name, i.Version),
		fmt.Sprintf("%s %s fa parte della piattaforma: dare un'altra versione.", i.Name, i.Version)).At("input", "version")
}

func errVersionTaken(i *Instance) *town.Error {
	return town.Errorf(town.Conflict,
		fmt.Sprintf("%s %s is in use with another executable or other arguments: give the new one another version.", i.Name, i.Version),
		fmt.Sprintf("%s %s è in uso con un altro eseguibile o altri argomenti: dare alla nuova un'altra versione.", i.Name, i.Version)).At("input", "version")
}

func errSeriesTaken(letter, owner string) *town.Error {
	return town.Errorf(town.Conflict,
		fmt.Sprintf("The letter %s of the numbers belongs to %s: take another.", letter, owner),
		fmt.Sprintf("La lettera %s dei numeri appartiene a %s: sceglierne un'altra.", letter, owner)).At("input", "name")
}

func errPracticeTaken(practice, owner string) *town.Error {
	return town.Errorf(town.Conflict,
		fmt.Sprintf("The practice %s belongs to %s: give yours another code.", practice, owner),
		fmt.Sprintf("La pratica %s appartiene a %s: darle un altro codice.", practice, owner)).At("input", "name")
}

func errNotDisabled(name string) *town.Error {
	return town.Errorf(town.PreconditionFailed, fmt.Sprintf("%s is not disabled.", name), fmt.Sprintf("%s non è disabilitato.", name)).At("input", "name")
}

func errDisabled(name string) *town.Error {
	return town.Errorf(town.PreconditionFailed, fmt.Sprintf("%s is disabled: enable it instead.", name), fmt.Sprintf("%s è disabilitato: abilitarlo.", name)).At("input", "name")
}

func errLongReason() *town.Error {
	return town.Errorf(town.Invalid, "The reason has at most 500 characters.", "Il motivo ha al massimo 500 caratteri.").At("input", "reason")
}

func errRegistration(err error) *town.Error {
	e := town.Errorf(town.Invalid, "This cannot be registered: "+err.Error()+".", "Registrazione non possibile: "+err.Error()+".")
	e.Cause = err
	return e
}

func errFile(err error) *town.Error {
	return errRegistration(err).At("input", "file")
}

func errNotRegistered(id string) *town.Error {
	return town.Errorf(town.PreconditionFailed, "The version "+id+" is no longer registered.", "La versione "+id+" non è più registrata.")
}
