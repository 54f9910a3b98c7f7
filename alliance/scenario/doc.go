// Package scenario reads the two files of a scenario: circle.yaml, with a circle's rules,
// merchants and products, and events.jsonl, with what happened in it, an event a line in
// the order of time.
//
// # Refused as a whole, or not at all
//
// People write both files, misspell keys and forget quotes. So a file that could be read
// in two ways is refused: one with an unknown, repeated or missing key, a number where a
// text belongs, or null. The error is a [*FileError], which names the file, the line and,
// in circle.yaml, the key. What a rule of the circle forbids is not this package's concern:
// an amount of "-1.00" or a card that nobody sold is read, and the rule book rejects it.
//
// # Amounts are texts
//
// Every amount and every rate is a string in both files, so that no reader on the
// way turns 0.10 into a binary fraction. An unquoted one is refused, with the
// quoted one as advice.
//
// # Content
//
// An event's [Event.Hash] tells a repetition from another event with the same id. It
// covers what the line says, not how it is written: the order of keys, white space and
// escapes don't change it, every key and value does. Leaving a key out differs from
// writing its default, and the same instant in another offset is another text.
//
// # Limits
//
// circle.yaml is at most 4 MiB, without anchors, aliases and tags, so its size in
// memory is bounded by its size on disk. events.jsonl may be of any length; one
// line is held at a time, and a line is at most 1 MiB.
package scenario
