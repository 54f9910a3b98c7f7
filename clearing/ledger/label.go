package ledger

// Label is the name of something for people, in Chinese and in English.
type Label struct{ Chinese, English string }

// String returns the label in both languages, or in English if it has no other.
func (l Label) String() string {
	if l.Chinese == "" {
		return l.English
	}
	return l.Chinese + " " + l.English
}

// Short returns the label in Chinese, or in English if it has no other.
func (l Label) Short() string {
	if l.Chinese == "" {
		return l.English
	}
	return l.Chinese
}
