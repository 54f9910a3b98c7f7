// Package settlement is the time after a month has closed: shops look at their
// statements and object, money moves through their bank, and one shop that does
// not pay does not stop the others.
//
// It is a rule book like that of package alliance: [State] with a command and an
// instant gives a transaction, events and the state after that, or a refusal. It
// reads no clock. [Processor] feeds it from the database, under the lock of the
// circle's head, one command after the other with everything else that happens in
// the circle.
//
// # The life of a settlement
//
//	            shops object           the organiser, or           the first money        nothing is
//	cut-off     until the deadline     silence until then          moves                  left to do
//	   │              │                       │                       │                       │
//	   ▼              ▼                       ▼                       ▼                       ▼
//	closed ──────▶ in_review ────────────▶ approved ────────────▶ paying ────────────────▶ settled
//	                                          │                       ▲                    ▲  │
//	                                          └───────────────────────┼────────────────────┘  │
//	                                                                  └──── a payout returns ─┘
//
// Windows are approved, and settled, the oldest first. The snapshot (package
// clearing) never changes; only what has become of it does.
//
// # The life of an obligation
//
// Each transfer of the snapshot is an obligation: of a party to pay (a collection,
// or a direct transfer to another party), or of custody to pay a party or a member
// (a payout, a commission).
//
//	 ┌───────────── all at once ───────────────┐
//	 │                                         ▼
//	due ───a part───▶ part_paid ───the rest───▶ paid
//	 │                    │                    ▲
//	 └───grace is over────┴───▶ defaulted ─────┘ after all, in full
//
//	payable ──in a payment run──▶ sent ──the bank did──▶ confirmed
//	   ▲                           │                        │
//	   └────────── returned ◀──────┴────────────────────────┘
//
//	due, payable ──all of it goes to the open window──▶ carried
//
// An amount that is disputed is held out of its obligation until the dispute is
// answered. If the organiser adjusts, the adjustment is booked in the open window,
// and what was held goes there too (carried); if not, it is due as before.
//
// Both tables are in machine.go and nowhere else.
//
// # What is booked where
//
//	cut-off                 merchants ⇄ receivables, payables
//	a party pays            custody ← receivables
//	custody pays            payables ← custody
//	a deposit               custody → deposits, and deposits → receivables when it is drawn
//	a loss                  organiser, merchants → allowances, in the open window
//	paid after all          custody ← receivables, and allowances → organiser, merchants
//
// A receivable stays in full until it is paid, also after a default: so it counts
// in the debit cap of who owes it, and the claim is not forgotten. What others have
// borne of it is its allowance.
//
// # Events
//
// Each change of state is an [Event], numbered after its transaction
// ([ledger.EventNumber]), written with it and told in its facts, which the hash
// chain covers.
package settlement
