package audit

import (
	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// grown is what the log says of holds, gifts, tiers, replaced codes, the mall and refunds,
// added up apart from the rule book's own fold.
type grown struct {
	holds       map[int64]hold
	reserved    map[string]reserved // by card: what the stored holds reserve that are open
	campaigns   map[string]campaign
	giftRows    int64                       // of the cards that were looked at
	growth      map[int64][]alliance.Growth // by sale
	successors  map[string]string           // of stored cards that were replaced
	items       map[string]int64            // how many were redeemed
	cardRefunds map[int64]int64             // the transaction by which a card was given back, by sale
}

func newGrown() grown {
	return grown{
		holds:       make(map[int64]hold),
		reserved:    make(map[string]reserved),
		campaigns:   make(map[string]campaign),
		growth:      make(map[int64][]alliance.Growth),
		successors:  make(map[string]string),
		items:       make(map[string]int64),
		cardRefunds: make(map[int64]int64),
	}
}

// foldGrowth takes in a record that was folded. The card is the one that it names.
func (a *auditor) foldGrowth(r *alliance.Record, kind *alliance.Kind) {
	a.foldHolds(r)
	a.foldTiers(r, kind)
	facts := r.Facts.Growth
	if facts == nil {
		return
	}
	if facts.Gift != nil {
		a.foldGift(r)
	}
	if facts.Item != nil {
		a.foldItem(r)
	}
	if facts.Refund != nil {
		a.foldRefundOfCard(r)
	}
}

// becameOf returns the code that a card has become by what was folded so far.
func (a *auditor) becameOf(code string) string {
	for card := a.state.Cards[code]; card != nil && card.ReplacedBy != nil; card = a.state.Cards[code] {
		code = *card.ReplacedBy
	}
	return code
}

// saleOf returns the number of a card's sale, which is the same whatever code it has.
func (a *auditor) saleOf(code string) int64 {
	if card := a.state.Cards[code]; card != nil {
		return card.SoldSeq
	}
	return 0
}

// compareGrowthOfCard compares what a card has of holds, gifts, growth and sums.
func (a *auditor) compareGrowthOfCard(stored, fold *alliance.Card) {
	a.compareReserved(stored, fold)
	a.compareGifts(stored, fold)
	a.compareTiers(stored)
	a.compareReplaced(stored, fold)
	a.compareRefundOfCard(stored, fold)
}

// cardSums returns the sum of the entries on each account of a card, credit positive.
func (a *auditor) cardSums(code string) (value, bonus, pool int64) {
	sum := func(kind ledger.Kind) int64 { return -a.accounts[ledger.Account{Kind: kind, Owner: code}] }
	return sum(ledger.CardValue), sum(ledger.CardBonus), sum(ledger.CardPool)
}

// sameCode reports whether two codes are the same, or neither is there.
func sameCode(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }
