package sequencer

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/columns"
)

// requestKey is what makes an order idempotent in its circle.
type requestKey struct{ caller, key string }

// storedRequest is what is known of a decided order.
type storedRequest struct {
	hash    [32]byte
	outcome Outcome
}

// lookUpRequests finds the requests of a circle with some callers and keys.
const lookUpRequests = `
	SELECT r.caller, r.key, r.request_hash, coalesce(r.seq, 0), r.refusal IS NOT NULL, r.answer
	FROM unnest($2::text[], $3::text[]) AS o (caller, key),
	LATERAL (SELECT caller, key, request_hash, seq, refusal, answer FROM requests
	         WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r`

// scanRequests reads the rows of lookUpRequests.
func scanRequests(rows pgx.Rows, into map[requestKey]storedRequest) error {
	var k requestKey
	var hash []byte
	var seq int64
	var refused bool
	var answer string
	_, err := pgx.ForEachRow(rows, []any{&k.caller, &k.key, &hash, &seq, &refused, &answer}, func() error {
		outcome := Outcome{Seq: seq, Answer: json.RawMessage(answer)}
		if refused {
			outcome.Refusal = new(clearing.Refusal)
			if err := json.Unmarshal(outcome.Answer, outcome.Refusal); err != nil {
				return err
			}
		}
		into[k] = storedRequest{[32]byte(hash), outcome}
		return nil
	})
	return err
}

// requestRows is decided orders to be written.
type requestRows struct {
	caller, key, hash, receivedAt, seq, refusal, answer columns.Column
}

func newRequestRows() *requestRows {
	return &requestRows{
		caller: columns.Text(), key: columns.Text(), hash: columns.Bytea(), receivedAt: columns.Timestamptz(),
		seq: columns.Bigint(), refusal: columns.Text(), answer: columns.Text(),
	}
}

// add adds an order with its outcome.
func (r *requestRows) add(o *Order, at time.Time, outcome *Outcome) {
	r.caller.Text(o.Caller)
	r.key.Text(o.Key)
	r.hash.Bytes(o.Hash[:])
	r.receivedAt.Instant(at)
	r.answer.Bytes(outcome.Answer)
	if outcome.Refusal != nil {
		r.seq.Null()
		r.refusal.Text(outcome.Refusal.Code)
	} else {
		r.seq.Bigint(outcome.Seq)
		r.refusal.Null()
	}
}

// reset empties the rows, once they were written or dropped.
func (r *requestRows) reset() {
	for _, c := range []*columns.Column{&r.caller, &r.key, &r.hash, &r.receivedAt, &r.seq, &r.refusal, &r.answer} {
		c.Reset()
	}
}

// queue queues the writes. Rows must not be added or reset before they are done.
func (r *requestRows) queue(writes *pgx.Batch, allianceID int64) {
	if r.key.Rows() == 0 {
		return
	}
	writes.Queue(`
		INSERT INTO requests (alliance_id, caller, key, request_hash, received_at, seq, refusal, answer)
		SELECT $1, caller, key, request_hash, received_at, seq, refusal, answer
		FROM unnest($2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::bigint[], $7::text[], $8::text[])
		     AS r (caller, key, request_hash, received_at, seq, refusal, answer)`,
		allianceID, &r.caller, &r.key, &r.hash, &r.receivedAt, &r.seq, &r.refusal, &r.answer)
}

// IdempotencyConflict is the code of the refusal if the caller has used the key before,
// with other content.
const IdempotencyConflict = "idempotency_conflict"

// conflict is the refusal of a reused key.
func conflict(key string) *clearing.Refusal {
	return clearing.Refuse(IdempotencyConflict, "key %q was used before with other content; a new command needs a new key", key)
}
