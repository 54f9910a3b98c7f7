package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/sequencer"
)

// kind is the kind of a request, and its index in kinds.
type kind int

const (
	spend kind = iota
	pass
	purchase
	coupon
	points
	refund
)

// kinds gives the event and the path of each kind, and its weight in percent.
var kinds = [...]struct {
	event  string
	path   string
	weight int
}{
	spend:    {"value.spent", "/v1/spends", 50},
	pass:     {"pass.used", "/v1/pass-uses", 20},
	purchase: {"purchase.recorded", "/v1/purchases", 15},
	coupon:   {"coupon.used", "/v1/coupon-uses", 5},
	points:   {"points.spent", "/v1/point-spends", 5},
	refund:   {"reversed", "/v1/reversals", 5},
}

const (
	retryShare         = 0.03 // of requests that repeat an answered one
	refusedShare       = 0.02 // of requests that a rule forbids
	rememberedRequests = 64   // answered requests that a till may repeat or reverse
)

// request is a command that a till sends, with its expected outcome.
type request struct {
	kind     kind
	merchant int
	key      string
	fields   []byte // of the JSON object, without its braces
	command  alliance.Command
	refused  bool
	repeat   *request // the request that this one repeats
	seq      int64    // of the answer, once there is one
	answer   string
}

func (r *request) caller() string { return callerOf(r.merchant) }

// callerOf returns the caller that the API makes of a till's key.
func callerOf(merchant int) string { return "shop:" + merchantCode(merchant) + "/" + tillName }

const tillName = "1"

// hash returns the request hash that tells a retry from another request with the same
// key. The API computes it the same way.
func (r *request) hash() [32]byte {
	return sha256.Sum256(append([]byte(kinds[r.kind].path+"\n"), r.fields...))
}

func (r *request) order() sequencer.Order {
	return sequencer.Order{Caller: r.caller(), Key: r.key, Hash: r.hash(), Command: r.command}
}

// workload generates the requests of one till in one run. The same run and till make
// the same requests. It is not safe for concurrent use.
type workload struct {
	merchants     []int // at which the till stands
	merchantCount int   // shops of the circle
	cardCount     int   // of which it is shown one
	prefix        string
	random        *rand.Rand
	count         int

	earned         []*request // purchases whose points were not spent yet
	spent          []*request // spends that were not undone yet
	answeredBefore []*request // answered requests, to be repeated
}

// newWorkload returns the requests of a till; no two (run, till) make the same
// keys.
func newWorkload(run, till, cardCount, merchantCount int, merchants []int) *workload {
	return &workload{
		merchants: merchants, merchantCount: merchantCount, cardCount: cardCount,
		// Of the length of a UUID, and in the order of time for each till.
		prefix: fmt.Sprintf("%08x-%04x-7000-8000-", run, till),
		random: rand.New(rand.NewPCG(uint64(run), uint64(till))),
	}
}

// draw returns the next request.
func (w *workload) next() *request {
	chance := w.random.Float64()
	if chance < retryShare && len(w.answeredBefore) > 0 {
		original := w.answeredBefore[w.random.IntN(len(w.answeredBefore))]
		again := *original
		again.repeat = original
		return &again
	}
	r := &request{merchant: w.merchants[w.random.IntN(len(w.merchants))], key: w.prefix + fmt.Sprintf("%012x", w.count)}
	w.count++
	if chance > 1-refusedShare {
		w.refuse(r)
		return r
	}
	at := w.random.IntN(100)
	for k := range kinds {
		if at -= kinds[k].weight; at < 0 {
			r.kind = kind(k)
			break
		}
	}
	w.fill(r)
	return r
}

// fill writes the command. As long as there are no points to spend it makes a purchase
// instead, and as long as there is nothing to reverse a spend.
func (w *workload) fill(r *request) {
	switch {
	case r.kind == points && len(w.earned) > 0:
		from := take(&w.earned, w.random)
		r.merchant = from.merchant
		made, ok := from.command.(alliance.RecordPurchase)
		if !ok {
			return
		}
		w.points(r, made)
	case r.kind == refund && len(w.spent) > 0:
		of := take(&w.spent, w.random)
		r.merchant = of.merchant // a till may only reverse what its own shop did
		r.command = alliance.Reverse{Of: alliance.Reference{Caller: of.caller(), Key: of.key}}
		r.fields = fmt.Appendf(nil, `"idempotency_key":%q`, of.key)
	case r.kind == pass:
		card, index := w.cardHonoured(r)
		r.command = alliance.UsePass{Card: card, Merchant: merchantCode(r.merchant), Benefit: passCode(index), Count: 1}
		r.fields = fmt.Appendf(nil, `"card":%q,"merchant":%q,"benefit":%q`, card, merchantCode(r.merchant), passCode(index))
	case r.kind == coupon:
		card, _ := w.cardHonoured(r)
		w.coupon(r, card, w.amount(2000, 30000))
	case r.kind == purchase || r.kind == points:
		r.kind = purchase
		c := alliance.RecordPurchase{Card: w.card(), Merchant: merchantCode(r.merchant), Bill: w.amount(1000, 30000)}
		r.command, r.fields = c, fmt.Appendf(nil, `"card":%q,"merchant":%q,"bill":%q`, c.Card, c.Merchant, c.Bill)
	default:
		r.kind = spend
		w.spend(r, w.card(), w.amount(100, 2000))
	}
}

