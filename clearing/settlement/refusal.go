package settlement

import (
	"fmt"

	"github.com/lianka/lianka/clearing"
)

// The codes with which commands about closed windows are refused.
const (
	CodeUnknownSettlement   = "unknown_settlement"
	CodeUnknownParty        = "unknown_party"
	CodeUnknownLine         = "unknown_line"
	CodeUnknownDispute      = "unknown_dispute"
	CodeUnknownReference    = "unknown_reference"
	CodeInvalidAmount       = "invalid_amount"
	CodeInvalidInstant      = "invalid_instant"
	CodeReviewOver          = "review_over"
	CodeAlreadyApproved     = "already_approved"
	CodeAlreadyDisputed     = "already_disputed"
	CodeAlreadyAnswered     = "already_answered"
	CodeDisputeOpen         = "dispute_open"
	CodeEarlierOpen         = "earlier_settlement_open"
	CodeNotApproved         = "not_approved"
	CodeOlderUnpaid         = "older_payment_due"
	CodeOverPayment         = "over_payment"
	CodeNothingDue          = "nothing_due"
	CodeNothingToPay        = "nothing_to_pay"
	CodeAccountMissing      = "account_missing"
	CodeNotSent             = "not_sent"
	CodeAlreadyConfirmed    = "already_confirmed"
	CodeCustodyShort        = "custody_short"
	CodeInsufficientDeposit = "insufficient_deposit"
	CodeInsufficientTax     = "insufficient_withholding"
	CodePaymentsOpen        = "payments_open"
	CodeNotSuspended        = "not_suspended"
	CodeAlreadySent         = "already_sent"
	CodeNotReceived         = "not_received"
	CodeNotCustodys         = "not_custodys_account"
	CodeUnknownBankLine     = "unknown_bank_line"
	CodeLineResolved        = "bank_line_resolved"
	CodeLineDiffers         = "bank_line_differs"
	CodeNotBooked           = "not_booked_by_hand"
	CodeNoticeGiven         = "notice_given"
)

// Codes lists every code with which the rules of this package refuse, but those
// that other commands know too.
func Codes() []string {
	return []string{
		CodeUnknownSettlement, CodeUnknownParty, CodeUnknownLine, CodeUnknownDispute, CodeUnknownReference,
		CodeReviewOver, CodeAlreadyApproved, CodeAlreadyDisputed, CodeAlreadyAnswered, CodeDisputeOpen, CodeEarlierOpen, CodeNotApproved,
		CodeOlderUnpaid, CodeOverPayment, CodeNothingDue, CodeNothingToPay, CodeAccountMissing, CodeNotSent, CodeAlreadyConfirmed, CodeCustodyShort,
		CodeInsufficientDeposit, CodeInsufficientTax, CodePaymentsOpen, CodeNotSuspended, CodeNoticeGiven,
		CodeAlreadySent, CodeNotReceived, CodeNotCustodys, CodeUnknownBankLine, CodeLineResolved, CodeLineDiffers, CodeNotBooked,
	}
}

func refuse(code, format string, args ...any) *clearing.Refusal {
	return clearing.Refuse(code, format, args...)
}

// short refuses for want of something. The format ends with both figures: what is available, then what is required.
func short(code string, available, required fmt.Stringer, format string, args ...any) *clearing.Refusal {
	r := refuse(code, format, append(args, available, required)...)
	r.Data = map[string]string{"available": available.String(), "required": required.String()}
	return r
}
