package ledger

import "strconv"

// Arrays are the columns of a transaction's row that are arrays, as PostgreSQL
// writes them.
type Arrays struct{ Merchants, MerchantsBefore, Accounts, Amounts string }

// Row returns the arrays of a transaction.
func Row(t *Transaction) Arrays {
	return Arrays{
		Merchants: string(appendMerchants(nil, t)), MerchantsBefore: string(appendBefore(nil, t)),
		Accounts: string(appendAccounts(nil, t)), Amounts: string(appendAmounts(nil, t)),
	}
}

func appendMerchants(b []byte, t *Transaction) []byte {
	return list(b, len(t.Links), func(b []byte, i int) []byte {
		return append(escape(append(b, '"'), t.Links[i].Merchant), '"')
	})
}

func appendBefore(b []byte, t *Transaction) []byte {
	return list(b, len(t.Links), func(b []byte, i int) []byte { return strconv.AppendInt(b, t.Links[i].Previous, 10) })
}

func appendAccounts(b []byte, t *Transaction) []byte {
	return list(b, len(t.Entries), func(b []byte, i int) []byte {
		a := t.Entries[i].Account
		b = append(append(b, '"'), a.Kind.String()...)
		if a.Owner != "" {
			b = escape(append(b, ':'), a.Owner)
		}
		return append(b, '"')
	})
}

func appendAmounts(b []byte, t *Transaction) []byte {
	return list(b, len(t.Entries), func(b []byte, i int) []byte { return strconv.AppendInt(b, t.Entries[i].Amount.Minor(), 10) })
}

// list appends an array of n elements.
func list(b []byte, n int, element func(b []byte, i int) []byte) []byte {
	b = append(b, '{')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = element(b, i)
	}
	return append(b, '}')
}

// escape appends a text as it stands between the quotes of an array element.
func escape(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return b
}
