package ledger

// Label is what people read in the place of a transaction's type, in both
// languages.
type Label struct {
	Chinese string
	English string
}
