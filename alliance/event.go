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
	CampaignAgreed   = "campaign.agreed"
	CampaignPaused   = "campaign.paused"
	CampaignResumed  = "campaign.resumed"
	CampaignAmended  = "campaign.amended"
	CampaignClosed   = "campaign.closed"
	ItemAdded        = "item.added"
	ItemRestocked    = "item.restocked"
	ItemRetired      = "item.retired"

	PresentationChanged = "presentation.changed"
)
