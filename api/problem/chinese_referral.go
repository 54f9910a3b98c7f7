package problem

// chineseReferral say what is wrong with links, and what the law on multi-level selling forbids.
var chineseReferral = map[string]string{
	"there is no such link": "没有这个链接",
	"the member has as many links as a member may have; revoke one first":                                                                            "会员的链接已达上限；请先停用一个",
	"this member has bought a card before; a link is for those who have not":                                                                         "这位会员以前买过卡；链接只用于还没有买过卡的人",
	"this member has joined by another link already, and the first one counts":                                                                       "这位会员已通过别的链接加入，以第一个链接为准",
	"campaign %q rewards bringing people, without a purchase of theirs; give it a minimum above zero (禁止传销条例 article 7, 1)":                          "活动 {1} 单凭发展人员就给予奖励，没有要求对方消费；请设定大于零的最低消费（禁止传销条例第七条第一项）",
	"campaign %q rewards bringing people, so nobody may have to buy for it; put a free card on sale first (禁止传销条例 article 7, 2)":                     "活动 {1} 奖励推荐，因此不得要求先购买才能推荐；请先上架一种免费卡（禁止传销条例第七条第二项）",
	"the terms pay for bringing people, so nobody may have to buy for it; put a free card on sale first (禁止传销条例 article 7, 2)":                       "规则对推荐支付佣金，因此不得要求先购买才能推荐；请先上架一种免费卡（禁止传销条例第七条第二项）",
	"%q is the last free card, and the circle rewards bringing people; put another one on sale first (禁止传销条例 article 7, 2)":                          "{1} 是最后一种免费卡，而联盟奖励推荐；请先上架另一种免费卡（禁止传销条例第七条第二项）",
	"the circle rewards bringing people, so nobody may have to buy for it; its organiser has to put a free card on sale first (禁止传销条例 article 7, 2)": "联盟奖励推荐，因此不得要求先购买才能推荐；请盟主先上架一种免费卡（禁止传销条例第七条第二项）",
	"is missing; only a member's session may leave it out":                                                                                           "缺少；只有会员本人登录时才可以不填",
	"is no code of a link; it has ten digits and capitals":                                                                                           "不是链接编号；编号由十个数字和大写字母组成",
}
