package docs

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// prose renders a description of the document: paragraphs, `code`, **bold**,
// *emphasis* and [links](to) within the server. All else is text.
func prose(text string) template.HTML {
	var out strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			out.WriteString("<p>" + inline(paragraph) + "</p>")
		}
	}
	return template.HTML(out.String()) // inline escapes all that is not markup of its own
}

var (
	codeSpan = regexp.MustCompile("`([^`]+)`")
	boldSpan = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	emphasis = regexp.MustCompile(`\*([^*]+)\*`)
	linkSpan = regexp.MustCompile(`\[([^\]]+)\]\(([#/][^)\s]*)\)`)
)

// inline renders a paragraph. What stands in code is left as it is.
func inline(text string) string {
	var out strings.Builder
	rest := text
	for {
		at := codeSpan.FindStringSubmatchIndex(rest)
		if at == nil {
			return out.String() + words(rest)
		}
		out.WriteString(words(rest[:at[0]]) + "<code>" + html.EscapeString(rest[at[2]:at[3]]) + "</code>")
		rest = rest[at[1]:]
	}
}

func words(text string) string {
	text = html.EscapeString(text)
	text = linkSpan.ReplaceAllString(text, `<a href="$2">$1</a>`)
	text = boldSpan.ReplaceAllString(text, `<strong>$1</strong>`)
	return emphasis.ReplaceAllString(text, `<em>$1</em>`)
}
