package store

import (
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// codeShown asks for the code that was shown beside an order. One that there is not is read again
// each time: it may be issued yet.
func (c *allianceState) codeShown(order *sequencer.Order) {
	shown, _ := order.Presented.(*presentation.Shown)
	if shown != nil && shown.Code != nil && !c.codesKept.Recall(c.codes, *shown.Code) {
		c.missing.codes = append(c.missing.codes, shown.Code[:])
	}
}

func (c *allianceState) readCodes(reads *pgx.Batch, digests [][]byte) {
	if len(digests) == 0 {
		return
	}
	reads.Queue(`
		SELECT c.* FROM unnest($2::bytea[]) AS n (digest),
		LATERAL (SELECT `+presentation.Columns+` FROM card_codes WHERE alliance_id = $1 AND code_hash = n.digest OFFSET 0) c`,
		c.allianceID, digests).Query(func(rows pgx.Rows) error {
		codes, err := pgx.CollectRows(rows, presentation.Scan)
		for i := range codes {
			if !c.codesKept.Recall(c.codes, codes[i].Digest) { // what is there may be newer than on disk
				c.codes[codes[i].Digest] = &codes[i]
			}
		}
		return err
	})
}

// present decides what was shown beside an order, before the rule book decides its command. It
// returns the code that a booking uses up, nil for none. The instant that counts is that of the
// server's clock, also in a test circle.
func (c *allianceState) present(order *sequencer.Order, command alliance.Command) (code *presentation.Issued, err error) {
	c.by, c.covered = "", false
	setting := &c.setup.Presentation
	if order.Presented == nil && !setting.Asks() {
		return nil, nil
	}
	if taking, is := command.(alliance.Taking); is {
		var shown presentation.Shown
		if s, given := order.Presented.(*presentation.Shown); given {
			shown = *s
		}
		if shown.Code != nil && c.codesKept.Recall(c.codes, *shown.Code) {
			code = c.codes[*shown.Code]
		}
		asked := taking.Takes(c.state)
		if card := c.state.Cards[asked.Card]; code != nil && card != nil && card.Member != code.Member {
			code = nil // the card was given to somebody else since
		}
		c.by, err = setting.Decide(asked, shown, code, c.head.Alliance.Currency, order.At)
	}
	kind := c.state.Registry.Kind(command.Event())
	sells := kind != nil && kind.Create != nil // what is on a new card is no secret from who makes it
	c.covered = setting.Asks() && !c.by.Verified() && !sells && order.Caller != clearing.Organiser && order.HeldBy == ""
	return code, err
}

// cover takes the figures out of a refusal for a caller who is not told what is on the card.
func (c *allianceState) cover(err error) error {
	var refusal *clearing.Refusal
	if !c.covered || !errors.As(err, &refusal) {
		return err
	}
	switch refusal.Code {
	case alliance.CodeInsufficientValue, alliance.CodeInsufficientPoints, alliance.CodeOverValueLimit, alliance.CodeBenefitExhausted:
		return clearing.Refuse(refusal.Code, "what is on the card does not allow it; how much that is, this circle tells with a code of the card")
	}
	return err
}

// useUp notes that a transaction has used a code up.
func (c *allianceState) useUp(code *presentation.Issued, seq int64) {
	code.UsedSeq = seq
	c.usedCodes = append(c.usedCodes, code)
}

// saveCodes queues the codes that were used up. If somebody else has used one up meanwhile, the
// table's trigger card_codes_used_once fails the batch as a whole, and it is decided again.
func (c *allianceState) saveCodes(batch *pgx.Batch) {
	n := len(c.usedCodes)
	if n == 0 {
		return
	}
	digests, seqs := make([][]byte, n), make([]int64, n)
	for i, code := range c.usedCodes {
		digests[i], seqs[i] = code.Digest[:], code.UsedSeq
	}
	batch.Queue(`
		UPDATE card_codes c SET used_seq = n.seq
		FROM (SELECT at.row, n.seq
		      FROM unnest($2::bytea[], $3::bigint[]) AS n (digest, seq),
		      LATERAL (SELECT ctid AS row FROM card_codes WHERE alliance_id = $1 AND code_hash = n.digest OFFSET 0) at) n
		WHERE c.ctid = n.row`, c.allianceID, digests, seqs).Exec(all("codes", n))
}
