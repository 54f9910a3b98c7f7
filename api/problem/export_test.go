package problem

import "github.com/lianka/lianka/clearing/message"

// Chinese returns what says details in Chinese.
func Chinese() message.Language { return chinese }
