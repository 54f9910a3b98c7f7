package problem

// chineseSignIn say what is wrong with a sign-in.
var chineseSignIn = map[string]string{
	"this comes from a page of another site; open it at %s":                                      "这个请求来自其他网站的页面；请在 {1} 打开",
	"sessions need https, or http://localhost; people reach this server at %s":                   "登录需要 https 或 http://localhost；本服务器的公开地址是 {1}",
	"the cookie of the session is given twice; send it once":                                     "会话 Cookie 出现了两次；只发送一次",
	"this session is over; sign in again":                                                        "会话已结束；请重新登录",
	"that opens no session: it is wrong, was used, or has expired":                               "无法登录：不正确、已使用或已过期",
	"there is nobody of that ID on the staff":                                                    "人员中没有这个编号",
	"somebody of that name has this role there already; give another name":                       "这里已有同名同岗的人员；请换一个名字",
	"%v: the role is organiser, owner or cashier":                                                "{1}：角色应为 organiser、owner 或 cashier",
	"%v: an organiser is of no shop":                                                             "{1}：盟主不属于任何商户",
	"%v: name the shop of an owner or a cashier":                                                 "{1}：请写明店主或收银员所属的商户",
	"%v: a name has 1 to %d bytes":                                                               "{1}：名字为 1 到 {2} 字节",
	"%v: the name %v":                                                                            "{1}：名字{2}",
	"such staff can't be added":                                                                  "不能添加这样的人员",
	"a PIN has 6 to 12 digits, which are not all the same and don't just count up or down":       "PIN 为 6 到 12 位数字，不能全部相同，也不能只是递增或递减",
	"%v: a PIN is for a cashier":                                                                 "{1}：PIN 只给收银员",
	"this link is not made":                                                                      "不能生成这个登录链接",
	"%v: the member holds cards that other shops sold; the organiser makes the link":             "{1}：会员持有其他商户售出的卡；由盟主生成链接",
	"%v: the member has signed in before; the owner of the shop or the organiser makes the link": "{1}：会员以前登录过；由店主或盟主生成链接",
	"there is no such paired till":                                                               "没有这台已配对的收银机",
	"there is no such passkey":                                                                   "没有这把通行密钥",
	"this takes a session; a key is no person's":                                                 "这需要登录；密钥不代表任何人",
	"this is not open to the role %s":                                                            "角色“{1}”不能这样做",
}
