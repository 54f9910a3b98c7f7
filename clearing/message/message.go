// Package message holds sentences for people apart from the language they are said in: what a rule or a check has to say is a
// format, which is the English sentence, and its arguments. Whoever answers a caller says it in the caller's language, also when
// the answer was stored before.
package message

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Message is a sentence and its arguments.
type Message struct {
	Format string     `json:"format"` // the English sentence, with a verb of package fmt for each argument
	Args   []Argument `json:"args,omitempty"`
}

// Argument is what stands for a verb: a text that is the same in every language, then a word or a sentence that languages have their own for.
type Argument struct {
	Text     string `json:"text,omitempty"`
	Word     string `json:"word,omitempty"`
	Sentence string `json:"sentence,omitempty"` // one without arguments
	After    string `json:"after,omitempty"`    // what a sentence is about, such as a code, the same in every language
}

// Language says sentences and words in another language than English. What it lacks stays English.
type Language struct {
	Sentences map[string]string // by format; {1} stands for the first argument
	Words     map[string]string
}

// New makes a message. The verbs have no indexes: arguments come in their order. An argument of a string type of its own, such as a state, is a
// word. Of an error that wraps a sentinel, the sentinel's text is a sentence.
func New(format string, args ...any) Message {
	if false {
		_ = fmt.Sprintf(format, args...) // so that go vet checks the verbs, also those of functions that call this one
	}
	m := Message{Format: format}
	for i, verb := range verbs(format) {
		if i < len(args) {
			m.Args = append(m.Args, argument(verb, args[i]))
		}
	}
	return m
}

func argument(verb string, arg any) Argument {
	text := fmt.Sprintf(verb, arg)
	if err, is := arg.(error); is {
		inner := err
		for next := err; next != nil; next = errors.Unwrap(next) {
			inner = next
		}
		if rest, ends := strings.CutSuffix(text, inner.Error()); ends {
			return Argument{Text: rest, Sentence: inner.Error()}
		}
		if rest, begins := strings.CutPrefix(text, inner.Error()); begins {
			return Argument{Sentence: inner.Error(), After: rest}
		}
	}
	if t := reflect.TypeOf(arg); t != nil && t.Kind() == reflect.String && t.PkgPath() != "" {
		return Argument{Word: reflect.ValueOf(arg).String()}
	}
	return Argument{Text: text}
}

// English returns the sentence in English.
func (m Message) English() string { return m.In(nil) }

// In returns the sentence in a language, nil for English.
func (m Message) In(l *Language) string {
	if l != nil {
		if sentence, ok := l.Sentences[m.Format]; ok {
			return m.fill(sentence, l)
		}
	}
	var b strings.Builder
	rest := m.Format
	for _, a := range m.Args {
		before, _, after := cutVerb(rest)
		b.WriteString(before)
		b.WriteString(a.in(nil)) // an English sentence has English words
		rest = after
	}
	before, _, after := cutVerb(rest)
	b.WriteString(before)
	b.WriteString(after)
	return b.String()
}

// fill puts the arguments into a sentence of another language.
func (m Message) fill(sentence string, l *Language) string {
	if len(m.Args) == 0 {
		return sentence
	}
	pairs := make([]string, 0, 2*len(m.Args))
	for i, a := range m.Args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", a.in(l))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

func (a Argument) in(l *Language) string {
	word, sentence := strings.ReplaceAll(a.Word, "_", " "), a.Sentence
	if l != nil {
		if w, ok := l.Words[a.Word]; ok {
			word = w
		}
		if s, ok := l.Sentences[sentence]; ok {
			sentence = s
		}
	}
	return a.Text + word + sentence + a.After
}

// verbs returns the verbs of a format, in their order.
func verbs(format string) []string {
	var found []string
	for {
		_, verb, after := cutVerb(format)
		if verb == "" {
			return found
		}
		found, format = append(found, verb), after
	}
}

// cutVerb cuts a format at its first verb; what is before it has %% as %. Without a verb, before is all of it.
func cutVerb(format string) (before, verb, after string) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		if i++; format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		return b.String(), format[i-1 : i+1], format[i+1:]
	}
	return b.String(), "", ""
}