func (w *workload) spend(r *request, card, amount string) {
	r.command = alliance.SpendValue{Card: card, Merchant: merchantCode(r.merchant), Amount: amount}
	r.fields = fmt.Appendf(nil, `"card":%q,"merchant":%q,"amount":%q`, card, merchantCode(r.merchant), amount)
}

func (w *workload) coupon(r *request, card, bill string) {
	code := "coupon" + strconv.Itoa(w.random.IntN(2))
	r.command = alliance.UseCoupon{Card: card, Merchant: merchantCode(r.merchant), Benefit: code, Bill: bill}
	r.fields = fmt.Appendf(nil, `"card":%q,"merchant":%q,"benefit":%q,"bill":%q`, card, merchantCode(r.merchant), code, bill)
}

// points spends all but one of the points that a purchase earned, at one for a yuan.
func (w *workload) points(r *request, from alliance.RecordPurchase) {
	whole := from.Bill[:len(from.Bill)-len(".00")]
	earned, _ := strconv.ParseInt(whole, 10, 64)
	c := alliance.SpendPoints{Card: from.Card, Merchant: merchantCode(r.merchant), Points: max(earned-1, 1)}
	r.command, r.fields = c, fmt.Appendf(nil, `"card":%q,"merchant":%q,"points":%d`, c.Card, c.Merchant, c.Points)
}

// refuse writes a command that a rule forbids: more than the card holds, a card
// that nobody sold, a bill below the threshold.
func (w *workload) refuse(r *request) {
	r.refused = true
	switch w.random.IntN(3) {
	case 0:
		r.kind = spend
		w.spend(r, w.card(), moreThanAnyCard)
	case 1:
		r.kind = spend
		w.spend(r, "never sold "+strconv.Itoa(w.random.IntN(w.cardCount)), "1.00")
	default:
		r.kind = coupon
		card, _ := w.cardHonoured(r)
		w.coupon(r, card, smallBill)
	}
}

func (w *workload) card() string { return cardCode(w.random.IntN(w.cardCount)) }

// cardHonoured picks a card whose product the shop honours. If only one card is used,
// it picks a shop that honours that card. index is the shop's in its group.
func (w *workload) cardHonoured(r *request) (card string, index int) {
	if w.cardCount == 1 {
		r.merchant = w.random.IntN(min(groupSize, w.merchantCount))
		return cardCode(0), r.merchant
	}
	products := max(w.merchantCount/groupSize, 1)
	product := r.merchant / groupSize % products
	return cardCode(product + products*w.random.IntN(w.cardCount/products)), r.merchant % groupSize
}

// amount returns a random amount between two numbers of minor units.
func (w *workload) amount(least, most int) string {
	minor := least + w.random.IntN(most-least)
	return fmt.Sprintf("%d.%02d", minor/100, minor%100)
}

// answered records that a request was answered as expected. It may be repeated or
// reversed from then on.
func (w *workload) answered(r *request) {
	if r.repeat != nil {
		return
	}
	switch {
	case r.refused:
	case r.kind == spend:
		w.spent = remember(w.spent, r)
	case r.kind == purchase:
		w.earned = remember(w.earned, r)
	}
	w.answeredBefore = remember(w.answeredBefore, r)
}

// remember appends a request to a list that keeps the newest.
func remember(kept []*request, r *request) []*request {
	if len(kept) == rememberedRequests {
		kept = kept[1:]
	}
	return append(kept, r)
}

// take removes and returns a random request.
func take(kept *[]*request, random *rand.Rand) *request {
	i := random.IntN(len(*kept))
	r := (*kept)[i]
	*kept = append((*kept)[:i], (*kept)[i+1:]...)
	return r
}
