package access

import "slices"

// permissions is the table by operation. It is never written to.
var permissions = func() map[string]Permission {
	byOperation := make(map[string]Permission)
	for _, p := range Permissions() {
		byOperation[p.Operation] = p
	}
	return byOperation
}()

// Permitted reports whether a role may call an operation at all.
func Permitted(operation string, role Role) bool { return permissions[operation].Reach[role] != None }

// Public reports whether an operation asks for no key and no session.
func Public(operation string) bool { return Permitted(operation, Nobody) }

// Grant is the permission of one principal to call one operation.
type Grant struct {
	principal Principal
	reach     Reach
}

// For returns the principal's grant for an operation, or a DeniedError.
func (p Principal) For(operation string) (Grant, error) {
	permission := permissions[operation]
	reach := permission.Reach[p.Role]
	switch {
	case reach == None && permission.Reach[Organiser] == None && permission.Reach[Member] != None:
		return Grant{}, deny(CodeForbidden, "", "only the member itself can do this")
	case reach == None && onlyInSessions(permission):
		return Grant{}, deny(CodeForbidden, "", "this is not open to the role %s", p.Role)
	case reach == None && permission.Reach[Owner] == None:
		return Grant{}, deny(CodeForbidden, "", "this needs an organiser key")
	case reach == None && permission.Reach[Organiser] == None:
		return Grant{}, deny(CodeForbidden, "", "this is for the owner of the shop that it concerns; it takes the key of an owner")
	case reach == None && p.Role == Leaver:
		return Grant{}, deny(CodeForbidden, "", "the shop has left; its keys only read what is still settled with it")
	case reach == None:
		return Grant{}, deny(CodeForbidden, "", "this is not open to the role %s; it takes the key of an owner or the organiser", p.Role)
	case reach == Personal && p.Staff == "" && p.Member == "":
		return Grant{}, deny(CodeForbidden, "", "this takes a session; a key is no person's")
	case reach == Personal || reach == Anyone:
		return Grant{p, reach}, nil
	case reach.ofMember() && p.Member == "":
		return Grant{}, deny(CodeForbidden, "", "only a member can do this")
	case reach != Everything && !reach.ofMember() && p.Merchant == "":
		return Grant{}, deny(CodeForbidden, "", "only a key of a shop can do this")
	}
	return Grant{p, reach}, nil
}

// onlyInSessions reports whether keys have no part in an operation.
func onlyInSessions(p Permission) bool {
	for _, reach := range p.Reach {
		if reach != Personal {
			return false
		}
	}
	return len(p.Reach) > 0
}

// Everything reports whether the grant is for the whole circle, so that no facts
// are needed to decide about a single thing in it.
func (g Grant) Everything() bool { return g.reach == Everything }

// ByCard reports whether the grant is for the cards that a merchant sold, wherever the
// request acts.
func (g Grant) ByCard() bool { return g.reach == OwnCards || g.reach == CoolingOff }

// Merchant returns the merchant to which the grant is confined, "" for none.
func (g Grant) Merchant() string {
	if !g.reach.ofMerchant() {
		return ""
	}
	return g.principal.Merchant
}

// ofMember reports whether a permission goes as far as a member.
func (r Reach) ofMember() bool { return r == Self || r == HeldCards }

// ofMerchant reports whether a permission goes as far as a merchant.
func (r Reach) ofMerchant() bool {
	switch r {
	case None, Everything, Self, HeldCards, Personal, Anyone:
		return false
	}
	return true
}

// Member returns the code of the member to whom the grant is confined, "" for nobody.
func (g Grant) Member() string {
	if g.reach.ofMember() {
		return g.principal.Member
	}
	return ""
}

// CheckMember decides about a single thing that belongs to a member: a person, a link, a card
// that the member holds. "" stands for what belongs to nobody. What is another's is hidden.
func (g Grant) CheckMember(what, member string) error {
	if g.Everything() || g.Member() != "" && g.Member() == member {
		return nil
	}
	return hidden(what)
}

// CheckHolder decides about a card that a member holds, for a grant that goes as far as the
// cards of the principal. To others it says nothing.
func (g Grant) CheckHolder(member string) error {
	if g.reach != HeldCards {
		return nil
	}
	return g.CheckMember("card", member)
}

// CheckPerson decides about a member's person, which some merchants may know. From others it is
// hidden.
func (g Grant) CheckPerson(member string, known []string) error {
	if g.Everything() || g.Member() != "" && g.Member() == member || g.reach == KnownMembers && slices.ContainsFunc(known, g.principal.owns) {
		return nil
	}
	return hidden("member")
}

// At returns the merchant at which a request acts. A request may name one; who is
// confined to a merchant need not, and may name no other.
func (g Grant) At(named *string) (*string, error) {
	own := g.Merchant()
	switch {
	case g.reach == None, g.reach == Personal, g.reach == Anyone:
		return nil, deny(CodeForbidden, "merchant", "nothing is granted")
	case g.Member() != "" && named != nil:
		return nil, deny(CodeForbidden, "merchant", "a member acts at no shop")
	case own == "":
		return named, nil
	case named != nil && *named != own:
		return nil, deny(CodeForbiddenMerchant, "merchant", "this key acts at %s; leave merchant out", own)
	}
	return &own, nil
}

// CoolingOffGround is the ground on which a shop may take back the cards that it sold.
const CoolingOffGround = "cooling_off"

// Ground decides whether a card may be given back on a ground. Who may take back the
// cards that it sold in their cooling-off time, may on no other.
func (g Grant) Ground(ground string) error {
	if g.reach == CoolingOff && ground != CoolingOffGround {
		return deny(CodeForbidden, "ground", "a shop takes back the cards that it sold on the ground %s; on %s it is the organiser who does", CoolingOffGround, ground)
	}
	return nil
}

// Check decides about a single thing that belongs to a merchant: the card that it
// sold, the transaction in which it acted, its bank account. "" stands for what
// belongs to no merchant. What is another's is hidden.
func (g Grant) Check(what, merchant string) error {
	if g.Everything() || g.reach.ofMerchant() && g.principal.owns(merchant) {
		return nil
	}
	return hidden(what)
}

// Payee returns the merchant that must be the payee of a payment that is booked,
// "" for any. Only who may book all payments may book one without its reference.
func (g Grant) Payee(byReference bool) (string, error) {
	if !g.Everything() && !byReference {
		return "", deny(CodeForbidden, "party", "a shop books what it received itself, by reference")
	}
	return g.Merchant(), nil
}
