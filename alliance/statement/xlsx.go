package statement

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// The sheets of a workbook.
const (
	sheetSummary   = "Summary 汇总"
	sheetMerchants = "Counterparties 往来"
	sheetLines     = "Lines 明细"
)

// writeXLSX writes a workbook of three sheets. Amounts and counts are numbers, sums are
// formulas that hold their results, texts are strings and never formulas.
func writeXLSX(ctx context.Context, w io.Writer, s *Statement) (err error) {
	b := &workbook{File: excelize.NewFile(), s: s}
	defer func() { err = errors.Join(err, b.Close()) }()
	b.SetZipWriter(newOrderedZip)
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.summary(); err != nil {
		return err
	}
	if err := b.counterparties(); err != nil {
		return err
	}
	if err := b.lines(ctx); err != nil {
		return err
	}
	return b.Write(w)
}

// workbook is a workbook that is being made, with its styles.
type workbook struct {
	*excelize.File
	s      *Statement
	styles [3]styles // by look
}

func (b *workbook) prepare() error {
	if err := b.makeStyles(); err != nil {
		return err
	}
	if err := b.SetSheetName("Sheet1", sheetSummary); err != nil {
		return err
	}
	for _, name := range []string{sheetMerchants, sheetLines} {
		if _, err := b.NewSheet(name); err != nil {
			return err
		}
	}
	made := b.s.Window.CutoffAt.UTC().Format(time.RFC3339)
	return b.SetDocProps(&excelize.DocProperties{
		Creator: "Lianka", LastModifiedBy: "Lianka", Created: made, Modified: made, Language: "zh-CN",
		Title: cell("结算单 Settlement statement " + b.s.Party + " " + b.s.Window.Period),
	})
}

func (b *workbook) summary() error {
	s := b.s
	sh, err := b.sheet(sheetSummary, 0, 0, 30, 20, 20, 18, 28, 19, 40)
	if err != nil {
		return err
	}
	currency := s.Alliance.Currency.Code()
	sh.row(headed, "结算单 Settlement statement", "", "")
	sh.row(plain, "联盟 Circle", cell(s.Alliance.Name), cell(s.Alliance.Code))
	sh.row(plain, "联盟主体 Legal name", cell(s.Entities[clearing.Organiser].Name), cell(s.Entities[clearing.Organiser].TaxNumber))
	sh.row(plain, "结算方 Party", cell(s.partyName(s.Party)), cell(s.Party))
	if s.Party != clearing.Organiser {
		sh.row(plain, "结算方主体 Legal name", cell(s.Entities[s.Party].Name), cell(s.Entities[s.Party].TaxNumber))
	}
	sh.row(plain, "结算期 Period", s.Window.Period, s.Alliance.Location.String())
	sh.row(plain, "起 From", s.local(s.Window.OpensAt))
	sh.row(plain, "止(不含) To, exclusive", s.local(s.Window.CutoffAt))
	sh.row(plain, "审核截止 Review until", s.local(s.ReviewUntil), s.phaseLabel().String())
	sh.row(plain, "交易 Transactions", ledger.ID(s.FirstSeq), ledger.ID(s.LastSeq))
	sh.row(plain, "币种 Currency", currency)
	sh.row(plain, "符号 Signs", "正数:联盟应付本方;负数:本方应付联盟。 Positive: the circle owes the party; negative: the party owes the circle.")
	sh.row(plain)
	sh.row(headed, "项目 Item", "笔数 Count", "金额 Amount ("+currency+")")
	sh.row(total, "期初 Opening", "", s.Opening)
	opening, first := sh.at, sh.at+1
	for _, m := range s.Movements {
		sh.row(plain, cell(s.label(m.Type).String()), count(m.Count), m.Amount)
	}
	sh.row(total, "本期变动 Movement", sh.counted("B", first, s.Count), sh.summed("C", first, s.Movement))
	movement := sh.at
	first = sh.at + 1
	for _, t := range s.Transfers {
		sh.row(plain, cell("结算 Settled with "+s.partyName(t.With)), "", t.Amount, s.transferLabel(t).String())
	}
	sh.row(total, "结算 Transfer", "", sh.summed("C", first, s.Transfer))
	sh.row(total, "结转下期 Carried", "", sh.carried(opening, movement, sh.at, s.Carried))
	if len(s.Headings) > 0 {
		sh.row(plain)
		sh.row(headed, "其中 Of which", "笔数 Count", "金额 Amount ("+currency+")")
		for _, h := range s.Headings {
			sh.row(plain, headingLabel(h.Heading).String(), count(h.Count), h.Amount)
		}
	}
	if len(s.Payments) > 0 {
		sh.row(plain)
		sh.row(headed, "付款 Payment with", "状态 State", "金额 Amount ("+currency+")", "未付 Outstanding ("+currency+")", "付款附言 Reference", "到期 Due", "收款账户 Account")
		for i := range s.Payments {
			p := &s.Payments[i]
			sh.row(plain, cell(s.partyName(p.With)), p.label().String(), p.Amount, p.Outstanding, p.Reference, s.local(p.DueAt), cell(accountText(p.Account)))
		}
	}
	return sh.finish()
}

