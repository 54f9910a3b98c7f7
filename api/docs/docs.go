package docs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
)

const mediaTypeJSON = "application/json"

//go:embed pages
var pageFiles embed.FS

// page is made once, when the server starts.
type page struct {
	path, kind string
	content    []byte
}

// contentPolicy lets a page load nothing but the stylesheet of this server.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Register adds the documentation to a router: the OpenAPI document, as it is
// written and as JSON, and the pages that explain it. They need no other host and
// no script.
func Register(e *echo.Echo, text []byte, document *openapi3.T) error {
	made, err := makePages(text, document)
	if err != nil {
		return err
	}
	for _, p := range made {
		e.GET(p.path, p.serve())
	}
	e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
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
	}, nil
}

func (p page) serve() echo.HandlerFunc {
	sum := sha256.Sum256(p.content)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", tag)
		if c.Request().Header.Get("If-None-Match") == tag {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, p.kind, p.content)
	}
}
