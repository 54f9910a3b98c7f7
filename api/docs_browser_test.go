package api_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// tab is a tab of a browser, and what went on in it.
type tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // it is chromedp's handle of the tab

	mu        sync.Mutex
	faults    []string // what the console says is wrong
	requested []string
}

// openTab starts Chromium. Without one the test is skipped.
func openTab(t *testing.T) *tab {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("Chromium is not installed, so nobody has used the pages; it is Debian's package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to start as root otherwise
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.notice))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	return b
}

// notice keeps what went wrong in a page, and what it asked for.
func (b *tab) notice(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.faults = append(b.faults, "the page says so itself")
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.faults = append(b.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.requested = append(b.requested, e.Request.URL)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// says returns what an expression of the page's language is.
func says[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, expression)
	return value
}

const shownArticles = `document.querySelectorAll("article:not([hidden])").length`

// TestThePagesInABrowser searches, copies and follows a link, as a reader does. The pages ask no
// other host for anything, and nothing is wrong in their eyes.
func TestThePagesInABrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	h := newHouse(t)
	b := openTab(t)
	b.do(chromedp.Navigate(h.address+"/docs"), chromedp.WaitVisible("#find"))
	all := says[int](b, shownArticles)
	require.Len(t, operations(t), all)
	require.Equal(t, all, says[int](b, `Array.from(document.querySelectorAll("article")).filter((a) => a.querySelector("pre code")).length`), "each has a sample")

	_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/"}) // as one event, which the page may stop
	require.NoError(t, err)
	b.do(chromedp.KeyEvent("payment-returns RECEIPT"))
	require.Equal(t, "payment-returns RECEIPT", says[string](b, `document.getElementById("find").value`), "the key / leads to the search")
	require.True(t, says[bool](b, `!document.getElementById("op-returnPayment").hidden && document.getElementById("op-getCircle").hidden`))
	found := says[int](b, shownArticles)
	require.Less(t, found, all)
	require.Equal(t, found, says[int](b, `Number(document.getElementById("found").textContent)`))
	b.do(chromedp.SendKeys("#find", kb.Escape+"退汇"))
	require.True(t, says[bool](b, `!document.getElementById("op-returnPayment").hidden`), "Chinese is found too")
	b.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#op-getCircle"`), chromedp.WaitVisible("#op-getCircle"))
	require.Equal(t, all, says[int](b, shownArticles), "a link shows what it leads to")
	b.do(chromedp.SendKeys("#find", "nothing has this word"+kb.Escape))
	require.Equal(t, all, says[int](b, shownArticles))

	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: h.address,
		})
		require.NoError(t, err)
	}
	b.do(chromedp.Click("#op-sellCard button.copy"), chromedp.WaitVisible(`//button[starts-with(., "Copied")]`))
	copied := says[string](b, `navigator.clipboard.readText()`)
	require.Equal(t, says[string](b, `document.querySelector("#op-sellCard pre code").textContent`), copied)
	require.True(t, strings.HasPrefix(copied, "curl "), copied)
	b.keep("docs.png")

	b.do(chromedp.EmulateViewport(390, 844))
	require.LessOrEqual(t, says[int](b, `document.documentElement.scrollWidth`), 390, "a telephone shows it without scrolling sideways")
	b.keep("docs-narrow.png")
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(h.address+"/docs/problems"), chromedp.WaitVisible("#insufficient_value"))
	b.keep("problems.png")

	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(t, b.faults)
	require.NotEmpty(t, b.requested)
	for _, address := range b.requested {
		require.True(t, strings.HasPrefix(address, h.address+"/") || strings.HasPrefix(address, "data:"), "%s is asked for", address)
	}
}

// keep writes a picture of the page to the folder LIANKA_SCREENSHOTS, for people.
func (b *tab) keep(name string) {
	b.t.Helper()
	folder := os.Getenv("LIANKA_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(filepath.Join(folder, name), picture, 0o600))
}
