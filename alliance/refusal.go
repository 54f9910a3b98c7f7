package alliance

import (
	"fmt"
	"strconv"

	"github.com/lianka/lianka/clearing"
)

// The codes of the rule book's refusals.
const (
	CodeUnknownCard        = "unknown_card"
	CodeUnknownMerchant    = "unknown_merchant"
	CodeUnknownProduct     = "unknown_product"
	CodeUnknownBenefit     = "unknown_benefit"
	CodeUnknownMember      = "unknown_member"
	CodeCardExists         = "card_exists"
	CodeUnknownEvent       = "unknown_event"
	CodeInvalidAmount      = "invalid_amount"
	CodeAlreadyReversed    = "already_reversed"
	CodeCardCancelled      = "card_cancelled"
	CodeCardFrozen         = "card_frozen"
	CodeCardInUse          = "card_in_use"
	CodeCardExpired        = "card_expired"
	CodeWrongMerchant      = "wrong_merchant"
	CodeBenefitExhausted   = "benefit_exhausted"
	CodeBelowThreshold     = "below_threshold"
	CodeOverValueLimit     = "over_value_limit"
	CodeInsufficientValue  = "insufficient_value"
	CodeInsufficientPoints = "insufficient_points"
	CodeOverDebitCap       = "over_debit_cap"

	CodeCardReplaced    = "card_replaced"
	CodeCardRefunded    = "card_refunded"
	CodeSameMember      = "same_member"
	CodeHoldClosed      = "hold_closed"
	CodeRefundClosed    = "refund_closed"
	CodeQuoteChanged    = "quote_changed"
	CodeUnknownCampaign = "unknown_campaign"
	CodeTierTooLow      = "tier_too_low"
	CodeCampaignClosed  = "campaign_closed"
	CodeGiftExhausted   = "gift_exhausted"
	CodeOverBudget      = "over_budget"
	CodeUnknownItem     = "unknown_item"
	CodeOutOfStock      = "out_of_stock"

	CodeMerchantLeft      = "merchant_left"
	CodeMerchantLeaving   = "merchant_leaving"
	CodeMerchantSuspended = "merchant_suspended"
	CodeHomeSuspended     = "home_suspended"
	CodeInvalidInstant    = "invalid_instant"
	CodeBeforeSale        = "before_sale"
	CodeOfflineNotAllowed = "offline_not_allowed"
	CodeOfflineTooLate    = "offline_too_late"
	CodeOfflineTooMuch    = "offline_too_much"
)

// Codes lists every code with which the rule book refuses, in the order in
// which it looks.
func Codes() []string {
	return []string{
		CodeUnknownCard, CodeUnknownMerchant, CodeUnknownProduct, CodeUnknownBenefit, CodeUnknownMember, CodeCardExists, CodeUnknownEvent,
		CodeInvalidAmount, CodeAlreadyReversed,
		CodeCardCancelled, CodeCardFrozen, CodeCardInUse, CodeCardExpired,
		CodeWrongMerchant, CodeBenefitExhausted, CodeBelowThreshold, CodeOverValueLimit, CodeInsufficientValue, CodeInsufficientPoints,
		CodeOverDebitCap,

		CodeUnknownCampaign, CodeUnknownItem, CodeHoldClosed, CodeCardReplaced, CodeCardRefunded, CodeSameMember, CodeRefundClosed, CodeQuoteChanged,
		CodeTierTooLow, CodeCampaignClosed, CodeGiftExhausted, CodeOverBudget, CodeOutOfStock,
	}
}

// StatusCodes lists the codes with which the rule book refuses because of a merchant's
// status, and what is uploaded too late.
func StatusCodes() []string {
	return []string{
		CodeMerchantLeft, CodeMerchantLeaving, CodeMerchantSuspended, CodeHomeSuspended,
		CodeInvalidInstant, CodeOfflineNotAllowed, CodeBeforeSale, CodeOfflineTooLate, CodeOfflineTooMuch,
	}
}

func refuse(code, format string, args ...any) *clearing.Refusal {
	return clearing.Refuse(code, format, args...)
}

// shortOfValue refuses for want of stored value. The format takes both figures: what is available, then what is required.
func shortOfValue(format string, available, required fmt.Stringer) *clearing.Refusal {
	r := refuse(CodeInsufficientValue, format, available, required)
	r.Data = map[string]string{"available": available.String(), "required": required.String()}
	return r
}

// shortOfPoints refuses for want of points.
func shortOfPoints(card *Card, required int64) *clearing.Refusal {
	r := refuse(CodeInsufficientPoints, "the card has too few points: %d, and this needs %d", card.Points, required)
	r.Data = map[string]string{"available": strconv.FormatInt(card.Points, 10), "required": strconv.FormatInt(required, 10)}
	return r
}
