package demo

import "strings"

// print writes what came of campaigns, holds, the mall and cards that changed hands.
func (g *growth) print() error {
	p := &printer{story: g.story}
	given := &g.simulation.gifts
	p.line(bold, "Gifts, holds, the mall, cards that were lost, given and given back")
	p.text(plain, indent, "Gifts        %s members were welcomed with %d points each. salon gives %s more to who joins there; its owner agreed, up to %s. It gave %d times%s.",
		grouped(given.welcomed), welcomePoints, sponsorBonus.grouped(), sponsorBudget.grouped(), given.sponsored, given.end())
	g.persons.print(p)
	g.links.print(p)
	rungs := g.rungs
	p.text(plain, indent, "Tiers        %d cards rose to %s, for %s spent, and %d to %s, for %s. They earn %s and %s times the points.", rungs[1].cards, rungs[1].code,
		rungs[1].from.grouped(), rungs[2].cards, rungs[2].code, rungs[2].from.grouped(), rungs[1].pointsRate, rungs[2].pointsRate)
	p.text(plain, indent, "Holds        At hotpot %s was held for lin, and %s captured; mei's %s was voided; hao's %s ended by itself after 30 minutes.",
		tableHold.grouped(), tableBill.grouped(), voidedHold.grouped(), leftHold.grouped())
	p.text(plain, indent, "Mall         A mug is %d points and %s. lin and mei took the %d in stock, hao was told out_of_stock; %d more came, %d are left.",
		mugPoints, fen(mugCash).grouped(), mugsAtFirst, mugsAdded, g.left)
	p.text(plain, indent, "Cards        mei lost hers: it goes on as %s, and the old number is told card_replaced. yun gave hers to %s.", g.guests["mei"].code, g.guests["yun"].member)
	p.text(plain, indent, "Given back   for what was quoted, each by its clause:")
	for i, q := range g.quotes {
		r := &refundsOfCards[i]
		payer := r.merchant
		if payer == "" {
			payer = custody
		}
		p.line(plain, "%s%s %-13s price part %6s value part %6s from %s", strings.Repeat(" ", indent), r.member, q.Clause, regroup(q.PricePart), regroup(q.ValuePart), payer)
	}
	p.line(plain, "")
	return p.err
}

// end says when a budget ran out, if it did.
func (g *gifts) end() string {
	if g.ranOut.IsZero() {
		return ""
	}
	return ", and on " + g.ranOut.Format("2"+unbroken+"January") + " the budget had run out: " + g.without + " was the first to get nothing"
}
