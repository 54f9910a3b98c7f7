package people

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing"
)

//go:embed export.html
var exportHTML string

// words are what codes are called in Chinese and in English.
var words = map[string]string{
	string(SeeDetails): "查看资料 see details", string(Messages): "接收消息 messages", string(Profiling): "个性化赠礼 gifts by profile",
	string(Given): "同意 given", string(Refused): "拒绝 refused", string(Withdrawn): "撤回 withdrawn",
	string(RunsCircle): "盟主 runs the circle", string(Registered): "在本店登记 registered here", string(SoldCard): "在本店购卡 sold a card",
	string(Consented): "本人同意 by consent", clearing.Organiser: "盟主 organiser", InSession: "本人 member",
}

// Page writes the export as a page for people: one file, without anything from elsewhere.
// Times are in the circle's timezone.
func (e *Export) Page(w io.Writer, location *time.Location) error {
	page, err := template.New("export").Funcs(template.FuncMap{
		"at": func(t time.Time) string { return t.In(location).Format("2006-01-02 15:04") },
		"word": func(code any) string {
			text := ""
			switch code := code.(type) {
			case string:
				text = code
			case Purpose:
				text = string(code)
			case Choice:
				text = string(code)
			case Ground:
				text = string(code)
			}
			if said, ok := words[text]; ok {
				return said
			}
			return text
		},
		"join": func(list []string) string { return strings.Join(list, ", ") },
	}).Parse(exportHTML)
	if err != nil {
		return err
	}
	return page.Execute(w, e)
}
