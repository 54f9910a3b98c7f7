package problem

import "net/http"

// peopleKinds are the problems of what is kept of people.
var peopleKinds = []Kind{
	{CodeTelephoneTaken, http.StatusConflict, Text{"The telephone is another member's", "手机号已属于其他会员"},
		Text{"A telephone is one member's in a circle. Look the member up by it; if the number has changed hands, the member or the organiser amends it.", "一个手机号在本联盟只属于一位会员。请按手机号查找该会员；号码易主的，由会员本人或盟主更正。"}},
	{CodePersonExists, http.StatusConflict, Text{"The member is registered already", "会员已登记"},
		Text{"The code has a person already. The member or the organiser amends it.", "这个会员号已有登记的本人；由会员本人或盟主更正。"}},
	{CodePersonErased, http.StatusConflict, Text{"The person was erased", "会员资料已删除"},
		Text{"The person of this code was erased, and the code is nobody's for good. Register without a code: the server makes a new one.", "这个会员号的本人资料已删除，该号不再使用。登记时请不要填写会员号，由服务器新建。"}},
	{CodeConsentTextChanged, http.StatusConflict, Text{"The text of the consent has changed", "同意书文本已更新"},
		Text{"Consent is given to what was read. Show the text in force, ask again, and send its version.", "同意的是看过的文本。请展示现行文本，重新征求同意，并写明其版本。"}},
	{CodePeopleUnavailable, http.StatusServiceUnavailable, Text{"People are not kept here now", "暂不能处理会员资料"},
		Text{"The server has no master key, or not the database's, or no file in which erasures are remembered. Nothing happened. The operator mends it; all else goes on.", "服务器没有主密钥，或与数据库的主密钥不符，或没有登记删除的文件。什么都没有发生；由运维处理，其他业务照常。"}},
}
