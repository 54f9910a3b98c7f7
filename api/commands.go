package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/access"
)

// The fields of a command's body that are not named like those of its event.
const (
	cardKey        = "card"            // what a command is about, if it is about a card
	groundKey      = "ground"          // of what is given back
	merchantKey    = "merchant"        // a shop key may leave it out
	occurredAtKey  = "occurred_at"     // of what may be uploaded late
	transactionKey = "transaction"     // what is meant, by its number,
	idempotencyKey = "idempotency_key" // or by the caller's own key
)

// batchItem is the schema of an item of a batch, among the document's components.
const batchItem = "Command"

// command is a command of the rule book as the API takes it: its own operation, and
// an item of a batch by the name of its event.
type command struct {
	kind *alliance.Kind
	op   *operation
}

// commandsOf returns the commands of a registry by their events. It returns an error if the
// document differs from the registry: a command without an operation or a place in the
// batch, an operation for an unknown command, a body that differs from a command's fields.
func commandsOf(registry *alliance.Registry, document *openapi3.T, operations map[string]*operation) (map[string]*command, error) {
	commands := make(map[string]*command)
	for _, op := range operations {
		if op.event == "" {
			continue
		}
		kind := registry.Kind(ledger.Type(op.event))
		if kind == nil || kind.Command == nil {
			return nil, fmt.Errorf("openapi.yaml: %s is for the command %q, which there is not", op.id, op.event)
		}
		if err := checkCommandBody(kind, op.bodySchema); err != nil {
			return nil, fmt.Errorf("openapi.yaml: %s: %w", op.id, err)
		}
		if kind.Command.Takes && op.header[headerCode] == nil {
			return nil, fmt.Errorf("openapi.yaml: %s takes something from a card, and has no header %s", op.id, headerCode)
		}
		commands[op.event] = &command{kind, op}
	}
	inBatch := document.Components.Schemas[batchItem].Value.Discriminator.Mapping
	for _, kind := range registry.Kinds() {
		event := string(kind.Type)
		switch _, listed := inBatch[event]; {
		case kind.Command == nil:
		case commands[event] == nil:
			return nil, fmt.Errorf("openapi.yaml: the command %s has no operation", event)
		case !listed:
			return nil, fmt.Errorf("openapi.yaml: the command %s is no item of a batch", event)
		}
	}
	if len(inBatch) != len(commands) {
		return nil, fmt.Errorf("openapi.yaml: a batch has %d commands, there are %d", len(inBatch), len(commands))
	}
	return commands, nil
}

// checkCommandBody compares the body of an operation with the fields of its command.
func checkCommandBody(kind *alliance.Kind, body *openapi3.Schema) error {
	want := make(map[string]bool) // whether the field is required
	for _, f := range kind.Command.Fields {
		if p := body.Properties[f.Name]; p != nil && f.IsCode() != (p.Value.Format == schema.Identifier) {
			return fmt.Errorf("%s is a code in one of the body and the fields of %s, and in the other it is none", f.Name, kind.Type)
		}
		switch {
		case f.Type == alliance.TransactionField:
			want[transactionKey], want[idempotencyKey] = false, false
		case f.Name == merchantKey:
			want[merchantKey] = false
		default:
			want[f.Name] = !f.Optional
		}
	}
	if kind.Command.Late {
		want[occurredAtKey] = false
	}
	said := make(map[string]bool)
	for name := range body.Properties {
		said[name] = slices.Contains(body.Required, name)
	}
	if !maps.Equal(want, said) {
		return fmt.Errorf("its body and the fields of %s differ: %v, and true for those that are required, should be %v", kind.Type, said, want)
	}
	return nil
}

// intent is what a body asks for: a command, and what has to be looked up in the
// books before it may be sent.
type intent struct {
	command alliance.Command
	check   func(context.Context, *handlers) error // nil: nothing

	card      string  // that it names, if namesCard
	namesCard bool    // so that it tells whether there is such a card
	merchant  *string // where it acts; nil: nowhere
	heldBy    string  // the member who has to hold the card
	takes     bool    // something from the card, so that a code may be shown with it
}

// read reads a body. It returns what it asks for, and the hash of the request, which
// decides, together with the caller, whether a later request with the same key is the
// same: neither spaces nor the order of fields matter, nor whether it came in a batch.
func (c *command) read(sc *scope, text []byte) (in intent, hash [sha256.Size]byte, err error) {
	fields, err := c.op.body.ReadFields(text, "")
	if err != nil {
		return in, hash, err
	}
	body := &commandBody{scope: sc, fields: fields}
	grant, err := sc.Principal.For(c.op.id)
	if err != nil {
		return in, hash, err
	}
	if in.check, err = c.admit(body, grant); err != nil {
		return in, hash, err
	}
	if card := body.Optional(cardKey); card != nil {
		in.card, in.namesCard = *card, true
	}
	in.merchant, in.heldBy, in.takes = body.merchant, body.heldBy, c.kind.Command.Takes
	in.command = c.kind.Command.Read(body)
	hash, err = c.hash(fields)
	return in, hash, err
}

