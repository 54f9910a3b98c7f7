package clearing

import "fmt"

// Refusal is the error of a command that a rule forbids. Nothing of the command
// happened. Code is stable and meant for programs, Detail says in a sentence
// what was wrong and what would be right, Data carries the figures.
type Refusal struct {
	Code   string            `json:"code"`
	Detail string            `json:"detail"`
	Data   map[string]string `json:"data,omitempty"`
}

// Error returns the code and the detail.
func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

// IdempotencyConflict is the code of a command whose key was used before by the
// same caller with other content.
const IdempotencyConflict = "idempotency_conflict"

// conflict is the refusal of a reused key.
func conflict(key string) *Refusal {
	return &Refusal{
		Code:   IdempotencyConflict,
		Detail: fmt.Sprintf("key %q was used before with other content; a new command needs a new key", key),
	}
}
