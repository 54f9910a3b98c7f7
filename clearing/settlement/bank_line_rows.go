package settlement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// readLines reads lines of bank statements that fulfil a condition, the oldest first.
func readLines(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, where string, args ...any) ([]*ImportedLine, error) {
	return queryLines(ctx, db, alliance, `l.alliance_id = $1 AND `+where+` ORDER BY l.seq`, args...)
}

func queryLines(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, where string, args ...any) ([]*ImportedLine, error) {
	rows, err := db.Query(ctx, `
		SELECT l.account, l.line, l.place, l.statement, l.format, l.fingerprint, l.occurrence, l.seq, l.booked_on, l.credit, l.returned, l.amount,
		       l.reference, l.attempt, l.counterparty, l.text, l.reason, l.problem, l.outcome, l.waits, l.twin, l.resolved_seq
		FROM bank_lines l WHERE `+where, append([]any{alliance.ID}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*ImportedLine, error) {
		l := &ImportedLine{}
		var amount int64
		var fingerprint []byte
		var references string
		err := row.Scan(&l.Account, &l.ID, &l.Place, &l.Statement, &l.Format, &fingerprint, &l.Occurrence, &l.Seq, &l.BookedOn, &l.Credit, &l.Returned, &amount,
			&references, &l.Attempt, &l.Counterparty, &l.Text, &l.Reason, &l.Problem, &l.Outcome, &l.Open, &l.Twin, &l.ResolvedSeq)
		if err != nil {
			return nil, err
		}
		l.Amount, l.References = alliance.Currency.Minor(amount), strings.Fields(references)
		l.Fingerprint = [sha256.Size]byte(fingerprint)
		return l, nil
	})
}

// BankLines returns lines taken in by transactions below one, the newest first; 0 begins
// with the newest. matched confines to those that wait for nobody, or that wait; nil: all.
func BankLines(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, matched *bool, before int64, limit int) ([]*ImportedLine, error) {
	return queryLines(ctx, db, alliance, `l.alliance_id = $1 AND ($2::boolean IS NULL OR $2 <> l.waits) AND ($3::bigint = 0 OR l.seq < $3)
		ORDER BY l.seq DESC LIMIT $4`, matched, before, limit)
}

type lineRow struct {
	Account      string `json:"account"`
	Line         string `json:"line"`
	Place        string `json:"place"`
	Statement    string `json:"statement"`
	Format       string `json:"format"`
	Fingerprint  string `json:"fingerprint"` // hex
	Occurrence   int    `json:"occurrence"`
	Seq          int64  `json:"seq"`
	BookedOn     string `json:"booked_on"`
	Credit       bool   `json:"credit"`
	Returned     bool   `json:"returned"`
	Amount       int64  `json:"amount"`
	Reference    string `json:"reference"`
	Attempt      int    `json:"attempt"`
	Counterparty string `json:"counterparty"`
	Text         string `json:"text"`
	Reason       string `json:"reason"`
	Problem      string `json:"problem"`
	Outcome      string `json:"outcome"`
	Waits        bool   `json:"waits"`
	Twin         int64  `json:"twin"`
	ResolvedSeq  int64  `json:"resolved_seq"`
}

// rowsOfLines returns the lines that are new or have changed, and notes that they are saved.
func rowsOfLines(s *State) []lineRow {
	var rows []lineRow
	for _, l := range s.Lines {
		if !l.unsaved && !l.changed {
			continue
		}
		l.unsaved, l.changed = false, false
		rows = append(rows, lineRow{
			Account: l.Account, Line: l.ID, Place: l.Place, Statement: l.Statement, Format: l.Format, Fingerprint: hex.EncodeToString(l.Fingerprint[:]),
			Occurrence: l.Occurrence, Seq: l.Seq, BookedOn: l.BookedOn.Format(time.DateOnly), Credit: l.Credit, Returned: l.Returned, Amount: l.Amount.Minor(),
			Reference: strings.Join(l.References, " "), Attempt: l.Attempt, Counterparty: l.Counterparty, Text: l.Text, Reason: l.Reason, Problem: l.Problem,
			Outcome: l.Outcome, Waits: l.Open, Twin: l.Twin, ResolvedSeq: l.ResolvedSeq,
		})
	}
	return rows
}

// What the bank says of a line never changes; what it was taken for does.
const saveLines = `
	INSERT INTO bank_lines (alliance_id, account, line, place, statement, format, fingerprint, occurrence, seq, booked_on, credit, returned, amount, reference, attempt,
	                        counterparty, text, reason, problem, outcome, waits, twin, resolved_seq)
	SELECT $1, account, line, place, statement, format, decode(fingerprint, 'hex'), occurrence, seq, booked_on, credit, returned, amount, reference, attempt,
	       counterparty, text, reason, problem, outcome, waits, twin, resolved_seq
	FROM json_to_recordset($2::text::json) AS n (account text, line text, place text, statement text, format text, fingerprint text, occurrence integer, seq bigint,
	     booked_on date, credit boolean, returned boolean, amount bigint, reference text, attempt integer, counterparty text, text text, reason text, problem text,
	     outcome text, waits boolean, twin bigint, resolved_seq bigint)
	ON CONFLICT (alliance_id, seq) DO UPDATE SET
	    outcome = excluded.outcome, waits = excluded.waits, twin = excluded.twin, resolved_seq = excluded.resolved_seq`

type twinRow struct {
	Account     string `json:"account"`
	Fingerprint string `json:"fingerprint"`
	Occurrence  int    `json:"occurrence"`
	Line        int64  `json:"line"`
}

