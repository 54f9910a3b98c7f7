package alliance

// The types of events that tell of a change of the setup, beside those of transactions
// and settlements. Keys have theirs in package access.
const (
	TermsChanged     = "terms.changed"
	MerchantAdmitted = "shop.admitted"
	MerchantAmended  = "shop.amended"
	ProductAdded     = "product.added"
	ProductRetired   = "product.retired"
	CampaignAdded    = "campaign.added"
	ItemAdded        = "item.added"
)
