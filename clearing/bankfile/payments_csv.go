package bankfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// byteOrderMark is what Excel on a Chinese Windows knows UTF-8 by; without it the
// names are read as GBK and are wrong.
const byteOrderMark = "\ufeff"

// WritePaymentsCSV writes the payments of an instruction as the batch templates of
// Chinese corporate e-banking have them: a header line in Chinese and English, then a
// payment a line, RFC 4180, UTF-8 with a byte order mark. The account that is paid
// from and the day are chosen in e-banking when the file is uploaded. The error is
// a [*FieldError], before anything was written, or what w returned.
//
// A spreadsheet must not change what it opens. So a text that would be taken for a
// formula begins with an apostrophe, and an account number, bank code or reference
// that begins with a digit ends with a tab: a spreadsheet would make a number of it and
// lose leading zeros and all digits behind the fifteenth. The tab, as in
// the exports of the banks themselves, is white space to whoever reads the file.
func WritePaymentsCSV(w io.Writer, i Instruction) error {
	if _, err := i.check(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("write the payment file: %w", err)
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true
	rows := [][]string{{
		"序号 No.", "收款人名称 Payee", "收款账号 Account", "开户行 Bank", "联行号 CNAPS", "金额 Amount", "币种 Currency", "用途/附言 Remittance",
		"参考号 Reference",
	}}
	for n, p := range i.Payments {
		rows = append(rows, []string{
			strconv.Itoa(n + 1), textCell(p.Payee.Holder), identifierCell(p.Payee.written()), textCell(p.Payee.Bank),
			identifierCell(p.Payee.CNAPS), p.Amount.String(), p.Amount.Currency().Code(), textCell(p.remittance()),
			identifierCell(p.id()),
		})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write the payment file: %w", err)
	}
	return nil
}

// textCell keeps a spreadsheet from taking a text for a formula. The full-width
// signs are formulas to an Excel that is set up for Chinese or Japanese.
func textCell(text string) string {
	if strings.IndexAny(strings.TrimLeft(text, " \u00a0\u3000"), "=+-@＝＋－＠") == 0 {
		return "'" + text
	}
	return text
}

// identifierCell keeps a spreadsheet from taking digits for a number or a date.
func identifierCell(text string) string {
	if text != "" && isDigit(text[0]) {
		return text + "\t"
	}
	return textCell(text)
}
