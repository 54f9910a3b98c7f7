package bankfile

import (
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// layout is what the columns of an export mean.
type layout struct {
	profile *Profile
	names   []string // of the columns, as the header has them
	at      map[string][]int
	words   map[string]bool // of the direction, beside those that are known; true is credit
	// directions are columns whose names say that they tell the direction; maybe those that
	// may.
	directions, maybe []int
	signedDebits      bool
}

// has reports whether there is a column of a meaning.
func (l *layout) has(meaning string) bool { return l.at[meaning] != nil }

// layoutOf finds the header in the first rows of tables, of which at most one has any. It
// returns which table that is, and which row.
func layoutOf(tables []*table, o Options) (*layout, int, int, error) {
	find, err := finder(o)
	if err != nil {
		return nil, 0, 0, err
	}
	var nearest *header
	for t, one := range tables {
		for r, row := range one.rows[:min(len(one.rows), headLines)] {
			h := newHeader(row)
			l, err := find(h)
			if err != nil {
				return nil, 0, 0, err
			}
			if l != nil {
				return l, t, r, nil
			}
			if nearest == nil || h.known > nearest.known || h.known == nearest.known && h.width() > nearest.width() {
				nearest = h
			}
		}
	}
	if nearest == nil {
		return nil, 0, 0, fileError(0, "", "the file is empty; a header line was expected")
	}
	return nil, 0, 0, nearest.notUnderstood(o)
}

// finder returns the function that makes a layout of a header, or nil if a row is none.
func finder(o Options) (func(*header) (*layout, error), error) {
	switch {
	case o.Mapping != nil:
		if e := o.Mapping.check(); e != nil {
			return nil, within("mapping", e)
		}
		byHand := &Profile{Name: MappingProfile, Mapping: *o.Mapping}
		return func(h *header) (*layout, error) { return h.byMapping(byHand) }, nil
	case o.Profile == GenericProfile:
		return (*header).byNames, nil
	case o.Profile != "":
		at := slices.IndexFunc(profiles[:], func(p Profile) bool { return p.Name == o.Profile })
		if at < 0 {
			var names []string
			for _, p := range profiles {
				names = append(names, p.Name)
			}
			return nil, fieldError("profile", "%q is none; there are %s and %s", clip(o.Profile), strings.Join(names, ", "), GenericProfile)
		}
		return func(h *header) (*layout, error) { return h.byProfile(&profiles[at]), nil }, nil
	}
	return func(h *header) (*layout, error) {
		for n := range profiles {
			if l := h.byProfile(&profiles[n]); l != nil {
				return l, nil
			}
		}
		return h.byNames()
	}, nil
}

// header is a row that may name the columns.
type header struct {
	line  int
	cells []string
	names []string // as they are compared
	known int      // how many of the names are common
}

// longestName is how long the name of a column may be, in bytes. The longest that are known have 60.
const longestName = 256

// newHeader looks at a row. What is no name for its length is not compared, nor what stands behind the last column
// that an export could have: files that are no statement would take minutes.
func newHeader(row tableRow) *header {
	cells := row.cells[:min(len(row.cells), mostColumns)]
	h := &header{line: row.number, cells: cells, names: make([]string, len(cells))}
	for n, c := range cells {
		if len(c) > longestName {
			continue
		}
		if h.names[n] = columnName(c); isGeneric(h.names[n]) {
			h.known++
		}
	}
	return h
}

func (h *header) width() int {
	return len(h.cells)
}

func (h *header) has(name string) bool { return slices.Contains(h.names, columnName(name)) }

func (h *header) layout(p *Profile) *layout {
	l := &layout{profile: p, names: h.cells, at: map[string][]int{}, words: p.Mapping.words(), signedDebits: p.Mapping.SignedDebits}
	return l
}

// byProfile returns the layout if all columns of the profile are there.
func (h *header) byProfile(p *Profile) *layout {
	for _, name := range p.Header {
		if !h.has(name) {
			return nil
		}
	}
	l := h.layout(p)
	named := p.Mapping.columns()
	if p.status != "" {
		named = append(named, namedColumn{statusColumn, p.status})
	}
	for _, c := range named {
		if at := slices.Index(h.names, columnName(c.name)); at >= 0 {
			l.put(c.meaning, at)
		}
	}
	return l
}

// byMapping returns the layout if the columns that the mapping requires are there. If it then
// names others that are not, it is refused.
func (h *header) byMapping(p *Profile) (*layout, error) {
	m := &p.Mapping
	for _, required := range []string{m.Date, m.Amount, m.Credit, m.Debit, m.Direction} {
		if required != "" && !h.has(required) {
			return nil, nil //nolint:nilnil // the row is no header
		}
	}
	l := h.layout(p)
	for _, c := range m.columns() {
		at := slices.Index(h.names, columnName(c.name))
		if at < 0 {
			return nil, fieldError("mapping."+c.meaning, "%q is no column of the file; its columns are %s", clip(c.name), quoted(h.cells))
		}
		if err := h.once(at); err != nil {
			return nil, err
		}
		l.put(c.meaning, at)
	}
	return l, nil
}

// byNames returns the layout by what columns are commonly called, or nil if there is no date or no
// amount.
func (h *header) byNames() (*layout, error) {
	l := h.layout(&Profile{Name: GenericProfile})
	for _, g := range generic {
		for _, name := range g.names {
			at := slices.Index(h.names, name)
			if at < 0 || g.meaning != textColumn && l.has(g.meaning) {
				continue
			}
			if g.meaning != textColumn {
				if err := h.once(at); err != nil {
					return nil, err
				}
			}
			l.put(g.meaning, at)
		}
	}
	slices.Sort(l.at[textColumn])
	if !l.has(dateColumn) || !l.has(amountColumn) && !l.has(creditColumn) && !l.has(debitColumn) {
		return nil, nil //nolint:nilnil // the row is no header
	}
	for n, name := range h.names {
		switch {
		case saysDirection(name):
			l.directions = append(l.directions, n)
		case maySayDirection(name):
			l.maybe = append(l.maybe, n)
		}
	}
	switch credit, debit := l.has(creditColumn), l.has(debitColumn); {
	case credit && debit:
		delete(l.at, amountColumn)
		// 支出金额(-元) says so itself.
		l.signedDebits = strings.Contains(width.Fold.String(h.cells[l.at[debitColumn][0]]), "(-")
	case credit:
		return nil, fileError(h.line, "", "the header has no column for what went out (debit, 支出), which there must be beside credit; its columns are %s", quoted(h.cells))
	case debit:
		return nil, fileError(h.line, "", "the header has no column for what came in (credit, 收入), which there must be beside debit; its columns are %s", quoted(h.cells))
	}
	return l, nil
}

// once refuses a column whose name another column has too.
func (h *header) once(at int) error {
	if slices.Contains(h.names[at+1:], h.names[at]) {
		return fileError(h.line, clip(h.names[at]), "two columns have this name; one of them must be called something else")
	}
	return nil
}

func (l *layout) put(meaning string, at int) {
	l.at[meaning] = append(l.at[meaning], at)
	if meaning == directionColumn {
		l.directions = []int{at}
	}
}

// notUnderstood says what a header was expected to have.
func (h *header) notUnderstood(o Options) error {
	switch {
	case o.Mapping != nil:
		var missing []string
		for _, required := range []string{o.Mapping.Date, o.Mapping.Amount, o.Mapping.Credit, o.Mapping.Debit, o.Mapping.Direction} {
			if required != "" && !h.has(required) {
				missing = append(missing, clip(required))
			}
		}
		return fileError(h.line, "", "no line has all columns that the mapping names; the nearest lacks %s and has %s", strings.Join(missing, ", "), quoted(h.cells))
	case o.Profile != "" && o.Profile != GenericProfile:
		at := slices.IndexFunc(profiles[:], func(p Profile) bool { return p.Name == o.Profile })
		return fileError(h.line, "", "no line has the header of profile %s (%s); the nearest has %s", o.Profile, strings.Join(profiles[at].Header, ", "), quoted(h.cells))
	}
	return fileError(h.line, "", "no line names the columns: one is needed for the date (date, 日期, 交易日期), and one for the amount (amount, 金额; or credit, 收入, and debit, 支出). The nearest has %s. Columns of other names can be mapped by hand",
		quoted(h.cells))
}
