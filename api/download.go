package api

import (
	"mime"
	"strings"
)

// attachment returns the header Content-Disposition of a file: its name, encoded as RFC
// 6266 and RFC 8187 say if it isn't ASCII, and one in ASCII for programs that know only
// that.
func attachment(name, plain string) string {
	header := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if header == "" { // it can't be encoded
		return mime.FormatMediaType("attachment", map[string]string{"filename": plain})
	}
	return strings.Replace(header, "; filename*=", `; filename="`+plain+`"; filename*=`, 1)
}
