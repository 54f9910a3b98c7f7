package alliance

import (
	"errors"
	"fmt"

	"github.com/lianka/lianka/clearing/ledger"
)

var (
	// ErrNoTerms: a circle has no terms, so no command can be decided.
	ErrNoTerms = errors.New("the circle has no terms yet; its organiser has to set them first")
	// ErrProductExists: the code of a product is taken.
	ErrProductExists = errors.New("a product of that code exists already; products never change, so a new one needs a new code")
	// ErrProductUnknown: no product of that code was ever on sale.
	ErrProductUnknown = errors.New("there is no such product")
	// ErrCampaignExists: the code of a campaign is taken.
	ErrCampaignExists = errors.New("a campaign of that code exists already; what it gives never changes, so a new one needs a new code")
	// ErrCampaignUnknown: no campaign of that code was added.
	ErrCampaignUnknown = errors.New("there is no such campaign")
	// ErrCampaignEnded: a campaign was to change that is closed.
	ErrCampaignEnded = errors.New("the campaign is closed, for good; add another with a new code")
	// ErrCampaignChanged: somebody was to agree to a campaign that has changed since.
	ErrCampaignChanged = errors.New("the campaign has changed since; read it again and agree to what it says now")
	// ErrItemUnknown: no item of that code was ever in the mall.
	ErrItemUnknown = errors.New("there is no such item")
	// ErrItemRetired: an item was to be restocked that is no longer handed out.
	ErrItemRetired = errors.New("the item is no longer in the mall, for good; add another with a new code")
	// ErrRestockKey: an idempotency key was used for another restocking.
	ErrRestockKey = errors.New("this idempotency key was used for another restocking; choose a new one")
	// ErrItemExists: the code of an item is taken.
	ErrItemExists = errors.New("an item of that code is in the mall already; a new one needs a new code")
	// ErrOverdue: something fell due that was not done yet, so a change now would
	// reach back before it. Let time pass in the circle first and try again.
	ErrOverdue = errors.New("work that has fallen due comes before a change of the circle; let time pass first")
	// ErrTermsFixed: terms were to change that what is in the books goes by: the
	// funding of cards, and what was set aside for each point.
	ErrTermsFixed = errors.New("a circle's funding and the cost of its points are fixed by its first transaction")
	// ErrCardUnknown: no card of that code was sold.
	ErrCardUnknown = errors.New("there is no such card")
	// ErrMemberUnknown: no member of that code has bought a card.
	ErrMemberUnknown = errors.New("there is no such member")
)

// UnknownCommandError: the registry has no such command or due work. It is a mistake
// in the program, or the program is older than its data.
type UnknownCommandError struct{ Event ledger.Type }

// Error names the event.
func (e *UnknownCommandError) Error() string {
	return fmt.Sprintf("the rule book has no command or due work %q", e.Event)
}
