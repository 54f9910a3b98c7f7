package api

import (
	"net/http"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/sequencer"
)

// The codes of problems that are not refusals of the rule book.
const (
	codeInvalidRequest       = "invalid_request"
	codeIdempotencyMissing   = "idempotency_key_missing"
	codeUnauthenticated      = "unauthenticated"
	codeForbidden            = "forbidden"
	codeForbiddenMerchant    = "forbidden_merchant"
	codeNotFound             = "not_found"
	codeMethodNotAllowed     = "method_not_allowed"
	codeNoTerms              = "no_terms"
	codeClockBack            = "clock_back"
	codeLiveCircle           = "live_circle"
	codeTermsFixed           = "terms_fixed"
	codeShopExists           = "shop_exists"
	codeProductExists        = "product_exists"
	codeCircleExists         = "circle_exists"
	codeKeyRevoked           = "key_revoked"
	codeLastOrganiserKey     = "last_organiser_key"
	codeBodyTooLarge         = "body_too_large"
	codeUnsupportedMediaType = "unsupported_media_type"
	codeInvalidDocument      = "invalid_document"
	codeHeadersTooLarge      = "headers_too_large"
	codeInternalError        = "internal_error"
	codeBusy                 = "busy"
	codeStopping             = "stopping"
	codeUnavailable          = "unavailable"
	codeTimeout              = "timeout"
)

// text is a text in the languages of the problems.
type text struct{ EN, ZH string }

// problemKind is what all occurrences of a problem have in common. Meaning says
// what to do about it.
type problemKind struct {
	Code    string
	Status  int
	Title   text
	Meaning text
}

// kindOf returns the kind of a code; that of an internal error if the table lacks
// it, which a test makes sure of that it doesn't.
func kindOf(code string) problemKind {
	if k, ok := kinds[code]; ok {
		return k
	}
	return kinds[codeInternalError]
}

var kinds = func() map[string]problemKind {
	byCode := make(map[string]problemKind)
	for _, table := range [][]problemKind{refusalKinds, deskKinds, requestKinds} {
		for _, k := range table {
			byCode[k.Code] = k
		}
	}
	return byCode
}()

const refused = http.StatusUnprocessableEntity

