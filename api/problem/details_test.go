package problem_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/legal"
)

// sayers are the functions that say a sentence to a caller: which of their
// arguments is the format. Those of one name in several packages differ by folder.
var sayers = map[string]int{
	"refuse": 1, "alliance/shortOfValue": 0, "clearing/bankfile/errorf": 0, "clearing/bankfile/fileError": 2, "alliance/fail": 1, "clearing/settlement/short": 3, "Refuse": 1,
	"fieldError": 1, "NewFieldError": 1, "Malformed": 1, "problem.New": 2, "Wrap": 0, "problem/New": 2, "At": 2, "deny": 2,
}

// sentence is one that the code says.
type sentence struct {
	code   string // the constant of a refusal, else ""
	format string
	args   []string // as they are written in the source
	place  string
}

// folders are where sentences are said, and which functions of that folder say them.
var folders = []string{
	"alliance",
	"alliance/people",
	"alliance/presentation",
	"alliance/store",
	"alliance/statement",
	"clearing/bankfile",
	"clearing/export",
	"clearing/sequencer",
	"clearing/settlement",
	"clearing/window",
	"merchant",
	"merchant/access",
	"merchant/legal",
	"merchant/signin",
	"api",
	"api/problem",
	"api/schema",
}

// sentences reads the sources for what is said to callers.
func sentences(t *testing.T) []sentence {
	t.Helper()
	var found []sentence
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				requireSayer(t, files, n)
				requireWrapped(t, files, n)
				call, is := n.(*ast.CallExpr)
				if !is {
					return true
				}
				at, says := formatOf(folder, call)
				if !says || at >= len(call.Args) {
					return true
				}
				literal, is := call.Args[at].(*ast.BasicLit)
				if !is { // a function that hands a format on
					_, handsOn := call.Args[at].(*ast.Ident)
					require.True(t, handsOn, "%s: the sentence is written out", files.Position(call.Pos()))
					return true
				}
				format, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				s := sentence{format: format, place: files.Position(call.Pos()).String()}
				if code, is := call.Args[0].(*ast.Ident); is {
					s.code = code.Name
				}
				for _, a := range call.Args[at+1:] {
					s.args = append(s.args, written(t, a))
				}
				if folder == "clearing/settlement" && calledName(call) == "short" {
					s.args = append(s.args, written(t, call.Args[1]), written(t, call.Args[2]))
				}
				if folder == "alliance" && calledName(call) == "shortOfValue" {
					s.code = "CodeInsufficientValue"
				}
				found = append(found, s)
				return true
			})
		}
	}
	return found
}

// requireSayer fails for an error whose sentence was put together by hand, so that
// it can be said in English alone.
func requireSayer(t *testing.T, files *token.FileSet, n ast.Node) {
	t.Helper()
	literal, is := n.(*ast.CompositeLit)
	if !is {
		return
	}
	for _, element := range literal.Elts {
		pair, is := element.(*ast.KeyValueExpr)
		if !is {
			continue
		}
		key, _ := pair.Key.(*ast.Ident)
		if key == nil || key.Name != "Detail" && key.Name != "Reason" {
			continue
		}
		switch pair.Value.(type) {
		case *ast.BasicLit, *ast.BinaryExpr:
			if folderOf(files, literal) == "problem" { // which joins a field's name and its reason
				return
			}
			require.Fail(t, "a sentence is said by one of the functions that take a format", files.Position(literal.Pos()))
		}
	}
}

// goesOn matches what stands behind a sentinel and is the same in every language: what it is about.
var goesOn = regexp.MustCompile(`^%w: (%q|%d|%w)$`)

// requireWrapped fails for a sentinel that is followed by English words, which package message would not know.
func requireWrapped(t *testing.T, files *token.FileSet, n ast.Node) {
	t.Helper()
	call, is := n.(*ast.CallExpr)
	if !is || calledName(call) != "Errorf" || len(call.Args) < 2 {
		return
	}
	literal, is := call.Args[0].(*ast.BasicLit)
	if !is {
		return
	}
	sentinel, is := call.Args[1].(*ast.SelectorExpr)
	name := ""
	if is {
		name = sentinel.Sel.Name
	} else if ident, is := call.Args[1].(*ast.Ident); is {
		name = ident.Name
	}
	format, err := strconv.Unquote(literal.Value)
	require.NoError(t, err)
	if !strings.HasPrefix(name, "Err") || neverAnswered[folderOf(files, n)+"."+name] != "" {
		return
	}
	require.Regexp(t, goesOn, format, "%s: say it by message.Wrap", files.Position(n.Pos()))
}

