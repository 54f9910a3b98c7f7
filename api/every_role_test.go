package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// everyRole is a circle with two shops, one that has left, two members and things of all of
// them; and another circle, whose people have nothing to do with it.
type everyRole struct {
	*harbour
	pier     clearing.Alliance
	keys     map[string]string      // of actors, by their names
	sessions map[string]signin.Link // of actors, by their names
}

// actors are who may ask. Each is named for its role; a key's has no session.
func newEveryRole(t *testing.T) *everyRole {
	t.Helper()
	w := &everyRole{harbour: newHarbour(t), keys: make(map[string]string), sessions: make(map[string]signin.Link)}
	require.Equal(t, http.StatusCreated, w.send(http.MethodPost, "/v1/shops", w.key, `{"code": "gone"}`).status)
	w.write(func(tx clearing.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE merchants SET leaves_at = $1, has_left = true WHERE merchant = 'gone'`, start)
		return err
	})
	w.sold("8801", "ann")
	w.does(w.hotpotKey, "cards", `{"card": "9901", "member": "bob", "product": "explorer"}`)
	w.pier, w.keys["organiser of another circle"] = w.newAlliance("pier", clearing.Test, start)
	answer := w.send(http.MethodPost, "/v1/shops", w.keys["organiser of another circle"], `{"code": "cafe"}`)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)

	w.keys["organiser"] = w.key
	for name, spec := range map[string]access.KeySpec{
		"owner":   {Role: access.MerchantKey, Merchant: "cafe", Till: "1", Right: access.OwnerRight},
		"cashier": {Role: access.MerchantKey, Merchant: "cafe", Till: "2"},
		"leaver":  {Role: access.MerchantKey, Merchant: "gone", Till: "1", Right: access.OwnerRight},
	} {
		_, w.keys[name] = w.issue(w.alliance, spec)
	}
	_, w.keys["owner of another circle"] = w.issue(w.pier, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1", Right: access.OwnerRight})
	for _, al := range []clearing.Alliance{w.alliance, w.pier} {
		of := map[bool]string{false: "", true: " of another circle"}[al.ID == w.pier.ID]
		w.sessions["organiser"+of] = signin.Link{Person: person(w.staffed(al, access.Organiser, "", "Lin"))}
		w.sessions["owner"+of] = signin.Link{Person: person(w.staffed(al, access.Owner, "cafe", "Wu"))}
		w.sessions["cashier"+of] = signin.Link{Person: person(w.staffed(al, access.Cashier, "cafe", "Li")), Till: "2"}
		w.sessions["member"+of] = signin.Link{Person: signin.Person{Member: "ann"}}
	}
	w.sessions["leaver"] = signin.Link{Person: person(w.staffed(w.alliance, access.Owner, "gone", "Gu"))}
	return w
}

// ask sends a request as an actor, by key or in a session that is opened for it.
func (w *everyRole) ask(actor string, session bool, method, path, body string) answer {
	w.t.Helper()
	key, cookie := "", ""
	al := w.alliance
	if strings.HasSuffix(actor, " of another circle") {
		al = w.pier
	}
	switch {
	case session:
		cookie = w.enters(al, w.sessions[actor])
	default:
		key = w.keys[actor] // "" of nobody
	}
	return w.send(method, path, key, body, "Idempotency-Key", w.fresh(), "Cookie", cookie)
}

// ways are the actors, and whether each asks by key or in a session.
func (w *everyRole) ways() (ways []way) {
	for actor := range w.keys {
		ways = append(ways, way{actor, roleOf(actor), false})
	}
	for actor := range w.sessions {
		ways = append(ways, way{actor, roleOf(actor), true})
	}
	slices.SortFunc(ways, func(a, b way) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return append(ways, way{"nobody", access.Nobody, false})
}

type way struct {
	actor   string
	role    access.Role
	session bool
}

func (v way) String() string {
	return v.actor + map[bool]string{false: ", with a key", true: ", in a session"}[v.session]
}

func (v way) foreign() bool { return strings.HasSuffix(v.actor, " of another circle") }

func roleOf(actor string) access.Role {
	role, _, _ := strings.Cut(actor, " ")
	return access.Role(role)
}

// reachOf returns how far an actor may go with an operation, by the table.
func (v way) reachOf(operation string) access.Reach {
	for _, p := range access.Permissions() {
		if p.Operation == operation {
			if reach := p.Reach[v.role]; reach != access.Personal || v.session {
				return reach
			}
		}
	}
	return access.None
}

// lasting are operations that change what the others are tried with; they come last.
var lasting = []string{"giveNotice", "reinstateShop", "setTerms", "advanceTestClock"}

// inOrder returns a request for each operation of the document, in the order of their ids.
func inOrder(t *testing.T) []example {
	t.Helper()
	all := examples(t)
	slices.SortFunc(all, func(a, b example) int {
		if x, y := slices.Index(lasting, a.id), slices.Index(lasting, b.id); x != y {
			return x - y
		}
		return strings.Compare(a.id, b.id)
	})
	return all
}

// TestEveryRouteForEveryRole sends the document's own example of each operation as each actor,
// by key and in a session, and requires what the table of permissions says. A new operation is
// in it as soon as the document has it.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	w := newEveryRole(t)
	tried := 0
	for _, e := range inOrder(t) {
		for _, v := range w.ways() {
			answer := w.ask(v.actor, v.session, e.method, e.path, e.body)
			said := fmt.Sprintf("%s: %s: %d %s", e.id, v, answer.status, answer.body)
			switch reach := v.reachOf(e.id); {
			case reach == access.Anyone:
				require.NotContains(t, []string{"forbidden", "unauthenticated"}, answer.codeIfAny(), said)
			case v.role == access.Nobody:
				require.Equal(t, "unauthenticated", answer.codeIfAny(), said)
			case reach == access.None:
				require.Equal(t, "forbidden", answer.codeIfAny(), said)
			default:
				require.NotContains(t, []string{"forbidden", "unauthenticated"}, answer.codeIfAny(), said)
				require.Less(t, answer.status, 500, said)
			}
			tried++
		}
	}
	require.Greater(t, tried, 1500)
}

// things names what there is in the circle of another shop or another person, and what there is
// not, for each parameter of a path and field of a body that names something.
func (w *everyRole) things(t *testing.T) map[string]thing {
	t.Helper()
	sale := w.does(w.hotpotKey, "cards", `{"card": "9902", "member": "bob", "product": "explorer"}`)
	w.does(w.hotpotKey, "top-ups", `{"card": "9902", "amount": "50.00"}`)
	hold := w.does(w.hotpotKey, "holds", `{"card": "9902", "amount": "10.00"}`)
	w.gives()
	for _, r := range []struct{ method, path, body string }{
		{http.MethodPut, "/v1/bank-accounts/party/hotpot", `{"holder": "海底", "number": "6222021202033445561", "bank": "中国工商银行"}`},
		{http.MethodPost, "/v1/campaigns", `{"code": "theirs", "when": "command", "gift": {"points": 5}, "funded_by": "hotpot"}`},
	} {
		answer := w.send(r.method, r.path, w.hotpotKey, strings.Replace(r.body, `, "funded_by": "hotpot"`, "", 1))
		require.Less(w.t, answer.status, 300, answer.body)
	}
	mo := w.staffed(w.alliance, access.Cashier, "hotpot", "Mo")
	var till signin.Till
	w.write(func(tx clearing.Tx) (err error) {
		till, _, err = signin.OfferTill(w.t.Context(), tx, w.alliance.ID, "hotpot", "1", start.Add(30*time.Minute))
		return err
	})
	var session struct{ Session string }
	bob := w.enters(w.alliance, signin.Link{Person: signin.Person{Member: "bob"}})
	require.NoError(w.t, json.Unmarshal([]byte(w.send(http.MethodGet, "/v1/session", "", "", "Cookie", bob).body), &session))
	ha := w.enters(w.alliance, signin.Link{Person: person(w.staffed(w.alliance, access.Owner, "hotpot", "Ha"))})
	d := w.device()
	var passkey struct{ Passkey string }
	require.NoError(w.t, json.Unmarshal([]byte(d.add(ha).body), &passkey))
	ceremony, _ := d.challenge("/v1/passkey-challenges", ha)
	key, _ := w.issue(w.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "8"})
	code := answered(t, w.send(http.MethodPost, "/v1/cards/9902/codes", w.key, `{}`), http.StatusCreated, "digits")
	return map[string]thing{
		"card": {"9902", "9999"}, "transaction": {sale.Transaction, "txn_999999"}, "hold": {hold.Transaction, "txn_999999"},
		"member": {"bob", "zoe"}, "shop": {"hotpot", "nowhere"}, "holder": {"hotpot", "nowhere"}, "party": {"hotpot", "nowhere"},
		"product": {"explorer", "nothing"}, "campaign": {"theirs", "nothing"}, "item": {"mug", "nothing"}, "key_id": {key.ID, "key_00000000000"},
		"session": {session.Session, "ses_ffffffffffffffff"}, "staff": {mo.ID, "stf_ffffffffffffffff"}, "till_id": {till.ID, "til_ffffffffffffffff"},
		"code": {code, "00000000"}, "passkey": {passkey.Passkey, "psk_ffffffffffffffff"}, "ceremony": {ceremony, strings.Repeat("f", 32)},
	}
}

// thing is something that is another's, and the name of nothing.
type thing struct{ theirs, nothing string }

// noThings are parameters of paths that say how and when, or number what a month makes and is
// tried in the tests of settlement.
var noThings = []string{"period", "holder_kind", "dispute", "run", "purpose"}

// confined are the reaches that end at what is one's own.
var confined = []access.Reach{
	access.OwnMerchant, access.OwnCards, access.OwnDeeds, access.OwnReference, access.CoolingOff, access.Self, access.HeldCards, access.Personal,
}

// TestWhatIsAnothersIsAsIfItDidNotExist names what is another shop's, another person's or
// another circle's in each operation that names something, as each actor who may call it, and
// requires the very answer that what does not exist gets.
func TestWhatIsAnothersIsAsIfItDidNotExist(t *testing.T) {
	t.Parallel()
	w := newEveryRole(t)
	things := w.things(t)
	tried := make(map[string]int)
	for path, item := range everyPath(t) {
		for method, o := range item.Operations() {
			for _, v := range w.ways() {
				reach := v.reachOf(o.OperationID)
				mayNot := reach == access.None || reach == access.Anyone && v.role != access.Nobody
				if mayNot || reach == access.Anyone || !v.foreign() && !slices.Contains(confined, reach) {
					continue
				}
				for _, named := range names(t, o, reach, v) {
					if slices.Contains(noThings, named) {
						continue
					}
					what, known := things[named]
					require.True(t, known, "%s names %s: add to things() one of another shop and one that is not", o.OperationID, named)
					var got [2]answer
					for i, value := range []string{what.theirs, what.nothing} {
						at, body := naming(t, path, o, named, value)
						got[i] = w.ask(v.actor, v.session, method, at, body)
					}
					said := fmt.Sprintf("%s: %s: %s: %d %s", o.OperationID, v, named, got[0].status, got[0].body)
					require.Equal(t, got[1].status, got[0].status, said)
					require.Equal(t, sameFor(got[1], what.nothing), sameFor(got[0], what.theirs), said)
					if o.OperationID != "endMemberSessions" { // whoever it is, there are none
						require.GreaterOrEqual(t, got[0].status, 400, said)
					}
					tried[o.OperationID]++
				}
			}
		}
	}
	require.Greater(t, len(tried), 40, "%v", tried)
	for _, operation := range []string{"getTransaction", "freezeCard", "captureHold", "endSession", "removeStaff", "revokeTill", "removePasskey", "getCampaign", "makeLink", "getBankAccount"} {
		require.NotZero(t, tried[operation], operation)
	}
}

// names returns what a request of an operation names: all in its path; and in its body, if the
// actor is confined to what it names there, or has nothing in the circle.
func names(t *testing.T, o *openapi3.Operation, reach access.Reach, v way) (found []string) {
	t.Helper()
	for _, p := range o.Parameters {
		if p.Value.In == openapi3.ParameterInPath {
			found = append(found, p.Value.Name)
		}
	}
	inBody := []access.Reach{access.OwnCards, access.OwnDeeds, access.CoolingOff, access.HeldCards}
	if v.foreign() || !slices.Contains(inBody, reach) && o.OperationID != "makeLink" {
		return found
	}
	for _, field := range []string{"card", "transaction", "hold"} {
		if o.RequestBody != nil && o.RequestBody.Value.Content["application/json"].Schema.Value.Properties[field] != nil {
			found = append(found, field)
		}
	}
	return found
}

func bodyOf(t *testing.T, o *openapi3.Operation) map[string]any {
	t.Helper()
	if o.RequestBody == nil || o.RequestBody.Value.Content["application/json"] == nil {
		return nil
	}
	body := make(map[string]any)
	require.NoError(t, json.Unmarshal([]byte(quoted(o.RequestBody.Value.Content["application/json"].Example)), &body))
	return body
}

// naming returns the path and the body of an operation's example with one thing put in.
func naming(t *testing.T, path string, o *openapi3.Operation, named, value string) (at, body string) {
	t.Helper()
	for _, p := range o.Parameters {
		if p.Value.In == openapi3.ParameterInPath {
			put := fmt.Sprint(p.Value.Example)
			if p.Value.Name == named {
				put = value
			}
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", put)
		}
		if p.Value.In == openapi3.ParameterInQuery && p.Value.Required {
			path += map[bool]string{false: "?", true: "&"}[strings.Contains(path, "?")] + p.Value.Name + "=" + fmt.Sprint(p.Value.Example)
		}
	}
	fields := bodyOf(t, o)
	if fields == nil {
		return path, ""
	}
	if o.RequestBody.Value.Content["application/json"].Schema.Value.Properties[named] != nil {
		fields[named] = value
		if named != "card" { // a transaction is named by its number or by its key
			delete(fields, "idempotency_key")
		}
	}
	return path, quoted(fields)
}

var requestIDs = regexp.MustCompile(`"request_id":"[^"]*"`)

// sameFor returns an answer without the name that was asked for and its request's ID.
func sameFor(a answer, name string) string {
	return strings.ReplaceAll(requestIDs.ReplaceAllString(a.body, ""), name, "…")
}

func everyPath(t *testing.T) map[string]*openapi3.PathItem {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	require.NoError(t, err)
	return document.Paths.Map()
}
