package font

import (
	_ "embed" // the typeface is part of the binary
	"fmt"

	"golang.org/x/image/font/sfnt"
)

//go:embed NotoSansSC-Regular.ttf
var regular []byte

// Geta is what stands for a character that the typeface lacks, 〓, as is the
// custom in Chinese and Japanese print.
const Geta = '〓'

// Font is the typeface with what it has glyphs for. It must not be used by two
// goroutines at once.
type Font struct {
	table  *sfnt.Font
	buffer sfnt.Buffer
	known  map[rune]bool // what was asked for already
}

// Open returns the typeface. It fails only if the binary was built from a
// broken file.
func Open() (*Font, error) {
	table, err := sfnt.Parse(regular)
	if err != nil {
		return nil, fmt.Errorf("the typeface of statements: %w", err)
	}
	return &Font{table: table, known: make(map[rune]bool)}, nil
}

// TrueType returns the typeface as a TrueType file. The caller must not change
// the bytes.
func (*Font) TrueType() []byte { return regular }

// Has reports whether there is a glyph for a character.
func (f *Font) Has(r rune) bool {
	has, asked := f.known[r]
	if !asked {
		index, err := f.table.GlyphIndex(&f.buffer, r)
		has = err == nil && index != 0
		f.known[r] = has
	}
	return has
}

// Printable returns the text with [Geta] in place of every character that has no
// glyph, control characters included: nothing vanishes, and nothing is printed
// that can't be seen.
func (f *Font) Printable(text string) string {
	for _, r := range text {
		if !f.Has(r) {
			return f.replaced(text)
		}
	}
	return text
}

func (f *Font) replaced(text string) string {
	runes := []rune(text)
	for i, r := range runes {
		if !f.Has(r) {
			runes[i] = Geta
		}
	}
	return string(runes)
}
