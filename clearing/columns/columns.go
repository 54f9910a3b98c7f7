// Package columns sends many rows to PostgreSQL as one array a column, for statements that
// unnest them.
//
// pgx encodes the elements of a slice one by one, through an interface. A batch has hundreds
// of rows with dozens of columns, and this took a sixth of a redemption's CPU time in Go. A
// [Column] is kept in wire format instead: adding a value appends a few bytes.
package columns

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Column is the values of one column in the order of the rows. It can be passed as an array
// argument on connections that were prepared by [Register].
type Column struct {
	element uint32 // the type of the values
	rows    int32
	nulls   bool
	data    []byte
}

// Text returns an empty column of text.
func Text() Column { return Column{element: pgtype.TextOID} }

// Bytea returns an empty column of bytea.
func Bytea() Column { return Column{element: pgtype.ByteaOID} }

// Bigint returns an empty column of bigint.
func Bigint() Column { return Column{element: pgtype.Int8OID} }

// Integer returns an empty column of integer.
func Integer() Column { return Column{element: pgtype.Int4OID} }

// Smallint returns an empty column of smallint.
func Smallint() Column { return Column{element: pgtype.Int2OID} }

// Boolean returns an empty column of boolean.
func Boolean() Column { return Column{element: pgtype.BoolOID} }

// Timestamptz returns an empty column of timestamptz.
func Timestamptz() Column { return Column{element: pgtype.TimestamptzOID} }

// arrays names the array types of the elements.
var arrays = map[uint32]uint32{
	pgtype.TextOID: pgtype.TextArrayOID, pgtype.ByteaOID: pgtype.ByteaArrayOID, pgtype.Int8OID: pgtype.Int8ArrayOID,
	pgtype.Int4OID: pgtype.Int4ArrayOID, pgtype.Int2OID: pgtype.Int2ArrayOID, pgtype.BoolOID: pgtype.BoolArrayOID,
	pgtype.TimestamptzOID: pgtype.TimestamptzArrayOID,
}

// Reset removes all values and keeps the capacity.
func (c *Column) Reset() { c.rows, c.nulls, c.data = 0, false, c.data[:0] }

// Rows returns how many values there are.
func (c *Column) Rows() int { return int(c.rows) }

func (c *Column) length(n int) {
	c.rows++
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(n))
}

// Null adds a null.
func (c *Column) Null() {
	c.length(-1)
	c.nulls = true
}

// Text adds a value to a column of text.
func (c *Column) Text(s string) {
	c.length(len(s))
	c.data = append(c.data, s...)
}

// Bytes adds a value to a column of bytea or of text.
func (c *Column) Bytes(b []byte) {
	c.length(len(b))
	c.data = append(c.data, b...)
}

// Bigint adds a value to a column of bigint.
func (c *Column) Bigint(n int64) {
	c.length(8)
	c.data = binary.BigEndian.AppendUint64(c.data, uint64(n))
}

// Integer adds a value to a column of integer.
func (c *Column) Integer(n int32) {
	c.length(4)
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(n))
}

// Smallint adds a value to a column of smallint.
func (c *Column) Smallint(n int16) {
	c.length(2)
	c.data = binary.BigEndian.AppendUint16(c.data, uint16(n))
}

// Boolean adds a value to a column of boolean.
func (c *Column) Boolean(yes bool) {
	c.length(1)
	if yes {
		c.data = append(c.data, 1)
	} else {
		c.data = append(c.data, 0)
	}
}

// epoch is the instant from which PostgreSQL counts microseconds.
var epoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// Instant adds a value to a column of timestamptz; the zero instant is null.
func (c *Column) Instant(t time.Time) {
	if t.IsZero() {
		c.Null()
		return
	}
	c.Bigint(t.UnixMicro() - epoch)
}

// Register prepares a connection for columns. It is idempotent and cheap.
func Register(conn *pgx.Conn) error {
	data := conn.PgConn().CustomData()
	if data[registered] != nil {
		return nil
	}
	types := conn.TypeMap()
	for _, array := range arrays {
		t, ok := types.TypeForOID(array)
		if !ok {
			return fmt.Errorf("pgx does not know the array type %d", array)
		}
		types.RegisterType(&pgtype.Type{Name: t.Name, OID: array, Codec: codec{t.Codec}})
	}
	data[registered] = true
	return nil
}

const registered = "github.com/lianka/lianka/columns"

// codec encodes columns, and leaves everything else to pgx.
type codec struct{ pgtype.Codec }

// PlanEncode returns how a value is encoded.
func (c codec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if column, ok := value.(*Column); ok && format == pgtype.BinaryFormatCode && arrays[column.element] == oid {
		return plan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type plan struct{}

// Encode appends the array: its dimensions, whether it has nulls, the type of its
// elements, their number and the index of the first, then each with its length
// before it.
func (plan) Encode(value any, buf []byte) ([]byte, error) {
	c, ok := value.(*Column)
	if !ok {
		return nil, fmt.Errorf("%T is no column", value)
	}
	dimensions, nulls := uint32(1), uint32(0)
	if c.rows == 0 {
		dimensions = 0
	}
	if c.nulls {
		nulls = 1
	}
	buf = binary.BigEndian.AppendUint32(buf, dimensions)
	buf = binary.BigEndian.AppendUint32(buf, nulls)
	buf = binary.BigEndian.AppendUint32(buf, c.element)
	if c.rows == 0 {
		return buf, nil
	}
	buf = binary.BigEndian.AppendUint32(buf, uint32(c.rows))
	buf = binary.BigEndian.AppendUint32(buf, 1)
	return append(buf, c.data...), nil
}
