package store

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/money"
)

// cardColumns are the columns of cards that scanCard reads. The table of gifts is asked only
// about cards that have some.
const cardColumns = `card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired,
	value, bonus, pool, points, unreversed, uses_left, last_seq,
	held_since, replaced_by, refunded, held, holds, growth, redeemed, topped_up, topped_up_bonus, gift_bonus,
	CASE WHEN gifts > 0 THEN (SELECT json_agg(g ORDER BY g.seq)::text FROM gifts g
	     WHERE g.alliance_id = cards.alliance_id AND g.sold_seq = cards.sold_seq) END AS gifts`

func scanCard(currency money.Currency) pgx.RowToFunc[alliance.Card] {
	return func(row pgx.CollectableRow) (card alliance.Card, err error) {
		var value, bonus, pool int64
		var expires *time.Time
		var gifts *string
		var growth []int64
		err = row.Scan(&card.Code, &card.Product, &card.Member, &card.Home, &card.SoldSeq, &card.SoldAt, &expires,
			&card.Cancelled, &card.Frozen, &card.Expired,
			&value, &bonus, &pool, &card.Points, &card.Unreversed, &card.UsesLeft, &card.LastSeq,
			&card.HeldSince, &card.ReplacedBy, &card.Refunded, &card.Held, &card.Holds, &growth, &card.Redeemed,
			&card.ToppedUp, &card.ToppedUpBonus, &card.GiftBonus, &gifts)
		if err != nil {
			return card, err
		}
		card.Value, card.Bonus, card.Pool = currency.Minor(value), currency.Minor(bonus), currency.Minor(pool)
		card.Spent = card.ToppedUp + card.ToppedUpBonus + card.GiftBonus - value - bonus
		card.SoldAt = card.SoldAt.UTC()
		if expires != nil {
			card.ExpiresAt = expires.UTC()
		}
		for ; len(growth) >= 3; growth = growth[3:] {
			card.Growth = append(card.Growth, alliance.Growth{Month: int(growth[0]), Spent: growth[1], Points: growth[2]})
		}
		if gifts != nil {
			card.Gifts, err = decodeGifts(*gifts, currency)
		}
		return card, err
	}
}

// giftRow is a row of gifts as JSON, in which they are read and written: its arrays have
// elements of any text.
type giftRow struct {
	SoldSeq   int64       `json:"sold_seq"`
	Seq       int64       `json:"seq"`
	Campaign  string      `json:"campaign"`
	Cause     int64       `json:"cause"`
	Points    int64       `json:"points"`
	Bonus     int64       `json:"bonus"`
	Coupons   []string    `json:"coupons"`
	ExpiresAt []time.Time `json:"expires_at"`
	UsesLeft  []int       `json:"uses_left"`
	Ended     []bool      `json:"ended"`
}

func decodeGifts(text string, currency money.Currency) ([]*alliance.Gift, error) {
	var rows []giftRow
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, err
	}
	gifts := make([]*alliance.Gift, len(rows))
	for i := range rows {
		r := &rows[i]
		g := &alliance.Gift{Seq: r.Seq, Campaign: r.Campaign, Cause: r.Cause, Points: r.Points, Bonus: currency.Minor(r.Bonus)}
		for j, code := range r.Coupons {
			g.Coupons = append(g.Coupons, alliance.HeldCoupon{Code: code, ExpiresAt: r.ExpiresAt[j].UTC(), Left: r.UsesLeft[j], Ended: r.Ended[j]})
		}
		gifts[i] = g
	}
	return gifts, nil
}

func giftRowOf(g alliance.CardGift) giftRow {
	r := giftRow{
		SoldSeq: g.SoldSeq, Seq: g.Seq, Campaign: g.Campaign, Cause: g.Cause, Points: g.Points, Bonus: g.Bonus.Minor(),
		Coupons: []string{}, ExpiresAt: []time.Time{}, UsesLeft: []int{}, Ended: []bool{},
	}
	for _, c := range g.Coupons {
		r.Coupons, r.ExpiresAt = append(r.Coupons, c.Code), append(r.ExpiresAt, c.ExpiresAt)
		r.UsesLeft, r.Ended = append(r.UsesLeft, c.Left), append(r.Ended, c.Ended)
	}
	return r
}
