package demo

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// persons is what the server knows of who the members are. The books know their codes alone.
type persons struct {
	absent     bool // the server keeps no people
	registered []*member
	consenting int64 // who agreed to messages

	shown, hidden string // the shop whose owner sees a person, and the shop whose owner doesn't
	message       string // by which the organiser passed a code on; "": nobody can sign in there
	erased        string // the member who was erased
}

// everyNthConsents is how many newcomers there are for one who agrees to messages. Nothing is ticked by
// default.
const everyNthConsents = 3

// register has the tills register the newcomers of this turn, whose first cards they have sold.
func (s *story) register(ctx context.Context) error {
	p := &s.persons
	for _, m := range s.simulation.newcomers {
		if p.absent || len(m.cards) == 0 {
			continue
		}
		number := len(p.registered)
		name := fullName(number)
		body := spec.MemberSpec{Member: &m.code, Telephone: telephone(number), DisplayName: &name}
		if number%everyNthConsents == 0 {
			body.Consents = &[]spec.ConsentAtTill{{Purpose: spec.ConsentPurposeMessages, Party: askerOf(m.home), Version: 1}}
		}
		answer, err := m.cards[0].seller.asks().CreateMemberWithResponse(ctx, body)
		if err != nil {
			return err
		}
		switch {
		case answer.StatusCode() == http.StatusServiceUnavailable && number == 0:
			p.absent = true
		case answer.JSON201 == nil:
			return fmt.Errorf("registering %s: the server answered %s", m.code, answer.Body)
		default:
			p.registered = append(p.registered, m)
			if body.Consents != nil {
				p.consenting++
			}
		}
	}
	s.simulation.newcomers = nil
	return nil
}

// telephone returns a number that is nobody else's in the circle. Nothing is sent to it.
func telephone(number int) string { return fmt.Sprintf("1380%07d", number) }

// fullName returns a name for a newcomer.
func fullName(number int) string {
	families := []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"}
	given := []string{"安然", "子涵", "雨桐", "思远", "嘉怡", "明轩", "诗琪", "浩然", "欣怡", "俊杰", "静", "磊", "洋"}
	return families[number%len(families)] + given[number%len(given)]
}

// askPersons tries what people are promised: a shop sees its own members alone, each look is shown to the
// person, a consent is withdrawn as easily as it was given, and who is erased is gone.
func (s *story) askPersons(ctx context.Context) error {
	p := &s.persons
	if len(p.registered) == 0 {
		return nil
	}
	if err := s.lookAt(ctx); err != nil {
		return err
	}
	if err := s.signIn(ctx, p.registered[0], telephone(0), fullName(0)); err != nil {
		return err
	}
	// Who registered first has agreed to messages.
	first := p.registered[0]
	withdrawn, err := s.org.DecideConsentWithResponse(ctx, first.code, spec.ConsentSpec{Purpose: spec.ConsentPurposeMessages, Decision: spec.ConsentDecisionWithdrawn, Party: askerOf(first.home)})
	if err != nil {
		return err
	}
	if withdrawn.JSON201 == nil {
		return fmt.Errorf("withdrawing a consent: the server answered %s", withdrawn.Body)
	}
	last := p.registered[len(p.registered)-1]
	erased, err := s.org.ErasePersonWithResponse(ctx, last.code)
	if err != nil {
		return err
	}
	if erased.StatusCode() >= http.StatusMultipleChoices {
		return fmt.Errorf("erasing %s: the server answered %s", last.code, erased.Body)
	}
	gone, err := s.org.FindMemberWithResponse(ctx, spec.MemberLookup{Telephone: telephone(len(p.registered) - 1)})
	if err != nil {
		return err
	}
	if gone.StatusCode() != http.StatusNotFound {
		return fmt.Errorf("%s was erased, and looking the telephone up is answered with %s", last.code, gone.Body)
	}
	p.erased = last.code
	return nil
}

