package casework

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// claim holds those of the clocks that are still due until the end of the unit, oldest
// first. They are looked up by their ids alone, so that nothing else is read or locked. On
// MySQL it passes by what another replica holds; on SQLite there is one writer.
func claim(ctx context.Context, tx *store.Tx, seen []*ent.CaseClock) ([]*ent.CaseClock, error) {
	ids := make([]string, len(seen))
	for i, row := range seen {
		ids[i] = row.ID
	}
	query := tx.CaseClock.Query().Where(caseclock.IDIn(ids...))
	if tx.Dialect() == dialect.MySQL {
		query.Modify(func(s *sql.Selector) { s.ForUpdate(sql.WithLockAction(sql.SkipLocked)) })
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim terms that have passed: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(k *ent.CaseClock) bool {
		waits := k.State == town.ClockRunning || k.State == town.ClockSuspended
		return !waits || k.DueAt == nil || k.DueAt.After(tx.Now)
	})
	slices.SortFunc(rows, func(a, b *ent.CaseClock) int {
		return cmp.Or(a.DueAt.Compare(*b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// moment is what clocks do by themselves in one unit: what it knows of their cases, and
// what is to be written. A case is changed in memory as its clocks pass, one after the
// other, and written once.
type moment struct {
	cases   *Cases
	tx      *store.Tx
	files   map[string]*ent.CaseFile
	last    map[string]int // of the lines of a case's history
	ledgers map[string][]*ent.ClockEntry
	waiting map[string][]*ent.CaseClock // by case, the clocks that start when another ends

	expired []string // clocks that have passed
	changed map[string]bool
	lines   []*ent.CaseEntryCreate
	lapsed  []string // cases that wait for nobody any more
}

// readMoment reads, and holds until the end of the unit, the cases of the clocks.
func (c *Cases) readMoment(ctx context.Context, tx *store.Tx, rows []*ent.CaseClock) (*moment, error) {
	var ids, suspended []string
	for _, row := range rows {
		ids = append(ids, row.CaseID)
		if row.State == town.ClockSuspended {
			suspended = append(suspended, row.ID)
		}
	}
	slices.Sort(ids) // replicas hold cases in one order
	ids = slices.Compact(ids)
	m := &moment{cases: c, tx: tx, last: map[string]int{}, changed: map[string]bool{}}
	query := tx.CaseFile.Query().Where(casefile.IDIn(ids...))
	if tx.Dialect() == dialect.MySQL { // on SQLite there is one writer
		query.Modify(func(s *sql.Selector) { s.OrderBy(s.C(casefile.FieldID)).ForUpdate() })
	}
	files, err := query.Select(plainColumns()...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	m.files = keyed(files, func(f *ent.CaseFile) string { return f.ID })
	if err := m.readLast(ctx, ids); err != nil {
		return nil, err
	}
	entries, err := tx.ClockEntry.Query().Where(clockentry.ClockIDIn(suspended...)).
		Order(ent.Asc(clockentry.FieldClockID, clockentry.FieldOrdinal)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledgers: %w", err)
	}
	waiting, err := tx.CaseClock.Query().Where(caseclock.CaseIDIn(ids...), caseclock.FollowsNEQ(""), caseclock.State(town.ClockPending)).
		Order(ent.Asc(caseclock.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms that follow: %w", err)
	}
	m.waiting = group(waiting, func(k *ent.CaseClock) string { return k.CaseID })
	m.ledgers = group(entries, func(e *ent.ClockEntry) string { return e.ClockID })
	return m, nil
}

func (m *moment) readLast(ctx context.Context, ids []string) error {
	var rows []struct {
		CaseID string `json:"case_id"`
		Max    int    `json:"max"`
	}
	err := m.tx.CaseEntry.Query().Where(caseentry.CaseIDIn(ids...)).GroupBy(caseentry.FieldCaseID).
		Aggregate(ent.As(ent.Max(caseentry.FieldOrdinal), "max")).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read the histories: %w", err)
	}
	for _, row := range rows {
		m.last[row.CaseID] = row.Max
	}
	return nil
}

// happens does what the moment of one clock means.
func (m *moment) happens(ctx context.Context, row *ent.CaseClock) error {
	file := m.files[row.CaseID]
	if file == nil {
		return fmt.Errorf("clock %s has no case", row.ID)
	}
	m.changed[file.ID] = true
	if row.State == town.ClockSuspended {
		return m.goOn(ctx, row, file)
	}
	m.expired = append(m.expired, row.ID)
	started, err := m.cases.follow(ctx, m.tx, m.waiting[file.ID], row, row.DueOn, by{author: clockActor})
	if err != nil {
		return err
	}
	if err := m.passed(ctx, row, file, started); err != nil {
		return err
	}
	for _, next := range started {
		m.begun(next, file)
	}
	return nil
}

// begun tells of a clock that started because another one ended.
func (m *moment) begun(next startedTerm, file *ent.CaseFile) {
	data := map[string]string{town.DataClock: next.row.Kind, "due": next.derived.DueOn.String(), "from": next.derived.StartedOn.String()}
	m.tell(town.EventClockStarted, file, line{kind: kindTermStarted, to: file.Phase, data: data}, next.derived.DueOn)
}

// goOn lets a term go on whose suspension lasted as long as its article allows.
// The papers may still be missing: the law does not wait for them.
func (m *moment) goOn(ctx context.Context, row *ent.CaseClock, file *ent.CaseFile) error {
	derived, err := clocks.Derive(clockOf(row), ledgerOf(m.ledgers[row.ID]), m.cases.town.Calendar)
	if err != nil {
		return fmt.Errorf("derive the term: %w", err)
	}
	err = m.tx.CaseClock.UpdateOneID(row.ID).SetState(town.ClockRunning).SetDueAt(derived.DueAt).AddVersion(1).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	was := *file
	if carries(row) && (file.Phase == town.PhaseAwaitingThirdParty || file.Phase == town.PhaseRejectionNotice) {
		file.Phase = town.PhaseInProgress // whom the case waited for has had the time of the law
		m.lapsed = append(m.lapsed, file.ID)
	}
	file.Flags = withoutFlag(file.Flags, flagSuspended)
	data := map[string]string{"clock": row.Kind, "due": row.DueOn.String(), "from": derived.ResumesOn.String()}
	m.tell(town.EventClockResumed, &was, line{kind: "clock_resumed", to: file.Phase, data: data}, row.DueOn)
	return nil
}

// passed writes on the case what the passing of a term means: a late office, or
// an outcome by silence with effect from the day after the last day. The terms of an
// appeal are counted from that last day, which does not count itself. Nobody is late while
// the term goes on in the one that follows.
func (m *moment) passed(ctx context.Context, row *ent.CaseClock, file *ent.CaseFile, started []startedTerm) error {
	was, from := *file, row.DueOn.AddDays(1).String()
	open := life.Open(file.Phase)
	switch {
	case row.Wait: // nothing was due: now the act may come
	case row.OnExpiry == string(sdk.ExpiryGranted) && open:
		file.Phase, file.DecidedAt = town.PhaseDeemedGranted, row.DueAt
	case row.OnExpiry == string(sdk.ExpiryRefused) && open:
		file.Phase, file.DecidedAt, file.ClosedAt = town.PhaseDeemedRefused, row.DueAt, &m.tx.Now
		if err := m.cases.startAppeals(ctx, m.tx, file.ID, row.DueOn, clockActor); err != nil {
			return err
		}
	case row.OnExpiry == string(sdk.ExpiryConfirmed):
		file.Substatus = "Confermata per silenzio dal " + from
	}
	data := map[string]string{"clock": row.Kind, "effect": row.OnExpiry, "due": row.DueOn.String(), "from": from}
	goesOn := slices.ContainsFunc(started, func(next startedTerm) bool { return carries(next.row) })
	if carries(row) && !goesOn && file.Phase == was.Phase && open && !row.Wait {
		file.Flags = withFlag(file.Flags, flagOverdue)
	}
	if carries(row) && !goesOn && (row.Kind == conclusion || row.Follows == conclusion) {
		data[town.DataWholeTerm] = "true"
	}
	m.tell(town.EventClockExpired, &was, line{kind: "clock_expired", to: file.Phase, data: data}, row.DueOn)
	return nil
}

// clockActor is who lets terms pass.
const clockActor = "system:clocks"

// tell writes history and event of what a clock did by itself to the case as it was; what
// silence decides is decided with the last day of the term.
func (m *moment) tell(fact town.EventType, was *ent.CaseFile, l line, lastDay town.Date) {
	m.last[was.ID]++
	m.lines = append(m.lines, m.tx.CaseEntry.Create().SetID(town.NewID(town.PrefixEntry, m.tx.Now)).SetCaseID(was.ID).
		SetOrdinal(m.last[was.ID]).SetAt(m.tx.Now).SetKind(l.kind).SetActorID(clockActor).
		SetFromPhase(was.Phase).SetToPhase(l.to).SetData(l.data))
	data := with(l.data, town.DataPhase, string(l.to))
	if life.Open(was.Phase) {
		data = with(data, town.DataWasOpen, "true")
	}
	m.tx.Emit(eventOf(fact, was, clockActor, concluding(data, was, l.to, lastDay)))
}

// write writes clocks, cases and histories, each kind of change in one statement.
func (m *moment) write(ctx context.Context) error {
	if len(m.expired) > 0 {
		err := m.tx.CaseClock.Update().Where(caseclock.IDIn(m.expired...)).SetState(town.ClockExpired).AddVersion(1).Exec(ctx)
		if err != nil {
			return fmt.Errorf("set the clocks: %w", err)
		}
	}
	if err := m.writeCases(ctx); err != nil {
		return err
	}
	if err := lapseAll(ctx, m.tx, m.lapsed, town.ActAcquisition, town.ActRejectionNotice); err != nil {
		return err
	}
	if err := m.tx.CaseEntry.CreateBulk(m.lines...).Exec(ctx); err != nil {
		return fmt.Errorf("write the histories: %w", err)
	}
	return nil
}

// writeCases writes the cases that changed alike together.
func (m *moment) writeCases(ctx context.Context) error {
	alike := map[string][]*ent.CaseFile{}
	for id := range m.changed {
		key, err := json.Marshal(struct {
			Phase             town.Phase
			Substatus         string
			Flags             []string
			Decided, ClosedAt *time.Time
		}{m.files[id].Phase, m.files[id].Substatus, m.files[id].Flags, m.files[id].DecidedAt, m.files[id].ClosedAt})
		if err != nil {
			return fmt.Errorf("compare the cases: %w", err)
		}
		alike[string(key)] = append(alike[string(key)], m.files[id])
	}
	for _, files := range alike {
		ids := make([]string, len(files))
		for i, f := range files {
			ids[i] = f.ID
		}
		f := files[0]
		err := m.tx.CaseFile.Update().Where(casefile.IDIn(ids...)).SetPhase(f.Phase).SetSubstatus(f.Substatus).SetFlags(f.Flags).
			AddVersion(1).SetUpdatedAt(m.tx.Now).SetNillableDecidedAt(f.DecidedAt).SetNillableClosedAt(f.ClosedAt).Exec(ctx)
		if err != nil {
			return fmt.Errorf("change the cases: %w", err)
		}
	}
	return nil
}
