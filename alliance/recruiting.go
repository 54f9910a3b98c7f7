package alliance

// CodeRecruiting is the code of what a live circle is not set up with, because the law on
// multi-level selling forbids it.
const CodeRecruiting = "recruiting_forbidden"

// What follows is asked of live circles alone, when their setup is changed through the API or
// a member makes a link. It applies article 7 of the Chinese regulation against multi-level selling
// (禁止传销条例, 2005). Its first number forbids rewards by the number of people who are
// brought; so a gift for bringing somebody takes a purchase. Its second number forbids that
// somebody pays or buys for the right to bring others; so there is a card that is free of
// charge, which makes a referrer. The two levels at most are checked with the terms.

// FreeCard returns a product that is on sale and costs nothing, the first by its code, or nil.
func (s *Setup) FreeCard() *Product {
	var free *Product
	for _, p := range s.Products {
		if !p.Retired && p.Price.IsZero() && (free == nil || p.Code < free.Code) {
			free = p
		}
	}
	return free
}

// onSale reports whether any product is.
func (s *Setup) onSale() bool {
	for _, p := range s.Products {
		if !p.Retired {
			return true
		}
	}
	return false
}

// paysReferral reports whether the terms give a share of a card's price to who brought the
// buyer.
func (t *Terms) paysReferral() bool {
	for _, share := range t.ReferralLevels {
		if share.IsPositive() {
			return true
		}
	}
	return false
}

// rewardsReferral reports whether anything is earned by bringing somebody.
func (s *Setup) rewardsReferral() bool {
	return s.AnswersReferrals() || len(s.Terms) > 0 && s.Current().paysReferral()
}

// CheckReferralCampaign refuses a campaign that is to give for members who were brought, if
// the law forbids it in this setup.
func (s *Setup) CheckReferralCampaign(c *Campaign) error {
	switch {
	case !c.AnswersReferral():
		return nil
	case c.Minimum.IsZero():
		return refuse(CodeRecruiting, "campaign %q rewards bringing people, without a purchase of theirs; give it a minimum above zero (禁止传销条例 article 7, 1)", c.Code)
	case s.FreeCard() == nil:
		return refuse(CodeRecruiting, "campaign %q rewards bringing people, so nobody may have to buy for it; put a free card on sale first (禁止传销条例 article 7, 2)", c.Code)
	}
	return nil
}

// CheckReferralTerms refuses terms that are to be in force in this setup, if they pay for
// bringing members while all cards on sale cost something. Terms come before the first
// product, so without any there is nothing to refuse.
func (s *Setup) CheckReferralTerms(terms *Terms) error {
	if !terms.paysReferral() || !s.onSale() || s.FreeCard() != nil {
		return nil
	}
	return refuse(CodeRecruiting, "the terms pay for bringing people, so nobody may have to buy for it; put a free card on sale first (禁止传销条例 article 7, 2)")
}

// CheckRetiring refuses to take a product off sale that is the last free one, while anything
// is earned by bringing members.
func (s *Setup) CheckRetiring(code string) error {
	p := s.Products[code]
	if p == nil || p.Retired || !p.Price.IsZero() || !s.rewardsReferral() {
		return nil
	}
	for _, other := range s.Products {
		if other != p && !other.Retired && other.Price.IsZero() {
			return nil
		}
	}
	return refuse(CodeRecruiting, "%q is the last free card, and the circle rewards bringing people; put another one on sale first (禁止传销条例 article 7, 2)", code)
}

// CheckSharing refuses that a member gets a link to bring others by, while that is rewarded
// and all cards on sale cost something.
func (s *Setup) CheckSharing() error {
	if !s.rewardsReferral() || s.FreeCard() != nil {
		return nil
	}
	return refuse(CodeRecruiting, "the circle rewards bringing people, so nobody may have to buy for it; its organiser has to put a free card on sale first (禁止传销条例 article 7, 2)")
}
