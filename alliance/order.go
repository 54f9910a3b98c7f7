package alliance

// Rank is the place of work among all that happens at one instant. This is the whole
// order, from first to last. The sequencer enforces the part that is not due work.
//
//	consequence   what the command just decided causes right after itself
//	release       commission becomes payable
//	hold          holds end that were neither captured nor voided
//	gift          coupons of gifts end
//	expiry        cards expire
//	deadline      closed windows: a dispute is unanswered, a review ends, a payment is overdue, a merchant leaves
//	cut-off       the window closes, and the next one opens
//	command       the commands of that instant, in the order of their arrival
//
// Ranks are stored with due work (due.rank), so a new one goes between those that are
// there.
type Rank int16

// The ranks of due work. Deadlines and the cut-off belong to the sequencer.
const (
	RankConsequence Rank = 0
	RankRelease     Rank = 10
	RankHold        Rank = 20
	RankGift        Rank = 30
	RankExpiry      Rank = 40
)
