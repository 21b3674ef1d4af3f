package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/definition"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// checkGrant refuses a role that cannot be given as asked.
func checkGrant(ctx context.Context, tx *store.Tx, by *Viewer, in GrantRoleInput) error {
	role := town.Role(in.Role)
	if !slices.Contains(town.Roles(), role) || slices.Contains(unassignable, role) {
		return town.Errorf(town.Invalid, "There is no such role to give.", "Il ruolo non esiste o non si assegna.").At("input", "role")
	}
	row, err := tx.Person.Get(ctx, in.PersonID)
	if ent.IsNotFound(err) {
		return town.Errorf(town.Invalid, "There is no such person.", "La persona non esiste.").At("input", "personId")
	}
	if err != nil {
		return fmt.Errorf("look for the person: %w", err)
	}
	if err := checkHolder(by, row, role); err != nil {
		return err
	}
	if err := checkOffice(ctx, tx, in.OfficeCode); err != nil {
		return err
	}
	if err := checkDates(tx, in); err != nil {
		return err
	}
	return checkServices(ctx, tx, in)
}

// ofDevices are the roles that devices have, and nobody else.
var ofDevices = []town.Role{town.RoleKiosk, town.RoleDisplay}

// ofPeople are the roles that answer for what they do: no program holds them.
var ofPeople = []town.Role{
	town.RoleHead, town.RoleConfidential, town.RoleAssessore, town.RoleMayor, town.RoleAdmin, town.RoleAuditor,
	town.RoleSubstitute, town.RoleRPCT,
}

// checkHolder: nobody gives a role to themself, so that whoever gives roles and whoever
// sees cases are two people; and a role fits whoever is to have it.
func checkHolder(by *Viewer, row *ent.Person, role town.Role) error {
	device := row.Kind == town.PersonDevice
	switch {
	case by.ID == row.ID:
		return town.Errorf(town.NotAllowed, "Nobody gives a role to themself.", "Nessuno attribuisce un ruolo a se stesso.").At("input", "personId")
	case device != slices.Contains(ofDevices, role), row.Kind == town.PersonService && slices.Contains(ofPeople, role):
		return town.Errorf(town.Invalid, "This role is not for this kind of holder.", "Il ruolo non è adatto a questo titolare.").At("input", "role")
	default:
		return nil
	}
}

func checkOffice(ctx context.Context, tx *store.Tx, code string) error {
	if code == everywhere {
		return nil
	}
	if _, err := tx.Office.Get(ctx, code); ent.IsNotFound(err) {
		return town.Errorf(town.Invalid, "There is no such office.", "L'ufficio non esiste.").At("input", "officeCode")
	} else if err != nil {
		return fmt.Errorf("look for the office: %w", err)
	}
	return nil
}

func checkDates(tx *store.Tx, in GrantRoleInput) error {
	from := tx.Now
	if in.From != nil {
		from = *in.From
	}
	if from.Before(tx.Now) {
		return town.Errorf(town.Invalid, "A role begins now or later.", "Un ruolo decorre da ora o da una data futura.").At("input", "from")
	}
	if in.To != nil && !in.To.After(from) {
		return town.Errorf(town.Invalid, "A role ends after it begins.", "Un ruolo termina dopo la sua decorrenza.").At("input", "to")
	}
	return nil
}

// checkServices: the subjects of an Assessore are named, one by one or all at once.
func checkServices(ctx context.Context, tx *store.Tx, in GrantRoleInput) error {
	if town.Role(in.Role) != town.RoleAssessore {
		if len(in.Services) > 0 {
			return town.Errorf(town.Invalid, "Subjects are delegated to an Assessore only.",
				"Le materie si delegano solo a un Assessore.").At("input", "services")
		}
		return nil
	}
	if len(in.Services) == 0 {
		return town.Errorf(town.Required, "Name the services delegated to the Assessore, or \"*\" for all.",
			"Indicare i servizi delegati all'Assessore, oppure \"*\" per tutti.").At("input", "services")
	}
	if slices.Equal(in.Services, []string{everywhere}) {
		return nil
	}
	for _, code := range in.Services {
		known, err := tx.Definition.Query().Where(definition.ServiceID(code)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for the service: %w", err)
		}
		if !known {
			return town.Errorf(town.Invalid, "There is no such service.", "Il servizio non esiste.").At("input", "services")
		}
	}
	return nil
}
