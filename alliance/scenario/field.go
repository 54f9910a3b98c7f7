package scenario

// field is a key that an event may have. The order is that of the names, which
// is the order in which the content is hashed.
type field uint8

const (
	amountField field = iota
	atField
	benefitField
	billField
	bonusField
	bonusFundedByField
	cardField
	countField
	idField
	memberField
	merchantField
	ofField
	pointsField
	productField
	referrerField
	typeField
	fields // how many there are
)

var fieldNames = [fields]string{
	amountField: "amount", atField: "at", benefitField: "benefit", billField: "bill", bonusField: "bonus",
	bonusFundedByField: "bonus_funded_by", cardField: "card", countField: "count", idField: "id", memberField: "member",
	merchantField: "merchant", ofField: "of", pointsField: "points", productField: "product", referrerField: "referrer",
	typeField: "type",
}

// findField returns the field of a name.
func findField(name []byte) (field, bool) {
	for f, known := range fieldNames {
		if known == string(name) {
			return field(f), true
		}
	}
	return 0, false
}

// whole reports whether the field is a JSON integer; all others are strings.
func (f field) whole() bool { return f == countField || f == pointsField }

// fieldSet is a set of fields.
type fieldSet uint32

func setOf(f field) fieldSet { return 1 << f }

func (s fieldSet) has(f field) bool { return s&setOf(f) != 0 }

// first returns the name of a field in the set, "" if there is none.
func (s fieldSet) first() string {
	for f, name := range fieldNames {
		if s.has(field(f)) {
			return name
		}
	}
	return ""
}
