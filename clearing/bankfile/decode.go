package bankfile

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decode returns a text file as UTF-8 without a byte order mark: UTF-16 and UTF-8 with a mark,
// UTF-16 without one, UTF-8, and else GB18030, of which GBK and GB2312 are subsets. Text that is
// valid in both is ASCII, or its column names are garbled and refused.
func decode(content []byte) ([]byte, error) {
	if order, marked := utf16Of(content); marked {
		decoded, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(content)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, fileError(0, "", "the file is UTF-16, but breaks off or has characters that are none; save it as UTF-8")
		}
		content = decoded
	}
	if content = bytes.TrimPrefix(content, []byte(byteOrderMark)); utf8.Valid(content) || damagedUTF8(content) {
		return withoutNUL(bytes.ToValidUTF8(content, []byte(string(utf8.RuneError))))
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if wrong := bytes.Count(decoded, []byte(string(utf8.RuneError))); err != nil || wrong > 0 && utf8.RuneCount(decoded) < wrong*leastSound {
		return nil, fileError(0, "", "the file is not UTF-8, UTF-16 or GB18030; save it as UTF-8")
	}
	return withoutNUL(decoded)
}

// leastSound is how many characters a file has for each that is broken, if it is to be read: banks cut a text
// after so many bytes, through the middle of a character.
const leastSound = 100

// damagedUTF8 reports whether a text is UTF-8 but for a few bytes. In GB18030 hardly any Chinese
// character looks like one of UTF-8.
func damagedUTF8(content []byte) bool {
	chinese, wrong := 0, 0
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		content = content[size:]
		switch {
		case r == utf8.RuneError && size == 1:
			wrong++
		case size > 1:
			chinese++
		}
	}
	const least = 20
	return chinese >= wrong*least
}

// utf16Of reports whether a text is UTF-16, and in which order its bytes are: it begins with a
// mark, or its first two characters are ASCII.
func utf16Of(content []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		return unicode.BigEndian, true
	case len(content) < 4:
		return unicode.BigEndian, false
	case content[0] != 0 && content[1] == 0 && content[2] != 0 && content[3] == 0:
		return unicode.LittleEndian, true
	case content[0] == 0 && content[1] != 0 && content[2] == 0 && content[3] != 0:
		return unicode.BigEndian, true
	}
	return unicode.BigEndian, false
}

// withoutNUL refuses a text that no database can hold. A bank never writes NUL: what has it is
// damaged or no text.
func withoutNUL(text []byte) ([]byte, error) {
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, fileError(1+bytes.Count(text[:at], []byte("\n")), "", "there is a NUL character; the file is damaged or no statement")
	}
	return text, nil
}

// decodeAs decodes a text by an encoding that it names itself.
func decodeAs(e encoding.Encoding, content []byte) ([]byte, error) {
	decoded, err := e.NewDecoder().Bytes(content)
	if err != nil {
		return nil, fileError(0, "", "the file isn't in the encoding that it names; save it as UTF-8")
	}
	return withoutNUL(decoded)
}
