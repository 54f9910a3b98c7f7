package alliance

import "sync"

// Standard returns the registry of all kinds of transactions of Lianka's rule book, in the
// order in which the documentation lists them. A new kind is a file of its own and a line
// here; see docs/adding-a-command.md.
var Standard = sync.OnceValue(func() *Registry {
	return NewRegistry(
		cardSold(), cardToppedUp(), valueSpent(), passUsed(), couponUsed(), purchaseRecorded(), pointsSpent(), reversed(),
		cardFrozen(), cardUnfrozen(),
		holdPlaced(), holdCaptured(), holdVoided(), cardReplaced(), cardGiven(), giftGranted(), itemRedeemed(), cardRefunded(),
		giftEarned(), commissionReleased(), holdExpired(), giftExpired(), cardExpired(),
	)
})
