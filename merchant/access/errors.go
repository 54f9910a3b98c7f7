package access

import (
	"github.com/lianka/lianka/clearing/message"
)

// The codes with which access is denied.
const (
	CodeForbidden         = "forbidden"          // not with this role
	CodeForbiddenMerchant = "forbidden_merchant" // not at this merchant
	CodeHidden            = "not_found"          // it belongs to others
)

// DeniedError says why something may not be done or seen.
type DeniedError struct {
	Code   string
	Path   string // the field or parameter that asked for it; "" if it was the operation itself
	Detail string // for the caller

	Message *message.Message // Detail, to be said in other languages
}

func deny(code, path, format string, args ...any) error {
	m := message.New(format, args...)
	return &DeniedError{code, path, m.English(), &m}
}

// Error returns the code and the detail.
func (e *DeniedError) Error() string { return e.Code + ": " + e.Detail }

func hidden(what string) error {
	return deny(CodeHidden, "", "there is no such %s", noun(what))
}

// noun is a word that languages have their own for.
type noun string
