package api

import (
	"context"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
)

// sentinels says which problem each error of the domain is. The refusals of the
// rule book carry their code themselves.
var sentinels = []struct {
	err  error
	code string
}{
	{alliance.ErrCardUnknown, codeNotFound},
	{alliance.ErrTermsFixed, codeTermsFixed},
	{alliance.ErrMemberUnknown, codeNotFound},
	{alliance.ErrNoTerms, codeNoTerms},
	{alliance.ErrOverdue, codeBusy},
	{alliance.ErrProductExists, codeProductExists},
	{alliance.ErrProductUnknown, codeNotFound},

	{sequencer.ErrBusy, codeBusy},
	{clearing.ErrCircleExists, codeCircleExists},
	{sequencer.ErrClockBack, codeClockBack},
	{clearing.ErrNoCircle, codeNotFound},
	{window.ErrNotClosed, codeNotFound},
	{sequencer.ErrStopped, codeStopping},
	{clearing.ErrUnavailable, codeUnavailable},

	{export.ErrNoPeriod, codeNotFound},
	{export.ErrNoShop, codeNotFound},

	{settlement.ErrManyAccounts, codeInvalidDocument},
	{settlement.ErrNoAccount, codeNotFound},
	{settlement.ErrNoRun, codeNotFound},
	{settlement.ErrOtherCurrency, codeInvalidDocument},

	{access.ErrKeyMalformed, codeUnauthenticated},
	{access.ErrKeyRevoked, codeKeyRevoked},
	{access.ErrKeySpec, codeInvalidDocument},
	{access.ErrKeyUnknown, codeNotFound}, // the key of a path; that of a request is the admission's
	{access.ErrLastOrganiserKey, codeLastOrganiserKey},
	{merchant.ErrShopExists, codeShopExists},
	{merchant.ErrShopUnknown, codeNotFound},

	{access.ErrBusy, codeBusy},

	{context.DeadlineExceeded, codeTimeout},
}
