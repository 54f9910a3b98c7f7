package settlement

import "time"

// TaxRemitted is the type of what paying the tax office makes.
const TaxRemitted = "tax.remitted"

// RemitTax books that tax which was kept back from commission was paid to the tax
// office, at most what is kept.
type RemitTax struct {
	command
	Amount string
	Note   string
}

var remitTax = definition[RemitTax]{
	labels: labels{TaxRemitted: {Chinese: "缴纳代扣税款", English: "Withheld tax remitted"}},
	decide: one((*State).remitTax),
}

func (s *State) remitTax(c RemitTax, _ time.Time) (*posting, error) {
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	kept := s.Balance(withheldTax()).Neg()
	if amount.Cmp(kept) > 0 {
		return nil, short(CodeInsufficientTax, kept, amount, "the tax kept back and not yet remitted is %s, and this is %s")
	}
	p := newPosting(TaxRemitted)
	p.move(withheldTax(), custody(), amount)
	p.record(withNote(Event{Type: TaxRemitted, Data: map[string]string{"amount": amount.String(), "kept": kept.Minus(amount).String()}}, c.Note))
	return p, nil
}
