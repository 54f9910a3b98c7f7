package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// fromJSON makes JSON readable by the YAML parser where the two differ in their
// escapes: JSON writes a character beyond the first 65,536 as a pair, \ud83c\udf72,
// which YAML writes as \U0001f372; and many programs write a slash as \/, which
// the parser doesn't know. Data that is no JSON is returned as it is.
func fromJSON(data []byte) []byte {
	if !bytes.ContainsRune(data, '\\') || !json.Valid(data) {
		return data
	}
	adapted := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		if data[i] != '\\' {
			adapted = append(adapted, data[i])
			i++
			continue
		}
		if r, ok := surrogatePair(data[i:]); ok {
			adapted = fmt.Appendf(adapted, `\U%08x`, r)
			i += len(`\ud83c\udf72`)
			continue
		}
		// A backslash of JSON never stands alone. The two go together, so that an
		// escaped backslash isn't taken for the start of an escape.
		if data[i+1] != '/' {
			adapted = append(adapted, '\\')
		}
		adapted = append(adapted, data[i+1])
		i += 2
	}
	return adapted
}

// surrogatePair returns the character of the two escapes at the start of JSON.
func surrogatePair(data []byte) (rune, bool) {
	if len(data) < 12 || data[1] != 'u' || data[6] != '\\' || data[7] != 'u' {
		return 0, false
	}
	high, _ := strconv.ParseUint(string(data[2:6]), 16, 16)
	low, _ := strconv.ParseUint(string(data[8:12]), 16, 16)
	r := utf16.DecodeRune(rune(high), rune(low))
	return r, r != '\uFFFD'
}
