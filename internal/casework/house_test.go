package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/hook"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	shared "github.com/spazio-in-comune/sportello/plugins/town"
)

// opening is Monday 23 November 2026, ten in the morning in Rome.
var opening = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// house is casework with the real departments in process, the real policy and a
// clock that the test moves.
type house struct {
	*casework.Cases
	store       *store.Store
	vault       *vault.Vault
	clock       *town.ManualClock
	departments *departments
	hall        *hall
	registers   *registers
	authority   *access.Authority
	// figures are those that the town has set, by service.
	figures map[string]map[string]string
	// damaged is a case whose history cannot be written.
	damaged atomic.Value
}

// attach adds the rule of visibility, and the damage that a test asks for.
func (h *house) attach(client *ent.Client) {
	access.Attach(client)
	client.CaseEntry.Use(func(next ent.Mutator) ent.Mutator {
		return hook.CaseEntryFunc(func(ctx context.Context, m *ent.CaseEntryMutation) (ent.Value, error) {
			if id, ok := m.CaseID(); ok && id == h.damaged.Load() {
				return nil, errors.New("damaged")
			}
			return next.Mutate(ctx, m)
		})
	})
}

func newHouse(t testing.TB, db dbtest.DB) *house { return newHouseHeard(t, db, nil) }

// newHouseHeard tells each statement.
func newHouseHeard(t testing.TB, db dbtest.DB, hear func(context.Context, string, []any)) *house {
	t.Helper()
	return openHouse(t, db, store.Config{Statements: hear})
}

// newAuditedHouse has the audit besides.
func newAuditedHouse(t testing.TB, db dbtest.DB, hear func(context.Context, string, []any)) *house {
	t.Helper()
	scribe, err := audit.NewScribe()
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t, db, store.Config{Statements: hear, Audit: scribe.Unit})
	h.store.GuardWith(h.authority.Guard())
	return h
}

