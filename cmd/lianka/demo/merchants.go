package demo

import "github.com/lianka/lianka/api/spec"

// turns is how many times a day the clock is advanced while shops are open.
const turns = 8

// clockOf gives the earliest time of each turn of a day.
var clockOf = [turns]struct{ hour, minute int }{{8, 30}, {10, 15}, {11, 45}, {12, 45}, {14, 30}, {16, 30}, {18, 30}, {20, 15}}

// merchant is a shop of the circle, with figures that describe its trade.
type merchant struct {
	code, name, category string

	tills    int
	pattern  [turns]int // how busy it is in each turn; 0: closed
	weekend  int        // how busy it is on holidays, in percent of a weekday
	low      fen        // the range of its bills
	high     fen
	sells    int  // its weight among the shops as a seller of cards
	topsUp   bool // it sells stored value
	sponsors bool // it pays for the bonus itself

	counter []*till
	office  *till // with its owner's key
}

// newMerchants returns the shops of the circle, without their tills.
func newMerchants() []*merchant {
	return []*merchant{
		{code: "cafe", name: "山丘咖啡", category: "coffee", tills: 2, pattern: [turns]int{6, 7, 6, 5, 6, 5, 3, 2}, weekend: 120, low: 18 * yuan, high: 58 * yuan, sells: 20, topsUp: true, sponsors: true},
		{code: "gym", name: "北岸健身", category: "fitness", tills: 1, pattern: [turns]int{4, 2, 1, 2, 1, 3, 7, 5}, weekend: 130, low: 30 * yuan, high: 180 * yuan, sells: 14, topsUp: true, sponsors: true},
		{code: "salon", name: "剪约美发", category: "hair", tills: 1, pattern: [turns]int{0, 3, 3, 2, 4, 4, 5, 2}, weekend: 170, low: 58 * yuan, high: 380 * yuan, sells: 12, topsUp: true, sponsors: true},
		{code: "books", name: "半亩书店", category: "books", tills: 1, pattern: [turns]int{0, 2, 2, 2, 4, 4, 3, 2}, weekend: 180, low: 25 * yuan, high: 160 * yuan, sells: 7, topsUp: true},
		{code: "bakery", name: "麦田烘焙", category: "bakery", tills: 2, pattern: [turns]int{7, 4, 4, 3, 3, 5, 6, 2}, weekend: 110, low: 15 * yuan, high: 75 * yuan, sells: 10, topsUp: true},
		{code: "dental", name: "明齿口腔", category: "dental", tills: 1, pattern: [turns]int{0, 3, 3, 0, 3, 3, 0, 0}, weekend: 150, low: 120 * yuan, high: 900 * yuan, sells: 2},
		{code: "florist", name: "花间集", category: "florist", tills: 1, pattern: [turns]int{1, 3, 2, 1, 2, 3, 4, 0}, weekend: 130, low: 39 * yuan, high: 260 * yuan, sells: 3},
		{code: "hotpot", name: "渝里火锅", category: "hotpot", tills: 2, pattern: [turns]int{0, 0, 5, 6, 1, 2, 10, 7}, weekend: 180, low: 150 * yuan, high: 560 * yuan, sells: 6},
		{code: "pets", name: "毛球宠物", category: "pets", tills: 1, pattern: [turns]int{0, 2, 2, 1, 3, 3, 3, 1}, weekend: 170, low: 40 * yuan, high: 320 * yuan, sells: 5},
		{code: "kids", name: "童梦乐园", category: "kids", tills: 1, pattern: [turns]int{0, 3, 2, 1, 5, 4, 3, 0}, weekend: 260, low: 60 * yuan, high: 220 * yuan, sells: 14, topsUp: true, sponsors: true},
	}
}

// busy returns how busy the shop is in a turn, in hundredths.
func (s *merchant) busy(turn int, holiday bool) int {
	if holiday {
		return s.pattern[turn] * s.weekend
	}
	return s.pattern[turn] * 100
}

// debitCap is far more than any shop comes to owe in a month. If it could be reached,
// the faster of two tills would be booked and the other refused, and runs would differ.
const debitCap = 500_000 * yuan

// document returns the shop as the API takes it.
func (s *merchant) document() spec.Shop {
	return spec.Shop{Code: s.code, Name: &s.name, Category: &s.category, DebitCap: ptr(debitCap.String())}
}

func ptr[T any](value T) *T { return &value }
