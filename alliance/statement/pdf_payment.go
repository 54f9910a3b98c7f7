package statement

import (
	"strconv"
	"strings"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
)

// payments prints for each payment of the month what has become of it, and all that
// somebody needs who makes it or waits for it.
func (d *document) payments() {
	if len(d.s.Payments) == 0 {
		return
	}
	d.section("付款", "Payment")
	for i := range d.s.Payments {
		d.payment(&d.s.Payments[i])
	}
	d.Ln(2)
}

func (d *document) payment(p *Payment) {
	const head, padding = 9.0, 1.5
	facts := d.unfold(d.paymentFacts(p))
	height := head + float64(len(facts))*factHeight + 2*padding
	if d.GetY()+height > lowest {
		d.AddPage()
	}
	y := d.GetY()
	d.SetDrawColor(60, 60, 60)
	d.SetLineWidth(0.3)
	d.Rect(margin, y, inner, height, "D")
	d.SetXY(margin, y+padding)
	d.SetFontSize(13)
	d.bold(true)
	d.write(inner/2, head, "L", p.label().Chinese+" "+p.label().English)
	d.SetFontSize(15)
	d.write(inner/2, head, "R", grouped(p.Amount.Abs())+" "+d.s.Alliance.Currency.Code())
	d.bold(false)
	d.SetXY(margin, y+padding+head)
	d.facts(facts)
	d.SetXY(margin, y+height+2)
}

func (d *document) paymentFacts(p *Payment) []fact {
	var facts []fact
	if capitals := p.Amount.Abs().Capitals(); capitals != "" {
		facts = append(facts, fact{"大写 In words", capitals})
	}
	if rest := d.rest(p); rest != "" {
		facts = append(facts, fact{"其中 Of which", rest})
	}
	if p.pays() {
		facts = append(facts, fact{"收款方 Payee", d.s.partyName(p.With)})
	} else {
		facts = append(facts, fact{"付款方 Payer", d.s.partyName(p.With)})
	}
	if a := p.Account; a == nil {
		facts = append(facts, fact{"收款账户 Pay to", "–"})
	} else {
		bank := strings.TrimSpace(a.Bank + "  " + strings.TrimSpace(a.BIC+"  "+a.CNAPS))
		facts = append(facts, fact{"收款户名 Pay to", a.Holder}, fact{"账号 Account", a.Number}, fact{"开户行 Bank", bank})
	}
	facts = append(facts, fact{"付款附言 Reference", p.Reference})
	if p.Covers != "" {
		facts = append(facts, fact{"代付 In place of", p.Covers})
	}
	if due := d.due(p); due != "" {
		facts = append(facts, fact{"到期 Due", due})
	}
	return facts
}

// rest says how a payment stands that is neither whole nor untouched.
func (d *document) rest(p *Payment) string {
	if p.Outstanding == p.Amount.Abs() || p.Paid == p.Amount.Abs() {
		return ""
	}
	text := "未付 outstanding " + grouped(p.Outstanding)
	for _, part := range []struct {
		name   string
		amount string
		none   bool
	}{
		{"已付 paid", grouped(p.Paid), p.Paid.IsZero()},
		{"付款中 on its way", grouped(p.Sent), p.Sent.IsZero()},
		{"争议 disputed", grouped(p.Disputed), p.Disputed.IsZero()},
		{"转入下期 carried", grouped(p.Carried), p.Carried.IsZero()},
	} {
		if !part.none {
			text += ",  " + part.name + " " + part.amount
		}
	}
	return text
}

// due says until when a party is to pay. Before the month is approved that is not known.
// What custody pays has no such date.
func (d *document) due(p *Payment) string {
	switch {
	case !p.DueAt.IsZero():
		return d.s.local(p.DueAt).Format(printedInstant)
	case p.Status == settlement.Due:
		days := strconv.Itoa(d.s.PaymentDays)
		return "审核通过后 " + days + " 天  " + days + " days after approval"
	}
	return ""
}

// seals leaves room for the seals and signatures of both sides.
func (d *document) seals() {
	const height, gap = 30.0, 6.0
	if d.GetY()+height > lowest {
		d.AddPage()
	}
	sides := []string{d.s.partyName(d.s.Party), d.s.Alliance.Name}
	if d.s.Party == clearing.Organiser {
		sides = sides[:1] // it is the circle's other side itself
	}
	width := (inner - gap) / 2
	y := d.GetY()
	for i, side := range sides {
		x := margin + float64(i)*(width+gap)
		d.SetDrawColor(150, 150, 150)
		d.SetLineWidth(0.2)
		d.Rect(x, y, width, height, "D")
		d.SetFontSize(8.5)
		d.ink(faint)
		d.SetXY(x, y+1)
		d.write(width, 5, "L", side)
		d.SetXY(x, y+height-6)
		d.write(width*0.6, 5, "L", "公章/签字 Seal, signature")
		d.write(width*0.4, 5, "L", "日期 Date")
		d.ink(black)
	}
	d.SetXY(margin, y+height+5)
}
