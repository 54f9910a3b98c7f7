package api_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/problem"
)

func TestDocumentIsServedAndValid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/openapi.yaml", "/openapi.json"} {
		answer := h.send(http.MethodGet, path, "", "")
		require.Equal(t, http.StatusOK, answer.status)
		document, err := openapi3.NewLoader().LoadFromData([]byte(answer.body))
		require.NoError(t, err)
		require.NoError(t, document.Validate(t.Context(), openapi3.EnableExamplesValidation()), path)
		for name, s := range document.Components.Schemas {
			if s.Value.Type.Is("object") {
				require.NotNil(t, s.Value.AdditionalProperties.Has, "%s takes any key", name)
				require.False(t, *s.Value.AdditionalProperties.Has, name)
			}
		}
		for path, item := range document.Paths.Map() {
			for method, o := range item.Operations() {
				require.NotEmpty(t, o.Summary, "%s %s", method, path)
				require.Len(t, o.Tags, 1, "%s %s", method, path)
				require.NotNil(t, o.Responses.Default(), "%s %s", method, path)
			}
		}
	}
}

func TestPagesNeedNoOtherHost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/docs", "/docs/problems", "/docs/style.css", "/docs/docs.js"} {
		answer := h.send(http.MethodGet, path, "", "")
		require.Equal(t, http.StatusOK, answer.status)
		require.NotRegexp(t, `(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//`, answer.body, path)
		for _, script := range regexp.MustCompile(`(?s)<script.*?</script>`).FindAllString(answer.body, -1) {
			require.Equal(t, `<script src="/docs/docs.js" defer></script>`, script, "nothing is run but the server's own file")
		}
		require.NotRegexp(t, `(?i) on[a-z]+=|javascript:| style=|<style`, answer.body)
		require.Contains(t, answer.header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:;")
		again := h.send(http.MethodGet, path, "", "", "If-None-Match", answer.header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.status)
	}
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/", "", "").status, "leads to the docs")
}

func TestPagesTellEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	reference := h.send(http.MethodGet, "/docs", "", "").body
	problems := h.send(http.MethodGet, "/docs/problems", "", "").body
	for _, e := range examples(t) {
		require.Equal(t, 1, strings.Count(reference, `<article id="op-`+e.id+`"`), e.id)
	}
	var codes []string
	for _, k := range slices.Concat(problem.Refusals(), problem.Requests()) {
		codes = append(codes, k.Code)
	}
	for _, code := range codes {
		require.Equal(t, 1, strings.Count(problems, `id="`+code+`"`), code)
	}
	// What the pages link to is there.
	for _, text := range []string{reference, problems} {
		for _, link := range regexp.MustCompile(`href="(/[^"#]*)?#([^"]+)"`).FindAllStringSubmatch(text, -1) {
			page := text
			if link[1] != "" {
				page = h.send(http.MethodGet, link[1], "", "").body
			}
			require.Contains(t, page, `id="`+link[2]+`"`, link[0])
		}
	}
	// A code that the document names is one that there is.
	known := strings.Join(codes, " ")
	for _, line := range regexp.MustCompile(`Refusals: ([^.]*)\.`).FindAllStringSubmatch(reference, -1) {
		for _, code := range regexp.MustCompile(`<code>(\w+)</code>`).FindAllStringSubmatch(line[1], -1) {
			require.Contains(t, known, code[1])
		}
	}
}

func TestExamplesOfThePageAreJSON(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		if e.body != "" {
			require.True(t, json.Valid([]byte(e.body)), e.id)
		}
	}
}

// TestPagesAndHealthAnswerHEAD asks as monitors, proxies and link checkers do.
func TestPagesAndHealthAnswerHEAD(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, path := range []string{"/docs", "/docs/problems", "/docs/style.css", "/docs/docs.js", "/openapi.yaml", "/openapi.json", "/healthz", "/readyz", "/metrics", "/"} {
		got := h.send(http.MethodGet, path, "", "", "Accept-Encoding", "identity")
		head := h.send(http.MethodHead, path, "", "", "Accept-Encoding", "identity")
		require.Equal(t, got.status, head.status, path)
		require.Empty(t, head.body)
		require.Equal(t, got.header.Get("Content-Type"), head.header.Get("Content-Type"), path)
		require.Equal(t, got.header.Get("ETag"), head.header.Get("ETag"), path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, h.send(http.MethodPost, "/docs", "", "").status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodHead, "/docs/none", "", "").status)
}

func TestPagesAreSentPacked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain := h.send(http.MethodGet, "/docs", "", "", "Accept-Encoding", "identity")
	for accept, packed := range map[string]bool{
		"gzip": true, "GZIP, br": true, "br, gzip;q=0.5": true, "*": true,
		"identity": false, "gzip;q=0": false, "gzip; q=0.0": false, "br": false,
	} {
		answer := h.send(http.MethodGet, "/docs", "", "", "Accept-Encoding", accept)
		require.Equal(t, http.StatusOK, answer.status)
		require.Equal(t, "Accept-Encoding", answer.header.Get("Vary"))
		if !packed {
			require.Empty(t, answer.header.Get("Content-Encoding"), accept)
			require.Equal(t, plain.body, answer.body)
			continue
		}
		require.Equal(t, "gzip", answer.header.Get("Content-Encoding"), accept)
		require.Less(t, len(answer.body), len(plain.body)/4)
		reader, err := gzip.NewReader(strings.NewReader(answer.body))
		require.NoError(t, err)
		unpacked, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, plain.body, string(unpacked))
		require.NotEqual(t, plain.header.Get("ETag"), answer.header.Get("ETag"))
		again := h.send(http.MethodGet, "/docs", "", "", "Accept-Encoding", accept, "If-None-Match", answer.header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.status)
	}
}
