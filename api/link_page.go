package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/api/landing"
	"github.com/lianka/lianka/clearing"
)

// linkPages adds the pages behind members' links.
func (s *Server) linkPages(e *echo.Echo) {
	reading := []string{http.MethodGet, http.MethodHead}
	e.Match(reading, "/"+linkPath+"/style.css", func(c echo.Context) error {
		c.Response().Header().Set("X-Content-Type-Options", "nosniff")
		c.Response().Header().Set("Cache-Control", "max-age=3600")
		return c.Blob(http.StatusOK, "text/css; charset=utf-8", landing.Style())
	})
	e.Match(reading, "/"+linkPath+"/:code", s.linkPage)
}

// linkPage answers with the page of a link, and counts that it was opened. A revoked link is
// answered like one that never was.
func (s *Server) linkPage(c echo.Context) error {
	ctx, sc := c.Request().Context(), scopeOf(c.Request().Context())
	if until := s.openings.locked(c, sc.now); !until.IsZero() {
		c.Response().Header().Set(echo.HeaderRetryAfter, retryAfter(until.Sub(sc.now)))
		body, err := landing.RenderLocked(sc.chinese())
		return sc.html(c, plainPage, http.StatusTooManyRequests, body, err)
	}
	link, err := s.openedLink(c)
	if errors.Is(err, referral.ErrLinkUnknown) {
		s.openings.missed(c, sc.now)
		body, err := landing.RenderGone(sc.chinese())
		return sc.html(c, plainPage, http.StatusNotFound, body, err)
	}
	if err != nil {
		return clearing.Unavailable(err)
	}
	if sc.alliance, err = s.alliance(ctx, link.AllianceID); err != nil {
		return err
	}
	setup, err := s.setup(ctx)
	if err != nil {
		return err
	}
	body, err := landing.Render(pageOf(sc, c.Request(), link, setup))
	if err == nil && counted(c.Request()) && s.openings.counts(c, link.Code, sc.now) {
		if err := referral.CountOpened(ctx, s.pool, link); err != nil { // the page is worth more than the count
			s.logger.WarnContext(ctx, "an opened link was not counted", "error", sc.redact(err.Error()))
		}
	}
	return sc.html(c, plainPage, http.StatusOK, body, err)
}

// openedLink returns the link in force whose page is asked for.
func (s *Server) openedLink(c echo.Context) (referral.Link, error) {
	text := c.Param("code")
	scopeOf(c.Request().Context()).hide(text)
	code, ok := referral.ReadCode(text)
	if !ok {
		return referral.Link{}, referral.ErrLinkUnknown
	}
	return referral.InForce(c.Request().Context(), s.pool, code)
}

// counted reports whether a request is for a page that somebody sees: browsers may fetch one
// only in case it is wanted.
func counted(r *http.Request) bool {
	purpose := r.Header.Get("Sec-Purpose") + r.Header.Get("Purpose")
	return r.Method == http.MethodGet && !strings.Contains(purpose, "prefetch")
}

func pageOf(sc *scope, r *http.Request, link referral.Link, setup *alliance.Setup) landing.Page {
	page := landing.Page{
		Chinese: sc.chinese(), Circle: sc.alliance.Name, Code: link.Code,
		Test: sc.alliance.Mode != clearing.Live, Insecure: !sc.secure && !onThisMachine(r),
	}
	for code, m := range setup.Merchants {
		if setup.HasLeft(code, sc.now) || m.Suspended {
			continue
		}
		name := m.Name
		if name == "" {
			name = code
		}
		page.Shops = append(page.Shops, name)
	}
	slices.Sort(page.Shops)
	if free := setup.FreeCard(); free != nil {
		page.FreeCard = free.Name
		if free.Name == "" {
			page.FreeCard = free.Code
		}
	}
	return page
}

// A page tells other sites nothing of where its reader came from. One with a form tells its own site, which
// asks whether a request comes from its own pages.
const (
	plainPage = "no-referrer"
	formPage  = "same-origin"
)

// html answers with a page that may be shown nowhere else and runs nothing.
func (s *scope) html(c echo.Context, referrer string, status int, body []byte, err error) error {
	if err != nil {
		return err
	}
	formAction := "'none'"
	if referrer == formPage {
		formAction = "'self'"
	}
	header := c.Response().Header()
	s.sayLanguage(header)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action "+formAction+"; frame-ancestors 'none'")
	header.Set("Referrer-Policy", referrer)
	header.Set("X-Content-Type-Options", "nosniff")
	return c.HTMLBlob(status, body)
}
