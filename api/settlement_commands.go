package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
)

// submitSettlement submits a command about closed months to its circle. request is
// all that the request says, its path included; the idempotency key is bound to it.
func submitSettlement(ctx context.Context, h *handlers, key string, request any, command sequencer.SettlementCommand) (booked, error) {
	sc := scopeOf(ctx)
	hash, err := sc.operation.hash(request)
	if err != nil {
		return booked{}, err
	}
	return h.submitHashed(ctx, key, hash, command)
}

// submitHashed submits a command with the hash of its request.
func (h *handlers) submitHashed(ctx context.Context, key string, hash [sha256.Size]byte, command any) (booked, error) {
	sc := scopeOf(ctx)
	outcome, err := h.sequencer.Submit(ctx, sc.alliance.ID, sc.order(key, hash, command))
	if err != nil {
		return booked{}, err
	}
	return bookedOf(outcome)
}

// numbered is a request whose path has a number.
type numbered struct {
	Number int64 `json:"number"`
	Body   any   `json:"body,omitempty"`
}

// named is a request whose path has a name.
type named struct {
	Name string `json:"name"`
	Body any    `json:"body,omitempty"`
}

// ApproveSettlement ends a review early.
func (h *handlers) ApproveSettlement(ctx context.Context, r routes.ApproveSettlementRequestObject) (routes.ApproveSettlementResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, named{Name: r.Period}, settlement.Approve{Period: r.Period})
}

// OpenDispute disputes a line of a statement.
func (h *handlers) OpenDispute(ctx context.Context, r routes.OpenDisputeRequestObject) (routes.OpenDisputeResponseObject, error) {
	party, err := scopeOf(ctx).party(r.Body.Party)
	if err != nil {
		return nil, err
	}
	seq, err := ledger.ParseID(r.Body.Transaction)
	if err != nil {
		return nil, problem.Malformed("transaction", "is not a transaction id such as txn_17")
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.OpenDispute{
		Period: r.Body.Period, Party: party, Seq: seq, Reason: r.Body.Reason,
	})
}

// AdjustDispute answers a dispute with an adjustment.
func (h *handlers) AdjustDispute(ctx context.Context, r routes.AdjustDisputeRequestObject) (routes.AdjustDisputeResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{r.Dispute, r.Body}, settlement.AdjustDispute{
		Dispute: r.Dispute, Against: r.Body.Against, Amount: r.Body.Amount, Answer: r.Body.Answer,
	})
}

// RefuseDispute refuses a dispute.
func (h *handlers) RefuseDispute(ctx context.Context, r routes.RefuseDisputeRequestObject) (routes.RefuseDisputeResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{r.Dispute, r.Body}, settlement.RefuseDispute{Dispute: r.Dispute, Answer: r.Body.Answer})
}

// WithdrawDispute withdraws a dispute.
func (h *handlers) WithdrawDispute(ctx context.Context, r routes.WithdrawDisputeRequestObject) (routes.WithdrawDisputeResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, numbered{Number: r.Dispute}, settlement.WithdrawDispute{Dispute: r.Dispute, Party: scopeOf(ctx).grant.Merchant()})
}

// AdjustPositions corrects the books between two parties.
func (h *handlers) AdjustPositions(ctx context.Context, r routes.AdjustPositionsRequestObject) (routes.AdjustPositionsResponseObject, error) {
	command := settlement.Adjust{From: r.Body.From, To: r.Body.To, Amount: r.Body.Amount, Reason: r.Body.Reason}
	if r.Body.Corrects != nil {
		var err error
		if command.Corrects, err = ledger.ParseID(*r.Body.Corrects); err != nil {
			return nil, problem.Malformed("corrects", "is not a transaction id such as txn_17")
		}
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, command)
}

// LodgeDeposit books a deposit.
func (h *handlers) LodgeDeposit(ctx context.Context, r routes.LodgeDepositRequestObject) (routes.LodgeDepositResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.LodgeDeposit{
		Merchant: r.Body.Merchant, Amount: r.Body.Amount, Note: value(r.Body.Note),
	})
}

// DrawDeposit pays what a shop owes out of its deposit.
func (h *handlers) DrawDeposit(ctx context.Context, r routes.DrawDepositRequestObject) (routes.DrawDepositResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.DrawDeposit{
		Merchant: r.Body.Merchant, Reference: withoutSpaces(value(r.Body.Reference)), Amount: r.Body.Amount, Note: value(r.Body.Note),
	})
}

// ReturnDeposit books that a deposit was paid back.
func (h *handlers) ReturnDeposit(ctx context.Context, r routes.ReturnDepositRequestObject) (routes.ReturnDepositResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.ReturnDeposit{
		Merchant: r.Body.Merchant, Amount: r.Body.Amount, Note: value(r.Body.Note),
	})
}

