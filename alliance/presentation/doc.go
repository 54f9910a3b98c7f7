// Package presentation decides what must be shown at a till before a card is used, and keeps
// what is shown: codes that are good for one booking, and the PINs of printed cards.
//
// # Codes
//
// A code stands for one card for [Life]. It has two forms, which are used up together: a text
// for a QR code with 128 random bits, and eight digits that can be typed. It may be good at one
// merchant alone, and for at most an amount. A booking uses it up, and nothing else does: a
// refusal leaves it as it is.
//
// The sequencer's order carries what was shown ([Shown]). The state of the circle has the
// code's row in memory like that of a card, so two commands that show one code are decided one
// after the other, in whatever batch; a batch writes the row only if nobody else has used it up
// meanwhile, and else writes nothing at all. [Setting.Decide] is a pure function of the circle's
// setting, what the command takes, what was shown, and an instant of the server's clock.
//
// # What a copy of the database gives away
//
// Of the QR text it has the SHA-256, which is as hard to find out as its 128 bits. Eight digits
// are few, so they are hashed with Argon2id and a salt of the circle: to try all of them takes
// days of a processor's time, and after a minute the code is worth nothing. A PIN has a salt of
// its own, and is as hard to find out as its digits are many times the hash is slow: whoever has
// a copy of the database finds a PIN of six digits within hours. It is good for late uploads alone.
package presentation
