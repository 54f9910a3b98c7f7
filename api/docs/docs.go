package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
)

const mediaTypeJSON = "application/json"

//go:embed pages
var pageFiles embed.FS

// reading are the methods that pages answer.
var reading = []string{http.MethodGet, http.MethodHead}

// Pages are the documentation: the OpenAPI document, as it is written and as JSON, and
// the pages that explain it. They need no other host. The script finds and copies; all is
// there to read without it.
type Pages []page

type page struct {
	path, kind    string
	plain, packed encoded
}

// contentPolicy lets a page load nothing but the stylesheet and the script of this
// server. What is in a page itself is never run.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Register adds the pages to a router.
func (p Pages) Register(e *echo.Echo) {
	for _, page := range p {
		e.Match(reading, page.path, page.serve)
	}
	e.Match(reading, "/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
}

// Make makes the pages of a document, which it is given as text too.
func Make(text []byte, document *openapi3.T) (Pages, error) {
	asJSON, err := document.MarshalJSON()
	if err != nil {
		return nil, err
	}
	style, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		return nil, err
	}
	script, err := pageFiles.ReadFile("pages/docs.js")
	if err != nil {
		return nil, err
	}
	templates, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	told, err := newOutline(text)
	if err != nil {
		return nil, err
	}
	var reference, problems bytes.Buffer
	if err := templates.ExecuteTemplate(&reference, "reference.html", told); err != nil {
		return nil, err
	}
	lists := struct{ Refusals, Requests []problem.Kind }{problem.Refusals(), problem.Requests()}
	if err := templates.ExecuteTemplate(&problems, "problems.html", lists); err != nil {
		return nil, err
	}
	const html = "text/html; charset=utf-8"
	return Pages{
		newPage("/openapi.yaml", "application/yaml; charset=utf-8", text),
		newPage("/openapi.json", mediaTypeJSON, asJSON),
		newPage("/docs", html, reference.Bytes()),
		newPage("/docs/problems", html, problems.Bytes()),
		newPage("/docs/style.css", "text/css; charset=utf-8", style),
		newPage("/docs/docs.js", "text/javascript; charset=utf-8", script),
	}, nil
}

func newPage(path, kind string, content []byte) page {
	sum := sha256.Sum256(content)
	tag := hex.EncodeToString(sum[:8])
	return page{
		path: path, kind: kind,
		plain:  encoded{content: content, tag: `"` + tag + `"`},
		packed: encoded{content: pack(content), tag: `"` + tag + `-gzip"`, encoding: "gzip"},
	}
}

func (p page) serve(c echo.Context) error {
	header := c.Response().Header()
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	served := p.plain
	if takesGzip(c.Request().Header.Values("Accept-Encoding")) {
		served = p.packed
		header.Set("Content-Encoding", served.encoding)
	}
	header.Set("ETag", served.tag)
	if c.Request().Header.Get("If-None-Match") == served.tag {
		header.Del("Content-Encoding")
		return c.NoContent(http.StatusNotModified)
	}
	header.Set("Content-Length", strconv.Itoa(len(served.content))) // with HEAD as well
	return c.Blob(http.StatusOK, p.kind, served.content)
}

// encoded is a page as it is sent.
type encoded struct {
	content       []byte
	tag, encoding string
}

// pack returns a text with gzip. It can't fail: it writes to memory.
func pack(text []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

// takesGzip reports whether a client takes gzip.
func takesGzip(accept []string) bool {
	for _, offered := range strings.Split(strings.Join(accept, ","), ",") {
		coding, parameter, _ := strings.Cut(offered, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		quality, err := strconv.ParseFloat(value, 64)
		if refused := name == "q" && (err != nil || quality == 0); (coding == "gzip" || coding == "*") && !refused {
			return true
		}
	}
	return false
}
