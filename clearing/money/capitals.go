package money

import "strings"

// Capitals returns an amount of yuan in capital numerals (大写金额), as it stands on
// cheques, receipts and statements in China: 人民币壹仟肆佰零玖元伍角整. It follows the
// central bank's rules for filling in vouchers (正确填写票据和结算凭证的基本规定):
//
//   - zeros between two digits are one 零, and zeros that end a group of four are none:
//     107,000.53 is 壹拾万柒仟元伍角叁分;
//   - no jiao but fen is 零 before the fen: 325.04 is 叁佰贰拾伍元零肆分;
//   - what ends at yuan or jiao ends in 整, so that nothing can be added: 0.50 is 伍角整;
//   - ten is 壹拾, not 拾.
//
// It is empty for another currency, which has no such form.
func (a Amount) Capitals() string {
	if a.currency.Code() != "CNY" {
		return ""
	}
	magnitude := uint64(a.minor)
	var b strings.Builder
	b.WriteString("人民币")
	if a.minor < 0 {
		b.WriteString("负")
		magnitude = -magnitude
	}
	yuan, jiao, fen := magnitude/100, magnitude/10%10, magnitude%10
	if yuan > 0 || magnitude == 0 {
		b.WriteString(capitalsOf(yuan) + "元")
	}
	switch {
	case jiao > 0:
		b.WriteString(capitals[jiao] + "角")
	case fen > 0 && yuan > 0:
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(capitals[fen] + "分")
	} else {
		b.WriteString("整")
	}
	return b.String()
}

var capitals = [...]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}

// capitalsOf returns a whole number in capital numerals. What is above 亿 is counted in 亿,
// and what is above 万 in 万.
func capitalsOf(n uint64) string {
	if n == 0 {
		return capitals[0]
	}
	for _, unit := range []struct {
		size  uint64
		name  string
		lower uint64 // what is below it lacks its first digit, and so begins with 零
	}{
		{1e8, "亿", 1e7}, {1e4, "万", 1e3}, {1e3, "仟", 1e2}, {1e2, "佰", 1e1}, {1e1, "拾", 1},
	} {
		if n < unit.size {
			continue
		}
		text, rest := capitalsOf(n/unit.size)+unit.name, n%unit.size
		if rest == 0 {
			return text
		}
		if rest < unit.lower {
			text += capitals[0]
		}
		return text + capitalsOf(rest)
	}
	return capitals[n]
}
