package scenario

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/identifier"
)

// object is the JSON object of a line. It is the [alliance.Values] of its command.
type object struct {
	*vocabulary
	caller  string // whose keys those of earlier events are
	decoder jsontext.Decoder
	given   keySet
	texts   []string // by the places of the keys; integers as they are written
}

var _ alliance.Values = (*object)(nil)

// parse reads a line. The error says why it is no object of known keys.
func (o *object) parse(line []byte) error {
	o.given = 0
	// A key that is written twice is found here, with a better message.
	o.decoder.Reset(bytes.NewBuffer(line), jsontext.AllowDuplicateNames(true))
	if kind := o.decoder.PeekKind(); kind != '{' {
		if kind == 0 {
			return o.syntaxError()
		}
		return fmt.Errorf("is %s; a line is an object, the event", valueKinds[kind])
	}
	if _, err := o.decoder.ReadToken(); err != nil {
		return syntaxErrorOf(err)
	}
	for {
		switch o.decoder.PeekKind() {
		case '}':
			if _, err := o.decoder.ReadToken(); err != nil {
				return syntaxErrorOf(err)
			}
			return o.end()
		case '"':
			if err := o.pair(line); err != nil {
				return err
			}
		default:
			return o.syntaxError()
		}
	}
}

// pair reads a key and its value.
func (o *object) pair(line []byte) error {
	token, err := o.decoder.ReadToken()
	if err != nil {
		return syntaxErrorOf(err)
	}
	key := token.String()
	place, known := o.places[key]
	switch {
	case !known:
		return o.unknownKey(line, key)
	case o.given.has(place):
		return fmt.Errorf("key %q is given twice", key)
	}
	o.given |= 1 << place
	switch kind := o.decoder.PeekKind(); {
	case kind == 0, kind == '}', kind == ']':
		err = o.syntaxError()
	case o.number[place] && kind != '0':
		return fmt.Errorf("%s is %s; it has to be a whole number without quotes", key, valueKinds[kind])
	case !o.number[place] && kind != '"':
		return fmt.Errorf("%s is %s; it has to be a string in double quotes", key, valueKinds[kind])
	default:
		o.texts[place], err = o.value(o.number[place])
		if err == nil {
			err = o.readName(place)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// The longest codes and idempotency keys, in bytes, as in the API. What is longer has no place in an index.
const (
	maxCode = 128
	maxKey  = 255
)

// readName reads a code as it is stored and compared, and checks the length of codes and of idempotency keys. An
// empty code is one that nobody has, which the rule book says.
func (o *object) readName(place int) (err error) {
	switch {
	case o.code[place]:
		o.texts[place], err = identifier.Read(o.texts[place])
		if err == nil && len(o.texts[place]) > maxCode {
			err = fmt.Errorf("is longer than %d bytes", maxCode)
		}
	case o.key[place] && len(o.texts[place]) > maxKey:
		err = fmt.Errorf("is longer than %d bytes", maxKey)
	}
	return err
}

// value reads a text, or a whole number.
func (o *object) value(number bool) (string, error) {
	token, err := o.decoder.ReadToken()
	if err != nil {
		return "", syntaxErrorOf(err)
	}
	text := token.String()
	switch {
	case number && strings.ContainsAny(text, ".eE"):
		return "", errors.New("a fraction or an exponent; it has to be a whole number of digits alone")
	case number && text == "-0":
		return "0", nil
	case !number && strings.ContainsRune(text, 0):
		return "", errors.New(`a string contains a NUL character, \u0000`)
	}
	return text, nil
}

// end makes sure that nothing follows.
func (o *object) end() error {
	if _, err := o.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("the line goes on after the event; each event has a line of its own")
	}
	return nil
}

// valueKinds are the words for JSON's types.
var valueKinds = map[jsontext.Kind]string{
	'{': "an object", '[': "an array", '"': "a string", '0': "a number", 't': "true or false", 'f': "true or false", 'n': "null",
}

// syntaxError is the error of what can't be the next token.
func (o *object) syntaxError() error {
	_, err := o.decoder.ReadToken()
	return syntaxErrorOf(err)
}

// syntaxErrorOf says where a line stops being JSON. Bytes count from one.
func syntaxErrorOf(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("not JSON: %w at byte %d", syntax.Err, syntax.ByteOffset+1)
	}
	return errors.New("not JSON: the line ends too early")
}

// unknownKey is the error for a key that no event has. The type may stand behind
// the key, and the rest of the line may be anything.
func (o *object) unknownKey(line []byte, key string) error {
	var pairs map[string]json.RawMessage
	var name string
	if json.Unmarshal(line, &pairs) == nil && json.Unmarshal(pairs["type"], &name) == nil {
		if t := o.byType[name]; t != nil {
			return fmt.Errorf("key %q is not known; %s takes %s", clip(key), t.name, t.takes)
		}
	}
	return fmt.Errorf("key %q is not known", clip(key))
}

func (o *object) has(key string) bool { return o.given.has(o.places[key]) }

// Text returns the value of a key, "" if it is not given.
func (o *object) Text(key string) string {
	if place := o.places[key]; o.given.has(place) {
		return o.texts[place]
	}
	return ""
}

// Optional returns the value of a key, nil if it is not given.
func (o *object) Optional(key string) *string {
	if !o.has(key) {
		return nil
	}
	text := o.Text(key)
	return &text
}

// Number returns the value of a key; what passes 64 bits becomes the largest or
// smallest of them, which no rule admits either.
func (o *object) Number(key string, absent int64) int64 {
	if !o.has(key) {
		return absent
	}
	text := o.Text(key)
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil && text[0] != '-' {
		return math.MaxInt64
	}
	if err != nil {
		return math.MinInt64
	}
	return number
}

// Transaction returns the event that a key names.
func (o *object) Transaction(key string) alliance.Reference {
	return alliance.Reference{Caller: o.caller, Key: o.Text(key)}
}

// Redemption returns nothing: an event happens when it says.
func (o *object) Redemption() alliance.Redemption { return alliance.Redemption{} }

// hash digests what is given, in the order of the names: for each key its name,
// the length of its text and its text. The lengths keep one content from being
// read as another. A key has always a string or always an integer, so that its
// name says which. The buffer is scratch; it is returned for the next use.
func (o *object) hash(buffer []byte) ([sha256.Size]byte, []byte) {
	buffer = buffer[:0]
	for place, key := range o.keys {
		if !o.given.has(place) {
			continue
		}
		text := o.texts[place]
		buffer = append(buffer, key...)
		buffer = append(buffer, ' ')
		buffer = strconv.AppendInt(buffer, int64(len(text)), 10)
		buffer = append(buffer, ' ')
		buffer = append(buffer, text...)
	}
	return sha256.Sum256(buffer), buffer
}