// lookAt has two shops' owners look at a person: the shop where the first card was bought, and one that has
// nothing to do with it.
func (s *story) lookAt(ctx context.Context) error {
	p := &s.persons
	for _, m := range p.registered {
		if m.home == nil {
			continue
		}
		for _, other := range s.merchants {
			if sold(m, other) {
				continue
			}
			for _, look := range []struct {
				by   *merchant
				want int
			}{{m.home, http.StatusOK}, {other, http.StatusNotFound}} {
				seen, err := look.by.office.asks().GetPersonWithResponse(ctx, m.code)
				if err != nil {
					return err
				}
				if seen.StatusCode() != look.want {
					return fmt.Errorf("the owner of %s looks at %s: the server answered %s", look.by.code, m.code, seen.Body)
				}
			}
			reads, err := s.org.ListPersonReadsWithResponse(ctx, m.code, &spec.ListPersonReadsParams{})
			if err != nil {
				return err
			}
			page, err := expect200(reads.JSON200, reads.Body)
			if err != nil {
				return err
			}
			if len(page.Items) == 0 || page.Items[0].Party != m.home.code {
				return fmt.Errorf("the owner of %s looked at %s, and the person is told of %s", m.home.code, m.code, reads.Body)
			}
			p.shown, p.hidden = m.home.code, other.code
			return nil
		}
	}
	return nil
}

// sixDigits is the code in a message.
var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// signIn has a member sign in by a code to its telephone. The circle has no contract for text messages, so
// the organiser reads the message to the member.
func (s *story) signIn(ctx context.Context, m *member, telephone, name string) error {
	nobody, err := client.NewClientWithResponses(s.URL, client.WithHTTPClient(s.http))
	if err != nil {
		return err
	}
	asked, err := nobody.RequestCodeWithResponse(ctx, spec.CodeRequest{Circle: s.alliance.Code, Telephone: telephone})
	if err != nil {
		return err
	}
	if asked.StatusCode() != http.StatusAccepted {
		return nil // people reach that server by plain http, where browsers keep no session
	}
	messages, err := s.org.ListMessagesWithResponse(ctx, &spec.ListMessagesParams{})
	if err != nil {
		return err
	}
	page, err := expect200(messages.JSON200, messages.Body)
	if err != nil {
		return err
	}
	if len(page.Items) == 0 || page.Items[0].Member != m.code || page.Items[0].Text == nil {
		return fmt.Errorf("%s asked for a code, and there is no message with it: %s", m.code, messages.Body)
	}
	text := *page.Items[0].Text
	code := sixDigits.FindString(text)
	opened, err := nobody.OpenSessionWithResponse(ctx, spec.SignIn{Circle: &s.alliance.Code, Telephone: &telephone, Code: &code})
	if err != nil {
		return err
	}
	if opened.JSON201 == nil {
		return fmt.Errorf("%s signs in: the server answered %s", m.code, opened.Body)
	}
	session := func(_ context.Context, request *http.Request) error {
		for _, cookie := range opened.HTTPResponse.Cookies() {
			request.AddCookie(cookie)
		}
		return nil
	}
	seen, err := nobody.GetPersonWithResponse(ctx, m.code, session)
	if err != nil {
		return err
	}
	person, err := expect200(seen.JSON200, seen.Body)
	if err != nil {
		return err
	}
	if person.DisplayName == nil || *person.DisplayName != name {
		return fmt.Errorf("%s signed in and sees %s", m.code, seen.Body)
	}
	s.persons.message = text
	return nil
}

// sold reports whether a shop sold a member a card.
func sold(m *member, by *merchant) bool {
	for _, c := range m.cards {
		if c.home == by {
			return true
		}
	}
	return m.home == by
}

// askerOf returns who asks for a consent at a till of a shop, or online.
func askerOf(home *merchant) *string {
	party := "organiser"
	if home != nil {
		party = home.code
	}
	return &party
}

// print writes what people are promised and what was tried of it.
func (p *persons) print(out *printer) {
	if len(p.registered) == 0 {
		return
	}
	looks := "" // a circle of a few members may have nobody to look at
	if p.shown != "" {
		looks = fmt.Sprintf(" %s's owner looked at one, which the person is shown; to %s's owner there is no such member.", p.shown, p.hidden)
	}
	out.text(plain, indent, "People       %s members are known by name and telephone, sealed and apart from the books; %s agreed to messages, one has withdrawn.%s "+
		"%s was erased: the books keep the code alone.", grouped(int64(len(p.registered))), grouped(p.consenting), looks, p.erased)
	if p.message != "" {
		out.text(plain, indent, "Sign-in      %s signed in by telephone. No text messages are paid for: the organiser passed on %q.", p.registered[0].code, sixDigits.ReplaceAllString(p.message, "······"))
	}
}
