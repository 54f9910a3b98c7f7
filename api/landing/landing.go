package landing

import (
	"bytes"
	_ "embed"
	"html/template"
)

// Page is what the page of a link says. Nothing in it tells who the member is.
type Page struct {
	Chinese  bool
	Circle   string
	Code     string
	Shops    []string // their names
	FreeCard string   // the name of a card that costs nothing; "": there is none
	Test     bool     // the circle only tests
	Insecure bool     // it was asked for over plain http
}

//go:embed page.html
var pageHTML string

//go:embed style.css
var style []byte

// page is never written to.
var page = template.Must(template.New("page").Funcs(template.FuncMap{"spaced": spaced}).Parse(pageHTML))

// Style returns the style sheet of the pages.
func Style() []byte { return style }

// Render returns the page of a link that is in force.
func Render(p Page) ([]byte, error) { return render("link", p) }

// RenderGone returns the page of one that there is not.
func RenderGone(chinese bool) ([]byte, error) { return render("gone", Page{Chinese: chinese}) }

// RenderLocked returns the page for who has asked for too many that there are not.
func RenderLocked(chinese bool) ([]byte, error) { return render("locked", Page{Chinese: chinese}) }

func render(name string, p Page) ([]byte, error) {
	var out bytes.Buffer
	err := page.ExecuteTemplate(&out, name, p)
	return out.Bytes(), err
}

// spaced returns a code in two halves, as it is read out.
func spaced(code string) string {
	if len(code) < 2 {
		return code
	}
	return code[:len(code)/2] + " " + code[len(code)/2:]
}