func folderOf(files *token.FileSet, n ast.Node) string {
	return filepath.Base(filepath.Dir(files.Position(n.Pos()).Filename))
}

func formatOf(folder string, call *ast.CallExpr) (at int, says bool) {
	name := calledName(call)
	for _, key := range []string{folder + "/" + name, strings.TrimPrefix(folder, "api/") + "/" + name, name} {
		if at, says = sayers[key]; says {
			return at, true
		}
	}
	return 0, false
}

// calledName returns the name of a called function; of problem.New and the like,
// which are too short to be told by their last word, with the package.
func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, is := f.X.(*ast.Ident); is && f.Sel.Name == "New" {
			return x.Name + ".New"
		}
		return f.Sel.Name
	}
	return ""
}

func written(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return written(t, e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		return written(t, e.Fun) + "()"
	case *ast.StarExpr:
		return written(t, e.X)
	case *ast.IndexExpr:
		return written(t, e.X) + "[]"
	}
	return fmt.Sprintf("%T", e)
}

// sentinels reads the sources for the texts of exported errors that callers may read.
func sentinels(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range []string{"alliance", "clearing", "merchant"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("../..", folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			for _, d := range file.Decls {
				group, is := d.(*ast.GenDecl)
				if !is || group.Tok != token.VAR {
					continue
				}
				for _, s := range group.Specs {
					spec := s.(*ast.ValueSpec)
					called := file.Name.Name + "." + spec.Names[0].Name
					if len(spec.Values) != 1 || !spec.Names[0].IsExported() || file.Name.Name == "reference" || neverAnswered[called] != "" {
						continue
					}
					call, is := spec.Values[0].(*ast.CallExpr)
					if !is || calledName(call) != "errors.New" {
						continue
					}
					literal, is := call.Args[0].(*ast.BasicLit)
					require.True(t, is, "%s is written out", called)
					text, err := strconv.Unquote(literal.Value)
					require.NoError(t, err)
					found[text] = true
				}
			}
			return nil
		}))
	}
	return found
}

// TestEverySentenceIsSaidInChineseToo fails for a sentence without a translation:
// add it to the chinese_….go that its package's sentences are in.
func TestEverySentenceIsSaidInChineseToo(t *testing.T) {
	t.Parallel()
	chinese := problem.Chinese()
	said := sentinels(t)
	require.Greater(t, len(said), 30)
	for text := range said {
		require.Contains(t, chinese.Sentences, text, "an error of the domain")
	}
	all := sentences(t)
	require.Greater(t, len(all), 150)
	placeholder := regexp.MustCompile(`\{\d+\}`)
	for _, s := range all {
		said[s.format] = true
		translated, ok := chinese.Sentences[s.format]
		require.True(t, ok, "%s: %q", s.place, s.format)
		require.Len(t, s.args, len(message.New(s.format, make([]any, len(s.args))...).Args), "%s: a verb for each argument", s.place)
		require.ElementsMatch(t, numbered(len(s.args)), placeholder.FindAllString(translated, -1), "%s: %s", s.place, translated)
	}
	for format := range chinese.Sentences {
		require.True(t, said[format], "nothing says %q any more", format)
	}
}

func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "{" + strconv.Itoa(i+1) + "}"
	}
	return list
}

