package replay

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// write writes the files of a circle in memory, those about the windows excepted, which were
// written as they closed.
func (b *books) write() error {
	if err := errors.Join(b.report.rejections.close(), b.positions.close(), b.transfers.close(), b.commissions.close()); err != nil {
		return err
	}
	files := []func() error{b.writeCards, b.writeTrialBalance}
	if len(b.placed) > 0 {
		files = append(files, b.writeHolds)
	}
	if b.written.Terms.Tiers != nil {
		files = append(files, b.writeTiers)
	}
	if b.written.Campaigns != nil {
		files = append(files, b.writeCampaigns, b.writeGifts)
	}
	if b.written.Mall != nil {
		files = append(files, b.writeItems)
	}
	for _, write := range files {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// writeRows writes a file whole.
func (r *report) writeRows(name string, header []string, rows [][]string) error {
	t, err := r.table(name, header...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := t.Write(row); err != nil {
			return err
		}
	}
	return t.close()
}

// cards returns the cards by code.
func (b *books) cards() []*alliance.Card {
	return slices.SortedFunc(maps.Values(b.state.Cards), func(x, y *alliance.Card) int { return cmp.Compare(x.Code, y.Code) })
}

func (b *books) writeCards() error {
	var rows [][]string
	for _, c := range b.cards() {
		rows = append(rows, cardRow(c))
	}
	return b.report.writeRows("cards.csv", cardsHeader, rows)
}

func (b *books) writeTrialBalance() error {
	var rows [][]string
	for _, line := range ledger.TrialBalanceOf(b.sums, b.alliance.Currency) {
		rows = append(rows, []string{line.Kind.String(), line.Balance.String()})
	}
	return b.report.writeRows("trial_balance.csv", trialBalanceHeader, rows)
}

func (b *books) writeHolds() error {
	var rows [][]string
	for seq, id := range b.placed {
		hold := b.state.Log[seq]
		card := hold.Card
		for b.state.Cards[card].ReplacedBy != "" {
			card = b.state.Cards[card].ReplacedBy
		}
		captured := b.alliance.Currency.Minor(hold.Captured.Minor())
		rows = append(rows, []string{
			id, card, hold.Merchant, b.alliance.Currency.Minor(hold.Facts.Amount).String(), captured.String(), string(hold.HoldState()),
		})
	}
	slices.SortFunc(rows, func(x, y []string) int { return cmp.Compare(x[0], y[0]) })
	return b.report.writeRows("holds.csv", []string{"id", "card", "merchant", "amount", "captured", "state"}, rows)
}

func (b *books) writeTiers() error {
	var rows [][]string
	for _, c := range b.cards() {
		switch c.Status() {
		case alliance.Replaced, alliance.Cancelled, alliance.Refunded:
			continue
		}
		tier, growth := b.tier(c)
		rows = append(rows, []string{c.Code, tier, growth})
	}
	return b.report.writeRows("tiers.csv", []string{"card", "tier", "growth"}, rows)
}

// tier returns the tier of a card in the open window, and its growth as it is written.
func (b *books) tier(c *alliance.Card) (tier, growth string) {
	standing, sum := b.state.Standing(c, b.window.OpensAt)
	if b.written.Setup.Current().Tiers.Measure == alliance.MeasurePoints {
		return standing.Code, strconv.FormatInt(sum, 10)
	}
	return standing.Code, b.alliance.Currency.Minor(sum).String()
}

func (b *books) writeCampaigns() error {
	var rows [][]string
	for _, c := range b.written.Setup.Campaigns {
		var sums alliance.CampaignSums
		if given := b.state.Campaigns[c.Code]; given != nil {
			sums = *given
		}
		rows = append(rows, []string{c.Code, strconv.FormatInt(sums.Given, 10), b.alliance.Currency.Minor(sums.Committed).String()})
	}
	return b.report.writeRows("campaigns.csv", []string{"campaign", "given", "committed"}, rows)
}

func (b *books) writeGifts() error {
	var rows [][]string
	for _, card := range b.cards() {
		var held [][]string
		for _, g := range card.Gifts {
			for _, c := range g.Coupons {
				if !c.Ended && c.Left > 0 {
					held = append(held, []string{card.Code, c.Code, c.ExpiresAt.UTC().Format(time.RFC3339), strconv.Itoa(c.Left)})
				}
			}
		}
		slices.SortStableFunc(held, func(x, y []string) int { return cmp.Or(cmp.Compare(x[1], y[1]), cmp.Compare(x[2], y[2])) })
		rows = append(rows, held...)
	}
	return b.report.writeRows("gifts.csv", []string{"card", "coupon", "expires_at", "uses"}, rows)
}

func (b *books) writeItems() error {
	var rows [][]string
	for _, code := range slices.Sorted(maps.Keys(b.written.Setup.Items)) {
		item, sums := b.written.Setup.Items[code], b.state.Items[code]
		redeemed, stock := int64(0), ""
		if sums != nil {
			redeemed = sums.Redeemed
		}
		if item.Limited {
			stock = strconv.FormatInt(item.Left(sums), 10)
		}
		rows = append(rows, []string{code, strconv.FormatInt(redeemed, 10), stock})
	}
	return b.report.writeRows("items.csv", []string{"item", "redeemed", "stock"}, rows)
}