func openHouse(t testing.TB, db dbtest.DB, cfg store.Config) *house {
	t.Helper()
	h := &house{clock: town.NewManualClock(opening), hall: &hall{}, registers: &registers{}}
	cfg.DSN, cfg.Clock, cfg.Attach, cfg.Sign = db.DSN, h.clock, h.attach, access.Sign
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	var err error
	if h.store, err = store.Open(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.departments = newDepartments(t)
	common := h.departments.common
	global, err := sdk.CompileGlobal(common)
	if err != nil {
		t.Fatal(err)
	}
	furnish(t, h.store, common)
	if h.authority, err = access.NewAuthority(context.Background(), h.store); err != nil {
		t.Fatal(err)
	}
	h.vault = vaulttest.New(t, h.store)
	h.Cases = casework.New(casework.Config{
		Store: h.store, Vault: h.vault, Departments: h.departments, People: people{h.store},
		Queue: h.hall, Registers: h.registers, Town: common, Global: global,
		Parameters: func(service string, _ town.Date) map[string]string { return h.figures[service] },
	})
	return h
}

// as is a context in which the named person asks.
func (h *house) as(t testing.TB, id string) context.Context {
	t.Helper()
	return h.asIn(context.Background(), t, id)
}

func (h *house) asIn(ctx context.Context, t testing.TB, id string) context.Context {
	t.Helper()
	v, err := h.authority.Viewer(id, time.Time{})
	if err != nil {
		t.Error(err)
	}
	return access.With(ctx, v)
}

func (h *house) system() context.Context { return access.System(context.Background(), "test") }

// The people of the house. Mario and Anna are citizens with a tax code.
const (
	mario, marioCode = "per_mario", "RSSMRA80A01F205X"
	anna, annaCode   = "per_anna", "BNCNNA85M41F205Q"
	operator         = "per_operator"
	officer          = "per_officer"
	head             = "per_head"
	mayor            = "per_mayor"
	assessore        = "per_assessore"
	headTaxes        = "per_headtaxes"
	headStatus       = "per_headstatus"
	helpPoint        = "per_helppoint"
	auditor          = "per_auditor"
	// cleared is an officer of two offices, with the grant for confidential cases in one.
	cleared = "per_cleared"
)

func furnish(t testing.TB, s *store.Store, common *sdk.Town) {
	t.Helper()
	type role struct {
		role   town.Role
		office string
	}
	staff := map[string]role{
		operator: {town.RoleOperator, "sportello"}, officer: {town.RoleOfficer, "sportello"}, head: {town.RoleHead, "sportello"},
		mayor: {town.RoleMayor, town.OfficeMayor}, assessore: {town.RoleAssessore, town.OfficeMayor},
		helpPoint: {town.RoleHelpPoint, town.OfficeHelpPoint}, auditor: {town.RoleAuditor, "*"},
		headTaxes: {town.RoleHead, "tributi-patrimonio"}, headStatus: {town.RoleHead, "stato-civile"},
	}
	citizens := map[string]string{mario: marioCode, anna: annaCode}
	err := s.InTx(access.System(context.Background(), "test"), "furnish", func(ctx context.Context, tx *store.Tx) error {
		for i, d := range common.Destinations {
			external := d.ID == "caf" || d.ID == "altro-ente"
			err := tx.Office.Create().SetID(d.ID).SetLevel(town.Level(d.Level)).SetTitleIt(d.Label.IT).SetTitleEn(d.Label.EN).
				SetExternal(external).SetPosition(i).Exec(ctx)
			if err != nil {
				return err
			}
		}
		for id, code := range citizens {
			err := tx.Person.Create().SetID(id).SetLogin(id).SetKind(town.PersonCitizen).SetTaxCodeKey(code).SetFamilyNameKey("Rossi").SetCreatedAt(opening).Exec(ctx)
			if err != nil {
				return err
			}
		}
		for id, r := range staff {
			if err := tx.Person.Create().SetID(id).SetLogin(id).SetKind(town.PersonStaff).SetCreatedAt(opening).Exec(ctx); err != nil {
				return err
			}
			err := tx.RoleAssignment.Create().SetID("r_" + id).SetPersonID(id).SetRole(r.role).SetOfficeID(r.office).SetFrom(opening.AddDate(-1, 0, 0)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		if err := tx.Person.Create().SetID(cleared).SetLogin(cleared).SetKind(town.PersonStaff).SetCreatedAt(opening).Exec(ctx); err != nil {
			return err
		}
		for id, r := range map[string]role{
			"r_a": {town.RoleOfficer, "sportello"}, "r_b": {town.RoleOfficer, "tributi-patrimonio"}, "r_c": {town.RoleConfidential, "tributi-patrimonio"},
		} {
			err := tx.RoleAssignment.Create().SetID(id).SetPersonID(cleared).SetRole(r.role).SetOfficeID(r.office).SetFrom(opening.AddDate(-1, 0, 0)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// departments are the real ones, asked in process. down holds the services whose
// process is away; asked counts the calls.
type departments struct {
	common     *sdk.Town
	byPractice map[string]casework.Offer
	byHash     map[string]*sdk.Service
	byService  map[string]sdk.Department

	mu    sync.Mutex
	down  map[string]bool
	bad   *sdk.ReviewResponse // answered instead, once set
	asked atomic.Int64
}

// realDepartments are the departments, loaded and compiled once for all tests: nobody changes
// them.
var realDepartments = sync.OnceValues(func() (*departments, error) {
	common, err := shared.Load()
	if err != nil {
		return nil, err
	}
	d := &departments{
		common: common, byPractice: map[string]casework.Offer{},
		byHash: map[string]*sdk.Service{}, byService: map[string]sdk.Department{},
	}
	for _, bundled := range plugins.All() {
		if err := d.install(bundled.New); err != nil {
			return nil, err
		}
	}
	return d, nil
})

func (d *departments) install(open func() (sdk.Department, error)) error {
	department, err := open()
	if err != nil {
		return err
	}
	described, err := department.Describe(context.Background(), sdk.DescribeRequest{})
	if err != nil {
		return err
	}
	def := described.Definition
	service, err := sdk.Compile(def, d.common)
	if err != nil {
		return err
	}
	hash, err := def.Hash()
	if err != nil {
		return err
	}
	d.byHash[hash], d.byService[def.Service] = service, department
	for _, p := range def.Practices {
		compiled, _ := service.Practice(p.ID)
		d.byPractice[p.ID] = casework.Offer{Service: service, Practice: compiled, Hash: hash}
	}
	return nil
}

func newDepartments(t testing.TB) *departments {
	t.Helper()
	d, err := realDepartments()
	if err != nil {
		t.Fatal(err)
	}
	return &departments{
		common: d.common, byPractice: d.byPractice, byHash: d.byHash, byService: d.byService, down: map[string]bool{},
	}
}

func (d *departments) Practice(code string) (casework.Offer, bool) {
	o, ok := d.byPractice[code]
	return o, ok
}

func (d *departments) ByHash(_ context.Context, hash string) (*sdk.Service, error) {
	s, ok := d.byHash[hash]
	if !ok {
		return nil, town.ErrNotFound()
	}
	return s, nil
}

func (d *departments) Serves(hash string) bool {
	_, ok := d.byHash[hash]
	return ok
}

func (d *departments) Review(ctx context.Context, service, _ string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	d.asked.Add(1)
	d.mu.Lock()
	down, bad := d.down[service], d.bad
	d.mu.Unlock()
	switch {
	case down:
		return nil, town.Errorf(town.PluginUnavailable, "down", "fermo")
	case bad != nil:
		return bad, nil
	default:
		return d.byService[service].Review(ctx, req)
	}
}

func (d *departments) set(service string, down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down[service] = down
}

func (d *departments) answer(r *sdk.ReviewResponse) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad = r
}

// people keeps tax codes in the clear: how they are kept is another room's.
type people struct{ store *store.Store }

func (p people) TaxCode(ctx context.Context, id string) (string, error) {
	row, err := p.store.Reader().Person.Get(ctx, id)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return row.TaxCodeKey, nil
}

func (p people) Find(ctx context.Context, code string) (string, error) {
	id, err := p.store.Reader().Person.Query().Where(person.TaxCodeKey(code)).FirstID(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	return id, err
}

func (p people) Namesakes(ctx context.Context, name string) ([]string, error) {
	return p.store.Reader().Person.Query().Where(person.FamilyNameKey(name)).Limit(101).IDs(ctx)
}

func (p people) Ensure(ctx context.Context, tx *store.Tx, who casework.Applicant) (string, error) {
	ctx = access.System(ctx, "test people")
	id, err := tx.Person.Query().Where(person.TaxCodeKey(who.TaxCode)).FirstID(ctx)
	if !ent.IsNotFound(err) {
		return id, err
	}
	id = town.NewID(town.PrefixPerson, tx.Now)
	err = tx.Person.Create().SetID(id).SetLogin("cf:" + who.TaxCode).SetKind(town.PersonCitizen).
		SetTaxCodeKey(who.TaxCode).SetCreatedAt(tx.Now).Exec(ctx)
	if !ent.IsConstraintError(err) {
		return id, err
	}
	return tx.Person.Query().Where(person.TaxCodeKey(who.TaxCode)).FirstID(ctx)
}

// hall knows what the test says.
type hall struct {
	facts casework.QueueFacts
	legs  map[string]casework.LegRef
}

func (h *hall) Leg(_ context.Context, id string) (casework.LegRef, error) {
	leg, ok := h.legs[id]
	if !ok {
		return leg, town.ErrNotFound()
	}
	return leg, nil
}

func (h *hall) Identify(context.Context, *store.Tx, string, string) error { return nil }

func (h *hall) Facts(context.Context, string, string, string) casework.QueueFacts { return h.facts }

type registers struct{ facts casework.RegisterFacts }

func (r *registers) Facts(context.Context, string, string) casework.RegisterFacts { return r.facts }

// form is the answers of a practice, with changes: a nil value leaves one out.
func form(t testing.TB, practice string, changes map[string]any) json.RawMessage {
	t.Helper()
	answers := map[string]any{
		"nome": "Mario", "cognome": "Rossi", "codice_fiscale": marioCode, "data_nascita": "1980-01-01",
		"luogo_nascita": "F205", "cittadinanza": "IT", "agisce_per_altri": false,
	}
	own, ok := map[string]map[string]any{
		"cambio-residenza": {
			"provenienza": "altro_comune", "comune_provenienza": "F205", "data_trasferimento": "2026-11-20",
			"nuovo_indirizzo": "Via XXV Aprile 1", "titolo_occupazione": "proprieta",
			"componenti": []any{map[string]any{"nome": "Mario", "cognome": "Rossi"}}, "ha_minori": false, "famiglia_esistente": false,
		},
		"certificato-anagrafico": {
			"tipo_certificato": []any{"residenza"}, "intestatario_cf": marioCode, "destinatario": "notaio", "uso": "bollo", "copie": 1,
		},
		"carta-identita-elettronica": {
			"motivo": "rinnovo_scadenza", "documento_precedente_scadenza": "2026-12-01", "per_minore": false,
			"valida_espatrio": true, "impedimenti_espatrio": true, "consegna": "ritiro_in_comune", "non_residente": false,
		},
		"accesso-atti-edilizi": {
			"immobile_indirizzo": "Via XXV Aprile 1", "foglio": "12", "particella": "345", "titolo_richiesta": "proprietario",
			"motivazione": "Vendita dell'appartamento", "ricerca_storica": false, "forma_copia": "copia_digitale",
		},
		"deposito-cila-scia": {
			"immobile_indirizzo": "Via XXV Aprile 1", "foglio": "12", "particella": "345", "tipo_titolo": "permesso_costruire",
			"tecnico_cf": "BNCNMR75T55G488G", "vincolo": "nessuno", "parti_comuni": false, "invio_telematico": true,
			"protocollo_portale": "SUE-2026-1234", "uso_produttivo": false,
		},
		"asilo-nido": {
			"agisce_per_altri": nil, "minore_nome": "Li", "minore_cognome": "Nguyen", "minore_cf": "NGYLIX01B68Z251J", "minore_data_nascita": "2025-06-01",
			"isee_presentato": true, "isee_tipo": "ordinario", "isee_regime": "dpcm_159_2013", "isee_protocollo": "INPS-ISEE-2026-00123456A-00",
			"isee_valore": "12340.56", "isee_anno": 2026, "isee_difformita": false, "tempo_nido": "pieno", "lavoro_genitore1": "tempo_pieno",
			"lavoro_genitore2": "part_time", "disabilita_minore": false, "segnalazione_sociale": false, "vaccinazioni_regolari": true, "fratelli_nido": 0,
		},
		"sanzione-codice-strada": {
			"agisce_per_altri": nil, "targa": "AB123CD", "veicolo_intestatario": "richiedente", "numero_verbale": "V/1234/2026",
			"data_notifica": "2026-11-18", "azione": "pagare", "importo_minimo": "42.00",
		},
		"accesso-civico": {
			"tipo_accesso_civico": "generalizzato", "dato_richiesto": "Spese per la manutenzione del verde", "formato_risposta": "digitale",
		},
		"aire": {
			"tipo_aire": "espatrio", "stato_estero": "DE", "citta_estera": "Berlin", "data_espatrio": "2026-12-15",
		},
		"presentazione-isee-agevolazioni": {
			"isee_presentato": true, "isee_tipo": "ordinario", "isee_regime": "dpcm_159_2013",
			"isee_protocollo": "INPS-ISEE-2026-00123456A-00", "isee_valore": "12340.56", "isee_anno": 2026,
			"isee_difformita": false, "servizi_richiesti": []any{"tari"}, "figli_minori": 0, "disabili_nucleo": false, "consenso_pdnd": true,
		},
		"tari-dichiarazione": {
			"immobile_indirizzo": "Via XXV Aprile 1", "foglio": "12", "particella": "345", "tipo_dichiarazione": "attivazione",
			"decorrenza": "2026-11-01", "superficie_mq": 85, "tipo_utenza": "domestica_residente", "occupanti": 3,
		},
		"tari-riduzioni-rateizzazione": {
			"isee_presentato": true, "isee_tipo": "ordinario", "isee_regime": "dpcm_159_2013",
			"isee_protocollo": "INPS-ISEE-2026-00123456A-00", "isee_valore": "12000.00", "isee_anno": 2026, "isee_difformita": false,
			"tributo": "imu", "richiesta_tipo": "rateizzazione", "debito_totale": "1000.00", "rate_chieste": 7, "temporanea_difficolta": true,
		},
	}[practice]
	if !ok {
		t.Fatalf("no example of %s", practice)
	}
	for _, more := range []map[string]any{own, changes} {
		for name, value := range more {
			if value == nil {
				delete(answers, name)
				continue
			}
			answers[name] = value
		}
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// key makes idempotency keys that differ.
var lastKey atomic.Int64

func key() string { return "key-" + time.Duration(lastKey.Add(1)).String() }

// file submits a form at the counter and expects a case.
func (h *house) file(t testing.TB, practice string, changes map[string]any) *ent.CaseFile {
	t.Helper()
	got, err := h.SubmitIntake(h.as(t, operator), casework.SubmitIntakeInput{
		IdempotencyKey: key(), Practice: practice, Answers: form(t, practice, changes),
	})
	if err != nil {
		t.Fatalf("submit %s: %v", practice, err)
	}
	if got.Status != town.IntakeAccepted || got.Case == nil {
		t.Fatalf("submit %s: %s, problems %v, decision %+v", practice, got.Status, got.UserErrors, got.Decision)
	}
	return got.Case
}

func ptr[T any](v T) *T { return &v }

func (h *house) dueExplained(ctx context.Context, file *ent.CaseFile) (sdk.Text, error) {
	explained, err := h.DueExplained(ctx, []string{file.ID})
	return explained[file.ID], err
}
