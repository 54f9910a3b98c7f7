package problem

import (
	"maps"

	"github.com/lianka/lianka/clearing/message"
)

// chinese says in Chinese what rules and checks say. A test reads the sources and fails for a sentence that is not here,
// and for one that is here and is not said.
var chinese = message.Language{
	Sentences: together(chineseRules, chineseSettlement, chineseDocuments, chineseBank, chineseRequests, chinesePeople, chineseReferral, chineseSignIn),
	Words:     chineseWords,
}

func together(parts ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// chineseWords are states, roles, and what lists hold.
var chineseWords = map[string]string{
	// of a settlement
	"closed": "已关账", "in_review": "复核中", "approved": "已确认", "paying": "收付中", "settled": "已结清",
	// of an obligation
	"due": "应付", "part_paid": "部分已付", "paid": "已付清", "defaulted": "已违约",
	"payable": "待付", "sent": "已付出", "confirmed": "已到账", "returned": "已退回", "carried": "已结转",
	// of a line of a bank statement
	"matched": "已匹配", "linked": "已关联", "given_back": "已退还", "ticked_off": "已勾销", "in_suspense": "暂记", "received": "已收款",
	// of a hold
	"captured": "已完成", "voided": "已撤销", "expired": "已过期",
	// of a dispute
	"open": "未处理", "refused": "已驳回", "adjusted": "已调账", "withdrawn": "已撤回",
	// kinds of benefits
	"pass": "次卡", "coupon": "优惠券",
	// types of JSON
	"an object": "对象", "a list": "列表", "a string": "字符串", "a number": "数字", "a boolean": "布尔值", "missing": "缺少",
	// roles
	"organiser": "盟主", "owner": "店主", "cashier": "收银员", "leaver": "已退出的商户", "member": "会员", "operator": "运维",
	// of sign-in
	"staff": "人员", "till": "收银机", "till_id": "收银机", "session": "会话", "passkey": "通行密钥",
	// what there is, and what a key may see
	"card": "卡", "circle": "联盟", "dispute": "异议", "merchant": "商户", "party": "结算方", "product": "卡产品", "shop": "商户",
	"transaction": "交易", "code": "编号", "key": "密钥", "key_id": "密钥", "link": "链接", "number": "编号", "period": "月份", "reference": "付款参考号",
	"transactions": "交易", "entries": "分录", "hashes": "哈希", "cards": "卡", "holders": "持卡人", "pools": "资金池", "members": "会员",
	"positions": "头寸", "settlements": "结算", "transfers": "划转", "netting": "轧差", "obligations": "应收应付", "losses": "损失",
	"disputes": "异议", "cover": "保障", "events": "事件", "statements": "对账单", "ledger": "账簿", "persons": "会员资料", "telephones": "手机号和生日",
}
