package ledger

import "strconv"

// Arrays are the columns of a transaction's row that are arrays, as PostgreSQL
// writes them.
type Arrays struct{ Merchants, MerchantsBefore, Accounts, Amounts string }

// Row returns the arrays of a transaction.
func Row(t *Transaction) Arrays {
	var b []byte
	list := func(n int, each func(i int)) string {
		b = append(b[:0], '{')
		for i := range n {
			if i > 0 {
				b = append(b, ',')
			}
			each(i)
		}
		return string(append(b, '}'))
	}
	return Arrays{
		Merchants:       list(len(t.Links), func(i int) { b = quote(b, t.Links[i].Merchant) }),
		MerchantsBefore: list(len(t.Links), func(i int) { b = strconv.AppendInt(b, t.Links[i].Previous, 10) }),
		Accounts:        list(len(t.Entries), func(i int) { b = quote(b, t.Entries[i].Account.String()) }),
		Amounts:         list(len(t.Entries), func(i int) { b = strconv.AppendInt(b, t.Entries[i].Amount.Minor(), 10) }),
	}
}

// quote appends a text as an element of an array.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}
