package alliance_test

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"reflect"
	"time"

	"github.com/lianka/lianka/alliance"
)

// digest is a 64-bit digest of values: not against forgery, but quick, because
// the tests take one of a whole circle at every step.
type digest uint64

var textSeed = maphash.MakeSeed()

var (
	timeType     = reflect.TypeFor[time.Time]()
	registryType = reflect.TypeFor[*alliance.Registry]()
)

// fingerprint digests a value and all that can be reached from it, unexported
// fields included, so that a change anywhere shows. The order of a map's keys
// and the location of a time.Time do not count.
func fingerprint(v any) digest {
	var d digest
	d.value(reflect.ValueOf(v))
	return d
}

func (d *digest) word(n uint64) {
	high, low := bits.Mul64(uint64(*d)^0x9e3779b97f4a7c15, n^0xd1b54a32d192ed03)
	*d = digest(high ^ low + 0x2545f4914f6cdd1d)
}

func (d *digest) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.Type() == registryType {
			return // it has only code, and never changes
		}
		if v.IsNil() {
			d.word(0)
			return
		}
		d.word(1)
		d.value(v.Elem())
	case reflect.Struct:
		fields := v.NumField()
		if v.Type() == timeType {
			fields-- // the last is the location, a pointer into package time
		}
		for i := range fields {
			d.value(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		d.word(uint64(v.Len()))
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Map:
		var sum digest
		for entries := v.MapRange(); entries.Next(); {
			var entry digest
			entry.value(entries.Key())
			entry.value(entries.Value())
			sum += entry
		}
		d.word(uint64(v.Len()))
		d.word(uint64(sum))
	case reflect.String:
		d.word(maphash.String(textSeed, v.String()))
	case reflect.Bool:
		if v.Bool() {
			d.word(1)
		} else {
			d.word(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.word(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.word(v.Uint())
	default:
		panic(fmt.Sprintf("no fingerprint of %s", v.Type()))
	}
}
