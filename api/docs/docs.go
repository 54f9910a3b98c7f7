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

// page is made once, when the server starts.
type page struct {
	path, kind string
	content    []byte
}

// contentPolicy lets a page load nothing but the stylesheet and the script of this
// server. What is in a page itself is never run.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Register adds the documentation to a router: the OpenAPI document, as it is
// written and as JSON, and the pages that explain it. They need no other host. The
// script finds and copies; all is there to read without it.
func Register(e *echo.Echo, text []byte, document *openapi3.T) error {
	made, err := makePages(text, document)
	if err != nil {
		return err
	}
	for _, p := range made {
		e.Match(reading, p.path, p.serve())
	}
	e.Match(reading, "/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
	return nil
}

func makePages(text []byte, document *openapi3.T) ([]page, error) {
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
	return []page{
		{"/openapi.yaml", "application/yaml; charset=utf-8", text},
		{"/openapi.json", mediaTypeJSON, asJSON},
		{"/docs", html, reference.Bytes()},
		{"/docs/problems", html, problems.Bytes()},
		{"/docs/style.css", "text/css; charset=utf-8", style},
		{"/docs/docs.js", "text/javascript; charset=utf-8", script},
	}, nil
}

func (p page) serve() echo.HandlerFunc {
	sum := sha256.Sum256(p.content)
	plain := encoded{content: p.content, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	packed := encoded{content: pack(p.content), tag: `"` + hex.EncodeToString(sum[:8]) + `-gzip"`, encoding: "gzip"}
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		header.Set("Vary", "Accept-Encoding")
		served := plain
		if takesGzip(c.Request().Header.Values("Accept-Encoding")) {
			served = packed
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
