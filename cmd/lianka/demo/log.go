package demo

import (
	"context"
	"fmt"

	"github.com/lianka/lianka/api/spec"
)

const pageSize = 200

// readLog reads all transactions of a period's window, the newest first.
func (s *story) readLog(ctx context.Context, period string) ([]spec.Transaction, error) {
	var log []spec.Transaction
	limit := pageSize
	params := spec.ListTransactionsParams{Limit: &limit}
	for {
		answer, err := s.org.ListTransactionsWithResponse(ctx, &params)
		if err != nil {
			return nil, err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Items {
			if t.Window < period {
				return log, nil
			}
			if t.Window == period {
				log = append(log, t)
			}
		}
		if page.NextCursor == nil {
			return log, nil
		}
		params.Cursor = page.NextCursor
	}
}

// checkReceipts compares the log of a period with the tills' receipts: each receipt's
// transaction is in the log, and moved the shop's account by what the receipt says.
func (s *story) checkReceipts(log []spec.Transaction) error {
	for i := range log {
		t := &log[i]
		switch t.Type {
		case "card.expired", "hold.expired", "commission.released", "window.closed", "commission.paid":
			continue // caused by the clock, so there is no receipt
		}
		if t.Type == "gift.earned" {
			if err := s.simulation.gifts.seen(t); err != nil {
				return err
			}
			continue
		}
		if ofMonthEnd(t.Type) {
			continue // asked for by an office, which has checked the answer
		}
		receipt, ok := s.simulation.tally.receipts[t.Transaction]
		if !ok {
			return fmt.Errorf("%s (%s) is in the log, and no till has a receipt of it", t.Transaction, t.Type)
		}
		var change fen
		for j := range t.Entries {
			if e := &t.Entries[j]; e.Account == spec.AccountKindMerchants && *e.Owner == receipt.merchant {
				amount, err := moved(e)
				if err != nil {
					return err
				}
				change += amount
			}
		}
		if change != receipt.change {
			return fmt.Errorf("%s moved %s by %s, and the receipt says %s", t.Transaction, receipt.merchant, change, receipt.change)
		}
		delete(s.simulation.tally.receipts, t.Transaction)
	}
	if left := len(s.simulation.gifts.unseen); left > 0 {
		return fmt.Errorf("%d gifts that the campaigns provide are not in the log", left)
	}
	if left := len(s.simulation.tally.receipts); left > 0 {
		return fmt.Errorf("the tills have %d receipts of transactions that are not in the log", left)
	}
	return nil
}

// readCommissions reads what members earned by the end of a period.
func (s *story) readCommissions(ctx context.Context, period string) ([]spec.CommissionStatement, error) {
	var all []spec.CommissionStatement
	limit := pageSize
	params := spec.ListSettlementCommissionsParams{Limit: &limit}
	for {
		answer, err := s.org.ListSettlementCommissionsWithResponse(ctx, period, &params)
		if err != nil {
			return nil, err
		}
		page, err := expect200(answer.JSON200, answer.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all, nil
		}
		params.Cursor = page.NextCursor
	}
}
