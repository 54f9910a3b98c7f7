// Package scenario reads the two files that state a circle and what happened in
// it: circle.yaml, with its rules, merchants and products, and events.jsonl, with
// one event a line in the order of time.
//
// # Refused as a whole, or not at all
//
// Both files are the work of people, who misspell keys and forget quotes. A file
// that could be understood in two ways is therefore not understood at all: an
// unknown key, a key given twice, a missing key, a number where a text belongs,
// null. The error is a [*FileError], which names the file, the line and, in
// circle.yaml, the key. What a rule of the circle forbids is no concern of this
// package: an amount of "-1.00" or a card that nobody sold is read as it stands,
// and the rule book rejects it.
//
// # Amounts are texts
//
// Every amount and every rate is a string in both files, so that no reader on the
// way turns 0.10 into a binary fraction. An unquoted one is refused, with the
// quoted one as advice.
//
// # Content
//
// An event's [Event.Hash] tells a repetition from a second event under the same
// id. It covers what the line says and not how it is written: the order of keys,
// white space and escapes leave it alone, and every key and value changes it. A
// key that is left out differs from one that states the default, and the same
// instant in another offset is another text.
//
// # Limits
//
// circle.yaml is at most 4 MiB, without anchors, aliases and tags, so its size in
// memory is bounded by its size on disk. events.jsonl may be of any length; one
// line is held at a time, and a line is at most 1 MiB.
package scenario