// RemitTax books that tax was paid to the tax office.
func (h *handlers) RemitTax(ctx context.Context, r routes.RemitTaxRequestObject) (routes.RemitTaxResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.RemitTax{Amount: r.Body.Amount, Note: value(r.Body.Note)})
}

// ReceivePayment books money that has arrived.
func (h *handlers) ReceivePayment(ctx context.Context, r routes.ReceivePaymentRequestObject) (routes.ReceivePaymentResponseObject, error) {
	sc := scopeOf(ctx)
	b := r.Body
	if (b.Reference == nil) == (b.Party == nil) {
		return nil, problem.Malformed("", "say what the payment is for by exactly one of reference and party")
	}
	payee, err := sc.grant.Payee(b.Reference != nil)
	if err != nil {
		return nil, err
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, b, settlement.ReceivePayment{
		Reference: withoutSpaces(value(b.Reference)), Party: value(b.Party), Amount: b.Amount, Note: value(b.Note), Payee: payee,
	})
}

// withoutSpaces returns a reference without the spaces between its printed groups.
func withoutSpaces(reference string) string { return strings.ReplaceAll(reference, " ", "") }

// MakePaymentRun puts what is payable into a payment run.
func (h *handlers) MakePaymentRun(ctx context.Context, r routes.MakePaymentRunRequestObject) (routes.MakePaymentRunResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.SendPayouts{
		ExecuteOn: value(r.Body.ExecuteOn), AcceptShortage: value(r.Body.AcceptShortage),
	})
}

// ConfirmPayout books that the bank has paid.
func (h *handlers) ConfirmPayout(ctx context.Context, r routes.ConfirmPayoutRequestObject) (routes.ConfirmPayoutResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.ConfirmPayout{Reference: withoutSpaces(r.Body.Reference), Note: value(r.Body.Note)})
}

// ReturnPayout books that the bank has sent money back.
func (h *handlers) ReturnPayout(ctx context.Context, r routes.ReturnPayoutRequestObject) (routes.ReturnPayoutResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.ReturnPayout{Reference: withoutSpaces(r.Body.Reference), Reason: r.Body.Reason})
}

// ReturnPayment books that a party's payment went back.
func (h *handlers) ReturnPayment(ctx context.Context, r routes.ReturnPaymentRequestObject) (routes.ReturnPaymentResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, r.Body, settlement.ReturnPayment{
		Reference: withoutSpaces(r.Body.Reference), Amount: value(r.Body.Amount), Reason: r.Body.Reason,
	})
}

// GiveNotice gives notice for a shop.
func (h *handlers) GiveNotice(ctx context.Context, r routes.GiveNoticeRequestObject) (routes.GiveNoticeResponseObject, error) {
	if err := scopeOf(ctx).grant.Check("shop", r.Shop); err != nil {
		return nil, err
	}
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, named{r.Shop, r.Body}, settlement.GiveNotice{Merchant: r.Shop, LeavesAt: r.Body.LeavesAt})
}

// ReinstateShop lets a suspended shop sell again.
func (h *handlers) ReinstateShop(ctx context.Context, r routes.ReinstateShopRequestObject) (routes.ReinstateShopResponseObject, error) {
	return submitSettlement(ctx, h, r.Params.IdempotencyKey, named{Name: r.Shop}, settlement.Reinstate{Merchant: r.Shop})
}

// VisitApproveSettlementResponse writes the receipt.
func (b booked) VisitApproveSettlementResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitOpenDisputeResponse writes the receipt.
func (b booked) VisitOpenDisputeResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitAdjustDisputeResponse writes the receipt.
func (b booked) VisitAdjustDisputeResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitRefuseDisputeResponse writes the receipt.
func (b booked) VisitRefuseDisputeResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitWithdrawDisputeResponse writes the receipt.
func (b booked) VisitWithdrawDisputeResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitAdjustPositionsResponse writes the receipt.
func (b booked) VisitAdjustPositionsResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitLodgeDepositResponse writes the receipt.
func (b booked) VisitLodgeDepositResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitDrawDepositResponse writes the receipt.
func (b booked) VisitDrawDepositResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReturnDepositResponse writes the receipt.
func (b booked) VisitReturnDepositResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitRemitTaxResponse writes the receipt.
func (b booked) VisitRemitTaxResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReceivePaymentResponse writes the receipt.
func (b booked) VisitReceivePaymentResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitMakePaymentRunResponse writes the receipt.
func (b booked) VisitMakePaymentRunResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitConfirmPayoutResponse writes the receipt.
func (b booked) VisitConfirmPayoutResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReturnPayoutResponse writes the receipt.
func (b booked) VisitReturnPayoutResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReturnPaymentResponse writes the receipt.
func (b booked) VisitReturnPaymentResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitGiveNoticeResponse writes the receipt.
func (b booked) VisitGiveNoticeResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReinstateShopResponse writes the receipt.
func (b booked) VisitReinstateShopResponse(w http.ResponseWriter) error { return b.write(w) }
