package settlement

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/reference"
)

// Format is a file format of payment runs.
type Format string

// The formats.
const (
	Pain001 Format = "pain.001" // ISO 20022 pain.001.001.10
	CSV     Format = "csv"      // a table for an e-banking upload
)

// MediaType returns the media type of a file in the format.
func (f Format) MediaType() string {
	if f == CSV {
		return "text/csv; charset=utf-8"
	}
	return "application/xml; charset=utf-8"
}

// File returns the file of a run, or ErrNoRun. It is made once and stored; later calls
// return the same bytes.
func File(ctx context.Context, tx pgx.Tx, alliance clearing.Alliance, number int64, format Format) ([]byte, error) {
	body, err := keptFile(ctx, tx, alliance.ID, number, format)
	if !errors.Is(err, pgx.ErrNoRows) {
		return body, err
	}
	run, err := FindRun(ctx, tx, alliance, number)
	if err != nil {
		return nil, err
	}
	var made bytes.Buffer
	instruction := instructionOf(alliance, &run.Run)
	if format == CSV {
		err = bankfile.WritePaymentsCSV(&made, instruction)
	} else {
		err = bankfile.WritePain001(&made, instruction)
	}
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO payment_files (alliance_id, run, format, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (alliance_id, run, format) DO NOTHING`, alliance.ID, number, string(format), made.Bytes())
	if err != nil {
		return nil, err
	}
	return keptFile(ctx, tx, alliance.ID, number, format)
}

func keptFile(ctx context.Context, tx pgx.Tx, allianceID, number int64, format Format) (body []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT body FROM payment_files WHERE alliance_id = $1 AND run = $2 AND format = $3`, allianceID, number, string(format)).Scan(&body)
	return body, err
}

// instructionOf returns a run as a payment instruction.
func instructionOf(alliance clearing.Alliance, run *Run) bankfile.Instruction {
	i := bankfile.Instruction{
		ID: fmt.Sprintf("LIANKA-%s-%d", reference.Tag(alliance.ID), run.Number), CreatedAt: run.MadeAt.In(alliance.Location), ExecuteOn: run.ExecuteOn,
		Debtor: run.Debtor, InitiatingParty: run.Debtor.Holder,
	}
	for _, o := range run.Orders {
		i.Payments = append(i.Payments, bankfile.Payment{
			Reference: o.Reference, Payee: o.Payee, Amount: o.Amount, Remittance: alliance.Name + " " + o.Period,
		})
	}
	return i
}

// ErrManyAccounts: a file has statements of more than one account.
var ErrManyAccounts = errors.New("the file has statements of several accounts; import each account by itself")

// ImportOf returns the command that imports statements of one account. account is
// whose they are if they don't say so themselves.
func ImportOf(alliance clearing.Alliance, statements []bankfile.Statement, account string) (ImportStatement, error) {
	command, places := ImportStatement{Account: account}, map[string]string{}
	for i, s := range statements {
		switch {
		case s.Account == "" || s.Account == command.Account:
		case i == 0:
			command.Account = s.Account
		default:
			return command, ErrManyAccounts
		}
		if s.Currency.Code() != alliance.Currency.Code() {
			return command, fmt.Errorf("%w: %s, and the circle keeps its books in %s", ErrOtherCurrency, s.Currency.Code(), alliance.Currency.Code())
		}
		if i > 0 {
			command.Statement += " "
		}
		command.Statement += s.ID
		for n, l := range s.Lines {
			if l.Problem != nil {
				return command, &bankfile.FileError{Reason: l.Place + ": " + l.Problem.Reason}
			}
			if l.ID == "" {
				l.ID = fmt.Sprintf("#%d", n+1)
			}
			if first, twice := places[l.ID]; twice {
				return command, &bankfile.FileError{Reason: fmt.Sprintf("%s: %q names %s already; each has its own", l.Place, l.ID, first)}
			}
			places[l.ID] = l.Place
			command.Lines = append(command.Lines, lineOf(alliance.ID, &l))
		}
	}
	return command, nil
}

// ErrOtherCurrency: a statement is of another currency than the circle's.
var ErrOtherCurrency = errors.New("the statement is in another currency")

// lineOf returns a bank line with the payment references of this circle that it names.
func lineOf(allianceID int64, l *bankfile.Line) BankLine {
	line := BankLine{
		ID: l.ID, BookedOn: l.BookedOn, Credit: l.Credit, Returned: l.Returned, Amount: l.Amount, Text: l.Text, Counterparty: l.Counterparty,
	}
	if reason := strings.TrimSpace(l.ReasonCode + " " + l.Reason); l.Returned && reason != "" {
		line.Text = reason
	}
	named := make(map[string]bool)
	for _, found := range reference.Find(l.Reference + "\n" + l.Text) {
		if r, err := reference.Parse(found); err == nil && r.Alliance == reference.Tag(allianceID) && !named[found] {
			named[found] = true
			line.References = append(line.References, found)
		}
	}
	return line
}
