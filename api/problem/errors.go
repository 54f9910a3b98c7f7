package problem

import (
	"context"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/legal"
	"github.com/lianka/lianka/merchant/signin"
)

// sentinels says which problem each error of the domain is. Refusals of the rule
// books bring their codes themselves.
var sentinels = []struct {
	err  error
	code string
}{
	{alliance.ErrCardUnknown, CodeNotFound},
	{alliance.ErrTermsFixed, CodeTermsFixed},
	{alliance.ErrMemberUnknown, CodeNotFound},
	{alliance.ErrNoTerms, CodeNoTerms},
	{alliance.ErrOverdue, CodeBusy},
	{alliance.ErrProductExists, CodeProductExists},
	{alliance.ErrProductUnknown, CodeNotFound},
	{alliance.ErrCampaignExists, CodeCampaignExists},
	{alliance.ErrItemExists, CodeItemExists},
	{alliance.ErrCampaignUnknown, CodeNotFound},
	{alliance.ErrCampaignEnded, CodeCampaignEnded},
	{alliance.ErrCampaignChanged, CodeCampaignChanged},
	{alliance.ErrItemUnknown, CodeNotFound},
	{alliance.ErrItemRetired, CodeItemRetired},
	{alliance.ErrRestockKey, sequencer.IdempotencyConflict},

	{referral.ErrLinkUnknown, CodeNotFound},
	{referral.ErrLinksTooMany, CodeTooManyLinks},
	{referral.ErrMemberAlready, CodeAlreadyMember},
	{referral.ErrJoinedAlready, CodeAlreadyJoined},

	{signin.ErrSessionUnknown, CodeNotFound},
	{signin.ErrRefused, CodeSignInRefused},
	{signin.ErrStaffUnknown, CodeNotFound},
	{signin.ErrStaffExists, CodeStaffExists},
	{signin.ErrStaffSpec, CodeInvalidDocument},
	{signin.ErrLink, CodeLinkNotMade},
	{signin.ErrNotYours, CodeLinkNotMade},
	{signin.ErrSignedIn, CodeLinkNotMade},
	{signin.ErrStaffLink, CodeLinkNotMade},
	{signin.ErrPIN, CodeInvalidDocument},
	{signin.ErrTillUnknown, CodeNotFound},
	{signin.ErrPasskeyUnknown, CodeNotFound},

	{sequencer.ErrBusy, CodeBusy},
	{clearing.ErrAllianceExists, CodeAllianceExists},
	{sequencer.ErrClockBack, CodeClockBack},
	{clearing.ErrNoAlliance, CodeNotFound},
	{window.ErrNotClosed, CodeNotFound},
	{sequencer.ErrStopped, CodeStopping},
	{clearing.ErrUnavailable, CodeUnavailable},

	{export.ErrNoPeriod, CodeNotFound},
	{export.ErrNoMerchant, CodeNotFound},

	{settlement.ErrNoAccount, CodeNotFound},
	{settlement.ErrNoRun, CodeNotFound},
	{settlement.ErrOtherCurrency, CodeInvalidDocument},
	{settlement.ErrWhichAccount, CodeInvalidDocument},

	{access.ErrKeyMalformed, CodeUnauthenticated},
	{access.ErrKeyRevoked, CodeKeyRevoked},
	{access.ErrKeySpec, CodeInvalidDocument},
	{access.ErrKeyUnknown, CodeNotFound}, // of a path; a request's own key is looked up at admission
	{access.ErrLastOrganiserKey, CodeLastOrganiserKey},
	{legal.ErrUnknown, CodeNotFound},
	{merchant.ErrMerchantExists, CodeMerchantExists},
	{merchant.ErrMerchantUnknown, CodeNotFound},

	{people.ErrTelephoneTaken, CodeTelephoneTaken},
	{people.ErrPersonExists, CodePersonExists},
	{people.ErrErased, CodePersonErased},
	{people.ErrTextChanged, CodeConsentTextChanged},
	{people.ErrNoPerson, CodeNotFound},
	{people.ErrNoPayout, CodeNotFound},
	{people.ErrOff, CodePeopleUnavailable},
	{people.ErrOtherKey, CodePeopleUnavailable},
	{keyring.ErrUnreadable, CodePeopleUnavailable},
	{people.ErrNotRemembered, CodePeopleUnavailable},

	{access.ErrBusy, CodeBusy},

	{context.DeadlineExceeded, CodeTimeout},
}