func rowsOfTwins(twins []Twin) []twinRow {
	rows := make([]twinRow, len(twins))
	for i, t := range twins {
		rows[i] = twinRow{t.Account, hex.EncodeToString(t.Fingerprint[:]), t.Occurrence, t.Seq}
	}
	return rows
}

const saveTwins = `
	INSERT INTO bank_line_twins (alliance_id, account, fingerprint, occurrence, line)
	SELECT $1, account, decode(fingerprint, 'hex'), occurrence, line
	FROM json_to_recordset($2::text::json) AS n (account text, fingerprint text, occurrence integer, line bigint)`

type bookingRow struct {
	Seq    int64  `json:"seq"`
	Amount *int64 `json:"amount"` // nil: only its line is new
	Line   *int64 `json:"line"`
}

// rowsOfBookings returns what is new or has changed, and notes that it is saved.
func rowsOfBookings(s *State) []bookingRow {
	var rows []bookingRow
	for _, b := range s.Bookings {
		if !b.unsaved && !b.changed {
			continue
		}
		row := bookingRow{Seq: b.Seq}
		if b.unsaved {
			row.Amount = pointer(b.Amount.Minor())
		}
		if b.Line != 0 {
			row.Line = pointer(b.Line)
		}
		b.unsaved, b.changed = false, false
		rows = append(rows, row)
	}
	return rows
}

func pointer[T any](v T) *T { return &v }

// What a transaction moved never changes; the line that shows it comes later.
const saveBookings = `
	WITH n AS (SELECT seq, amount, line FROM json_to_recordset($2::text::json) AS n (seq bigint, amount bigint, line bigint)),
	     made AS (INSERT INTO custody_bookings (alliance_id, seq, amount, line) SELECT $1, seq, amount, line FROM n WHERE amount IS NOT NULL)
	UPDATE custody_bookings b SET line = n.line FROM n WHERE b.alliance_id = $1 AND b.seq = n.seq AND n.amount IS NULL`

// Balances is what a bank says of an account before and after a statement.
type Balances struct {
	Statement string
	From, To  time.Time // dates; zero: it doesn't say
	Opening   *Balance
	Closing   *Balance
	Lines     int
}

// Balance is an amount on a day.
type Balance struct {
	Amount money.Amount
	On     time.Time
}

type statementRow struct {
	Seq       int64   `json:"seq"`
	Part      int     `json:"part"`
	Account   string  `json:"account"`
	Statement string  `json:"statement"`
	From      *string `json:"from_on"`
	To        *string `json:"to_on"`
	Opening   *int64  `json:"opening"`
	OpeningOn *string `json:"opening_on"`
	Closing   *int64  `json:"closing"`
	ClosingOn *string `json:"closing_on"`
	Lines     int     `json:"lines"`
}

func rowsOfStatements(p *posting) []statementRow {
	day := func(t time.Time) *string {
		if t.IsZero() {
			return nil
		}
		return pointer(t.Format(time.DateOnly))
	}
	balance := func(b *Balance) (*int64, *string) {
		if b == nil {
			return nil, nil
		}
		return pointer(b.Amount.Minor()), day(b.On)
	}
	rows := make([]statementRow, len(p.statements))
	for i, b := range p.statements {
		r := statementRow{Seq: p.Seq, Part: i + 1, Account: p.account, Statement: b.Statement, From: day(b.From), To: day(b.To), Lines: b.Lines}
		r.Opening, r.OpeningOn = balance(b.Opening)
		r.Closing, r.ClosingOn = balance(b.Closing)
		rows[i] = r
	}
	return rows
}

const saveStatements = `
	INSERT INTO bank_statements (alliance_id, seq, part, account, statement, from_on, to_on, opening, opening_on, closing, closing_on, lines)
	SELECT $1, seq, part, account, statement, from_on, to_on, opening, opening_on, closing, closing_on, lines
	FROM json_to_recordset($2::text::json) AS n (seq bigint, part integer, account text, statement text, from_on date, to_on date, opening bigint, opening_on date,
	     closing bigint, closing_on date, lines integer)`

// Reading is how a file was read, which serves for the next one of its account.
type Reading struct {
	Account string
	Profile string
	Mapping json.RawMessage // columns that were named by hand; nil: none were
}

// save queues the write of how the account's files are read, if an export was imported.
func (r Reading) save(writes *pgx.Batch, s *State) {
	if r.Account == "" || r.Profile == "" {
		return
	}
	mapping := "null"
	if r.Mapping != nil {
		mapping = string(r.Mapping)
	}
	writes.Queue(`
		INSERT INTO statement_profiles (alliance_id, account, profile, mapping) VALUES ($1, $2, $3, $4::text::json)
		ON CONFLICT (alliance_id, account) DO UPDATE SET profile = excluded.profile, mapping = excluded.mapping`, s.Alliance.ID, r.Account, r.Profile, mapping)
}

// ReadingOf returns how the newest export of an account was read; empty: none was
// imported yet.
func ReadingOf(ctx context.Context, db ledger.Querier, allianceID int64, account string) (Reading, error) {
	rows, err := db.Query(ctx, `SELECT profile, mapping::text FROM statement_profiles WHERE alliance_id = $1 AND account = $2`, allianceID, accountKey(account))
	if err != nil {
		return Reading{}, err
	}
	var r Reading
	var mapping string
	_, err = pgx.ForEachRow(rows, []any{&r.Profile, &mapping}, func() error {
		r.Account = accountKey(account)
		if mapping != "null" {
			r.Mapping = json.RawMessage(mapping)
		}
		return nil
	})
	return r, err
}
