package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// The requests in this file are about closed months. They come from an office: the
// organiser's, or a shop's, which has its owner's key. An office numbers its
// requests and repeats them until they are answered, as a till does.

// book makes a request about a closed month and returns its receipt.
func book(ctx context.Context, office *till, r request) (*spec.SettlementReceipt, error) {
	a := &exchange{key: office.receiptNumber(), request: r}
	if err := office.perform(ctx, a); err != nil {
		return nil, fmt.Errorf("%s, request %s: %w", office.name, a.key, err)
	}
	receipt := new(spec.SettlementReceipt)
	return receipt, json.Unmarshal(a.answer.body, receipt)
}

func openDispute(period, transaction, reason string) request {
	body := spec.OpenDispute{Period: period, Transaction: transaction, Reason: reason}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.OpenDispute(ctx, &spec.OpenDisputeParams{IdempotencyKey: key}, body)
	}
}

func adjustDispute(number int64, against string, amount fen, answer string) request {
	body := spec.AdjustDispute{Against: against, Amount: amount.String(), Answer: answer}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.AdjustDispute(ctx, number, &spec.AdjustDisputeParams{IdempotencyKey: key}, body)
	}
}

func refuseDispute(number int64, answer string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.RefuseDispute(ctx, number, &spec.RefuseDisputeParams{IdempotencyKey: key}, spec.DisputeAnswer{Answer: answer})
	}
}

func lodgeDeposit(merchant string, amount fen) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.LodgeDeposit(ctx, &spec.LodgeDepositParams{IdempotencyKey: key}, spec.Deposit{Merchant: merchant, Amount: amount.String()})
	}
}

// makeRun makes a payment run. What the shops owe comes in by the day on which the bank pays it,
// so the run doesn't wait for it.
func makeRun() request {
	accept := true
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.MakePaymentRun(ctx, &spec.MakePaymentRunParams{IdempotencyKey: key}, spec.NewPaymentRun{AcceptShortage: &accept})
	}
}

// matchLine says that a line of a bank statement is a payment for a reference.
func matchLine(transaction, reference string) request {
	body := spec.BankLineMatch{Parts: []spec.BankLinePart{{Reference: reference}}}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.MatchBankLine(ctx, transaction, &spec.MatchBankLineParams{IdempotencyKey: key}, body)
	}
}

func importStatement(account, file string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		params := spec.ImportBankStatementParams{Account: &account, IdempotencyKey: key}
		return api.ImportBankStatementWithBody(ctx, &params, "application/octet-stream", strings.NewReader(file))
	}
}
