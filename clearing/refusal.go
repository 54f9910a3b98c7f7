package clearing

import (
	"github.com/lianka/lianka/clearing/message"
)

// Refusal is the error of a command that a rule forbids; nothing of it happened. Code is
// stable and meant for programs, Detail says in a sentence what was wrong and what would be
// right, Data has the figures. Message is Detail, to be said in other languages; refusals that
// were stored before there were messages have none.
type Refusal struct {
	Code    string            `json:"code"`
	Detail  string            `json:"detail"`
	Data    map[string]string `json:"data,omitempty"`
	Message *message.Message  `json:"message,omitempty"`
}

// Refuse returns a refusal that says a sentence.
func Refuse(code, format string, args ...any) *Refusal {
	m := message.New(format, args...)
	return &Refusal{Code: code, Detail: m.English(), Message: &m}
}

// Error returns the code and the detail.
func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }
