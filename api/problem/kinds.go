package problem

import (
	"net/http"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/access"
)

// The codes of problems that are no refusals of the rule book.
const (
	CodeInvalidRequest       = "invalid_request"
	CodeIdempotencyMissing   = "idempotency_key_missing"
	CodeUnauthenticated      = "unauthenticated"
	CodeForbidden            = access.CodeForbidden
	CodeForbiddenMerchant    = access.CodeForbiddenMerchant
	CodeNotFound             = access.CodeHidden
	CodeMethodNotAllowed     = "method_not_allowed"
	CodeNoTerms              = "no_terms"
	CodeClockBack            = "clock_back"
	CodeLiveAlliance         = "live_circle"
	CodeTermsFixed           = "terms_fixed"
	CodeMerchantExists       = "shop_exists"
	CodeProductExists        = "product_exists"
	CodeCampaignExists       = "campaign_exists"
	CodeCampaignEnded        = "campaign_ended"
	CodeCampaignChanged      = "campaign_changed"
	CodeItemExists           = "item_exists"
	CodeItemRetired          = "item_retired"
	CodeAllianceExists       = "circle_exists"
	CodeKeyRevoked           = "key_revoked"
	CodeLastOrganiserKey     = "last_organiser_key"
	CodeBodyTooLarge         = "body_too_large"
	CodeUnsupportedMediaType = "unsupported_media_type"
	CodeInvalidDocument      = "invalid_document"
	CodeHeadersTooLarge      = "headers_too_large"
	CodeInternalError        = "internal_error"
	CodeBusy                 = "busy"
	CodeTooManyAttempts      = "too_many_attempts"
	CodeTelephoneTaken       = "telephone_taken"
	CodePersonExists         = "person_exists"
	CodePersonErased         = "person_erased"
	CodeConsentTextChanged   = "consent_text_changed"
	CodePeopleUnavailable    = "people_unavailable"
	CodeAlreadyMember        = "already_member"
	CodeAlreadyJoined        = "already_joined"
	CodeTooManyLinks         = "too_many_links"
	CodeSignInRefused        = "sign_in_refused"
	CodeCrossSite            = "cross_site"
	CodeStaffExists          = "staff_exists"
	CodeNoDirectory          = "no_directory"
	CodeLinkNotMade          = "link_not_made"
	CodeInsecureAddress      = "insecure_address"
	CodeStopping             = "stopping"
	CodeUnavailable          = "unavailable"
	CodeTimeout              = "timeout"
)

// Text is a text in both languages.
type Text struct{ EN, ZH string }

// Kind is what all problems with one code have in common. Meaning says what to do
// about it.
type Kind struct {
	Code    string
	Status  int
	Title   Text
	Meaning Text
}

// kindOf returns the kind of a code; that of an internal error if the table lacks
// it, which a test makes sure of that it doesn't.
func KindOf(code string) Kind {
	if k, ok := kinds[code]; ok {
		return k
	}
	return kinds[CodeInternalError]
}

// Refusals returns the kinds of refusals, in the order of the rule book's checks.
func Refusals() []Kind {
	return slices.Concat(refusalKinds, growthKinds, presentationKinds, keyKinds, settlementKinds)
}

// Requests returns the kinds of all other problems.
func Requests() []Kind { return slices.Concat(requestKinds, peopleKinds) }

var kinds = func() map[string]Kind {
	byCode := make(map[string]Kind)
	for _, table := range [][]Kind{Refusals(), Requests()} {
		for _, k := range table {
			byCode[k.Code] = k
		}
	}
	return byCode
}()

// Refused is the status of what a rule of the circle forbids.
const Refused = http.StatusUnprocessableEntity

