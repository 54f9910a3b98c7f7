// Package year holds a test, and nothing else: random circles live a whole year
// with all that can happen in one, and after every month their books are looked at
// from all sides.
//
// A circle is drawn from a seed: its shops, terms and products, and then everything
// that its tills, its office and its bank do. What the tills and the office ask for
// goes through servers that lose their database in the middle of a batch, are
// replaced while they still work, and are asked for the same thing twice at once.
// The bank is simulated apart from the books, so that the two can be compared.
//
// A circle that fails names its seed. To live its year again:
//
//	go test ./alliance/year -year.seed=7 -year.circles=1
package year
