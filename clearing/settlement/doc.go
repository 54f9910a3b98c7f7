// Package settlement settles closed months: shops check their statements and dispute
// lines, money moves through the bank, and a shop that doesn't pay doesn't stop the
// others.
//
// It is a rule book like that of package alliance. A [State], a command and an
// instant give transactions, events and the next state, or a refusal. It reads no
// clock. A [Processor] loads the state from the database and saves it, under the lock
// of the circle's head, in one order with everything else that happens in the circle.
//
// # Files
//
// A command is one file: its fields, what it names, its decision, the types of its
// transactions and events, and their labels. So is what happens by itself (answer,
// consent, remind, default, leave). A new command is a new file and a line in command.go. That
// is why the package has more files than most.
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
// Windows are approved and settled in order, the oldest first. The snapshot (package
// window) never changes; only its lifecycle goes on.
//
// # The life of an obligation
//
// Each transfer of the snapshot is an obligation. A party pays (a collection, or a direct
// transfer to another party), or custody pays a party or a member (a payout, a
// commission).
//
//	 ┌───────────── all at once ───────────────┐
//	 │                                         ▼
//	due ───a part───▶ part_paid ───the rest───▶ paid
//	 │                    │                    ▲
//	 └───grace is over────┴───▶ defaulted ─────┘ after all, in full
//
//	defaulted ──all else is paid, and a disputed part falls due──▶ part_paid
//
// A payment that its bank takes back makes what it paid due again, or defaulted.
//
//	payable ──in a payment run──▶ sent ──the bank did──▶ confirmed
//	   ▲                           │                        │
//	   └────────── returned ◀──────┴────────────────────────┘
//
//	due, payable ──all of it goes to the open window──▶ carried
//
// A disputed amount is kept out of its obligation until the dispute is answered. If
// the organiser adjusts, the adjustment is booked in the open window, and the disputed
// amount goes there too (carried); if not, it is due as before, and in default if the
// rest of its obligation is. Columns and JSON call it held.
//
// Both tables are in state_machine.go and nowhere else. A payout may be given to the bank
// more than once. Each time is an attempt with a reference of its own, so that a word of
// the bank counts for the attempt that it names.
//
// # Bank lines
//
// A bank line is known by all that the bank says of it. It is matched with what it pays,
// or waits and is tried again whenever something changes; a person can resolve it too.
// What is in custody's bank account and nobody knows yet what for goes into suspense. The
// reconciliation compares custody with the balance that the bank states, and explains
// each difference.
//
// # What is booked where
//
//	cut-off                 merchants ⇄ receivables, payables
//	a party pays            custody ← receivables
//	custody pays            payables ← custody
//	a deposit               custody → deposits, and deposits → receivables when it is drawn
//	a set-off               payables ← receivables
//	a loss                  organiser, merchants → allowances, in the open window
//	paid after all          custody ← receivables, and allowances → organiser, merchants
//
// A receivable stays in full until it is paid, also after a default: so it counts
// in the debit cap of who owes it, and the claim is not forgotten. What others have
// borne of it is its allowance.
//
// # What is read
//
// Each command reads the months that are not settled, and those with something unpaid.
// Of their obligations it reads the parties' open ones and those that it names; all
// open ones of members only if payouts are to be sent. The rest are counted in their
// settlement. So neither a default that is never paid nor a member without a bank
// account makes commands read a whole month for ever.
//
// # Events
//
// Each change of state is an [Event], numbered after its transaction
// ([ledger.EventNumber]), written with it and told in its facts, which the hash
// chain covers.
package settlement
