package signin

import (
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/merchant/access"
)

// Holder is what is known of a member for whom a link is to be made.
type Holder struct {
	Homes    []string // of the shops that sold the cards that the member holds; "": it was sold online
	Others   bool     // another shop or the organiser has registered the member, or it earns commission, which no shop pays alone
	SignedIn bool     // the member has had a session
}

// Why a link is not made.
var (
	// ErrNotYours: the member's cards are not all of the shop that asks.
	ErrNotYours = message.Wrap("%v: the member is not of this shop alone; the organiser makes the link", ErrLink)
	// ErrStaffLink: a till asks for the link of somebody on the staff.
	ErrStaffLink = message.Wrap("%v: a till makes links for members alone", ErrLink)
	// ErrSignedIn: a till doesn't make links for who has signed in before.
	ErrSignedIn = message.Wrap("%v: the member has signed in before; the owner of the shop or the organiser makes the link", ErrLink)
)

// MayLink decides whether somebody may make a link for a member. A link opens all that is the
// member's, so a shop makes it only where nothing of other shops is opened with it:
//
//   - a till enrols who holds cards of its shop alone and has never signed in;
//   - the owner of the shop also brings back who has, and holds cards of that shop alone;
//   - the organiser makes one for every member.
//
// A shop can sell a card to any member, also to one that never came. So who was registered
// elsewhere, or earns commission, is not of the shop alone whatever it holds.
//
// Who may register a telephone for a member that the books know is decided likewise: by it the
// member signs in.
//
// The shop is that at which the principal acts. What the member does not hold a card of at all
// is hidden from a shop by the caller.
func MayLink(p access.Principal, h Holder) error {
	if p.Role == access.Organiser {
		return nil
	}
	for _, home := range h.Homes {
		if p.Merchant == "" || home != p.Merchant {
			return ErrNotYours
		}
	}
	if len(h.Homes) == 0 || h.Others {
		return ErrNotYours
	}
	if p.Role != access.Owner && h.SignedIn {
		return ErrSignedIn
	}
	return nil
}