func (b *workbook) counterparties() error {
	s := b.s
	rows := len(s.MyMembersElsewhere) + len(s.OthersMembersHere) + len(s.Own)
	sh, err := b.sheet(sheetMerchants, 6, rows, 34, 24, 16, 12, 20, 20)
	if err != nil {
		return err
	}
	currency := s.Alliance.Currency.Code()
	sh.row(headed, "分组 Group", "商户 Shop", "代码 Code", "笔数 Count", "账单额 Gross ("+currency+")", "金额 Amount ("+currency+")")
	for _, g := range s.groups() {
		for _, c := range g.Merchants {
			sh.row(plain, groupLabel(g.Group).String(), cell(s.partyName(c.Merchant)), cell(c.Merchant), count(c.Count), c.Gross, c.Amount)
		}
	}
	sh.row(total, "合计 Total", "", "", sh.counted("D", 2, s.Count), "", sh.summed("F", 2, s.Movement))
	return sh.finish()
}

func (b *workbook) lines(ctx context.Context) error {
	s := b.s
	widths := []float64{12, 19, 19, 26, 32, 17, 16, 17, 17, 12, 15, 15, 15}
	if s.headed() {
		widths = append(widths, 30, 15, 16, 16, 12)
	}
	sh, err := b.sheet(sheetLines, len(widths), int(s.Count), widths...)
	if err != nil {
		return err
	}
	currency := " (" + s.Alliance.Currency.Code() + ")"
	titles := []any{
		"交易 Transaction", "入账时间 Booked", "发生时间 Occurred", "类型 Type", "分组 Group", "往来商户 Counterparty", "卡号 Card", "受理商户 Acting shop",
		"售卡商户 Sold by", "冲正 Corrects", "账单额 Gross" + currency, "变动 Effect" + currency, "余额 Balance" + currency,
		"归类 Heading", "其中 Of which" + currency, "活动 Campaign", "商品 Mall item", "预授权 Hold",
	}
	sh.row(headed, titles[:len(widths)]...)
	for l, err := range s.Lines(ctx) {
		if err != nil {
			return err
		}
		values := []any{
			ledger.ID(l.Seq), s.local(l.BookedAt), s.local(l.OccurredAt), cell(s.label(l.Type).String()), groupLabel(l.Group).String(),
			cell(s.partyName(l.Counterparty)), cell(l.Card), b.merchant(l.Merchant), b.merchant(l.Home), transactionID(l.Corrects),
			l.Gross, l.Effect, l.Balance,
			headingLabel(l.Heading).String(), headedCell(&l), cell(l.Campaign), cell(l.Item), transactionID(l.Hold),
		}
		sh.row(plain, values[:len(widths)]...)
		if sh.err != nil {
			return sh.err
		}
	}
	if s.Count > 0 {
		sh.row(total, "合计 Total", "", "", "", "", "", "", "", "", "", "", sh.summed("L", 2, s.Movement), money.Amount{})
	}
	return sh.finish()
}

// headedCell returns what of a line's effect is under its heading, and an empty text where it
// has none.
func headedCell(l *Line) any {
	if l.Heading == "" {
		return ""
	}
	return l.Headed
}

// merchant returns the name of a shop, and an empty text for none.
func (b *workbook) merchant(code string) string {
	if code == "" {
		return ""
	}
	return cell(b.s.partyName(code))
}
