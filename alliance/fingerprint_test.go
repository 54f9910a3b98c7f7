package alliance_test

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"time"
)

var fingerprintSeed = maphash.MakeSeed()

// fingerprint digests a value and all that can be reached from it, unexported
// fields included, so that a change anywhere shows. The order of a map's keys
// and the location of a time.Time do not count.
func fingerprint(v any) uint64 {
	var h maphash.Hash
	h.SetSeed(fingerprintSeed)
	digest(&h, reflect.ValueOf(v))
	return h.Sum64()
}

var timeType = reflect.TypeFor[time.Time]()

func digest(h *maphash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			h.WriteByte(0)
			return
		}
		h.WriteByte(1)
		digest(h, v.Elem())
	case reflect.Struct:
		fields := v.NumField()
		if v.Type() == timeType {
			fields-- // the last is the location, a pointer into package time
		}
		for i := range fields {
			digest(h, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		number(h, uint64(v.Len()))
		for i := range v.Len() {
			digest(h, v.Index(i))
		}
	case reflect.Map:
		number(h, uint64(v.Len()))
		var sum uint64
		for entries := v.MapRange(); entries.Next(); {
			var entry maphash.Hash
			entry.SetSeed(fingerprintSeed)
			digest(&entry, entries.Key())
			digest(&entry, entries.Value())
			sum += entry.Sum64()
		}
		number(h, sum)
	case reflect.String:
		number(h, uint64(v.Len()))
		h.WriteString(v.String())
	case reflect.Bool:
		if v.Bool() {
			h.WriteByte(1)
		} else {
			h.WriteByte(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		number(h, uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		number(h, v.Uint())
	default:
		panic(fmt.Sprintf("no fingerprint of %s", v.Type()))
	}
}

func number(h *maphash.Hash, n uint64) {
	for range 8 {
		h.WriteByte(byte(n))
		n >>= 8
	}
}
