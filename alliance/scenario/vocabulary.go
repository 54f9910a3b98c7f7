package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// vocabulary is the types of events that a registry knows, and the keys that they
// may have.
type vocabulary struct {
	types  []*eventType
	byType map[string]*eventType
	keys   []string // in the order of their names, which is that of the hash
	places map[string]int
	number []bool // of each key: its value is a JSON integer; all others are strings
	code   []bool // of each key: its value is a code
	key    []bool // of each key: its value is an idempotency key
}

// eventType is a type of event: the keys that it has besides at, id and type, and
// the command that it makes.
type eventType struct {
	name    ledger.Type
	command *alliance.CommandKind
	takes   string // the keys as they are written below
	needs   keySet
	may     keySet
}

// keySet is a set of keys, by their places.
type keySet uint64

func (s keySet) has(place int) bool { return s&(1<<place) != 0 }

// newVocabulary returns the vocabulary of the commands of a registry. It panics if
// they use one key for a number and for a text, or for a code and for none, or more keys than there is room for:
// that is a mistake in the program.
func newVocabulary(registry *alliance.Registry) *vocabulary {
	v := &vocabulary{byType: make(map[string]*eventType), keys: []string{"at", "id", "type"}, places: make(map[string]int)}
	numbers, codes, keys := make(map[string]bool), make(map[string]bool), map[string]bool{"id": true}
	for _, kind := range registry.Kinds() {
		if kind.Command == nil {
			continue
		}
		t := &eventType{name: kind.Type, command: kind.Command, takes: kind.Command.Describe()}
		v.types = append(v.types, t)
		v.byType[string(kind.Type)] = t
		for _, f := range kind.Command.Fields {
			isNumber := f.Type == alliance.NumberField
			if before, known := numbers[f.Name]; known && before != isNumber {
				panic(fmt.Sprintf("key %q is a number in one event and a text in another", f.Name))
			}
			numbers[f.Name] = isNumber
			if before, known := codes[f.Name]; known && before != f.IsCode() {
				panic(fmt.Sprintf("key %q is a code in one event and none in another", f.Name))
			}
			codes[f.Name] = f.IsCode()
			keys[f.Name] = keys[f.Name] || f.Type == alliance.TransactionField
			v.keys = append(v.keys, f.Name)
		}
	}
	slices.Sort(v.keys)
	v.keys = slices.Compact(v.keys)
	if len(v.keys) > 64 {
		panic("events have more than 64 keys")
	}
	for place, key := range v.keys {
		v.places[key] = place
		v.number = append(v.number, numbers[key])
		v.code = append(v.code, codes[key])
		v.key = append(v.key, keys[key])
	}
	for _, t := range v.types {
		t.needs = v.set("at", "id", "type")
		for _, f := range t.command.Fields {
			if f.Optional {
				t.may |= v.set(f.Name)
			} else {
				t.needs |= v.set(f.Name)
			}
		}
	}
	return v
}

func (v *vocabulary) set(keys ...string) (s keySet) {
	for _, key := range keys {
		s |= 1 << v.places[key]
	}
	return s
}

// first returns the name of a key in the set.
func (v *vocabulary) first(s keySet) string {
	for place, key := range v.keys {
		if s.has(place) {
			return key
		}
	}
	return ""
}

// typeOf finds the type of an event and makes sure that it has the keys of it.
func (v *vocabulary) typeOf(o *object) (*eventType, error) {
	if !o.has("type") {
		return nil, errors.New(`key "type" is missing`)
	}
	t := v.byType[o.Text("type")]
	if t == nil {
		names := make([]string, 0, len(v.types))
		for _, known := range v.types {
			names = append(names, string(known.name))
		}
		return nil, fmt.Errorf("type %q is not known; types are %s", clip(o.Text("type")), strings.Join(names, ", "))
	}
	if extra := o.given &^ (t.needs | t.may); extra != 0 {
		return nil, fmt.Errorf("key %q is not known; %s takes %s", v.first(extra), t.name, t.takes)
	}
	if missing := t.needs &^ o.given; missing != 0 {
		return nil, fmt.Errorf("key %q is missing; %s takes at, id, %s", v.first(missing), t.name, t.takes)
	}
	for _, f := range t.command.Fields {
		if f.Enum != nil && o.has(f.Name) && !slices.Contains(f.Enum, o.Text(f.Name)) {
			return nil, fmt.Errorf("%s is %q; it is %s", f.Name, clip(o.Text(f.Name)), strings.Join(f.Enum, " or "))
		}
	}
	return t, nil
}
