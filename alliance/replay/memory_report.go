package replay

import (
	"cmp"
	"errors"
	"maps"
	"slices"

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
		for b.state.Cards[card].ReplacedBy != nil {
			card = *b.state.Cards[card].ReplacedBy
		}
		captured := b.alliance.Currency.Minor(hold.Captured.Minor())
		rows = append(rows, []string{
			id, card, hold.Merchant, b.alliance.Currency.Minor(hold.Facts.Amount).String(), captured.String(), string(hold.HoldState()),
		})
	}
	slices.SortFunc(rows, func(x, y []string) int { return cmp.Compare(x[0], y[0]) })
	return b.report.writeRows("holds.csv", holdsHeader, rows)
}

func (b *books) writeTiers() error {
	var rows [][]string
	for _, c := range b.cards() {
		rows = append(rows, tierRows(b.written.Setup, c, b.window.OpensAt)...)
	}
	return b.report.writeRows("tiers.csv", tiersHeader, rows)
}

func (b *books) writeCampaigns() error {
	var rows [][]string
	for _, c := range b.written.Setup.Campaigns {
		rows = append(rows, campaignRow(c, b.state.Campaigns[c.Code]))
	}
	return b.report.writeRows("campaigns.csv", campaignsHeader, rows)
}

func (b *books) writeGifts() error {
	var rows [][]string
	for _, card := range b.cards() {
		rows = append(rows, giftRows(card)...)
	}
	return b.report.writeRows("gifts.csv", giftsHeader, rows)
}

func (b *books) writeItems() error {
	var rows [][]string
	for _, code := range slices.Sorted(maps.Keys(b.written.Setup.Items)) {
		rows = append(rows, itemRow(b.written.Setup.Items[code], b.state.Items[code]))
	}
	return b.report.writeRows("items.csv", itemsHeader, rows)
}