// refusalKinds are the refusals of the rule book, in the order in which it looks.
var refusalKinds = []problemKind{
	{alliance.CodeUnknownCard, refused, text{"No such card", "没有这张卡"},
		text{"No card of that code was sold in the circle.", "本联盟没有售出过这个卡号的卡。"}},
	{alliance.CodeUnknownMerchant, refused, text{"No such merchant", "没有这家商户"},
		text{"No merchant of that code is in the circle; also a bonus that the merchant funds, without a merchant.", "本联盟没有这个编号的商户；赠送由商户承担却没有写明商户时也是如此。"}},
	{alliance.CodeUnknownProduct, refused, text{"No such product", "没有这种卡产品"},
		text{"No product of that code is on sale.", "没有这个编号的在售卡产品。"}},
	{alliance.CodeUnknownBenefit, refused, text{"The card has no such benefit", "这张卡没有这项权益"},
		text{"The card has no benefit of that code, or it is of the other kind (a pass, not a coupon).", "这张卡没有这个编号的权益，或者种类不符（次卡与优惠券）。"}},
	{alliance.CodeUnknownMember, refused, text{"No such referrer", "没有这位推荐人"},
		text{"The referrer has not bought a card yet. Nobody refers themselves.", "推荐人还没有买过卡；不能推荐自己。"}},
	{alliance.CodeCardExists, refused, text{"The card was sold before", "卡号已售出"},
		text{"A card of that code was sold already. The codes of cancelled cards are not used again either.", "这个卡号已经售出；作废的卡号也不再使用。"}},
	{alliance.CodeUnknownEvent, refused, text{"Nothing to undo", "没有可以撤销的交易"},
		text{"There is no such transaction, it was refused, or it is of a kind that is not undone, such as a freeze.", "没有这笔交易、它当时被拒绝，或者属于不能撤销的种类（例如冻结）。"}},
	{alliance.CodeInvalidAmount, refused, text{"Not a valid amount", "金额无效"},
		text{"Write digits with at most one point between them, no more decimals than the currency has, above zero, at most 10^15 minor units. A part to undo is at most what still stands; counts and points are at least 1.",
			"金额只写数字，最多一个小数点，小数位不超过币种规定，大于零，不超过 10^15 最小单位。部分撤销不能超过尚存的部分；次数和积分至少为 1。"}},
	{alliance.CodeAlreadyReversed, refused, text{"Undone already", "已经撤销过"},
		text{"Nothing of the transaction stands any more, or it is a reversal itself.", "这笔交易已全部撤销，或者它本身就是一笔撤销。"}},
	{alliance.CodeCardCancelled, refused, text{"The card is cancelled", "卡已作废"},
		text{"The sale of the card was reversed.", "这张卡的售卡交易已撤销。"}},
	{alliance.CodeCardFrozen, refused, text{"The card is frozen", "卡已冻结"},
		text{"The card was reported lost. Unfreeze it when it is found.", "这张卡已挂失；找回后先解冻。"}},
	{alliance.CodeCardInUse, refused, text{"The card is in use", "卡已使用"},
		text{"A sale is undone only while nothing else on the card stands. Undo that first.", "卡上还有未撤销的交易，不能撤销售卡；请先撤销它们。"}},
	{alliance.CodeCardExpired, refused, text{"The card has expired", "卡已过期"},
		text{"Its passes and coupons have ended. Stored value and points do not expire.", "次卡和优惠券已经到期；储值和积分不会过期。"}},
	{alliance.CodeWrongMerchant, refused, text{"Not at this merchant", "不能在这家商户使用"},
		text{"The benefit is honoured elsewhere; or, where sellers keep the money until use, the card is topped up at its home alone.", "这项权益由其他商户承兑；在用时结算的联盟里，卡只能在发卡商户充值。"}},
	{alliance.CodeBenefitExhausted, refused, text{"No uses left", "次数已用完"},
		text{"Fewer uses are left than were asked for.", "剩余次数不足。"}},
	{alliance.CodeBelowThreshold, refused, text{"The bill is too small", "未达到使用门槛"},
		text{"The bill is below the coupon's threshold or its discount.", "账单低于优惠券的门槛或优惠额。"}},
	{alliance.CodeOverValueLimit, refused, text{"Too much on one card", "超过储值上限"},
		text{"The top-up would bring principal and bonus above what a card may hold.", "充值后本金与赠金之和会超过单卡上限。"}},
	{alliance.CodeInsufficientValue, refused, text{"The card does not hold enough stored value", "储值余额不足"},
		text{"The stored value does not cover it; also a reversal of a top-up that was spent since.", "储值不足；撤销已被花掉的充值时也是如此。"}},
	{alliance.CodeInsufficientPoints, refused, text{"The card does not hold enough points", "积分不足"},
		text{"The points do not cover it; also a reversal of a purchase whose points were spent since.", "积分不足；撤销积分已被花掉的消费时也是如此。"}},
	{alliance.CodeOverDebitCap, refused, text{"The merchant would owe too much", "超过商户欠款上限"},
		text{"It would lower the acting merchant's position to below its debit cap. Settle first, or ask the organiser for a higher cap.", "商户头寸会低于其欠款上限；请先结清，或请盟主提高上限。"}},
	{sequencer.IdempotencyConflict, refused, text{"The key was used for something else", "幂等键已用于别的请求"},
		text{"The same caller used this Idempotency-Key with another body. A new command needs a new key.", "同一调用方用这个 Idempotency-Key 提交过别的内容；新的请求要用新的键。"}},
}
