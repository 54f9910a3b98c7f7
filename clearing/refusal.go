package clearing

// Refusal is the error of a command that a rule forbids; nothing of it happened. Code is
// stable and meant for programs, Detail says in a sentence what was wrong and what would be
// right, Data has the figures.
type Refusal struct {
	Code   string            `json:"code"`
	Detail string            `json:"detail"`
	Data   map[string]string `json:"data,omitempty"`
}

// Error returns the code and the detail.
func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }
