package settlement

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lianka/lianka/clearing/bankfile"
)

// Fingerprint returns the identity of a line within its account: all that the bank says of
// it. Two lines that are equal in all of it are one, unless one statement has both.
func (l *BankLine) Fingerprint() [sha256.Size]byte {
	h := sha256.New()
	for _, part := range []string{
		l.BookedOn.Format(time.DateOnly), strconv.FormatBool(l.Credit), strconv.FormatBool(l.Returned), strconv.FormatInt(l.Amount.Minor(), 10),
		l.ID, l.Reference, strings.Join(l.References, " "), l.Text, l.Counterparty, l.Reason, l.Problem,
	} {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // so that what ends one part can't begin the next
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// identity is a line among all of an account.
type identity struct {
	fingerprint [sha256.Size]byte
	occurrence  int
}

// unknownLines returns the lines of an import that were not imported before, and what
// becomes of each line of the file. Lines that another file has told in other words are
// known too if nothing speaks against it; those that may be are marked with their twin.
func (s *State) unknownLines(c *ImportStatement) (fresh []*ImportedLine, fates []Fate) {
	fates = make([]Fate, len(c.Lines))
	account := accountKey(c.Account)
	stored := make(map[identity]bool)
	others := make(map[move][]*ImportedLine) // from files of another format
	for _, l := range s.Earlier {
		stored[identity{l.Fingerprint, l.Occurrence}] = true
		if l.Format != c.Format {
			others[moveOf(l)] = append(others[moveOf(l)], l)
		}
	}
	taken := make(map[int64]bool)
	for id, seq := range s.Twins {
		stored[id], taken[seq] = true, true
	}
	occurrences := make(map[int]map[[sha256.Size]byte]int) // by statement
	for i := range c.Lines {
		l := &ImportedLine{
			BankLine: c.Lines[i], Account: account, Statement: c.Statement, Format: c.Format, Fingerprint: c.Lines[i].Fingerprint(), Open: true, unsaved: true,
		}
		if occurrences[l.Part] == nil {
			occurrences[l.Part] = make(map[[sha256.Size]byte]int)
		}
		l.Occurrence = occurrences[l.Part][l.Fingerprint]
		occurrences[l.Part][l.Fingerprint]++
		id := identity{l.Fingerprint, l.Occurrence}
		switch {
		case l.Problem == "" && l.Amount.IsZero():
			fates[i].passedOver = WithoutAmount
		case stored[id]:
			fates[i].passedOver = Known
		default:
			fates[i].line = l
			stored[id] = true
			fresh = append(fresh, l)
		}
	}
	twin := func(l *ImportedLine, same func(l, other *ImportedLine) bool) int64 {
		for _, other := range others[moveOf(l)] {
			if !taken[other.Seq] && same(l, other) {
				taken[other.Seq] = true
				return other.Seq
			}
		}
		return 0
	}
	fresh = slices.DeleteFunc(fresh, func(l *ImportedLine) bool {
		seq := twin(l, sameInOtherWords)
		if seq == 0 {
			return false
		}
		l.Outcome = Known
		s.NewTwins = append(s.NewTwins, Twin{account, l.Fingerprint, l.Occurrence, seq})
		return true
	})
	for _, l := range fresh {
		l.Twin = twin(l, maybeTheSame)
	}
	return fresh, fates
}

// Fate is what becomes of a line of a file.
type Fate struct {
	line       *ImportedLine // nil: it is passed over
	passedOver string        // why
}

// Outcome returns what the line is taken for, why it waits, or why it is passed over.
func (f Fate) Outcome() string {
	if f.line == nil {
		return f.passedOver
	}
	return f.line.Outcome
}

// Twin is a line that was found to be another one, in the words of another format.
type Twin struct {
	Account     string
	Fingerprint [32]byte
	Occurrence  int
	Seq         int64 // the other line's
}

// sameInOtherWords reports whether lines of the same move in different formats are one: the
// bank gives both the same number, and nothing that both say differs but the wording of a text.
func sameInOtherWords(l, other *ImportedLine) bool {
	return l.ID != "" && l.ID == other.ID && l.Returned == other.Returned && slices.Equal(l.References, other.References) &&
		wordedAlike(l.Text, other.Text) && wordedAlike(l.Counterparty, other.Counterparty)
}

// maybeTheSame reports whether lines of the same move in different formats may be one.
func maybeTheSame(l, other *ImportedLine) bool {
	named := len(l.References) > 0 && len(other.References) > 0
	return l.Problem == "" && other.Problem == "" && (!named || slices.Equal(l.References, other.References))
}

// move is what two lines have in common that may be one: the day, the way and the amount.
type move struct {
	day     string
	credit  bool
	minor   int64
	problem string
}

func moveOf(l *ImportedLine) move {
	return move{l.BookedOn.Format(time.DateOnly), l.Credit, l.Amount.Minor(), l.Problem}
}

// wordedAlike reports whether two texts don't contradict each other: one is a part of the
// other, but for spaces, punctuation and case. Formats join and cut texts differently.
func wordedAlike(a, b string) bool {
	a, b = bareWords(a), bareWords(b)
	return strings.Contains(a, b) || strings.Contains(b, a)
}

func bareWords(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// accountKey returns an account number as lines are kept under it, however it is spelled.
func accountKey(number string) string { return bankfile.CompactAccount(number) }
