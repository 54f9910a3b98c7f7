package alliance

import (
	"slices"
	"strings"
)

// Field is something that a command says: a key of an event in a file and of a body
// in the API.
type Field struct {
	Name     string
	Type     FieldType
	Optional bool
	Enum     []string // the only values; nil: any
}

// FieldType says how a field is written.
type FieldType int

// The types of fields.
const (
	TextField        FieldType = iota // a word or a text
	CodeField                         // the code of a merchant, product or benefit
	CardField                         // the code of a card, which is kept out of logs
	MemberField                       // the code of a member, which is kept out of logs
	AmountField                       // in major units, as a text
	NumberField                       // a whole number of 64 bits
	TransactionField                  // an earlier one: in a file the key of its event
)

// Values are the fields that were given for a command.
type Values interface {
	// Text returns a field; empty if it was not given.
	Text(name string) string
	// Optional returns a field; nil if it was not given.
	Optional(name string) *string
	// Number returns a number, or what it is if it was not given.
	Number(name string, absent int64) int64
	// Transaction returns the transaction that a field names.
	Transaction(name string) Reference
	// Redemption returns when it happened, of what is uploaded late.
	Redemption() Redemption
}

// Fields that must be given.
func textField(name string) Field        { return Field{Name: name, Type: TextField} }
func codeField(name string) Field        { return Field{Name: name, Type: CodeField} }
func cardField() Field                   { return Field{Name: "card", Type: CardField} }
func memberField(name string) Field      { return Field{Name: name, Type: MemberField} }
func amountField(name string) Field      { return Field{Name: name, Type: AmountField} }
func numberField(name string) Field      { return Field{Name: name, Type: NumberField} }
func transactionField(name string) Field { return Field{Name: name, Type: TransactionField} }

// optional returns the field as one that may be left out.
func (f Field) optional() Field {
	f.Optional = true
	return f
}

// of returns the field with the only values that it may have.
func (f Field) of(values ...string) Field {
	f.Enum = values
	return f
}

// IsCode reports whether the field is a code, which is read by package identifier before it is compared.
func (f Field) IsCode() bool {
	return f.Type == CodeField || f.Type == CardField || f.Type == MemberField
}

// String returns the field as lists of fields have it: with a question mark if it
// may be left out.
func (f Field) String() string {
	if f.Optional {
		return f.Name + "?"
	}
	return f.Name
}

// Describe lists the fields of a command, such as "card, merchant, amount".
func (k *CommandKind) Describe() string {
	names := make([]string, len(k.Fields))
	for i, f := range k.Fields {
		names[i] = f.String()
	}
	return strings.Join(names, ", ")
}

// Field returns the field of a name, and whether the command has one.
func (k *CommandKind) Field(name string) (Field, bool) {
	i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return k.Fields[i], true
}
