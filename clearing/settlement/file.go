package settlement

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/message"
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
			Reference: o.Reference, ID: o.Attempt, Payee: o.Payee, Amount: o.Amount, Remittance: alliance.Name + " " + o.Period,
		})
	}
	return i
}

var (
	// ErrOtherCurrency: a statement is of another currency than the circle's.
	ErrOtherCurrency = errors.New("the statement is in another currency")
	// ErrWhichAccount: nobody says whose statement it is.
	ErrWhichAccount = errors.New("the file doesn't say whose statement it is; name its account (the parameter account)")
)

// ImportOf returns the command that imports a bank's file: the statements of the account
// that the circle has named as custody's. Those of other accounts are named and not read.
func ImportOf(alliance clearing.Alliance, file *bankfile.File, custody string) (ImportStatement, error) {
	c := ImportStatement{Account: custody, Format: file.Format}
	var names []string
	for i := range file.Statements {
		statement := &file.Statements[i]
		switch {
		case statement.Account == "":
			return c, ErrWhichAccount
		case !sameAccount(statement.Account, custody):
			if !slices.Contains(c.Others, statement.Account) {
				c.Others = append(c.Others, statement.Account)
			}
			continue
		case statement.Currency.Code() != alliance.Currency.Code():
			return c, message.Wrap("%v: %s, and the circle keeps its books in %s", ErrOtherCurrency, statement.Currency.Code(), alliance.Currency.Code())
		}
		names = append(names, statement.ID)
		c.Statements = append(c.Statements, Balances{
			Statement: statement.ID, From: statement.From, To: statement.To, Lines: len(statement.Lines),
			Opening: balanceOf(statement.Opening), Closing: balanceOf(statement.Closing),
		})
		for j := range statement.Lines {
			line := lineOf(alliance.ID, &statement.Lines[j])
			line.Part = i
			c.Lines = append(c.Lines, line)
		}
	}
	if len(c.Statements) == 0 {
		r := refuse(CodeNotCustodys, "custody's account is %s, and the file has only statements of %s", custody, strings.Join(c.Others, ", "))
		r.Data = map[string]string{"account": strings.Join(c.Others, " "), "custody": custody}
		return c, r
	}
	c.Statement = strings.Join(names, " ")
	if file.Format != bankfile.Camt053 {
		c.Reading = Reading{Account: accountKey(custody), Profile: file.Profile}
	}
	return c, nil
}

// sameAccount reports whether two texts are one account, however it is spelled.
func sameAccount(a, b string) bool { return bankfile.SameAccount(a, b) }

func balanceOf(b *bankfile.Balance) *Balance {
	if b == nil {
		return nil
	}
	return &Balance{b.Amount, b.On}
}

// lineOf returns a bank line with the payment references of this circle that it names.
func lineOf(allianceID int64, l *bankfile.Line) BankLine {
	line := BankLine{
		Place: l.Place, ID: l.ID, BookedOn: l.BookedOn, Credit: l.Credit, Returned: l.Returned, Amount: l.Amount, Reference: l.Reference,
		Text: l.Text, Counterparty: l.Counterparty, Reason: strings.TrimSpace(l.ReasonCode + " " + l.Reason),
	}
	if l.Problem != nil {
		line.Problem = l.Problem.Code
		line.Reason = strings.TrimSpace(line.Reason + " " + l.Problem.Reason)
	}
	attempts := make(map[int64]bool)
	for _, found := range reference.FindAttempts(l.Reference + "\n" + l.Text) {
		if r, err := reference.Parse(found.Reference); err != nil || r.Alliance != reference.Tag(allianceID) {
			continue
		}
		if !slices.Contains(line.References, found.Reference) {
			line.References = append(line.References, found.Reference)
		}
		if found.Attempt > 0 {
			attempts[found.Attempt] = true
			line.Attempt = int(found.Attempt)
		}
	}
	switch {
	case len(line.References) > 1:
		line.Attempt = 0
	case len(attempts) > 1:
		line.Attempt = -1
	}
	return line
}
