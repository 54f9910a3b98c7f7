package problem

import "github.com/lianka/lianka/alliance"

// growthKinds are the refusals about holds, replaced and given cards, gifts, the mall and refunds.
var growthKinds = []Kind{
	{alliance.CodeUnknownCampaign, Refused, Text{"No such campaign", "没有这个活动"},
		Text{"No campaign of that code gives by command.", "没有可以手动发放的这个活动。"}},
	{alliance.CodeUnknownItem, Refused, Text{"No such item", "没有这件商品"},
		Text{"No item of that code is in the mall.", "商城里没有这个编号的商品。"}},
	{alliance.CodeHoldClosed, Refused, Text{"The hold has ended", "预授权已结束"},
		Text{"It was captured or voided, or its time is over.", "预授权已完成、已撤销或已过期。"}},
	{alliance.CodeCardReplaced, Refused, Text{"The card was replaced", "卡已更换"},
		Text{"The card has a new code, which has all that was on it.", "这张卡已换新卡号，原有内容都在新卡号上。"}},
	{alliance.CodeCardRefunded, Refused, Text{"The card was refunded", "卡已退"},
		Text{"The card was given back, and its price was paid back.", "这张卡已退，款项已退还。"}},
	{alliance.CodeSameMember, Refused, Text{"It is this member's already", "卡已属于该会员"},
		Text{"A card is given to another member than its own.", "转赠须给另一位会员。"}},
	{alliance.CodeRefundClosed, Refused, Text{"Too late for a cooling-off refund", "不能再冷静期退卡"},
		Text{"The time for it is over, or the card was used.", "冷静期已过，或者卡已使用。"}},
	{alliance.CodeQuoteChanged, Refused, Text{"The quote has changed", "报价已变"},
		Text{"Something on the card has changed since the quote. Nothing was booked; show the member the new figures and send those.", "报价之后卡上有变动，没有入账；请把新的数字告诉会员后再提交。"}},
	{alliance.CodeTierTooLow, Refused, Text{"The card's tier is too low", "等级不够"},
		Text{"The campaign or the item is for a higher tier.", "这个活动或商品限更高等级。"}},
	{alliance.CodeCampaignClosed, Refused, Text{"The campaign does not give now", "活动不在发放"},
		Text{"Its time has not come or is over, or it is for other cards.", "活动尚未开始、已经结束，或者限其他卡。"}},
	{alliance.CodeGiftExhausted, Refused, Text{"The member has had it", "会员已领过"},
		Text{"The member has got the gift as often as the campaign gives it.", "会员领取次数已达活动上限。"}},
	{alliance.CodeOverBudget, Refused, Text{"The budget is spent", "预算不足"},
		Text{"What is left of the campaign's budget does not pay for the gift.", "活动剩余预算不够这份礼品。"}},
	{alliance.CodeOutOfStock, Refused, Text{"Out of stock", "库存不足"},
		Text{"Fewer are left than were asked for.", "剩余数量不足。"}},
}