// samples are what stands for an argument on the page of all sentences, by how the
// argument is written in the source. The first that matches counts. A number is 3.
var samples = []struct {
	pattern string
	sample  any // a string, a word or an error
}{
	{`^(\w+\.)?Err[A-Z]`, "…"},
	{`^quoted`, "日期, 金额, 摘要"},
	{`^clip|^message$|Msg`, "日期"},
	{`compact`, "DE"},
	{`Profile`, "icbc"},
	{`Currency\(\)\.Code`, "EUR"},
	{`LeavesAt|SoldAt|ReviewUntil|reviewEnd|ExpiresAt|occurred|leaves\.|at\.Format`, "2026-11-04T00:00:00+08:00"},
	{`earlier\.Period|^period$`, "2026-09"},
	{`Period`, "2026-10"},
	{`Phase`, settlement.Closed},
	{`Status`, settlement.Paid},
	{`Verdict`, settlement.Adjusted},
	{`card\.Code|c\.Card`, "66000060"},
	{`Product|d\.Code`, "gold"},
	{`benefit|b\.Code`, "coffee"},
	{`c\.Code`, "66000060"},
	{`^amount$|^required$|^bonus$|^part$|ValueLimit|MaxAmount`, "500.00"},
	{`^kind$`, alliance.Pass},
	{`^code$`, "pier-7"},
	{`Referrer`, "ann"},
	{`[mM]erchant|[hH]ome|[pP]arty|Payer|c\.From|^own$`, "gym"},
	{`Payee`, "hotpot"},
	{`Organiser`, "organiser"},
	{`lineID|ledger\.ID`, "txn_17"},
	{`older|[rR]ef`, "RF54202609X0QNQW8000003"},
	{`^key$`, "till-1-202"},
	{`^err$|b\.err`, fmt.Errorf("%q: %w", "12.505", money.ErrDecimals)},
	{`^left$`, "450.00"},
	{`^what$`, "amount"},
	{`text`, "2026-11-31"},
	{`today`, "2026-11-06"},
	{`maxDays`, 36500},
	{`available|after|amount|Amount|due|owed|kept|lodged|outstanding|missing|moved|bill|part|least|[lL]imit|Cap|Value|Bonus|Effect|sum|whole|Price|Reimbursement|PointCost|BasicLit`, "450.00"},
	{`row`, access.Transactions},
	{`Role`, access.Cashier},
	{`noun|Word`, problem.Word("card")},
	{`kindNames`, problem.Word("a string")},
}

func (s sentence) message(t *testing.T) message.Message {
	t.Helper()
	args, verbs := make([]any, len(s.args)), regexp.MustCompile(`%[a-zA-Z]`).FindAllString(s.format, -1)
	require.Len(t, verbs, len(args), s.place)
	for i, written := range s.args {
		args[i] = "…"
		switch {
		case verbs[i] == "%d":
			args[i] = 3
			continue
		case verbs[i] == "%U", written == "r": // a character
			args[i] = '☎'
			continue
		}
		for _, sample := range samples {
			if regexp.MustCompile(sample.pattern).MatchString(written) {
				args[i] = sample.sample
				break
			}
		}
	}
	return message.New(s.format, args...)
}

var updatePage = flag.Bool("update", false, "write docs/refusals.md anew")

