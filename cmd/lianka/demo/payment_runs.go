package demo

import (
	"context"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// run is a payment run that went to the bank.
type run struct {
	number  int64
	file    paymentFile
	total   fen
	skipped int // payees without a bank account
}

// makeRun has the server put what is payable into a run, and gives the run's file to the
// bank. The run, the pain.001 message and the CSV file must agree.
func (m *monthEnd) makeRun(ctx context.Context) (*run, error) {
	receipt, err := book(ctx, m.office, makeRun())
	if err != nil {
		return nil, err
	}
	r := new(run)
	for _, e := range receipt.Events {
		switch e.Type {
		case "payout.sent":
			if r.number, err = strconv.ParseInt((*e.Data)["run"], 10, 64); err != nil {
				return nil, err
			}
		case "payout.skipped":
			r.skipped++
		}
	}
	answer, err := m.org.GetPaymentRunWithResponse(ctx, r.number)
	if err != nil {
		return nil, err
	}
	made, err := expect200(answer.JSON200, answer.Body)
	if err != nil {
		return nil, err
	}
	if r.total, err = parseFen(made.Total); err != nil {
		return nil, err
	}
	message, err := m.paymentFile(ctx, r.number, spec.GetPaymentFileParamsFormatPain001)
	if err != nil {
		return nil, err
	}
	if err := xml.Unmarshal(message, &r.file); err != nil {
		return nil, err
	}
	table, err := m.paymentFile(ctx, r.number, spec.GetPaymentFileParamsFormatCsv)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	if err != nil {
		return nil, err
	}
	if f := &r.file; f.Total != made.Total || f.Count != made.Count || len(f.Payments) != made.Count || len(rows) != 1+made.Count {
		return nil, fmt.Errorf("run %d is %d payments of %s, its message %d of %s, its table has %d", r.number, made.Count, made.Total, f.Count, f.Total, len(rows)-1)
	}
	return r, m.bank.execute(&r.file, m.at)
}

func (m *monthEnd) paymentFile(ctx context.Context, number int64, format spec.GetPaymentFileParamsFormat) ([]byte, error) {
	answer, err := m.org.GetPaymentFileWithResponse(ctx, number, &spec.GetPaymentFileParams{Format: format})
	if err != nil {
		return nil, err
	}
	if answer.ApplicationProblemJSONDefault != nil {
		return nil, answer.ApplicationProblemJSONDefault
	}
	return answer.Body, nil
}

// payable returns what custody is to pay now, the largest first.
func (m *monthEnd) payable(ctx context.Context) ([]spec.Obligation, error) {
	all, err := m.obligations(ctx)
	if err != nil {
		return nil, err
	}
	return largest(all, func(o *spec.Obligation) bool { return o.State == "payable" && o.Outstanding != "0.00" })
}

// firstRun makes the first payment run. The shop that is to get least has closed its
// account and not told the organiser.
func (m *monthEnd) firstRun(ctx context.Context) error {
	ready, err := m.payable(ctx)
	if err != nil || len(ready) == 0 {
		return err
	}
	for i := range ready {
		if ready[i].Kind == payout && ready[i].Payee != organiser {
			m.toClosedAccount = &ready[i]
		}
	}
	if m.toClosedAccount != nil {
		if err := m.setMerchantAccount(ctx, m.toClosedAccount.Payee, closedNumber); err != nil {
			return err
		}
	}
	r, err := m.makeRun(ctx)
	if err != nil {
		return err
	}
	without := ""
	if r.skipped > 0 {
		without = fmt.Sprintf(" %d members have no account yet.", r.skipped)
	}
	m.note("Payment run 代付", "%d payments, %s, in message %s (pain.001) or as CSV.%s", r.file.Count, r.total.grouped(), r.file.Message, without)
	return nil
}

// secondRun makes a run of what the first could not pay: the shop has corrected its
// account, and the other members have registered theirs.
func (m *monthEnd) secondRun(ctx context.Context) error {
	if m.toClosedAccount != nil {
		if err := m.setMerchantAccount(ctx, m.toClosedAccount.Payee, merchantNumber); err != nil {
			return err
		}
	}
	if err := m.setAccounts(ctx); err != nil {
		return err
	}
	ready, err := m.payable(ctx)
	if err != nil || len(ready) == 0 {
		return err
	}
	r, err := m.makeRun(ctx)
	if err != nil {
		return err
	}
	who := fmt.Sprintf("%d members who have an account now", r.file.Count)
	if m.toClosedAccount != nil {
		who = fmt.Sprintf("%s, whose account is corrected, and %d members who have one now", m.toClosedAccount.Payee, r.file.Count-1)
	}
	m.note("Payment run 代付", "%d payments, %s: %s.", r.file.Count, r.total.grouped(), who)
	return nil
}

// onlyRun makes the one run of a month-end without problems.
func (m *monthEnd) onlyRun(ctx context.Context) error {
	ready, err := m.payable(ctx)
	if err != nil || len(ready) == 0 {
		return err
	}
	r, err := m.makeRun(ctx)
	if err != nil {
		return err
	}
	m.note("Payment run 代付", "%d payments, %s, in message %s.", r.file.Count, r.total.grouped(), r.file.Message)
	return nil
}
