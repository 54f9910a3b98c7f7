package window

import "github.com/lianka/lianka/clearing/ledger"

// Labels returns the label of each type of transaction that is booked at a cut-off.
func Labels() map[ledger.Type]ledger.Label {
	return map[ledger.Type]ledger.Label{
		Closed:          {Chinese: "月结", English: "Month closed"},
		CommissionPaid:  {Chinese: "佣金发放", English: "Commission paid"},
		PoolPaidIn:      {Chinese: "卡池缴存", English: "Card pools paid in"},
		DepositReleased: {Chinese: "保证金转入", English: "Deposit released"},
	}
}
