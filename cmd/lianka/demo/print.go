package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lianka/lianka/api/spec"
)

// printer writes for people, and keeps the first error.
type printer struct {
	story *story
	err   error
}

func (p *printer) line(s style, format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.story.Out, styled(fmt.Sprintf(format, args...), s, p.story.Color))
	}
}

// text is line for what may be longer than the screen is wide; it goes on below, behind an
// indent.
func (p *printer) text(s style, indent int, format string, args ...any) {
	for line := range strings.SplitSeq(Fold(fmt.Sprintf(format, args...), indent), "\n") {
		p.line(s, "%s", strings.ReplaceAll(line, unbroken, " "))
	}
}

// unbroken is a space at which a text is not folded, as between a number and what it counts.
const unbroken = "\u00a0"

// indent is where what is said of a month begins, behind its heading.
const indent = 13

func (p *printer) table(t *table) {
	if p.err == nil {
		p.err = t.write(p.story.Out, p.story.Color)
	}
}

// introduce says what is going to happen.
func (s *story) introduce() error {
	tills := 0
	for _, at := range s.merchants {
		tills += at.tills
	}
	p := &printer{story: s}
	p.line(bold, "%s (%s): %d shops, %d tills, one card", s.alliance.Name, s.alliance.Code, len(s.merchants), tills)
	p.text(plain, 0, "Ten shops of ten trades sell a card that all of them honour. In two months %d members join, many through a "+
		"friend's link. They use passes and coupons, top up and spend, earn points, take things back, lose cards. The tills "+
		"book it over HTTP, each with a key of its own, while a test clock runs from %s.", s.Members, s.first.Format("2 January 2006"))
	p.line(plain, "")
	return p.err
}

// headings of the reasons, in both languages of the circle.
var headings = [columns][2]string{
	collected:  {"collected", "代收"},
	redeemed:   {"redeemed", "核销"},
	couponed:   {"coupons", "优惠券"},
	pointed:    {"points", "积分"},
	trafficked: {"traffic", "引流"},
	gifted:     {"gifts", "赠礼"},
	refunded:   {"refunds", "退款"},
	lapsed:     {"expired", "到期"},
	adjusted:   {"adjusted", "调整"},
}

// explanations of the reasons.
var explanations = [columns]string{
	collected:  "cards and top-ups paid for here: the circle's money in this till, less the shop's share of a sale",
	redeemed:   "passes and stored value honoured here, less the clearing fee, which is the organiser's",
	couponed:   "discounts given here; the organiser or the shop that sold the card pays for them",
	pointed:    "points granted here are paid for, points taken here are paid back",
	trafficked: "of a bill of another shop's card holder, 3% go to that shop and 0.5% to the organiser",
	gifted:     "what campaigns gave to members; the organiser or the salon pays for it",
	refunded:   "whatever was undone, and cards given back",
	lapsed:     "what was left for passes on cards that ended is the organiser's",
	adjusted:   "disputed lines of the month before, put right, with what custody did not get for them then",
}

// print writes the settlement table, and what comes with it.
func (st *statement) print(s *story) error {
	p := &printer{story: s}
	p.line(bold, "%s  %d月结算  %s transactions, closed at %s", st.opens.Format("January 2006"), st.opens.Month(),
		grouped(int64(st.transactions)), st.opens.AddDate(0, 1, 0).Format("2006-01-02 15:04"))
	p.line(plain, "")
	shown := st.shownColumns()
	p.table(st.table(shown))
	p.line(plain, "")
	p.legend(shown)
	p.sums(st)
	p.line(plain, "")
	return p.err
}

// shownColumns returns the reasons for which anything moved.
func (st *statement) shownColumns() []column {
	var shown []column
	for c := range columns {
		for _, l := range st.all() {
			if l.why[c] != 0 {
				shown = append(shown, c)
				break
			}
		}
	}
	return shown
}

func (st *statement) all() []line {
	return append(append([]line{}, st.lines...), st.custody, st.members)
}

// table is the settlement table. Every column of it adds up to zero.
func (st *statement) table(shown []column) *table {
	opening := false
	codes, amounts := 0, 0
	for _, l := range st.all() {
		opening = opening || l.opening != 0
		codes = max(codes, len(l.party))
		amounts = max(amounts, len(l.transfer.abs().grouped()), len(l.carried.grouped()))
	}
	t := &table{}
	for language := range 2 {
		cells := []string{""}
		if opening {
			cells = append(cells, [2]string{"brought", "结转"}[language])
		}
		for _, c := range shown {
			cells = append(cells, headings[c][language])
		}
		t.add(bold, append(cells, [2]string{"movement", "变动"}[language], [2]string{"settles", "结算"}[language])...)
	}
	t.rule()
	row := func(s style, l line, settles string) {
		cells := []string{pad(l.party, codes) + gap + l.name}
		if opening {
			cells = append(cells, l.opening.cell())
		}
		for _, c := range shown {
			cells = append(cells, l.why[c].cell())
		}
		t.add(s, append(cells, l.movement.cell(), settles)...)
	}
	var total line
	for _, l := range st.all() {
		total.opening += l.opening
		for c := range columns {
			total.why[c] += l.why[c]
		}
		total.movement += l.movement
		total.transfer += l.transfer
	}
	for _, l := range st.lines {
		row(plain, l, l.settles(amounts))
	}
	row(dim, st.custody, st.custody.settles(amounts))
	row(dim, st.members, "")
	t.rule()
	total.party, total.name = "total", "合计"
	row(bold, total, total.transfer.grouped())
	return t
}

// cell is an amount in a table; nothing for zero would look like a gap.
func (f fen) cell() string {
	if f == 0 {
		return "."
	}
	return f.grouped()
}

