package problem

import "github.com/lianka/lianka/alliance/presentation"

// presentationKinds are the refusals of what is shown at a till, which come before the rule book.
var presentationKinds = []Kind{
	{presentation.CodeRequired, Refused, Text{"A code is needed", "需要出示付款码"},
		Text{"The circle asks for a code of the card. Let the member show one, and send it beside the command, under a new idempotency key.",
			"本联盟要求出示卡的付款码；请会员出示后随请求一起提交，并使用新的幂等键。"}},
	{presentation.CodeInvalid, Refused, Text{"The code is not good", "付款码无效"},
		Text{"The code is mistyped, used, expired, of another card, for another shop, or for less. Let the member show a new one, and send it under a new idempotency key.",
			"付款码输错、已使用、已过期，或者属于别的卡、限别的商户、限更小的金额；请会员重新出示，并使用新的幂等键。"}},
	{presentation.CodePINRequired, Refused, Text{"The card's PIN is needed", "需要卡密码"},
		Text{"The circle takes what is uploaded late with the card's number and its PIN.", "本联盟补传离线核销时需要卡号和卡密码。"}},
	{presentation.CodePINInvalid, Refused, Text{"The PIN is wrong", "卡密码错误"},
		Text{"It is not the card's PIN, or the card has none.", "卡密码不对，或者这张卡没有设密码。"}},
}
