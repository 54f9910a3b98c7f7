package access

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
}

// Error returns the code and the detail.
func (e *DeniedError) Error() string { return e.Code + ": " + e.Detail }

func hidden(what string) error {
	return &DeniedError{Code: CodeHidden, Detail: "there is no such " + what}
}
