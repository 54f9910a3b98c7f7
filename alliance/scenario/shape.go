package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lianka/lianka/alliance"
)

// shape is a type of event: the fields that it has besides at, id and type, and
// the command that they make.
type shape struct {
	name    string
	takes   string // the fields as they are written below
	needs   fieldSet
	may     fieldSet
	command func(o *object, caller string) alliance.Command
}

var shapes = [...]shape{
	newShape("card.sold", "card, member, product, merchant?, referrer?", func(o *object, _ string) alliance.Command {
		return alliance.SellCard{Card: o.text(cardField), Member: o.text(memberField), Product: o.text(productField),
			Merchant: o.optional(merchantField), Referrer: o.optional(referrerField)}
	}),
	newShape("card.topped_up", "card, amount, merchant?, bonus?, bonus_funded_by?", func(o *object, _ string) alliance.Command {
		return alliance.TopUp{Card: o.text(cardField), Amount: o.text(amountField), Merchant: o.optional(merchantField),
			Bonus: o.optional(bonusField), BonusFundedBy: alliance.Funder(o.text(bonusFundedByField))}
	}),
	newShape("value.spent", "card, merchant, amount", func(o *object, _ string) alliance.Command {
		return alliance.SpendValue{Card: o.text(cardField), Merchant: o.text(merchantField), Amount: o.text(amountField)}
	}),
	newShape("pass.used", "card, merchant, benefit, count?", func(o *object, _ string) alliance.Command {
		use := alliance.UsePass{Card: o.text(cardField), Merchant: o.text(merchantField), Benefit: o.text(benefitField), Count: 1}
		if o.given.has(countField) {
			use.Count = o.integer(countField)
		}
		return use
	}),
	newShape("coupon.used", "card, merchant, benefit, bill", func(o *object, _ string) alliance.Command {
		return alliance.UseCoupon{Card: o.text(cardField), Merchant: o.text(merchantField), Benefit: o.text(benefitField), Bill: o.text(billField)}
	}),
	newShape("purchase.recorded", "card, merchant, bill", func(o *object, _ string) alliance.Command {
		return alliance.RecordPurchase{Card: o.text(cardField), Merchant: o.text(merchantField), Bill: o.text(billField)}
	}),
	newShape("points.spent", "card, merchant, points", func(o *object, _ string) alliance.Command {
		return alliance.SpendPoints{Card: o.text(cardField), Merchant: o.text(merchantField), Points: o.integer(pointsField)}
	}),
	newShape("reversed", "of, amount?", func(o *object, caller string) alliance.Command {
		return alliance.Reverse{Of: alliance.Reference{Caller: caller, Key: o.text(ofField)}, Amount: o.optional(amountField)}
	}),
	newShape("card.frozen", "card", func(o *object, _ string) alliance.Command {
		return alliance.FreezeCard{Card: o.text(cardField)}
	}),
	newShape("card.unfrozen", "card", func(o *object, _ string) alliance.Command {
		return alliance.UnfreezeCard{Card: o.text(cardField)}
	}),
}

// newShape reads the list of fields; a question mark follows those that may be
// left out. It panics on a name that is no field.
func newShape(name, takes string, command func(*object, string) alliance.Command) shape {
	s := shape{name: name, takes: takes, needs: setOf(atField) | setOf(idField) | setOf(typeField), command: command}
	for word := range strings.SplitSeq(takes, ", ") {
		required, optional := strings.CutSuffix(word, "?")
		f, known := findField([]byte(required))
		switch {
		case !known:
			panic("no field " + word)
		case optional:
			s.may |= setOf(f)
		default:
			s.needs |= setOf(f)
		}
	}
	return s
}

// findShape returns the shape of a type.
func findShape(name []byte) *shape {
	for i := range shapes {
		if shapes[i].name == string(name) {
			return &shapes[i]
		}
	}
	return nil
}

// fit finds the shape of an object and makes sure that it has the fields of it.
func (o *object) fit() (*shape, error) {
	if !o.given.has(typeField) {
		return nil, errors.New(`key "type" is missing`)
	}
	s := findShape(o.texts[typeField])
	if s == nil {
		names := make([]string, 0, len(shapes))
		for i := range shapes {
			names = append(names, shapes[i].name)
		}
		return nil, fmt.Errorf("type %q is not known; types are %s", clip(o.text(typeField)), strings.Join(names, ", "))
	}
	if extra := o.given &^ (s.needs | s.may); extra != 0 {
		return nil, fmt.Errorf("key %q is not known; %s takes %s", extra.first(), s.name, s.takes)
	}
	if missing := s.needs &^ o.given; missing != 0 {
		return nil, fmt.Errorf("key %q is missing; %s takes at, id, %s", missing.first(), s.name, s.takes)
	}
	if o.given.has(bonusFundedByField) {
		switch alliance.Funder(o.texts[bonusFundedByField]) {
		case alliance.FundedByOrganiser, alliance.FundedByMerchant:
		default:
			return nil, fmt.Errorf("bonus_funded_by is %q; it is organiser or merchant", clip(o.text(bonusFundedByField)))
		}
	}
	return s, nil
}

// unknownKey is the error for a key that no event has. The type may stand behind
// the key, and the rest of the line may be anything.
func unknownKey(line []byte, key string) error {
	var pairs map[string]json.RawMessage
	var name string
	if json.Unmarshal(line, &pairs) == nil && json.Unmarshal(pairs["type"], &name) == nil {
		if s := findShape([]byte(name)); s != nil {
			return fmt.Errorf("key %q is not known; %s takes %s", clip(key), s.name, s.takes)
		}
	}
	return fmt.Errorf("key %q is not known", clip(key))
}
