package api

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"
)

// binder reads the bodies of requests for the generated code, strictly, each by
// the shape that the document gives it.
type binder struct{}

// Bind reads the body of a request into a value.
func (binder) Bind(into any, c echo.Context) error {
	op := scopeOf(c.Request().Context()).operation
	media, parameters, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if charset := parameters["charset"]; err != nil || media != mediaTypeJSON || (charset != "" && charset != "utf-8" && charset != "UTF-8") {
		return &problem{code: codeUnsupportedMediaType, detail: "the Content-Type must be " + mediaTypeJSON}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, op.maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &problem{code: codeBodyTooLarge, detail: "the body is larger than allowed here"}
	case err != nil:
		return malformed("", "the body could not be read to its end")
	}
	return op.body.read(body, "", into)
}