// TestThePageOfRefusalsHasThemAll compares docs/refusals.md, where every sentence
// stands in both languages, with what the code says. After a change: go test ./api/problem -update
func TestThePageOfRefusalsHasThemAll(t *testing.T) {
	t.Parallel()
	chinese := problem.Chinese()
	byCode := map[string][]string{}
	var others []string
	codes := codeNames(t)
	for _, s := range sentences(t) {
		m := s.message(t)
		row := fmt.Sprintf("| %s | %s |", cell(m.English()), cell(m.In(&chinese)))
		require.NotRegexp(t, ` of and | is and |  |\ba [aeio]|\b1 (uses|points|transactions)\b`, m.English(), s.place)
		switch code := codes[s.code]; {
		case code == "" || slices.ContainsFunc(problem.Requests(), func(k problem.Kind) bool { return k.Code == code }):
			others = append(others, row)
		case !slices.Contains(byCode[code], row):
			byCode[code] = append(byCode[code], row)
		}
	}
	var page strings.Builder
	page.WriteString(`# What is refused, in words

The field ` + "`detail`" + ` of a problem says what was wrong and what would be right: in Chinese if ` + "`Accept-Language`" + ` prefers it, else in English. These are all
sentences, with sample figures; a test keeps them as they are said. Programs go by ` + "`code`" + ` and take figures from ` + "`data`" + `; sentences may change.

## Rules

`)
	for _, k := range problem.Refusals() {
		require.NotEmpty(t, byCode[k.Code], "%s is said by nothing", k.Code)
		fmt.Fprintf(&page, "**`%s`** %s · %s\n\n| English | 中文 |\n|---|---|\n%s\n\n", k.Code, k.Title.EN, k.Title.ZH, strings.Join(byCode[k.Code], "\n"))
	}
	slices.Sort(others)
	page.WriteString("## Requests and documents\n\nA sentence that begins with a verb goes on from the name of the field or parameter.\n\n| English | 中文 |\n|---|---|\n" + strings.Join(slices.Compact(others), "\n") + "\n")
	const name = "../../docs/refusals.md"
	if *updatePage {
		require.NoError(t, os.WriteFile(name, []byte(page.String()), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), page.String(), "go test ./api/problem -update writes it anew")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// codeNames returns the codes by the names of their constants, without the package.
func codeNames(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{"IdempotencyConflict": sequencer.IdempotencyConflict}
	for _, folder := range []string{"alliance", "alliance/presentation", "clearing/settlement", "merchant/access"} {
		for name, value := range exported(t, filepath.Join("../..", folder)) {
			if _, constant, _ := strings.Cut(name, "."); value != "" {
				names[constant] = value
			}
		}
	}
	return names
}

func TestADetailIsSaidInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	_, file := bankfile.Read([]byte("日期,金额\n2026-11-02,5.00\n"), bankfile.Options{Currency: money.MustCurrency("CNY"), Account: "1"})
	_, line := bankfile.Read([]byte("<Document>\n<a></Document>"), bankfile.Options{Currency: money.MustCurrency("CNY")})
	_, entity := legal.New("", "123", money.MustCurrency("CNY"))
	account := bankfile.Account{Holder: "江边火锅有限公司", Number: "6222021202033445560", Bank: "中国工商银行"}.Validate()
	for name, test := range map[string]struct {
		err              error
		english, chinese string
	}{
		"file": {
			file, "金额: no amount has a sign, and no column is known to say which amounts came in and which went out; the columns are 日期, 金额. " +
				"Map the columns by hand, and say which has the direction, or that amounts have a sign",
			"金额：金额都没有正负号，也没有可识别的列说明哪些是收入、哪些是支出；各列为 日期, 金额。请手工映射，写明哪一列表示收付方向，或金额带正负号",
		},
		"line of a file": {line, "line 2: Document/a: </Document> ends what didn't begin", "第 2 行：Document/a：</Document> 没有对应的开始标签"},
		"account": {
			account, "number: is a bank card's (it begins with 62) whose last digit doesn't belong to the others: a digit is wrong or two are swapped",
			"number：是银行卡号（以 62 开头），但末位校验不符：有一位错误，或两位颠倒",
		},
		"entity":   {entity, "tax_number: has 3 characters; a unified social credit code (统一社会信用代码) has 18", "tax_number：有 3 位；统一社会信用代码为 18 位"},
		"refusal":  {clearing.Refuse("card_frozen", "card %q is frozen; unfreeze it first", "K1"), `card "K1" is frozen; unfreeze it first`, `卡 "K1" 已冻结；请先解冻`},
		"field":    {alliance.NewFieldError("rules.sale.seller", "is missing; write a rate such as %q", "0.05"), `sale.seller: is missing; write a rate such as "0.05"`, `sale.seller：缺少；请写比率，例如 "0.05"`},
		"request":  {problem.Malformed("limit", "must be at most %d", 500), "limit must be at most 500", "limit：最多为 500"},
		"absent":   {problem.Absent("party"), "there is no such party", "没有这个结算方"},
		"sentinel": {fmt.Errorf("pier: %w", merchant.ErrMerchantExists), "pier: a shop of that code is in the circle already", "pier: 本联盟已有这个编号的商户"},
		"a run":    {fmt.Errorf("%w: %d", settlement.ErrNoRun, 99), "there is no such payment run: 99", "没有这个付款批次: 99"},
		"a card":   {fmt.Errorf("%w: %q", alliance.ErrCardUnknown, "8801"), `there is no such card: "8801"`, `没有这张卡: "8801"`},
		"a month":  {message.Wrap("%v: %q is still open", window.ErrNotClosed, "2026-11"), `there is no settlement of that period: "2026-11" is still open`, `没有这个月份的结算："2026-11" 尚未关账`},
		"a key": {
			message.Wrap("%v: the till %v", access.ErrKeySpec, fmt.Errorf("%w: %U", identifier.ErrInvisible, '\u200b')),
			"such an API key can't be issued: the till contains a character that can't be seen; write it without: U+200B", "不能签发这样的 API 密钥：收银台含有看不见的字符；请去掉: U+200B",
		},
		"ours":   {fmt.Errorf("conn 7: %w", sequencer.ErrBusy), "too many commands are waiting; try again", "排队的指令过多；请重试"},
		"stored": {&clearing.Refusal{Code: "card_frozen", Detail: "as it was said before"}, "as it was said before", "as it was said before"},
	} {
		for language, want := range map[bool]string{false: test.english, true: test.chinese} {
			document, err := problem.Of(test.err).Document("r1", language)
			require.NoError(t, err)
			var got struct{ Detail string }
			require.NoError(t, json.Unmarshal(document, &got))
			require.Equal(t, want, got.Detail, name)
		}
	}
}
