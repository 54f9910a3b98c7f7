package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// intent is what a body asks for: a command, and what has to be looked up in the
// books before it may be sent.
type intent struct {
	command any
	check   func(context.Context, *handlers) error // nil: nothing
}

// meaning says what a body asks for. It looks nothing up.
type meaning[Body any] func(*scope, *Body) (intent, error)

// commandReader reads the body of a kind of command, and makes the hash of its
// request.
type commandReader func(sc *scope, body []byte) (intent, [sha256.Size]byte, error)

// commandReaders returns the reader of each kind of command, by the name that it
// has in a batch. A body is read as that of the single operation.
func commandReaders(operations map[string]*operation) map[string]commandReader {
	readers := make(map[string]commandReader)
	addReader(readers, alliance.CardSold, operations["sellCard"], sale)
	addReader(readers, alliance.CardToppedUp, operations["topUpCard"], topUp)
	addReader(readers, alliance.ValueSpent, operations["spendValue"], spend)
	addReader(readers, alliance.PassUsed, operations["usePass"], passUse)
	addReader(readers, alliance.CouponUsed, operations["useCoupon"], couponUse)
	addReader(readers, alliance.PurchaseRecorded, operations["recordPurchase"], purchase)
	addReader(readers, alliance.PointsSpent, operations["spendPoints"], pointSpend)
	addReader(readers, alliance.Reversed, operations["reverseTransaction"], reversal)
	addReader(readers, alliance.CardFrozen, operations["freezeCard"], freeze)
	addReader(readers, alliance.CardUnfrozen, operations["unfreezeCard"], unfreeze)
	return readers
}

func addReader[Body any](readers map[string]commandReader, event ledger.Type, single *operation, means meaning[Body]) {
	readers[string(event)] = func(sc *scope, text []byte) (in intent, hash [sha256.Size]byte, err error) {
		var body Body
		if err := single.body.Read(text, "", &body); err != nil {
			return in, hash, err
		}
		if in, err = means(sc, &body); err != nil {
			return in, hash, err
		}
		hash, err = single.hash(&body)
		return in, hash, err
	}
}

// hash is of what a request says. It decides, together with the caller, whether
// a later request with the same key is the same; so it is that of the single
// operation also in a batch, and neither spaces nor the order of fields matter.
func (o *operation) hash(body any) ([sha256.Size]byte, error) {
	canonical, err := json.Marshal(body)
	return sha256.Sum256(append([]byte(o.id+"\n"), canonical...)), err
}

// order is a command as the caller of a request sends it to the circle.
func (s *scope) order(key string, hash [sha256.Size]byte, command any) sequencer.Order {
	return sequencer.Order{Caller: s.Caller, Key: key, Hash: hash, At: s.now, Command: command}
}

// late is of what may be uploaded after it happened.
func late(occurredAt *time.Time) alliance.Redemption {
	return alliance.Redemption{OccurredAt: occurredAt}
}

func sale(sc *scope, b *spec.SellCard) (intent, error) {
	sc.hide(b.Card, b.Member)
	at, err := sc.acting("sellCard", b.Merchant)
	return intent{command: alliance.SellCard{
		Card: b.Card, Member: b.Member, Product: b.Product, Merchant: at, Referrer: b.Referrer,
	}}, err
}

func topUp(sc *scope, b *spec.TopUp) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.acting("topUpCard", b.Merchant)
	command := alliance.TopUp{Card: b.Card, Amount: b.Amount, Merchant: at, Bonus: b.Bonus}
	if b.BonusFundedBy != nil {
		command.BonusFundedBy = alliance.Funder(*b.BonusFundedBy)
	}
	return intent{command: command}, err
}

func spend(sc *scope, b *spec.Spend) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.actingSomewhere("spendValue", b.Merchant)
	return intent{command: alliance.SpendValue{Redemption: late(b.OccurredAt), Card: b.Card, Merchant: at, Amount: b.Amount}}, err
}

func passUse(sc *scope, b *spec.PassUse) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.actingSomewhere("usePass", b.Merchant)
	count := int64(1)
	if b.Count != nil {
		count = *b.Count
	}
	return intent{command: alliance.UsePass{Redemption: late(b.OccurredAt), Card: b.Card, Merchant: at, Benefit: b.Benefit, Count: count}}, err
}

func couponUse(sc *scope, b *spec.CouponUse) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.actingSomewhere("useCoupon", b.Merchant)
	return intent{command: alliance.UseCoupon{Redemption: late(b.OccurredAt), Card: b.Card, Merchant: at, Benefit: b.Benefit, Bill: b.Bill}}, err
}

func purchase(sc *scope, b *spec.Purchase) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.actingSomewhere("recordPurchase", b.Merchant)
	return intent{command: alliance.RecordPurchase{Redemption: late(b.OccurredAt), Card: b.Card, Merchant: at, Bill: b.Bill}}, err
}

func pointSpend(sc *scope, b *spec.PointSpend) (intent, error) {
	sc.hide(b.Card)
	at, err := sc.actingSomewhere("spendPoints", b.Merchant)
	return intent{command: alliance.SpendPoints{Redemption: late(b.OccurredAt), Card: b.Card, Merchant: at, Points: b.Points}}, err
}

// reversal names what to undo either by its number, of which it has to be looked
// up whose it is, or by the caller's own key.
func reversal(sc *scope, b *spec.Reversal) (intent, error) {
	grant, err := sc.Principal.For("reverseTransaction")
	switch {
	case err != nil:
		return intent{}, err
	case (b.Transaction == nil) == (b.IdempotencyKey == nil):
		return intent{}, problem.Malformed("", "name what to undo by exactly one of transaction and idempotency_key")
	case b.IdempotencyKey != nil:
		of := alliance.Reference{Caller: sc.Caller, Key: *b.IdempotencyKey}
		return intent{command: alliance.Reverse{Of: of, Amount: b.Amount}}, nil
	}
	seq, err := ledger.ParseID(*b.Transaction)
	if err != nil {
		return intent{}, problem.Malformed("transaction", "is no transaction id such as txn_17")
	}
	in := intent{command: alliance.Reverse{Of: alliance.Reference{Seq: seq}, Amount: b.Amount}}
	if !grant.Everything() {
		in.check = func(ctx context.Context, h *handlers) error { return h.checkTransaction(ctx, grant, seq) }
	}
	return in, nil
}

func freeze(sc *scope, b *spec.CardMark) (intent, error) {
	return mark(sc, "freezeCard", b.Card, alliance.FreezeCard{Card: b.Card})
}

func unfreeze(sc *scope, b *spec.CardMark) (intent, error) {
	return mark(sc, "unfreezeCard", b.Card, alliance.UnfreezeCard{Card: b.Card})
}

func mark(sc *scope, operation, card string, command alliance.Command) (intent, error) {
	sc.hide(card)
	grant, err := sc.Principal.For(operation)
	in := intent{command: command}
	if !grant.Everything() {
		in.check = func(ctx context.Context, h *handlers) error { return h.checkCard(ctx, grant, card) }
	}
	return in, err
}