// settles says what a party pays or receives; the amount is so many characters
// wide.
func (l *line) settles(width int) string {
	switch {
	case l.transfer > 0:
		return fmt.Sprintf("gets %*s", width, l.transfer.grouped())
	case l.transfer < 0:
		return fmt.Sprintf("pays %*s", width, l.transfer.abs().grouped())
	case l.carried != 0:
		return fmt.Sprintf("carries %*s", width, l.carried.grouped())
	}
	return "-"
}

// legend explains the columns that were not shown before.
func (p *printer) legend(shown []column) {
	explained := 0
	if p.story.explained == [columns]bool{} {
		p.text(dim, 2, "  A minus is money that the party has and the circle is owed. Every reason adds up to zero over shops, organiser, "+
			"custody (money paid online goes there) and members (what their cards and commission are worth).")
	}
	for _, c := range shown {
		if !p.story.explained[c] {
			p.text(dim, 19, "  %s %s", pad(headings[c][0]+" "+headings[c][1], 16), explanations[c])
			p.story.explained[c] = true
			explained++
		}
	}
	if explained > 0 {
		p.line(plain, "")
	}
}

// sums writes what was transferred, paid to members, and is held now.
func (p *printer) sums(st *statement) {
	p.examples(st)
	p.text(plain, indent, "Transfers    %d parties are to pay custody %s, %d are to get %s.%s", st.payers, st.paying.grouped(), st.receivers, st.receiving.grouped(), st.carrying())
	best := make([]string, 0, 3)
	for _, c := range st.commissions[:min(len(st.commissions), cap(best))] {
		best = append(best, c.member+unbroken+c.paid.grouped())
	}
	p.text(plain, indent, "Commission   %d members are to get %s for the members they brought: %s, ...", st.paidMembers, st.paid.grouped(), strings.Join(best, ", "))
	held := -st.cover[spec.AccountKindCustody]
	p.text(plain, indent, "Custody      holds %s and is to get %s. That is owed: by the settlement %s, stored value %s, bonus %s, passes %s, points %s, commission %s%s%s.",
		held.grouped(), (-st.cover[spec.AccountKindReceivables]).grouped(), (st.cover[spec.AccountKindPayables] + st.cover[spec.AccountKindPayouts]).grouped(), st.cover[spec.AccountKindCardValue].grouped(), st.cover[spec.AccountKindCardBonus].grouped(),
		st.cover[spec.AccountKindCardPool].grouped(), st.cover[spec.AccountKindPointsPool].grouped(),
		(st.cover[spec.AccountKindCommissionPending] + st.cover[spec.AccountKindCommissionPayable]).grouped(), st.keptBack(), st.carriedOut())
}

// examples says of the shop that pays most and the one that gets most why.
func (p *printer) examples(st *statement) {
	merchants := st.lines[:len(st.lines)-1]
	order := func(a, b line) int { return cmp.Compare(a.transfer, b.transfer) }
	most, least := slices.MaxFunc(merchants, order), slices.MinFunc(merchants, order)
	honoured := func(l line) fen { return l.why[redeemed] + l.why[couponed] }
	if least.transfer < 0 {
		p.text(plain, indent, "For example  %s pays %s: %s of the circle's money came into its tills, and it honoured %s.",
			least.party, least.transfer.abs().grouped(), least.why[collected].abs().grouped(), honoured(least).grouped())
	}
	if most.transfer > 0 {
		p.text(plain, indent, "             %s gets %s: it honoured %s, and only %s came into its tills.",
			most.party, most.transfer.grouped(), honoured(most).grouped(), most.why[collected].abs().grouped())
	}
}

func (st *statement) carrying() string {
	var names []string
	for _, l := range st.lines {
		if l.carried != 0 {
			names = append(names, l.party)
		}
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf(" Too little to move, carried over: %s.", strings.Join(names, ", "))
}

// keptBack says what is in custody beside the month's business.
func (st *statement) keptBack() (text string) {
	for _, kept := range []struct {
		what string
		kind spec.AccountKind
	}{{"deposits", spec.AccountKindDeposits}, {"tax", spec.AccountKindWithheldTax}} {
		if amount := st.cover[kept.kind]; amount != 0 {
			text += fmt.Sprintf(", %s %s", kept.what, amount.grouped())
		}
	}
	return text
}

func (st *statement) carriedOut() string {
	owed := st.cover[spec.AccountKindMerchants] + st.cover[spec.AccountKindOrganiser]
	if owed == 0 {
		return ""
	}
	return fmt.Sprintf(", carried over %s", owed.grouped())
}

// conclude writes what the tills did.
func (s *story) conclude() error {
	t := &s.simulation.tally
	p := &printer{story: s}
	p.line(bold, "What the tills did")
	booked := make([]string, 0, len(t.booked))
	for _, kind := range commonest(t.booked) {
		booked = append(booked, grouped(t.booked[kind])+unbroken+kind)
	}
	refusals := make([]string, 0, len(t.refused))
	for _, code := range commonest(t.refused) {
		refusals = append(refusals, grouped(t.refused[code])+unbroken+code)
	}
	p.listing(fmt.Sprintf("%s booked", grouped(sum(t.booked))), booked)
	p.listing(fmt.Sprintf("%s refused", grouped(sum(t.refused))), refusals)
	p.text(plain, 17, "  %-14s sent twice, as if the answer had got lost: booked once, and answered alike", grouped(t.twice)+" repeated")
	p.line(plain, "")
	return p.err
}

// listing writes items after a title.
func (p *printer) listing(title string, items []string) {
	p.text(plain, 17, "  %-14s %s", title, strings.Join(items, ", "))
}