// refusalKinds are the refusals of the rule book, in the order of its checks.
var refusalKinds = []Kind{
	{alliance.CodeUnknownCard, Refused, Text{"No such card", "没有这张卡"},
		Text{"No card of that code was sold in the circle.", "本联盟没有售出过这个卡号的卡。"}},
	{alliance.CodeUnknownMerchant, Refused, Text{"No such merchant", "没有这家商户"},
		Text{"No merchant of that code is in the circle; also a bonus that the merchant funds, without a merchant.", "本联盟没有这个编号的商户；赠送由商户承担却没有写明商户时也是如此。"}},
	{alliance.CodeUnknownProduct, Refused, Text{"No such product", "没有这种卡产品"},
		Text{"No product of that code is on sale.", "没有这个编号的在售卡产品。"}},
	{alliance.CodeUnknownBenefit, Refused, Text{"The card has no such benefit", "这张卡没有这项权益"},
		Text{"The card has no benefit of that code, or it is of the other kind (a pass, not a coupon).", "这张卡没有这个编号的权益，或者种类不符（次卡与优惠券）。"}},
	{alliance.CodeUnknownMember, Refused, Text{"No such referrer", "没有这位推荐人"},
		Text{"The referrer has not bought a card yet. Nobody refers themselves.", "推荐人还没有买过卡；不能推荐自己。"}},
	{alliance.CodeCardExists, Refused, Text{"The card was sold before", "卡号已售出"},
		Text{"A card of that code was sold already. The codes of cancelled cards are not used again either.", "这个卡号已经售出；作废的卡号也不再使用。"}},
	{alliance.CodeUnknownEvent, Refused, Text{"Nothing to undo", "没有可以撤销的交易"},
		Text{"There is no such transaction, it was refused, or it is of a kind that is not undone, such as a freeze.", "没有这笔交易、它当时被拒绝，或者属于不能撤销的种类（例如冻结）。"}},
	{alliance.CodeInvalidAmount, Refused, Text{"Not a valid amount", "金额无效"},
		Text{"Write digits with at most one point between them, no more decimals than the currency has, above zero, at most 10^15 minor units. A part to undo is at most what still stands; counts and points are at least 1.",
			"金额只写数字，最多一个小数点，小数位不超过币种规定，大于零，不超过 10^15 最小单位。部分撤销不能超过尚存的部分；次数和积分至少为 1。"}},
	{alliance.CodeAlreadyReversed, Refused, Text{"Undone already", "已经撤销过"},
		Text{"Nothing of the transaction stands any more, or it is a reversal itself.", "这笔交易已全部撤销，或者它本身就是一笔撤销。"}},
	{alliance.CodeCardCancelled, Refused, Text{"The card is cancelled", "卡已作废"},
		Text{"The sale of the card was reversed.", "这张卡的售卡交易已撤销。"}},
	{alliance.CodeCardFrozen, Refused, Text{"The card is frozen", "卡已冻结"},
		Text{"The card was reported lost. Unfreeze it when it is found.", "这张卡已挂失；找回后先解冻。"}},
	{alliance.CodeCardInUse, Refused, Text{"The card is in use", "卡已使用"},
		Text{"A sale is undone only while nothing else on the card stands. Undo that first.", "卡上还有未撤销的交易，不能撤销售卡；请先撤销它们。"}},
	{alliance.CodeCardExpired, Refused, Text{"The card has expired", "卡已过期"},
		Text{"Its passes and coupons have ended. Stored value and points do not expire.", "次卡和优惠券已经到期；储值和积分不会过期。"}},
	{alliance.CodeWrongMerchant, Refused, Text{"Not at this merchant", "不能在这家商户使用"},
		Text{"The benefit is honoured elsewhere; or, where sellers keep the money until use, the card is topped up at its home alone.", "这项权益由其他商户承兑；在用时结算的联盟里，卡只能在发卡商户充值。"}},
	{alliance.CodeBenefitExhausted, Refused, Text{"No uses left", "次数已用完"},
		Text{"Fewer uses are left than were asked for.", "剩余次数不足。"}},
	{alliance.CodeBelowThreshold, Refused, Text{"The bill is too small", "未达到使用门槛"},
		Text{"The bill is below the coupon's threshold or its discount.", "账单低于优惠券的门槛或优惠额。"}},
	{alliance.CodeOverValueLimit, Refused, Text{"Too much on one card", "超过储值上限"},
		Text{"The top-up would bring principal and bonus above what a card may hold.", "充值后本金与赠金之和会超过单卡上限。"}},
	{alliance.CodeInsufficientValue, Refused, Text{"The card does not hold enough stored value", "储值余额不足"},
		Text{"The stored value does not cover it; also a reversal of a top-up that was spent since.", "储值不足；撤销已被花掉的充值时也是如此。"}},
	{alliance.CodeInsufficientPoints, Refused, Text{"The card does not hold enough points", "积分不足"},
		Text{"The points do not cover it; also a reversal of a purchase whose points were spent since.", "积分不足；撤销积分已被花掉的消费时也是如此。"}},
	{alliance.CodeOverDebitCap, Refused, Text{"The merchant would owe too much", "超过商户欠款上限"},
		Text{"It would lower the acting merchant's position to below its debit cap. Settle first, or ask the organiser for a higher cap.", "商户头寸会低于其欠款上限；请先结清，或请盟主提高上限。"}},
}

// keyKinds is about idempotency keys.
var keyKinds = []Kind{
	{sequencer.IdempotencyConflict, Refused, Text{"The key was used for something else", "幂等键已用于别的请求"},
		Text{"The same caller used this Idempotency-Key with another body. A new command needs a new key.", "同一调用方用这个 Idempotency-Key 提交过别的内容；新的请求要用新的键。"}},
}
