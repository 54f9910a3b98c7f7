package alliance

import (
	"slices"
	"sync"
)

// Standard returns the registry of the kinds of transactions that a server makes, in the
// order in which the documentation lists them. A new kind is a file of its own and a line
// here; see docs/adding-a-command.md.
var Standard = sync.OnceValue(func() *Registry { return NewRegistry(standardKinds()...) })

// Whole returns the registry of all kinds of Lianka's rule book. Beyond those of [Standard] it
// has the kinds of growth: holds, replaced and given cards, gifts, the mall and refunds. What
// these change beside the ledger is not kept by package store yet, so only a replay in memory
// makes them, and a server doesn't. When the store keeps it, they move to Standard.
var Whole = sync.OnceValue(func() *Registry { return NewRegistry(slices.Concat(standardKinds(), growthKinds())...) })

func standardKinds() []*Kind {
	return []*Kind{
		cardSold(), cardToppedUp(), valueSpent(), passUsed(), couponUsed(), purchaseRecorded(), pointsSpent(), reversed(),
		cardFrozen(), cardUnfrozen(),
		commissionReleased(), cardExpired(),
	}
}

func growthKinds() []*Kind {
	return []*Kind{
		holdPlaced(), holdCaptured(), holdVoided(), cardReplaced(), cardGiven(), giftGranted(), itemRedeemed(), cardRefunded(),
		giftEarned(), holdExpired(), giftExpired(),
	}
}