// admit finds out where the command acts, or what it is about, and whether the caller
// may. What that takes a look into the books is returned as a check.
func (c *command) admit(body *commandBody, grant access.Grant) (check func(context.Context, *handlers) error, err error) {
	card := ""
	atMerchant := false
	for _, f := range c.kind.Command.Fields {
		switch {
		case f.Type == alliance.CardField, f.Type == alliance.MemberField:
			body.scope.hide(body.Text(f.Name))
			if f.Name == cardKey {
				card = body.Text(f.Name)
			}
		case f.Name == groundKey:
			if err := grant.Ground(body.Text(groundKey)); err != nil {
				return nil, err
			}
		case f.Type == alliance.TransactionField:
			return body.readTransaction(grant)
		case f.Name == merchantKey:
			atMerchant = true
			if body.merchant, err = grant.At(body.Optional(merchantKey)); err != nil {
				return nil, err
			}
			if body.merchant == nil && !f.Optional {
				return nil, problem.Malformed(merchantKey, "is missing; an organiser key names the merchant where this happens")
			}
		}
	}
	if body.heldBy = grant.Member(); grant.ByCard() || !atMerchant && !grant.Everything() {
		check = func(ctx context.Context, h *handlers) error { return h.checkCard(ctx, grant, card) }
	}
	return check, nil
}

// hash returns the hash of a request. It is taken of its fields as JSON in the order of
// their names, after the operation.
func (c *command) hash(fields []schema.Field) ([sha256.Size]byte, error) {
	text := append(make([]byte, 0, 256), c.op.id...)
	text = append(text, "\n{"...)
	for i, f := range fields {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(strconv.AppendQuote(text, f.Name), ':')
		value, err := c.canonical(f)
		if err != nil {
			return [sha256.Size]byte{}, err
		}
		text = append(text, value...)
	}
	return sha256.Sum256(append(text, '}')), nil
}

// canonical returns the one way to write a value.
func (c *command) canonical(f schema.Field) ([]byte, error) {
	if field, ok := c.kind.Command.Field(f.Name); ok && field.Type == alliance.NumberField {
		n, err := strconv.ParseInt(f.Text, 10, 64)
		return strconv.AppendInt(nil, n, 10), err
	}
	if f.Name == occurredAtKey {
		at, err := time.Parse(time.RFC3339, f.Text)
		if err != nil {
			return nil, err
		}
		return at.MarshalJSON()
	}
	return json.Marshal(f.Text)
}

// order is a command as the caller of a request sends it to the circle.
func (s *scope) order(key string, hash [sha256.Size]byte, command any) sequencer.Order {
	return sequencer.Order{Caller: s.Caller, Key: key, Hash: hash, At: s.now, Command: command}
}

// commandBody is the body of a command. It is the [alliance.Values] of it.
type commandBody struct {
	scope    *scope
	fields   []schema.Field
	merchant *string            // where the command acts, if it does so anywhere
	heldBy   string             // the member who has to hold its card
	meant    alliance.Reference // the transaction that it is about, if it is about one
}

var _ alliance.Values = (*commandBody)(nil)

// readTransaction finds out which transaction is meant: by its number, of which it has
// to be looked up whose it is, or by the caller's own key.
func (b *commandBody) readTransaction(grant access.Grant) (check func(context.Context, *handlers) error, err error) {
	id, key := b.Optional(transactionKey), b.Optional(idempotencyKey)
	switch {
	case (id == nil) == (key == nil):
		return nil, problem.Malformed("", "name what to undo by exactly one of transaction and idempotency_key")
	case key != nil:
		b.meant = alliance.Reference{Caller: b.scope.Caller, Key: *key}
		return nil, nil
	}
	seq, err := ledger.ParseID(*id)
	if err != nil {
		return nil, problem.Malformed(transactionKey, "is not a transaction id such as txn_17")
	}
	b.meant = alliance.Reference{Seq: seq}
	if grant.Everything() {
		return nil, nil
	}
	return func(ctx context.Context, h *handlers) error { return h.checkTransaction(ctx, grant, seq) }, nil
}

// Optional returns a field; nil if it was not given.
func (b *commandBody) Optional(name string) *string {
	if name == merchantKey && b.merchant != nil {
		return b.merchant
	}
	for i := range b.fields {
		if b.fields[i].Name == name {
			return &b.fields[i].Text
		}
	}
	return nil
}

// Text returns a field; empty if it was not given.
func (b *commandBody) Text(name string) string {
	if text := b.Optional(name); text != nil {
		return *text
	}
	return ""
}

// Number returns a number; the schema has seen that it is one.
func (b *commandBody) Number(name string, absent int64) int64 {
	text := b.Optional(name)
	if text == nil {
		return absent
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return absent
	}
	return n
}

// Transaction returns the transaction that is meant.
func (b *commandBody) Transaction(string) alliance.Reference { return b.meant }

// Redemption returns when it happened, of what is uploaded late; the schema has seen
// that it is an instant.
func (b *commandBody) Redemption() alliance.Redemption {
	text := b.Optional(occurredAtKey)
	if text == nil {
		return alliance.Redemption{}
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return alliance.Redemption{}
	}
	return alliance.Redemption{OccurredAt: &at}
}
