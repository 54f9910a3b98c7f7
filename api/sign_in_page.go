package api

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/merchant/signin"
)

//go:embed sign_in_page.html
var signInPageHTML string

// signInPage is what the address of a one-time link shows. It has no script, has the style of
// the pages behind members' links, and asks nothing of other hosts.
var signInPage = template.Must(template.New("sign-in").Parse(signInPageHTML))

// signInView is what the page says.
type signInView struct {
	Chinese bool
	Refused string // why there is no session; "": nothing is wrong
	Session *signin.Session
	Circle  string
}

// signInPages adds the page of one-time links. Looking at it changes nothing, because messengers
// look at the addresses that they show; its button opens the session.
func (s *Server) signInPages(e *echo.Echo) {
	path := signin.LinkPath + ":token"
	e.Match([]string{http.MethodGet, http.MethodHead}, path, func(c echo.Context) error {
		view := signInView{}
		if err := s.sessionsWork(); err != nil {
			view.Refused = saidTo(c, err)
		}
		return showSignIn(c, http.StatusOK, view)
	})
	e.POST(path, s.openLink)
}

// openLink opens the session of the link whose page was sent back.
func (s *Server) openLink(c echo.Context) error {
	ctx := c.Request().Context()
	sc := scopeOf(ctx)
	err := errors.Join(s.sessionsWork(), s.checkOrigin(c.Request()))
	if err != nil {
		return showRefused(c, err)
	}
	session, token, err := signin.OpenLink(ctx, s.pool, c.Param("token"), sc.now)
	if errors.Is(err, signin.ErrRefused) {
		return showRefused(c, err)
	}
	if err != nil {
		return err
	}
	_, cookie, err := s.opened(ctx, session, token)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderSetCookie, cookie)
	return showSignIn(c, http.StatusOK, signInView{Session: &session, Circle: sc.alliance.Name})
}

func showRefused(c echo.Context, err error) error {
	return showSignIn(c, problem.Of(err).Status(), signInView{Refused: saidTo(c, err)})
}

// saidTo returns what a problem is, in the reader's language.
func saidTo(c echo.Context, err error) string {
	title := problem.KindOf(problem.Of(err).Code).Meaning
	if scopeOf(c.Request().Context()).chinese() {
		return title.ZH
	}
	return title.EN
}

func showSignIn(c echo.Context, status int, view signInView) error {
	sc := scopeOf(c.Request().Context())
	view.Chinese = sc.chinese()
	var page bytes.Buffer
	err := signInPage.Execute(&page, view)
	return sc.html(c, formPage, status, page.Bytes(), err)
}
